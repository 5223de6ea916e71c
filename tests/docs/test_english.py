"""The words that we avoid stay out of the package, its help texts and the documentation.

A reader who knows signal processing or machine learning must not have to guess that an ordinary word
has a special meaning here. So we write the field's words, and no metaphors for software.
"""

import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

INSTEAD_OF = {
    r"mend(?:s|ed|ing)?": "fix, remedy",
    r"(?:cannot|can|hardly) be meant|hardly meant": "is invalid, must be",
    r"hear|hears|heard|hearing": "classify, detect, process; resynthesize",
    r"tell|tells|telling|told": "print, report, return, state, distinguish",
    r"said|saying": "state, report",
    r"rooms?|houses?": "package, module",
    r"trunks?": "backbone, frozen feature extractor",
    r"blot|blots|blotted": "mask",
    r"beside": "next to, with",
    r"behind": "after, later than",
    r"times each clip is seen": "number of epochs",
    r"by heart": "leak between training and validation, memorize",
    r"learned from and judged on": "training and validation split",
    r"gets? mean 0": "per-clip mean, per-band mean",
    r"anew": "loop, repeat, again",
    r"upside down": "invert the polarity",
    r"broken promises?": "truncated, corrupt",
    r"behind one another|one behind the other": "concatenate, chain",
    r"on one level|one level for": "shared color scale",
    r"range below the peak": "dynamic range",
    r"knowledge of (?:another|a) model": "transfer learning",
    r"spread": "mean, standard deviation, variance",
    r"(?:make|makes|made) audible|audible": "resynthesize, invert",
    r"prey|lies in wait": "say what fails",
    r"side by side": "next to each other, in parallel, concatenated",
}
"""Expressions, and what to write instead."""

ALLOWED = {
    "*": ("hear21passt",),
    "src/sonogram/layers/augment/*": ("room",),
    # The method of files.
    "src/sonogram/audio/source.py": ("tell",),
    "src/sonogram/native/cpp/audio/sndfile.cpp": ("tell",),
    "docs/augmentation.md": ("room", "Rooms"),
    "docs/index.md": ("rooms",),
    "docs/datasets.md": ("the room or the day",),
}
"""Legitimate uses, such as the rooms of acoustics: file, phrases."""

WORDS = {
    re.compile(rf"(?<![A-Za-z])(?:{words})(?![A-Za-z])", re.IGNORECASE): good
    for words, good in INSTEAD_OF.items()
}


def texts() -> Iterator[Path]:
    """Yield the files that users and contributors read."""
    yield from (ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md"))
    for folder, endings in (
        ("src/sonogram", {".py", ".cpp", ".h"}),
        ("docs", {".md", ".py", ".ipynb"}),
        ("examples", {".md", ".py"}),
        ("js/src", {".ts"}),
        ("web/src", {".css", ".html", ".ts"}),
    ):
        yield from sorted(path for path in (ROOT / folder).rglob("*") if path.suffix in endings)


def avoided(text: str, allowed: tuple[str, ...] = ()) -> list[str]:
    """Return where a text has words that we avoid, with what to write instead."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        rest = line
        for phrase in allowed:
            rest = rest.replace(phrase, "")
        for pattern, good in WORDS.items():
            if match := pattern.search(rest):
                found.append(f"{number}: {match[0]!r}, write: {good}")
    return found


@pytest.mark.parametrize("path", list(texts()), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_words_are_those_of_the_field(path: Path) -> None:
    name = path.relative_to(ROOT).as_posix()
    allowed = tuple(
        phrase for pattern, phrases in ALLOWED.items() if fnmatch(name, pattern) for phrase in phrases
    )
    assert not avoided(path.read_text(encoding="utf-8"), allowed)


def test_a_word_of_the_list_is_noticed() -> None:
    assert avoided("plain\nnothing\n# so it is told\n_room = 1") == [
        "3: 'told', write: print, report, return, state, distinguish",
        "4: 'room', write: package, module",
    ]
    assert not avoided("headroom, a mending-free roommate", ("mending",))
