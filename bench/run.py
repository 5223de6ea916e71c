"""Measure time and error of spectrograms in several libraries; write docs/benchmarks.md. Run: make bench.

The input is five minutes of noise for each of four definitions, and one second for the first one. All
libraries run in turn in one process for several rounds, and the best round counts. There is one process
with one thread, one with two, and one that limits the native engine to AVX2 where the processor has AVX-512.
A loop of plain arithmetic measures how much two threads can gain on this machine in the same run. The
error is the largest difference from the float64 reference of the definition that the library computes, in
the unit of its features, on ten seconds of noise.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import threading
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
from definitions import LOG_MEL, TUTORIAL
from report import operations, page, picture

import sonogram as sg

ROOT = Path(__file__).resolve().parents[1]
CASES = {
    **{f"log-mel {name}": frontend for name, frontend in LOG_MEL.items()},
    "magnitude 1024/256": TUTORIAL,
}
SECONDS, ROUNDS = 300, 3
"""Settings of the page. With other settings the figures are only printed."""
RUNS = (("one thread", 1, None), ("two threads", 2, None), ("one thread, AVX2", 1, "avx2"))
THREAD_VARIABLES = ("SONOGRAM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


def main() -> None:
    """Measure and print; write the page after a run with all cases and the settings of the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    note = " (%(default)s; any other number writes no page)"
    parser.add_argument("--seconds", type=float, default=SECONDS, help=f"seconds of audio per call{note}")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"number of rounds{note}")
    parser.add_argument("--case", choices=CASES, help="measure only this definition; writes no page")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--threads", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.threads:
        _measure(options)
        return
    found: dict[str, Any] = {"machine": _machine(), "versions": _versions(), "runs": {}}
    print(f"{found['machine']}\n{', '.join(f'{name} {each}' for name, each in found['versions'].items())}")
    for name, threads, isa in RUNS:
        if isa and not _has(isa):
            continue
        print(f"\n{name}", flush=True)
        found["runs"][name] = _child(threads, isa, options)
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n")
    if not options.case and (options.seconds, options.rounds) == (SECONDS, ROUNDS):
        (ROOT / "docs" / "benchmarks.md").write_text(page(found), encoding="utf-8")
        picture(found, ROOT / "docs" / "images" / "benchmarks.png")


def _child(threads: int, isa: str | None, options: argparse.Namespace) -> dict[str, Any]:
    """Measure in a separate process, because libraries read the number of threads when they start."""
    environment = {**os.environ, **dict.fromkeys(THREAD_VARIABLES, str(threads))}
    if isa:
        environment["SONOGRAM_ISA"] = isa
    command = [sys.executable, __file__, "--threads", str(threads), "--seconds", str(options.seconds)]
    command += ["--rounds", str(options.rounds), *(["--case", options.case] if options.case else [])]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        result: dict[str, Any] = {}
        for line in process.stdout:
            if line.startswith("{"):
                result = json.loads(line)
            else:
                print(line, end="", flush=True)
    if process.returncode:
        sys.exit(process.returncode)
    return result


def _measure(options: argparse.Namespace) -> None:
    warnings.simplefilter("ignore")
    peers.limit_threads(options.threads)
    scale = _probe(options.threads)
    print(f"  plain arithmetic: {scale:.2f} times one thread")
    cases = CASES if options.case is None else {options.case: CASES[options.case]}
    rows = []
    for name, frontend in cases.items():
        rows += _rows(name, frontend, options.seconds, options.threads, options.rounds)
    if options.threads == 1 and options.case is None:
        first = LOG_MEL["400/160/80"]
        rows += _rows("one second of whisper-80", sg.preset("whisper-80"), 1, 1, options.rounds, first)
    print(json.dumps({"scale": scale, "isa": _isa(), "gigaflops": _matrix_product(), "rows": rows}))


