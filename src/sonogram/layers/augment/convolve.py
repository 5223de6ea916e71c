"""Convolution of each clip with its own kernel, by the Fourier transform."""

from __future__ import annotations

from typing import Any

import numpy as np

from sonogram.engines.arrays import Arrays

__all__ = ["convolve", "fast_size"]


def fast_size(xp: Arrays, least: Any) -> Any:
    """Return a length of at least `least` for which the Fourier transform is fast."""
    if isinstance(least, int):
        return min(odd << max((-(-least // odd) - 1).bit_length(), 1) for odd in (1, 3, 5, 9, 15))
    powers = xp.integers(2 ** np.arange(1, 31), least)
    enough = xp.where(powers >= least, powers, powers * 0 + 2**30)
    return xp.reshape(-xp.amax(-enough, (-1,)), ())


def convolve(xp: Arrays, x: Any, kernel: Any, start: int, count: Any) -> Any:
    """Return `count` samples from `start` of the convolution of `x` with `kernel`.

    Args:
        xp: The namespace.
        x: `(rows, samples)`, with silence before and after.
        kernel: `(rows, taps)`, or `(1, taps)` for all rows, of known size.
        start: First sample of the result.
        count: Number of samples, within the whole convolution.

    Returns:
        `(rows, count)`.
    """
    size = fast_size(xp, xp.size(x, -1) + (kernel.shape[-1] - 1))
    a, b = xp.rfft(xp.pad(x, 0, size - xp.size(x, -1), -1), size)
    c, d = xp.rfft(xp.pad(kernel, 0, size - kernel.shape[-1], -1), size)
    product = xp.irfft(xp.complex(a * c - b * d, a * d + b * c), size)
    return xp.crop(product, start, count, -1)
