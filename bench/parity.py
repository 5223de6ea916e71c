"""Compare every preset with its original and write docs/parity.md. Run: make parity.

    make parity ARGS='[--record] [PRESET ...]'

With --record, also write new recordings into tests/parity/recordings. With names of presets, compare and
record only these and print the page.
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
from parity.measure import engines, measure
from parity.original import ORIGINALS
from parity.record import growth, record
from parity.report import page
from parity.signals import has_data

import sonogram

ROOT = Path(__file__).resolve().parents[1]
RECORDINGS = ROOT / "tests" / "parity" / "recordings"


def main() -> int:
    """Compare, write the page, and return 1 if a bound is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--record", action="store_true", help="write new recordings for the tests")
    parser.add_argument("presets", nargs="*", help="compare only these")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    presets = options.presets or [*sonogram.preset_names(), *sonogram.presets.bundle_preset_names()]
    if options.record:
        record(RECORDINGS, presets)
    for line in growth(RECORDINGS):
        print(f"More than three times the recorded error: {line}", file=sys.stderr)
    if not has_data():
        print(
            "There are no recordings in ../shared/data: only synthetic signals are compared.", file=sys.stderr
        )
    names = engines()
    results = []
    for preset in presets:
        for original in ORIGINALS.get(preset, ()):
            result = measure(original, names, has_data())
            results.append(result)
            shares = ", ".join(f"{name} {figures.share:.2g}" for name, figures in result.engines.items())
            print(
                f"{preset:<26} {original.packages[0]:<20} {result.compared:>3} signals; of bound: {shares}",
                flush=True,
            )
    text = page(results, names)
    if options.presets:
        print(text)
    else:
        (ROOT / "docs").mkdir(exist_ok=True)
        (ROOT / "docs" / "parity.md").write_text(text, encoding="utf-8")
    return int(any(figures.beyond for result in results for figures in result.engines.values()))


if __name__ == "__main__":
    sys.exit(main())
