"""The constant-Q transform next to librosa's. Run: python bench/cqt.py.

Eight seconds of noise at 22.05 kHz, 84 semitones from C1, one row every 512 samples: the defaults of
`librosa.cqt`. Times are the least of many short calls, taken in turns, with one thread and with two. The
error is the RMS of the difference from the sum that defines the transform, computed in float64, as a part of
each frame's maximum.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Callable
from importlib import metadata

import librosa
import numpy as np
from numpy.typing import NDArray

import sonogram as sg
from sonogram.engines import native
from sonogram.native.threads import threads

RATE, SECONDS, ROUNDS = 22_050, 8, 25
Features = NDArray[np.float32]


def main() -> None:
    samples = np.random.default_rng(0).normal(0, 0.1, RATE * SECONDS).astype(np.float32)
    frontend = sg.preset("librosa-cqt")
    exact = frontend(samples, "numpy")

    def ours(count: int) -> Features:
        with threads(count):
            return frontend(samples, "native")

    def theirs() -> Features:
        return np.abs(librosa.cqt(samples, sr=RATE)).T

    ways: dict[str, Callable[[], Features]] = {
        "sonogram, one thread": lambda: ours(1),
        "sonogram, two threads": lambda: ours(2),
        "librosa.cqt": theirs,
    }
    least = dict.fromkeys(ways, float("inf"))
    for way in ways.values():
        way()  # tables and plans are made by the first call
    for _ in range(ROUNDS):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            least[name] = min(least[name], time.perf_counter() - start)
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("librosa", "numpy", "soxr"))
    print(f"{platform.machine()}, {native.isa()}; {versions}; best of {ROUNDS}\n")
    print("| | ms a second of sound | librosa / this | RMS error |\n| --- | ---: | ---: | ---: |")
    for name, way in ways.items():
        error = (way() - exact) / exact.max(axis=1, keepdims=True)
        rms = np.sqrt((error**2).mean())
        ratio = least["librosa.cqt"] / least[name]
        print(f"| {name} | {1e3 * least[name] / SECONDS:.2f} | {ratio:.1f} | {rms:.1e} |")


if __name__ == "__main__":
    main()
