"""The constant-Q transform next to those of librosa and nnAudio. Run: python bench/cqt.py [SECONDS...].

Noise at 22.05 kHz, 84 semitones from C1, one row every 512 samples: the defaults of `librosa.cqt`, and of
`CQT2010v2` of nnAudio, the faster of its two, which halves the rate as well. All return magnitudes. librosa
makes its kernels anew in each call, which counts little in a long sound: so there are two lengths. nnAudio,
which is slow, takes only the short one. Times are the least of several calls, taken in turns: processor time
of all threads, by which the ratios are, and elapsed time. `librosa.cqt` has no parameter for threads; it also
runs with its libraries limited to one. The error is the RMS of the difference from the sum that defines the
transform, computed in float64, as a part of each frame's maximum. nnAudio defines windows of another length
(a Q of 16.8 in place of 17.3): it has no error here. SONOGRAM_ISA chooses our instruction set.
"""

from __future__ import annotations

import platform
import sys
import time
from collections.abc import Callable
from importlib import metadata

import librosa
import numpy as np
import torch
from nnAudio.features import CQT2010v2
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

import sonogram as sg
from sonogram.engines import native
from sonogram.engines.halving import halved_kernels
from sonogram.engines.plan import plan
from sonogram.native.threads import threads

RATE = 22_050
ROUNDS = {8: 30, 60: 8}  # of each length in seconds
SLOW_ROUNDS = 3  # of nnAudio
Features = NDArray[np.float32]
Ways = dict[str, Callable[[], Features]]


def _rms(features: Features, exact: Features) -> str:
    error = (features - exact) / exact.max(axis=1, keepdims=True)
    return f"{np.sqrt((error**2).mean()):.1e}"


def _ways(samples: Features) -> Ways:
    """Return the functions to compare."""
    frontend = sg.preset("librosa-cqt")
    layer = CQT2010v2(sr=RATE, hop_length=512, n_bins=84, verbose=False)

    def ours(count: int) -> Features:
        with threads(count):
            return frontend(samples, "native")

    def theirs(count: int | None) -> Features:
        with threadpool_limits(count):
            return np.abs(librosa.cqt(samples, sr=RATE)).T

    def layers(count: int) -> Features:
        torch.set_num_threads(count)
        with torch.no_grad():
            return np.asarray(layer(torch.from_numpy(samples))[0].numpy().T)

    ways: Ways = {
        "sonogram, one thread": lambda: ours(1),
        "sonogram, two threads": lambda: ours(2),
        "librosa.cqt": lambda: theirs(None),
        "librosa.cqt, one thread": lambda: theirs(1),
    }
    if len(samples) == min(ROUNDS) * RATE:
        ways |= {"nnAudio, one thread": lambda: layers(1), "nnAudio, two threads": lambda: layers(2)}
    return ways


def _times(ways: Ways, rounds: int) -> dict[str, tuple[float, float]]:
    """Return the least processor time and the least elapsed time of each way, seconds."""
    least = dict.fromkeys(ways, (float("inf"), float("inf")))
    for way in ways.values():
        way()  # tables and plans are made by the first call
    for done in range(rounds):
        for name, way in ways.items():
            if name.startswith("nnAudio") and done >= SLOW_ROUNDS:
                continue
            processor, elapsed = time.process_time(), time.perf_counter()
            way()
            spent = time.process_time() - processor, time.perf_counter() - elapsed
            least[name] = min(least[name][0], spent[0]), min(least[name][1], spent[1])
    return least


def _print_table(seconds: int, rounds: int) -> None:
    samples = np.random.default_rng(0).normal(0, 0.1, RATE * seconds).astype(np.float32)
    exact = sg.preset("librosa-cqt")(samples, "numpy")
    ways = _ways(samples)
    least = _times(ways, rounds)
    print(f"\n{seconds} s of sound, best of {rounds}; ms a second of sound\n")
    print("| | processor | elapsed | librosa / this | nnAudio / this | RMS error |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for name, way in ways.items():
        rms = "-" if name.startswith("nnAudio") else _rms(way(), exact)
        processor, elapsed = (f"{1e3 * each / seconds:.3f}" for each in least[name])
        others = ("librosa.cqt, one thread", "nnAudio, one thread")
        ratios = (f"{least[other][0] / least[name][0]:.1f}" if other in least else "-" for other in others)
        print(f"| {name} | {processor} | {elapsed} | {' | '.join(ratios)} | {rms} |")


def _print_products() -> None:
    """Print the products of one frame: as defined, of halved kernels, and after folding."""
    compiled = plan(sg.preset("librosa-cqt"))
    defined = sum(2 * len(kernel.values) for kernel in compiled.kernels or ())
    halved = halved_kernels(compiled)
    lower = sum(2 * len(kernel.values) for kernel in halved)
    folded = sum(2 * (len(kernel.values) // 2 + 1) for kernel in halved)
    print(f"products of a frame: {defined} as defined, {lower} at halved rates, {folded} after folding")


def main() -> None:
    versions = ", ".join(
        f"{name} {metadata.version(name)}" for name in ("librosa", "nnaudio", "torch", "numpy", "soxr")
    )
    print(f"{platform.machine()}, {native.isa()}; {versions}")
    _print_products()
    for seconds in map(int, sys.argv[1:] or ROUNDS):
        _print_table(seconds, ROUNDS.get(seconds, 3))


if __name__ == "__main__":
    main()
