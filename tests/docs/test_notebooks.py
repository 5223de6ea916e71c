"""The notebooks run from a clone, and display what they store."""

import json

import notebooks
import pytest


# librosa.load imports audioread, which imports modules that left Python in 3.13.
@pytest.mark.filterwarnings("ignore:'(aifc|audioop|sunau)' is deprecated:DeprecationWarning")
@pytest.mark.exhaustive
@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, marks=[pytest.mark.accept] * (path.stem != "first-spectrogram"), id=path.stem)
        for path in notebooks.notebooks()
    ],
)
def test_every_cell_runs_and_displays_what_is_stored(path) -> None:
    cells = [cell for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == "code"]
    for cell, outputs in zip(cells, notebooks.run(path), strict=True):
        stored = [set(output.get("data", {"text": ""})) for output in cell["outputs"]]
        assert len(stored) == len(outputs), "run python docs/notebooks.py"
        for kinds, output in zip(stored, outputs, strict=True):
            assert kinds <= set(output), "run python docs/notebooks.py"


@pytest.mark.parametrize("path", notebooks.notebooks(), ids=lambda path: path.stem)
def test_notebooks_are_small(path) -> None:
    assert path.stat().st_size < 700_000
