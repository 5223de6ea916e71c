"""Compare every preset with its original and write docs/parity.md. Run: make parity.

    make parity ARGS='[--record] [--golden] [PRESET ...]'

With --record, also write new recordings into tests/parity/recordings. With names of presets, compare and
record only these; the page keeps its other rows. The page is written after each preset, so that a run that
is stopped keeps what it has measured. With --golden, only write the recordings of these presets into
tests/golden.
"""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

from parity import originals as _originals  # noqa: F401 - fills the registry
from parity.measure import Result, engines, measure
from parity.original import ORIGINALS, Original
from parity.record import growth, record, record_golden
from parity.report import page, read, renew
from parity.signals import has_data

import sonogram

ROOT = Path(__file__).resolve().parents[1]
RECORDINGS = ROOT / "tests" / "parity" / "recordings"
PAGE = ROOT / "docs" / "parity.md"


def main() -> int:
    """Compare, write the page, and return 1 if a bound is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--record", action="store_true", help="write new recordings for the tests")
    parser.add_argument("--golden", action="store_true", help="only write these presets into tests/golden")
    parser.add_argument("presets", nargs="*", help="compare only these")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    every = [*sonogram.preset_names(), *sonogram.presets.bundle_preset_names()]
    presets = options.presets or every
    if unknown := set(presets) - set(every):
        parser.error(f"no preset in floating point: {', '.join(sorted(unknown))}")
    if options.golden:
        record_golden(ROOT / "tests" / "golden", options.presets)
        return 0
    if options.record:
        record(RECORDINGS, presets)
    for line in growth(RECORDINGS, presets):
        print(f"More than three times the recorded error: {line}", file=sys.stderr)
    if not has_data():
        print(
            "There are no recordings in ../shared/data (SONOGRAM_DATA names another folder): only synthetic "
            "signals are compared.",
            file=sys.stderr,
        )
    rows, broken = read(PAGE.read_text(encoding="utf-8")), False
    for preset in presets:
        results = [_measure(original) for original in ORIGINALS.get(preset, ())]
        broken |= any(figures.beyond for result in results for figures in result.engines.values())
        renew(rows, preset, results)
        PAGE.write_text(page(rows, every), encoding="utf-8")
    return int(broken)


def _measure(original: Original) -> Result:
    result = measure(original, engines(), has_data())
    shares = ", ".join(f"{name} {figures.share:.2g}" for name, figures in result.engines.items())
    print(
        f"{original.preset:<26} {original.packages[0]:<20} {result.compared:>3} signals; of bound: {shares}",
        flush=True,
    )
    return result


if __name__ == "__main__":
    sys.exit(main())
