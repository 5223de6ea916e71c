"""Onsets and tempo: how strongly something begins in each frame, and which periods repeat."""

from __future__ import annotations

from typing import Any

import numpy as np

from sonogram.definition import Definition, require_definition
from sonogram.errors import SonogramError
from sonogram.features.spectral import growth
from sonogram.features.values import TINY, check_bands, drop_last, positive_whole, result, to_floats
from sonogram.padding import Center

__all__ = ["onset_strength", "tempogram"]


def onset_strength(values: Any, frontend: Definition, *, lag: int = 1, max_size: int = 1) -> Any:
    """Return how strongly something begins in each frame: the mean growth over the bands.

    Args:
        values: Logarithmic features, `(..., frames, bands)`, as `frontend` returns them. Mel bands in
            decibels with 80 dB of dynamic range give librosa's numbers.
        frontend: Front end that made them. Where its frames are centered, the curve is delayed by half a
            frame, so that an onset is where its sound begins.
        lag: Frames back to which each frame is compared.
        max_size: Number of neighboring bands whose largest value is compared to; of an even number there is
            one more below than above. 3 does not count vibrato as onsets (SuperFlux).

    Returns:
        float32 `(..., frames)`, in the unit of the features.

    Raises:
        SonogramError: `lag` or `max_size` is no whole number above 0, or the values have other bands.

    Example:
        >>> decibels = sg.scaling.Decibels(dynamic_range=80)
        >>> frontend = sg.preset("librosa-melspectrogram").replace(scaling=decibels)
        >>> click = np.zeros(22050)
        >>> click[11025] = 1
        >>> int(onset_strength(frontend(click), frontend).argmax())
        22

    See Also:
        tempogram: the periods of the curve.

    Source:
        S. Boeck and G. Widmer, "Maximum filter vibrato suppression for onset detection", DAFx 2013.
    """
    require_definition(frontend)
    lag, max_size = positive_whole("lag", lag), positive_whole("max_size", max_size)
    xp, values = to_floats(values)
    check_bands(values, frontend)
    reference = values
    bands = np.arange(frontend.num_bands)
    for shift in range(-(max_size // 2), max_size - max_size // 2):
        neighbors = np.clip(bands + shift, 0, len(bands) - 1)
        reference = xp.maximum(reference, xp.pick(values, neighbors, -1))
    rise = xp.asum(growth(xp, values, reference, lag), (-1,)) / frontend.num_bands
    centered = isinstance(frontend.padding, Center)
    delay = frontend.fft_size // (2 * frontend.frame_step) if centered else 0
    frames = xp.size(values, -2)
    return result(xp, drop_last(xp, xp.crop(xp.pad(rise, delay, 0, -2), 0, frames, -2)))


def tempogram(onsets: Any, *, win_length: int = 384) -> Any:
    """Return the local autocorrelation of a curve of onsets: which periods repeat around each frame.

    Args:
        onsets: Onset strength, `(..., frames)`.
        win_length: Frames of the window in which periods are sought, and number of periods. Beyond the
            clip the curve falls to 0 in a line.

    Returns:
        float32 `(..., frames, win_length)`: value k is the correlation at a period of k frames, divided by
        the largest one.

    Raises:
        SonogramError: `win_length` is no whole number above 0, or there is no frame.

    Example:
        >>> beats = np.tile([1.0, 0.0, 0.0, 0.0], 100)
        >>> int(sg.features.tempogram(beats, win_length=64)[200, 1:8].argmax()) + 1
        4

    See Also:
        onset_strength: the curve.

    Source:
        P. Grosche, M. Mueller and F. Kurth, "Cyclic tempogram", ICASSP 2010.
    """
    win_length = positive_whole("win_length", win_length)
    xp, onsets = to_floats(onsets, "(..., frames)")
    if onsets.shape[-1] == 0:
        raise SonogramError("the onsets must have at least one frame; got none")
    flat, leading = xp.flatten(onsets, 1)
    frames, half = xp.size(flat, -1), win_length // 2
    ramp = np.arange(half) / max(half, 1)
    before = xp.crop(flat, 0, 1, -1) * xp.constant(ramp, flat)
    after = xp.crop(flat, frames - 1, 1, -1) * xp.constant(ramp[::-1], flat)
    padded = xp.crop(
        xp.concatenate([before, flat, after, after[:, :1] * 0], -1), 0, frames + win_length - 1, -1
    )
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(win_length) / win_length)
    windowed = xp.frame(padded, win_length, 1, frames) * xp.constant(window, flat)
    size = 2 * win_length
    real, imaginary = xp.rfft(windowed, size)
    power = real * real + imaginary * imaginary
    correlation = xp.crop(xp.irfft(xp.complex(power, power * 0), size), 0, win_length, -1)
    largest = xp.amax(xp.maximum(correlation, -correlation), (-1,))
    return result(xp, xp.unflatten(correlation / xp.where(largest < TINY, largest * 0 + 1, largest), leading))
