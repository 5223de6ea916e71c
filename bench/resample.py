"""The filter of the native resampler by its figures, and its time. Run: python bench/resample.py.

The filter is gathered from what it makes of single samples: ripple up to 0.9 of the lower
Nyquist frequency, and the highest gain from that frequency on. soxr runs at "HQ", as in `sonogram.load`.
"""

from __future__ import annotations

import math
import platform
import sys
import time
from collections.abc import Callable
from importlib import metadata

import numpy as np
import soxr

from sonogram.audio import resample
from sonogram.engines.native import isa

# The last pair has 16 000 phases: its filter is timed alone, as gathering it takes gigabytes.
PAIRS = (
    (44_100, 16_000),
    (48_000, 16_000),
    (32_000, 16_000),
    (24_000, 16_000),
    (22_050, 16_000),
    (8_000, 16_000),
    (16_000, 8_000),
    (48_000, 24_000),
    (44_100, 22_050),
    (48_000, 22_050),
    (48_000, 32_000),
    (44_100, 48_000),
    (48_000, 44_100),
    (16_000, 44_100),
    (16_000, 48_000),
    (44_101, 16_000),
)
MOST_PHASES = 1024
LENGTHS = (1, 30)
ROUNDS = 15

Make = Callable[[np.ndarray, int, int], np.ndarray]


def native(samples: np.ndarray, from_rate: int, to_rate: int) -> np.ndarray:
    return resample(samples, from_rate, to_rate)


def peer(samples: np.ndarray, from_rate: int, to_rate: int) -> np.ndarray:
    return soxr.resample(samples, from_rate, to_rate, quality="HQ")


def response(make: Make, from_rate: int, to_rate: int) -> tuple[float, float]:
    """Ripple up to 0.9 of Nyquist and the highest gain beyond it, decibels."""
    divisor = math.gcd(from_rate, to_rate)
    step, places = from_rate // divisor, to_rate // divisor
    half = math.ceil(200 * max(1, from_rate / to_rate))
    values = np.zeros(2 * half * places + 2)
    for shift in range(step):  # output k lies k * step from the beginning, input i lies i * places
        impulse = np.zeros(2 * half + step, np.float32)
        impulse[half + shift] = 1
        made = make(impulse, from_rate, to_rate)
        index = np.arange(len(made)) * step - (half + shift) * places + half * places
        inside = (index >= 0) & (index < len(values))
        values[index[inside]] = made[inside]
    size = 2 ** math.ceil(math.log2(8 * len(values)))
    gain = np.abs(np.fft.rfft(values, size))
    decibels = 20 * np.log10(np.maximum(gain / gain[0], 1e-12))
    frequencies = np.fft.rfftfreq(size, 1 / (from_rate * places))
    nyquist = min(from_rate, to_rate) / 2
    passed = np.abs(decibels[frequencies <= 0.9 * nyquist]).max()
    return float(passed), float(decibels[frequencies >= nyquist].max())


def microseconds(make: Make, from_rate: int, to_rate: int, seconds: int) -> float:
    """The processor's time for one second of sound, the best of some rounds."""
    samples = np.random.default_rng(0).uniform(-1, 1, from_rate * seconds).astype(np.float32)
    best = math.inf
    for _ in range(ROUNDS):
        start = time.process_time()
        make(samples, from_rate, to_rate)
        best = min(best, time.process_time() - start)
    return 1e6 * best / seconds


def main() -> None:
    versions = f"soxr {metadata.version('soxr')}, numpy {metadata.version('numpy')}"
    sys.stdout.write(f"Python {platform.python_version()}, {versions}, {isa()}\n\n")
    sys.stdout.write("| From, to (Hz) | | Ripple (dB) | Stop band (dB) |")
    sys.stdout.write("".join(f" {length} s (µs a second) |" for length in LENGTHS) + "\n")
    sys.stdout.write("| --- | --- | --- | --- |" + " --- |" * len(LENGTHS) + "\n")
    for pair in PAIRS:
        for name, make in (("native", native), ("soxr HQ", peer)):
            shape = "- | -"
            if pair[1] // math.gcd(*pair) <= MOST_PHASES:
                ripple, stop = response(make, *pair)
                shape = f"{ripple:.5f} | {stop:.1f}"
            times = "".join(f" {microseconds(make, *pair, length):.0f} |" for length in LENGTHS)
            row = f"| {pair[0]}, {pair[1]} | {name} | {shape} |{times}\n"
            sys.stdout.write(row)
            sys.stdout.flush()


if __name__ == "__main__":
    main()
