"""The page docs/parity.md has a row for every preset, and keeps its rows where some are measured again."""

from pathlib import Path

from parity import originals as _originals  # noqa: F401 - fills the registry
from parity.measure import ENGINES, Figures, Result
from parity.original import ORIGINALS
from parity.report import page, read, renew

import sonogram as sg

PAGE = Path(__file__).resolve().parents[2] / "docs" / "parity.md"
PRESETS = (*sg.preset_names(), *sg.presets.bundle_preset_names())


def lines(text: str) -> list[str]:
    """Return the lines but the one that states the versions of this environment."""
    return [line for line in text.splitlines() if not line.startswith("Measured with")]


def test_every_preset_has_a_row_for_each_original_in_each_table() -> None:
    rows = read(PAGE.read_text(encoding="utf-8"))
    tables = ["## The originals", *(f"## Engine `{engine}`" for engine in ENGINES)]
    for table in tables:
        found = {preset: len(rows[table].get(preset, ())) for preset in PRESETS}
        assert found == {preset: len(ORIGINALS[preset]) for preset in PRESETS}, table
    assert len(PRESETS) >= 110


def test_a_page_that_is_read_and_written_is_the_same() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert lines(page(read(text), PRESETS)) == lines(text)


def test_new_results_replace_the_rows_of_their_preset_alone() -> None:
    text = PAGE.read_text(encoding="utf-8")
    rows = read(text)
    figures = {engine: Figures(share=1.5, worst="chirp", beyond=["chirp"]) for engine in ENGINES}
    renew(rows, "flashlight-mfsc", [Result(ORIGINALS["flashlight-mfsc"][0], compared=77, engines=figures)])
    made = page(rows, PRESETS)
    assert "* `flashlight-mfsc` on `graph`: chirp" in made.splitlines()
    assert "| 77 | 0 |" in next(line for line in made.splitlines() if line.startswith("| `flashlight-mfsc`"))
    others = [line for line in lines(text) if "`flashlight-mfsc`" not in line and line != "Nothing."]
    assert [line for line in lines(made) if "`flashlight-mfsc`" not in line] == others


def test_a_preset_without_rows_is_named() -> None:
    rows = read(PAGE.read_text(encoding="utf-8"))
    renew(rows, "flashlight-mfsc", [])
    assert page(rows, PRESETS).endswith("## Not compared\n\n`flashlight-mfsc`\n")
