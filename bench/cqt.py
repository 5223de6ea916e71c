"""The constant-Q transform next to those of librosa and nnAudio. Run: python bench/cqt.py.

Eight seconds of noise at 22.05 kHz, 84 semitones from C1, one row every 512 samples: the defaults of
`librosa.cqt`, and of `CQT2010v2` of nnAudio, the faster of its two, which halves the rate as well. Times are
the least of many short calls, taken in turns, with one thread and with two. The error is the RMS of the
difference from the sum that defines the transform, computed in float64, as a part of each frame's maximum.
nnAudio defines windows of another length (a Q of 16.8 in place of 17.3): it has no error here.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Callable
from importlib import metadata

import librosa
import numpy as np
import torch
from nnAudio.features import CQT2010v2
from numpy.typing import NDArray

import sonogram as sg
from sonogram.engines import native
from sonogram.native.threads import threads

RATE, SECONDS, ROUNDS = 22_050, 8, 25
Features = NDArray[np.float32]


def _rms(features: Features, exact: Features) -> str:
    error = (features - exact) / exact.max(axis=1, keepdims=True)
    return f"{np.sqrt((error**2).mean()):.1e}"


def main() -> None:
    samples = np.random.default_rng(0).normal(0, 0.1, RATE * SECONDS).astype(np.float32)
    frontend = sg.preset("librosa-cqt")
    exact = frontend(samples, "numpy")

    def ours(count: int) -> Features:
        with threads(count):
            return frontend(samples, "native")

    def theirs() -> Features:
        return np.abs(librosa.cqt(samples, sr=RATE)).T

    layer = CQT2010v2(sr=RATE, hop_length=512, n_bins=84, verbose=False)
    tensor = torch.from_numpy(samples)

    def layers(count: int) -> Features:
        torch.set_num_threads(count)
        with torch.no_grad():
            return np.asarray(layer(tensor)[0].numpy().T)

    ways: dict[str, Callable[[], Features]] = {
        "sonogram, one thread": lambda: ours(1),
        "sonogram, two threads": lambda: ours(2),
        "librosa.cqt": theirs,
        "nnAudio, one thread": lambda: layers(1),
        "nnAudio, two threads": lambda: layers(2),
    }
    least = dict.fromkeys(ways, float("inf"))
    for way in ways.values():
        way()  # tables and plans are made by the first call
    for _ in range(ROUNDS):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            least[name] = min(least[name], time.perf_counter() - start)
    versions = ", ".join(
        f"{name} {metadata.version(name)}" for name in ("librosa", "nnaudio", "torch", "numpy", "soxr")
    )
    print(f"{platform.machine()}, {native.isa()}; {versions}; best of {ROUNDS}\n")
    print("| | ms a second of sound | librosa / this | nnAudio / this | RMS error |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for name, way in ways.items():
        rms = "-" if name.startswith("nnAudio") else _rms(way(), exact)
        ratios = (least[other] / least[name] for other in ("librosa.cqt", "nnAudio, one thread"))
        shown = " | ".join(f"{ratio:.1f}" for ratio in ratios)
        print(f"| {name} | {1e3 * least[name] / SECONDS:.2f} | {shown} | {rms} |")


if __name__ == "__main__":
    main()
