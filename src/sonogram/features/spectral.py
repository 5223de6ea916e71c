"""Descriptors of a spectrum: one or a few numbers for each frame.

Source: G. Peeters, "A large set of audio features", IRCAM 2004; the constants are librosa's.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sonogram.definition import Definition
from sonogram.engines.arrays import Arrays
from sonogram.errors import SonogramError
from sonogram.features.values import (
    check_linear,
    check_positive,
    drop_last,
    positive_whole,
    result,
    to_floats,
    to_power,
    unit_sum,
)
from sonogram.spectrum import Power

__all__ = [
    "spectral_bandwidth",
    "spectral_centroid",
    "spectral_contrast",
    "spectral_flatness",
    "spectral_flux",
    "spectral_rolloff",
]

_FLOOR = 1e-10  # of powers, and of what contrast expresses in decibels
_RANGE_DB = 80.0


def spectral_centroid(values: Any, frontend: Definition) -> Any:
    """Return the mean frequency of each frame, weighted by its values: how bright it sounds.

    Args:
        values: Magnitudes or powers, `(..., frames, bands)`, as `frontend` returns them.
        frontend: Front end that made them.

    Returns:
        float32 hertz, `(..., frames)`; 0 for silence.

    Raises:
        SonogramError: The front end returns no magnitudes or powers over frequency, or not as many bands.

    Example:
        >>> frontend = sg.Frontend(16000, 512, 256)
        >>> tone = np.sin(2 * np.pi * 1000 / 16000 * np.arange(4000))
        >>> sg.features.spectral_centroid(frontend(tone), frontend)[:2].round()
        array([1000., 1000.], dtype=float32)

    See Also:
        spectral_bandwidth: the distance of the energy from it.
    """
    xp, values = to_floats(values)
    check_linear(values, frontend)
    return result(xp, drop_last(xp, _centroid(xp, unit_sum(xp, values), _frequencies(xp, values, frontend))))


def spectral_bandwidth(values: Any, frontend: Definition, *, power: float = 2) -> Any:
    """Return how far the energy of each frame lies from its centroid.

    Args:
        values: Magnitudes or powers, `(..., frames, bands)`, as `frontend` returns them.
        frontend: Front end that made them.
        power: Exponent of the distances: 2 is a standard deviation.

    Returns:
        float32 hertz, `(..., frames)`; 0 for silence.

    Raises:
        SonogramError: The front end returns no magnitudes or powers over frequency, or `power` is not above
            0.

    Example:
        >>> frontend = sg.Frontend(16000, 512, 256)
        >>> sg.features.spectral_bandwidth(frontend(np.ones(4000)), frontend).shape
        (14,)

    See Also:
        spectral_centroid: the center.
    """
    check_positive("power", power)
    xp, values = to_floats(values)
    check_linear(values, frontend)
    shares, frequencies = unit_sum(xp, values), _frequencies(xp, values, frontend)
    distance = frequencies - _centroid(xp, shares, frequencies)
    distance = xp.maximum(distance, -distance)
    return result(
        xp, drop_last(xp, to_power(xp, xp.asum(shares * to_power(xp, distance, power), (-1,)), 1 / power))
    )


def spectral_rolloff(values: Any, frontend: Definition, *, roll_percent: float = 0.85) -> Any:
    """Return the frequency below which a share of each frame's sum lies.

    Args:
        values: Magnitudes or powers, `(..., frames, bands)`, as `frontend` returns them.
        frontend: Front end that made them.
        roll_percent: The share, between 0 and 1. 0.85 finds the edge of voiced speech, 0.99 that of the
            recording.

    Returns:
        float32 hertz, `(..., frames)`: the first band that reaches the share. It has no gradient.

    Raises:
        SonogramError: The front end returns no magnitudes or powers over frequency, or the share is no share.

    Example:
        >>> frontend = sg.Frontend(16000, 512, 256)
        >>> sg.features.spectral_rolloff(frontend(np.zeros(1000)), frontend)
        array([0., 0.], dtype=float32)

    See Also:
        spectral_centroid: the mean instead of a quantile.
    """
    if not 0 < roll_percent < 1:
        raise SonogramError(f"roll_percent must be between 0 and 1; got {roll_percent!r}")
    xp, values = to_floats(values)
    check_linear(values, frontend)
    sums = xp.cumsum(values)
    frequencies = _frequencies(xp, values, frontend)
    total = xp.crop(sums, frontend.num_bands - 1, 1, -1)
    above = xp.zeros_like(sums) + 2 * float(frontend.sample_rate)
    reached = xp.where(sums >= roll_percent * total, frequencies + xp.zeros_like(sums), above)
    # NaN reaches nothing, and stays NaN.
    return result(xp, drop_last(xp, xp.where(total >= 0, -xp.amax(-reached, (-1,)), total)))


def spectral_flatness(values: Any, frontend: Definition) -> Any:
    """Return how much each frame resembles noise: 1 for white noise, near 0 for a tone.

    The geometric mean of the powers divided by their arithmetic mean.

    Args:
        values: Magnitudes or powers, `(..., frames, bands)`, as `frontend` returns them.
        frontend: Front end that made them; magnitudes are squared first.

    Returns:
        float32 between 0 and 1, `(..., frames)`; 1 for silence.

    Raises:
        SonogramError: The front end returns no magnitudes or powers over frequency, or not as many bands.

    Example:
        >>> frontend = sg.Frontend(16000, 512, 256)
        >>> sg.features.spectral_flatness(frontend(np.zeros(600)), frontend)
        array([1.], dtype=float32)
    """
    xp, values = to_floats(values)
    check_linear(values, frontend)
    powers = values if isinstance(frontend.spectrum, Power) else values * values
    powers = xp.maximum(powers, _FLOOR)
    count = frontend.num_bands
    geometric = xp.exp(xp.asum(xp.log(powers), (-1,)) / count)
    return result(xp, drop_last(xp, geometric / (xp.asum(powers, (-1,)) / count)))


def spectral_contrast(
    values: Any,
    frontend: Definition,
    *,
    fmin: float = 200,
    n_bands: int = 6,
    quantile: float = 0.02,
) -> Any:
    """Return the distance from valleys to peaks in octave bands: high where a clear tone stands out.

    Args:
        values: Magnitudes, `(..., frames, bins)`, as `frontend` returns them.
        frontend: Front end without bands that made them.
        fmin: Upper edge of the lowest band, hertz; each further band is an octave.
        n_bands: Number of octaves above it.
        quantile: Share of the bins that is averaged as the peak and as the valley.

    Returns:
        float32 decibels, `(..., frames, n_bands + 1)`. As in librosa, peaks and valleys of more than 80 dB
        below their largest in the clip are raised to that.

    Raises:
        SonogramError: The front end has bands or returns no magnitudes or powers, or an octave begins above
            half the sample rate.

    Example:
        >>> frontend = sg.Frontend(22050, 2048, 512)
        >>> sg.features.spectral_contrast(frontend(np.ones(4096)), frontend).shape
        (5, 7)

    Source:
        D. Jiang et al., "Music type classification by spectral contrast feature", ICME 2002.
    """
    xp, values = to_floats(values)
    check_linear(values, frontend)
    if not frontend.has_linear_bins:
        raise SonogramError(
            "spectral contrast needs the bins of a Fourier transform; use frontend.replace(bands=None)"
        )
    check_positive("fmin", fmin)
    n_bands = positive_whole("n_bands", n_bands)
    if not 0 < quantile < 1:
        raise SonogramError(f"quantile must be between 0 and 1; got {quantile!r}")
    valleys, peaks = [], []
    for first, stop, count in _octaves(frontend, fmin, n_bands, quantile):
        ordered = xp.sort(xp.crop(values, first, stop - first, -1))
        valleys.append(xp.asum(xp.crop(ordered, 0, count, -1), (-1,)) / count)
        peaks.append(xp.asum(xp.crop(ordered, stop - first - count, count, -1), (-1,)) / count)
    return result(xp, _decibels(xp, xp.concatenate(peaks, -1)) - _decibels(xp, xp.concatenate(valleys, -1)))


def spectral_flux(values: Any) -> Any:
    """Return how much the values grow from frame to frame, summed over the bands: a curve of onsets.

    Args:
        values: Features of any front end, `(..., frames, bands)`; logarithms suit music.

    Returns:
        float32 `(..., frames)`; 0 for the first frame.

    Example:
        >>> sg.features.spectral_flux(np.array([[0.0, 0.0], [1.0, 2.0], [3.0, 0.0]]))
        array([0., 3., 2.], dtype=float32)

    See Also:
        onset_strength: the mean, placed at the onset.

    Source:
        S. Dixon, "Onset detection revisited", DAFx 2006.
    """
    xp, values = to_floats(values)
    return result(xp, drop_last(xp, xp.asum(growth(xp, values, values, 1), (-1,))))


def growth(xp: Arrays, values: Any, reference: Any, lag: int) -> Any:
    """Return the positive part of values minus the reference `lag` frames earlier; 0 for the first frames."""
    size = xp.size(values, -2)
    known = xp.minimum(size, lag) if not isinstance(size, int) else min(size, lag)
    later = xp.crop(values, known, size - known, -2)
    rise = xp.maximum(later - xp.crop(reference, 0, size - known, -2), 0)
    return xp.pad(rise, known, 0, -2)


def _frequencies(xp: Arrays, values: Any, frontend: Definition) -> Any:
    return xp.constant(frontend.frequencies, values)


def _centroid(xp: Arrays, shares: Any, frequencies: Any) -> Any:
    return xp.asum(shares * frequencies, (-1,))


def _octaves(frontend: Definition, fmin: float, n_bands: int, quantile: float) -> list[tuple[int, int, int]]:
    """Return the first bin, the bin after the last one, and the number of bins averaged, for each band.

    A band begins one bin before its octave. All but the last end one bin early, after they were counted.
    """
    frequencies = np.asarray(frontend.frequencies)
    edges = np.concatenate([[0.0], fmin * 2.0 ** np.arange(n_bands + 1)])
    if edges[-2] >= frontend.sample_rate / 2:
        raise SonogramError(
            f"{n_bands} octaves above {fmin:g} Hz exceed half the sample rate; use a smaller fmin or n_bands"
        )
    bands = []
    for k in range(n_bands + 1):
        inside = np.flatnonzero((frequencies >= edges[k]) & (frequencies <= edges[k + 1]))
        if not inside.size:
            raise SonogramError(f"no bin lies between {edges[k]:g} and {edges[k + 1]:g} Hz; use a longer FFT")
        first = int(inside[0]) - (k > 0)
        stop = len(frequencies) if k == n_bands else int(inside[-1]) + 1
        count = max(1, int(np.rint(quantile * (stop - first))))
        bands.append((first, stop if k == n_bands else stop - 1, count))
    return bands


def _decibels(xp: Arrays, values: Any) -> Any:
    decibels = xp.log(xp.maximum(values, _FLOOR)) * (10 / np.log(10))
    return xp.maximum(decibels, xp.amax(decibels, (-2, -1)) - _RANGE_DB)
