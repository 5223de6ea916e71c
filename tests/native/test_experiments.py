"""The experiments of `make bench-kernel` fit the sources: otherwise their figures cannot be repeated."""

import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parents[2] / "bench"
sys.path.insert(0, str(BENCH))
try:
    from kernel import CPP, EXPERIMENTS, ROOT, changed
finally:
    sys.path.remove(str(BENCH))


@pytest.mark.parametrize(
    "experiment", [each for each in EXPERIMENTS if each.file], ids=lambda each: each.name
)
def test_an_experiment_changes_one_place(experiment):
    text = (ROOT / "src" / CPP / "kernel" / experiment.file).read_text()
    assert changed(text, experiment) != text
