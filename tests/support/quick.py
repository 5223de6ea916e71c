"""The choice of tests for `make test`.

`make check` runs every test that needs only a clone. `make test` runs the quick ones: enough to see in a few
minutes that every package works on this machine. `tests/conftest.py` gives each of them the marker
`quick`. A test is left out if

1. it has the marker `exhaustive`: alone, it takes seconds (it trains, exports, or ends processes);
2. it is below one of `EXHAUSTIVE`, where nearly every test is like that, and is not one of `KEPT`;
3. it is one of the many cases of a parametrized test. Over presets, those in `PRESETS` stay. Over
   anything else, a sample of at most `CASES` stays, the same one every time.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable

import pytest

# One of each group of presets, between them with most stages.
PRESETS = (
    "whisper-80",
    "seamless-m4t",
    "kaldi-fbank-80",
    "librosa-mfcc",
    "tf-stft",
    "yamnet",
    "musicnn",
    "hifigan",
)
CASES = 8
EXHAUSTIVE: tuple[str, ...] = ()
KEPT: tuple[str, ...] = ()


def quick(items: Iterable[pytest.Item]) -> list[pytest.Item]:
    """Return the tests that `make test` runs."""
    functions: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        function = item.nodeid.partition("[")[0]
        left_out = function.startswith(EXHAUSTIVE) and not function.endswith(KEPT)
        if not left_out and not item.get_closest_marker("exhaustive"):
            functions[function].append(item)
    return [item for function, cases in functions.items() for item in _sample(function, cases)]


def _sample(function: str, cases: list[pytest.Item]) -> list[pytest.Item]:
    """Return the cases of one test function that stay."""
    presets = [_preset(item) for item in cases]
    if any(presets):
        return [item for item, name in zip(cases, presets, strict=True) if name is None or name in PRESETS]
    return random.Random(function).sample(cases, min(len(cases), CASES))


def _preset(item: pytest.Item) -> str | None:
    """Return the preset that a case is about, if it is about one."""
    from sonogram import preset_names

    parameters = item.callspec.params.values() if hasattr(item, "callspec") else ()
    return next((value for value in parameters if isinstance(value, str) and value in preset_names()), None)
