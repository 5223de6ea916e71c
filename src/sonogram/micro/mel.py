"""The mel scale in float32, rounded as on the device."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["hertz", "mel", "mel_edges"]

_MEL, _HERTZ = 1127.0, 700.0


def mel(frequencies: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return frequencies in hertz on the mel scale."""
    return np.asarray(_MEL * np.log1p(frequencies.astype(np.float64) / _HERTZ), np.float32)


def hertz(pitches: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return pitches on the mel scale in hertz."""
    return np.asarray(_HERTZ * np.expm1(pitches.astype(np.float64) / _MEL))


def mel_edges(lower_hz: float, upper_hz: float, num_bands: int) -> NDArray[np.float32]:
    """Return the lower edge of the first band, the centers of all, and the upper edge of the last, mel."""
    low, high = mel(np.array([lower_hz, upper_hz], np.float32))
    spacing = (high - low) / np.float32(num_bands + 1)
    steps = np.arange(1, num_bands + 2, dtype=np.float32)
    return np.concatenate([low[None], low + spacing * steps])
