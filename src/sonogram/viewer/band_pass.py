"""A band of a sound, for playing what is inside a box."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sonogram.viewer.rows import Samples

__all__ = ["band_pass"]

_SECONDS = 0.04
"""Length of the filter: its edges are about 4 / 0.04 = 100 Hz wide."""


def band_pass(
    samples: Samples, first: int, count: int, band: tuple[float, float], sample_rate: float
) -> NDArray[np.float32]:
    """Return samples with the frequencies of a band only, without delay, wherever they are cut.

    The filter is a sinc with a Hann window: its phase is linear, so its delay is half its length at every
    frequency and can be taken out.

    Args:
        samples: Reads samples of the sound.
        first: Number of the first sample.
        count: Number of samples.
        band: Lower and upper edge, Hz.
        sample_rate: Hz.
    """
    half = max(round(_SECONDS * sample_rate / 2), 8)
    low, high = (2 * min(max(edge, 0), sample_rate / 2) / sample_rate for edge in band)
    position = np.arange(-half, half + 1)
    window = np.hanning(len(position) + 2)[1:-1]
    taps = window * (high * np.sinc(high * position) - low * np.sinc(low * position))
    # Silence before and after the sound; beyond the ends of the part its neighbors.
    before, after = min(first, half), half
    around = samples(first - before, first + count + after)
    padded = np.pad(around, (half - before, max(count + half + before - len(around), 0)))
    size = 1 << (len(padded) + len(taps) - 1).bit_length()
    spectrum = np.fft.rfft(np.nan_to_num(padded), size) * np.fft.rfft(taps, size)
    filtered = np.fft.irfft(spectrum, size)[2 * half : 2 * half + count]
    return np.asarray(filtered, np.float32)
