"""Every augmentation by name, and inputs for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from sonogram import layers

RATE = 16000
SIZE = 3000
BANDS = 40
FRAMES = 60

_NOISE = np.random.default_rng(1).normal(size=9000).astype(np.float32) * 0.1
_WAVES = [_NOISE[:700], _NOISE[700:]]
_RESPONSES = [_NOISE[:400] * np.exp(-np.arange(400) / 60), _NOISE[400:1000] * np.exp(-np.arange(600) / 90)]

CASES: dict[str, Callable[..., layers.Augmentation]] = {
    "band-limit": lambda **more: layers.BandLimit(RATE, **more),
    "band-pass": lambda **more: layers.BandPass(RATE, **more),
    "clipping": layers.Clipping,
    "gain": layers.Gain,
    "mixup": layers.Mixup,
    "noise-pink": lambda **more: layers.Noise((0.0, 20.0), "pink", **more),
    "noise-recordings": lambda **more: layers.Noise((0.0, 20.0), _WAVES, **more),
    "noise-white": lambda **more: layers.Noise((0.0, 20.0), **more),
    "polarity": layers.PolarityInversion,
    "random-crop": lambda **more: layers.RandomCrop(1000, **more),
    "reverb-measured": lambda **more: layers.Reverb(RATE, responses=_RESPONSES, **more),
    "reverb-simulated": lambda **more: layers.Reverb(RATE, (0.05, 0.2), **more),
    "spec-augment": lambda **more: layers.SpecAugment(time_width=20, frequency_width=15, **more),
    "speed": layers.Speed,
    "tilt": lambda **more: layers.Tilt(RATE, **more),
    "time-shift": lambda **more: layers.TimeShift((-800, 800), **more),
    "time-shift-wrapped": lambda **more: layers.TimeShift((-800, 800), wrap=True, **more),
}


def values_of(layer: layers.Augmentation, count: int, seed: int = 5) -> NDArray[np.float32]:
    """Return noise in the shape of the layer's input: samples, or features."""
    shape = (SIZE,) if layer.inner_rank == 1 else (FRAMES, BANDS)
    return np.random.default_rng(seed).normal(size=(count, *shape)).astype(np.float32) * np.float32(0.1)


def batch_of(layer: layers.Augmentation, count: int = 5, *, padding: float = 0.0) -> dict[str, Any]:
    """Return a batch with lengths, labels and seeds. Clips are full, shorter, of one sample, and empty."""
    values = values_of(layer, count)
    size = values.shape[1]
    lengths = np.array([size, size // 2 + 1, 1, 0, size - 1] * count, np.int32)[:count]
    for row, length in zip(values, lengths, strict=True):
        row[length:] = padding
    return {
        layer.key: values,
        "lengths": lengths,
        "labels": np.eye(count, dtype=np.float32),
        "seeds": np.arange(100, 100 + count, dtype=np.int32),
    }


def arrays(outputs: Any) -> Any:
    """Return the outputs as NumPy arrays, in the same structure."""
    return keras.tree.map_structure(keras.ops.convert_to_numpy, outputs)
