"""Test signals, all in [-1, 1]."""

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]


def chirp(sample_rate: int) -> NDArray[np.int16]:
    """Return the signal of `tests/golden`: two seconds of a linear sweep with a little noise, as 16 bits."""
    t = np.arange(2 * sample_rate) / sample_rate
    phase = 2 * np.pi * (50 * t + 0.5 * (0.45 * sample_rate - 50) / 2 * t**2)
    noise = np.random.Generator(np.random.PCG64(0)).standard_normal(len(t))
    x = 0.5 * np.sin(phase) + 0.02 * noise
    return np.clip(np.round(x * 32768), -32768, 32767).astype(np.int16)


def to_float(samples: NDArray[np.int16]) -> Samples:
    """Return 16-bit integers as floats in [-1, 1)."""
    return samples / np.float32(32768)


def noise(num_samples: int, seed: int = 1, level: float = 0.1) -> Samples:
    """Return white noise with standard deviation `level`."""
    return (level * np.random.default_rng(seed).standard_normal(num_samples)).astype(np.float32)


def eventful(num_samples: int, seed: int = 1) -> Samples:
    """Return a sweep in noise with a click, an offset and a stretch of digital silence."""
    position = np.arange(num_samples)
    x = 0.4 * np.sin(0.02 * position + 1.2 * position**2 / max(num_samples, 1)) + 0.01
    x = x + noise(num_samples, seed, 0.03)
    x[num_samples // 2 : num_samples // 2 + num_samples // 5] = 0
    x[num_samples // 3 : num_samples // 3 + 1] = 0.9
    return x.astype(np.float32)


def extremes(num_samples: int) -> dict[str, Samples]:
    """Return signals at the limits of the range, by name."""
    click = np.zeros(num_samples, np.float32)
    click[num_samples // 2 :][:1] = 1
    square = np.where(np.arange(num_samples) // 7 % 2, 1, -1).astype(np.float32)
    return {
        "silence": np.zeros(num_samples, np.float32),
        "click": click,
        "full scale": square,
        "offset": np.full(num_samples, 0.5, np.float32),
        "small offset": np.full(num_samples, 1e-3, np.float32),
        "quarter": np.full(num_samples, 0.25, np.float32),
        "faintest": np.full(num_samples, 1e-30, np.float32),
        "denormal": np.full(num_samples, 1e-40, np.float32),
    }
