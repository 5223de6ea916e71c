"""Breaks of the viewer and of label files."""

from front_end_mutants import Mutant

VIEWER = (
    Mutant(
        "levels of the viewer drop the last column of each pair",
        "viewer/levels.py",
        "return np.concatenate([reduced, extreme.reduce(columns[whole:], axis=0, keepdims=True)])",
        "return np.asarray(reduced)",
        "tests/viewer/test_pyramid.py reduction_has_a_last",
    ),
    Mutant(
        "tiles before the end of decoding hold frames that still change",
        "viewer/rows.py",
        "known = max(0, min(inside, self.num_frames(available)))",
        "known = self.num_frames(available)",
        "tests/viewer/test_pyramid.py never_changes",
    ),
    Mutant(
        "parts of a recording have the derivatives of their own edges",
        "viewer/rows.py",
        "margin = 0 if rule is None else max(rule.lookback, 2 * rule.lookahead)",
        "margin = 0",
        "tests/viewer/test_pyramid.py read_anywhere",
    ),
    Mutant(
        "PCEN of a part begins without what was before",
        "viewer/rows.py",
        "self._smoothed.get(first, scaling.initial)",
        "scaling.initial",
        "tests/viewer/test_pyramid.py read_anywhere",
    ),
    Mutant(
        "the viewer takes any host",
        "viewer/guard.py",
        "if len(hosts) != 1 or hosts[0] not in self._hosts:",
        "if not hosts:",
        "tests/viewer/test_guard.py another_host",
    ),
    Mutant(
        "the viewer takes writes of other sites",
        "viewer/guard.py",
        'if any(origin.partition("://")[2] not in self._hosts for origin in origins):',
        "if False:",
        "tests/viewer/test_guard.py another_origin",
    ),
    Mutant(
        "the viewer takes any token",
        "viewer/guard.py",
        "if not hmac.compare_digest(given, self._token.encode()):",
        "if not given:",
        "tests/viewer/test_guard.py wrong_token",
    ),
    Mutant(
        "the viewer overwrites what another program wrote",
        "viewer/label_store.py",
        "if tag != now:",
        "if tag is None:",
        "tests/viewer/test_labels.py second_writer",
    ),
    Mutant(
        "the viewer writes labels without a journal",
        "viewer/label_store.py",
        "            self._journal(labels)\n",
        "",
        "tests/viewer/test_labels.py full_disk",
    ),
    Mutant(
        "an edit of a label file writes every label again",
        "files/labels/document.py",
        "if label != self.entries[index].label:",
        "if True:",
        "tests/files/test_label_file.py keeps_its_bytes",
    ),
    Mutant(
        "an edit of a selection changes one view of it alone",
        "files/labels/document.py",
        "for place in places:  # the same selection in each view",
        "for place in places[:1]:",
        "tests/files/test_label_file.py changes_its_cells",
    ),
    Mutant(
        "samples in a page lose their sign",
        "viewer/compact.py",
        "(2 * rest) ^ (rest >> 63)",
        "2 * abs(rest)",
        "tests/viewer/test_html.py without_loss",
    ),
    Mutant(
        "the microphone takes front ends that need the whole clip",
        "viewer/view.py",
        'require_possible(frontend, "stream")',
        "pass",
        "tests/viewer/test_program.py microphone_refuses",
    ),
)
