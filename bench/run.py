"""Measure time and error of spectrograms in several libraries; write docs/benchmarks.md. Run: make bench.

The input is ten seconds of noise for each of four definitions, and one second for the first one. In each
round every library runs several times in a row, so that its code and data are in the caches, and the least
time of all rounds counts. It is processor time with one thread, so that the other programs of a busy machine
hardly change it. The error is the largest difference from the float64 reference of the definition that the
library computes, in the unit of its features. Two rows are limits: FFTW's best plan for the transform alone,
and a matrix product with as many operations.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
import warnings
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np
import peers
from compare import machine, record
from definitions import LOG_MEL, TUTORIAL
from options import add_rounds
from ours import Method, instruction_sets
from report import error_with_unit, operations, page, picture
from threadpoolctl import threadpool_limits

import sonogram as sg

ROOT = Path(__file__).resolve().parents[1]
CASES = {
    **{f"log-mel {name}": frontend for name, frontend in LOG_MEL.items()},
    "magnitude 1024/256": TUTORIAL,
}
CLIP = "one second of whisper-80"
TRAINING = "forward and backward pass, log-mel 1024/256/80"
SECONDS, ROUNDS = 10, 20
TURN = 0.03
"""Seconds for which a library runs in a row, at least twice."""
MATRIX_PRODUCT = "matrix product of as many operations (limit)"


def main() -> None:
    """Measure and print; write the page after a run of all cases with one thread."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_rounds(parser, ROUNDS)
    parser.add_argument(
        "--case", choices=[*CASES, CLIP, TRAINING], help="measure only this one; writes no page"
    )
    parser.add_argument("--threads", type=int, default=1, help="threads (%(default)s; more write no page)")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    os.environ["SONOGRAM_THREADS"] = str(options.threads)
    peers.limit_threads(options.threads)
    found: dict[str, Any] = {"machine": _machine(), "versions": _versions(), "rows": []}
    print(f"{found['machine']}\n{', '.join(f'{name} {each}' for name, each in found['versions'].items())}")
    with threadpool_limits(options.threads):
        for name in [options.case] if options.case else [*CASES, CLIP, TRAINING]:
            found["rows"] += _rows(name, options.threads, options.rounds)
    record(
        (f"{row['case']}, {row['method']}, threads: {options.threads}", row["microseconds"])
        for row in found["rows"]
        if row["method"].startswith(("sonogram", MATRIX_PRODUCT))
    )
    if not options.case and options.threads == 1:
        (ROOT / "docs" / "benchmarks.md").write_text(page(found), encoding="utf-8")
        picture(found, ROOT / "docs" / "images" / "benchmarks.png")


def _rows(name: str, threads: int, rounds: int) -> list[dict[str, Any]]:
    """Measure every method on a clip, in turns."""
    clip = name == CLIP
    # Other libraries compute the nearest definition to whisper-80 that they have.
    frontend = {CLIP: LOG_MEL["400/160/80"], TRAINING: LOG_MEL["1024/256/80"], **CASES}[name]
    rng = np.random.default_rng(0)
    size = round((1 if clip else SECONDS) * frontend.sample_rate)
    samples = (0.1 * rng.standard_normal(size)).astype(np.float32)
    if name == TRAINING:
        found = list(peers.training_steps(frontend))
    else:
        found = list(peers.methods(frontend, threads, own=sg.preset("whisper-80") if clip else None))
    calls = [(method.call, method.prepare(samples)) for method in found]
    matrix = np.ones((512, 512), np.float32)
    best = least([*calls, (matrix.dot, matrix)], threads, rounds)
    speed = 2 * len(matrix) ** 3 / best.pop()
    rows = [_row(name, method, taken, samples) for method, taken in zip(found, best, strict=True)]
    if name != TRAINING:
        count = operations(found[0].frontend) * found[0].frontend.num_frames(size)
        rows.append(
            {
                **rows[0],
                "method": MATRIX_PRODUCT,
                "max_error": float("nan"),
                "microseconds": 1e6 * count / speed,
            }
        )
    rows.sort(key=lambda row: row["microseconds"])
    print(f"\n{name}")
    for row in rows:
        row["microseconds_per_frame"] = row["microseconds"] / row["frames"]
        ratio = row["microseconds"] / best[0] / 1e6
        print(
            f"  {row['method']:44} {row['microseconds_per_frame']:8.3f} us per frame"
            f" {ratio:7.2f} x sonogram  {error_with_unit(row)}",
            flush=True,
        )
    return rows


def least(calls: list[tuple[Callable[[Any], Any], Any]], threads: int, rounds: int) -> list[float]:
    """Return the least seconds of each call."""
    clock = time.process_time if threads == 1 else time.perf_counter
    best = [float("inf")] * len(calls)
    for number in range(rounds + 1):
        for index, (call, value) in enumerate(calls):
            end = time.perf_counter() + TURN
            taken = [_seconds(clock, call, value) for _ in range(2)]
            while time.perf_counter() < end:
                taken.append(_seconds(clock, call, value))
            if number:  # the first round warms up
                best[index] = min(best[index], *taken)
    return best


def _seconds(clock: Callable[[], float], call: Callable[[Any], Any], value: Any) -> float:
    start = clock()
    call(value)
    return clock() - start


def _row(case: str, method: Method, seconds: float, samples: np.ndarray) -> dict[str, Any]:
    return {
        "case": case,
        "method": method.name,
        "frames": method.frontend.num_frames(len(samples)),
        "microseconds": 1e6 * seconds,
        "max_error": _error(method, samples),
        "unit": method.frontend.unit,
    }


def _error(method: Method, samples: np.ndarray) -> float:
    """Return the largest difference from the float64 reference; NaN where the shapes differ."""
    if "halves" in method.name:
        return float("nan")  # each half is padded on its own
    wanted = method.frontend(samples, "numpy")
    got = method.array(method.call(method.prepare(samples)))
    return float(np.abs(got - wanted).max()) if got.shape == wanted.shape else float("nan")


def _machine() -> str:
    load = f"load average {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "load unknown"
    instructions = ", ".join(instruction_sets()) or "no native engine"
    python = f"{platform.system()}, Python {platform.python_version()}"
    return f"{machine()}, {instructions}, {load} before the run, {python}"


def _versions() -> dict[str, str]:
    found = {"sonogram": sg.__version__}
    for name in peers.PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


if __name__ == "__main__":
    main()
