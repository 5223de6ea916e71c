"""`make test` leaves out the tests that `tests/support/selection.py` describes, and no others."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import selection

import sonogram as sg

ROOT = Path(__file__).resolve().parents[2]


def item(nodeid: str, marker: str = "", **params: Any) -> SimpleNamespace:
    """Return what the selection reads of a test."""
    return SimpleNamespace(
        nodeid=nodeid,
        callspec=SimpleNamespace(params=params),
        get_closest_marker=lambda name: name if name == marker else None,
    )


@pytest.mark.parametrize("path", selection.EXHAUSTIVE)
def test_exhaustive_paths_exist(path: str) -> None:
    assert (ROOT / path).exists()


def test_presets_are_those_of_every_group() -> None:
    groups = {sg.presets.describe(name).group for name in sg.preset_names()}
    assert {sg.presets.describe(name).group for name in selection.PRESETS} == groups


def test_markers_and_paths_decide() -> None:
    plain = item("tests/test_padding.py::test_a")
    slow = item("tests/test_padding.py::test_b", "exhaustive")
    page = item("tests/docs/test_snippets.py::test_c[tutorial]")
    readme = item("tests/docs/test_snippets.py::test_c[readme]", "quick")
    assert selection.exhaustive([plain, slow, page, readme]) == [slow, page]


def test_a_sample_of_many_cases_is_quick() -> None:
    cases = [item(f"tests/test_padding.py::test_a[{index}]", index=index) for index in range(20)]
    left_out = selection.exhaustive(cases)
    assert len(left_out) == 20 - selection.CASES
    assert selection.exhaustive(cases) == left_out


def test_of_presets_the_chosen_ones_are_quick() -> None:
    cases = [item(f"tests/test_padding.py::test_a[{name}]", name=name) for name in sg.preset_names()]
    assert len(selection.exhaustive(cases)) == len(cases) - len(selection.PRESETS)
