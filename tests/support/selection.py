"""The choice of tests for `make test`.

`make check` runs every test that needs only a clone. `make test` leaves out the exhaustive ones: the rest is
enough to see in a few minutes that every package works on this machine. `tests/conftest.py` gives the
marker `exhaustive` to the tests that are left out. A test is exhaustive if

1. its file says so with the marker `exhaustive`, because it takes seconds alone;
2. it is below one of the paths in `EXHAUSTIVE`, where nearly every test takes seconds: it trains, exports or
   runs a page of the documentation. Tests there with the marker `quick` are not exhaustive;
3. it is one of the many cases of a parametrized test. Over presets, those in `PRESETS` are not exhaustive.
   Over anything else, a sample of at most `CASES` is not exhaustive, the same one every time.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable

import pytest

EXHAUSTIVE = (
    "tests/cli/test_train.py",
    "tests/docs/",
    "tests/exporting/",
    "tests/frontend/test_properties.py",
    "tests/layers/augment/test_tensorflow.py",
    "tests/models/test_backbone.py",
    "tests/models/test_backends.py",
    "tests/models/test_export.py",
    "tests/models/test_networks.py",
    "tests/models/test_recognizer.py",
    "tests/recipes/",
    "tests/training/",
)
# One preset of each group (one that stacks frames), which together use most stages.
PRESETS = (
    "resemblyzer",
    "whisper-80",
    "seamless-m4t",
    "kaldi-fbank-80",
    "librosa-mfcc",
    "tf-stft",
    "yamnet",
    "musicnn",
    "hifigan",
)
CASES = 6


def exhaustive(items: Iterable[pytest.Item]) -> list[pytest.Item]:
    """Return the tests that `make test` leaves out."""
    functions: dict[str, list[pytest.Item]] = defaultdict(list)
    left_out = []
    for item in items:
        quick = item.get_closest_marker("quick") or not item.nodeid.startswith(EXHAUSTIVE)
        if quick and not item.get_closest_marker("exhaustive"):
            functions[item.nodeid.partition("[")[0]].append(item)
        else:
            left_out.append(item)
    for function, cases in functions.items():
        sample = _sample(function, cases)
        left_out += [item for item in cases if item not in sample]
    return left_out


def _sample(function: str, cases: list[pytest.Item]) -> list[pytest.Item]:
    """Return the cases of one test function that `make test` runs."""
    presets = [_preset(item) for item in cases]
    if any(presets):
        return [item for item, name in zip(cases, presets, strict=True) if name is None or name in PRESETS]
    return random.Random(function).sample(cases, min(len(cases), CASES))


def _preset(item: pytest.Item) -> str | None:
    """Return the preset that a case is about, if it is about one."""
    from sonogram import preset_names

    parameters = item.callspec.params.values() if hasattr(item, "callspec") else ()
    return next((value for value in parameters if isinstance(value, str) and value in preset_names()), None)