def _rows(
    name: str,
    frontend: sg.Frontend,
    seconds: float,
    threads: int,
    rounds: int,
    like: sg.Frontend | None = None,
) -> list[dict[str, Any]]:
    """Measure every method on a clip, in turn.

    Other libraries compute `like`, if given: the nearest definition to `frontend` that they have.
    """
    rng = np.random.default_rng(0)
    samples = (0.1 * rng.standard_normal(round(seconds * frontend.sample_rate))).astype(np.float32)
    found = list(peers.methods(frontend if like is None else like, threads))
    if like is not None:
        found[0] = peers.Method("sonogram", np.asarray, frontend, np.asarray, frontend)
    inputs = [method.prepare(samples) for method in found]
    best = [float("inf")] * len(found)
    for _ in range(rounds + 1):  # the first one warms up
        for index, method in enumerate(found):
            taken = [_seconds(method.call, inputs[index]) for _ in range(2)]
            # Threads and caches need some calls to settle, so short calls are repeated more often.
            again = min(max(round(0.1 / taken[1]), 1), 50)
            taken += [_seconds(method.call, inputs[index]) for _ in range(again)]
            best[index] = min(best[index], *taken)
    rows = []
    print(f"  {name}")
    for method, taken in sorted(zip(found, best, strict=True), key=lambda pair: pair[1]):
        frames = method.frontend.num_frames(len(samples))
        row = {
            "case": name,
            "method": method.name,
            "microseconds": 1e6 * taken,
            "microseconds_per_frame": 1e6 * taken / frames,
            "max_error": _error(method, samples[: round(10 * frontend.sample_rate)]),
            "unit": method.frontend.unit,
            "operations": operations(method.frontend),
        }
        rows.append(row)
        print(
            f"    {method.name:40} {row['microseconds_per_frame']:8.3f} us per frame"
            f"  {taken / best[0]:6.2f} x sonogram  error {row['max_error']:.1e} {row['unit']}",
            flush=True,
        )
    return rows


def _seconds(call: Callable[[Any], Any], value: Any) -> float:
    start = time.perf_counter()
    call(value)
    return time.perf_counter() - start


def _error(method: peers.Method, samples: np.ndarray) -> float:
    """Return the largest difference from the float64 reference; NaN where the shapes differ."""
    wanted = method.frontend(samples, "numpy")
    got = method.array(method.call(method.prepare(samples)))
    if "halves" in method.name:
        return float("nan")  # each half is padded on its own
    return float(np.abs(got - wanted).max()) if got.shape == wanted.shape else float("nan")


def _probe(threads: int) -> float:
    """Return the speed of `threads` threads relative to one, for exponentials of data within the cache."""
    rows = [np.zeros(1 << 16, np.float32) for _ in range(threads)]

    def work(row: np.ndarray) -> None:
        for _ in range(300):
            np.exp(row, out=row)
            np.log(row, out=row)

    def elapsed(count: int) -> float:
        workers = [threading.Thread(target=work, args=(row,)) for row in rows[:count]]
        start = time.perf_counter()
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        return time.perf_counter() - start

    one = min(elapsed(1) for _ in range(5))
    return threads * one / min(elapsed(threads) for _ in range(5))


def _matrix_product() -> float:
    """Return billions of operations per second of a float32 matrix product: the limit of this machine."""
    a = np.ones((1024, 1024), np.float32)
    return 2 * 1024**3 / min(_seconds(a.dot, a) for _ in range(10)) / 1e9


def _isa() -> str:
    from sonogram.engines import native

    return native.isa() if native.available() else "numpy"


def _has(isa: str) -> bool:
    from sonogram.engines import native

    return native.available() and native.isa() != isa and platform.machine() in ("x86_64", "AMD64")


def _machine() -> str:
    name = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        name = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return (
        f"{name}, {os.cpu_count()} cores, {_isa()}, {platform.system()}, Python {platform.python_version()}"
    )


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
