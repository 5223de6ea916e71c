"""Harmony from the energy of the twelve pitch classes."""

from __future__ import annotations

from typing import Any

import numpy as np

from sonogram.errors import SonogramError
from sonogram.features.values import TINY, positive_whole, result, to_floats, unit_sum

__all__ = ["chroma_cens", "tonnetz"]

_STEPS = (0.4, 0.2, 0.1, 0.05)  # shares of a frame above which a pitch class counts one quarter more


def tonnetz(chroma: Any) -> Any:
    """Return the tonal centroid of each frame: its place on the circles of fifths, minor and major thirds.

    Related chords are near one another.

    Args:
        chroma: Energy of the pitch classes from C on, `(..., frames, 12)`.

    Returns:
        float32 `(..., frames, 6)`: x and y on the circle of fifths, of minor and of major thirds.

    Raises:
        SonogramError: There are not twelve pitch classes.

    Example:
        >>> chord = np.isin(np.arange(12), [0, 4, 7]).astype(float)
        >>> sg.features.tonnetz(chord[None]).shape
        (1, 6)

    See Also:
        chroma_cens: a chroma that is robust to dynamics.

    Source:
        C. Harte, M. Sandler and M. Gasser, "Detecting harmonic change in musical audio", AMCMM 2006.
    """
    xp, chroma = to_floats(chroma, "(..., frames, 12)")
    _check_classes(chroma)
    angles = np.outer([7 / 6, 7 / 6, 3 / 2, 3 / 2, 2 / 3, 2 / 3], np.arange(12))
    angles[::2] -= 0.5
    basis = np.array([1, 1, 1, 1, 0.5, 0.5])[:, None] * np.cos(np.pi * angles)
    return result(xp, xp.matmul(unit_sum(xp, chroma), np.ascontiguousarray(basis.T)))


def chroma_cens(chroma: Any, *, win_len_smooth: int = 41) -> Any:
    """Return chroma that depends little on dynamics and articulation, to compare performances.

    The share of each pitch class is quantized to quarters, smoothed over time and divided by the norm.

    Args:
        chroma: Energy of the pitch classes, `(..., frames, 12)`.
        win_len_smooth: Frames over which is smoothed.

    Returns:
        float32 `(..., frames, 12)` of norm 1; 0 for silence. The quantization has no gradient.

    Raises:
        SonogramError: There are not twelve pitch classes, or `win_len_smooth` is no whole number above 0.

    Example:
        >>> frontend = sg.preset("librosa-chroma-stft")
        >>> sg.features.chroma_cens(frontend(np.ones(22050))).shape
        (44, 12)

    See Also:
        tonnetz: chords as places.

    Source:
        M. Mueller and S. Ewert, "Chroma Toolbox", ISMIR 2011.
    """
    win_len_smooth = positive_whole("win_len_smooth", win_len_smooth)
    xp, chroma = to_floats(chroma, "(..., frames, 12)")
    _check_classes(chroma)
    shares = unit_sum(xp, chroma)
    quantized = xp.zeros_like(shares)
    for step in _STEPS:
        quantized = quantized + xp.where(shares > step, xp.ones_like(shares) / 4, xp.zeros_like(shares))
    window = np.hanning(win_len_smooth + 2)
    window /= window.sum()
    frames, half = xp.size(quantized, -2), (win_len_smooth + 2) // 2
    padded = xp.pad(quantized, half, half, -2)
    smoothed = sum(
        float(weight) * xp.crop(padded, shift, frames, -2) for shift, weight in enumerate(window) if weight
    )
    norm = xp.safe_sqrt(xp.asum(smoothed * smoothed, (-1,)))
    return result(xp, smoothed / xp.where(norm < TINY, xp.ones_like(norm), norm))


def _check_classes(chroma: Any) -> None:
    if chroma.shape[-1] not in (None, 12):
        raise SonogramError(f"chroma must have 12 pitch classes as its last axis; got {chroma.shape[-1]}")
