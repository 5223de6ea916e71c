"""The constant integers of a micro front end: window, twiddle factors, filter weights, gains, logarithms.

Some are rounded from float32 and some from float64, as in the original: one step of a weight is seen in the
features. Source: tensorflow/lite/experimental/microfrontend; Kiss FFT in 16-bit fixed point.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sonogram.micro.bits import COEFFICIENT_BITS, LOG_BITS, LOG_SEGMENTS_BITS, SMOOTHING_BITS
from sonogram.micro.definition import GainControl, MicroDefinition
from sonogram.micro.mel import mel, mel_edges

__all__ = ["Fft", "Tables", "logarithms", "tables"]

Integers = NDArray[np.int64]

_GAIN_INTERVALS = 32  # one for each bit of a noise estimate
_LARGEST = 32767  # of 16 bits with a sign


class Fft(NamedTuple):
    """Constants of a real fixed-point Fourier transform of `2 * len(order)` samples."""

    order: NDArray[np.intp]
    """Place of each complex input in the order in which the butterflies take them."""
    stages: tuple[tuple[int, int], ...]
    """Radix (4 or 2) and distance of the butterflies of each stage, in the order of computation."""
    twiddles: NDArray[np.int16]
    """Real and imaginary parts of the twiddle factors, `(2, len(order))`, of 15 fractional bits."""
    last_twiddles: NDArray[np.int16]
    """Those of the step from the complex transform to the real one, `(2, len(order) // 2)`."""


class Tables(NamedTuple):
    """All constants of a micro front end."""

    window: NDArray[np.int16]
    """Hann window, `(frame_length,)`, of 12 fractional bits."""
    fft: Fft
    filters: NDArray[np.float64]
    """Weight of each bin in each band, `(bins, bands)`, whole numbers of 12 fractional bits."""
    smoothing: Integers
    """Smoothing coefficient of the noise estimate, `(bands,)`, of 14 fractional bits."""
    remaining: int
    """Part of the signal that noise reduction leaves at least, of 14 fractional bits."""
    gains: Integers | None
    """Gain by noise estimate; see `gain_table`."""
    correction_bits: int
    """Bits that the transform and the square root of the filters' weights take from the amplitude."""


@lru_cache(maxsize=32)
def tables(definition: MicroDefinition) -> Tables:
    """Return the constants of a definition."""
    noise = definition.noise_reduction
    correction_bits = definition.fft_size.bit_length() - 1 - COEFFICIENT_BITS // 2
    even_odd = np.array([noise.even_smoothing, noise.odd_smoothing], np.float32)
    smoothing = (even_odd * (1 << SMOOTHING_BITS)).astype(np.int64)
    gain = definition.gain_control
    return Tables(
        window=_window(definition.frame_length),
        fft=_fft(definition.fft_size // 2),
        filters=_filters(definition),
        smoothing=smoothing[np.arange(definition.num_mel_bins) % 2],
        remaining=int(np.float32(noise.min_signal_remaining) * (1 << SMOOTHING_BITS)),
        gains=None if gain is None else gain_table(gain, noise.scaling_bits - correction_bits),
        correction_bits=correction_bits,
    )


def _window(length: int) -> NDArray[np.int16]:
    step = float(np.float32(2 * np.pi / length))
    weights = (0.5 - 0.5 * np.cos(step * (np.arange(length) + 0.5))).astype(np.float32)
    return _rounded(weights * np.float32(1 << COEFFICIENT_BITS)).astype(np.int16)


def _rounded(values: NDArray[Any]) -> NDArray[np.float64]:
    return np.floor(values.astype(np.float64) + 0.5)


# The Fourier transform.


def _fft(size: int) -> Fft:
    stages, left = [], size
    while left > 1:
        radix = 2 if left == 2 else 4
        left //= radix
        stages.append((radix, left))
    order = np.zeros(1, np.intp)
    for radix, _ in reversed(stages):
        order = np.concatenate([order * radix + digit for digit in range(radix)])
    half = np.arange(1, size // 2 + 1) / size + 0.5
    return Fft(
        order=order,
        stages=tuple(reversed(stages)),
        twiddles=_circle(-2 * np.pi * np.arange(size) / size),
        last_twiddles=_circle(-np.pi * half),
    )


def _circle(phases: NDArray[np.float64]) -> NDArray[np.int16]:
    return _rounded(_LARGEST * np.stack([np.cos(phases), np.sin(phases)])).astype(np.int16)


# The filters.


def _filters(definition: MicroDefinition) -> NDArray[np.float64]:
    """Return triangles on the mel scale; a bin between two centers is shared by their bands."""
    bins = definition.fft_size // 2 + 1
    bin_hz = np.float32(0.5 * definition.sample_rate / (bins - 1))
    edges = mel_edges(definition.lower_hz, definition.upper_hz, definition.num_mel_bins)
    pitches = mel(np.arange(bins, dtype=np.float32) * bin_hz)
    first = int(1.5 + float(np.float32(definition.lower_hz) / bin_hz))  # never bin 0
    weights = np.zeros((bins, definition.num_mel_bins))
    for k in range(first, bins):
        above = int(np.searchsorted(edges[1:], pitches[k]))  # the first center at or above the bin
        if above > definition.num_mel_bins:
            break
        falling = (edges[above + 1] - pitches[k]) / (edges[above + 1] - edges[above])
        if above > 0:
            weights[k, above - 1] = _fixed(float(falling * np.float32(1 << COEFFICIENT_BITS)))
        if above < definition.num_mel_bins:
            weights[k, above] = _fixed((1.0 - float(falling)) * (1 << COEFFICIENT_BITS))
    return weights


def _fixed(value: float) -> float:
    return float(np.floor(value + 0.5))


# The gain and the logarithm.


def gain_table(gain: GainControl, input_bits: int) -> Integers:
    """Return the parabola of the gain in each interval of noise estimates, `(33, 3)`.

    Row n is for estimates of n bits, 2^(n-1) and more: the gain at the beginning, and the linear and the
    quadratic coefficient over the interval. Row 0 and 1 are constants, for the estimates 0 and 1.

    Args:
        gain: The gain control.
        input_bits: Fractional bits of a noise estimate.
    """
    rows = [(_gain(gain, input_bits, estimate), 0, 0) for estimate in (0, 1)]
    for bits in range(2, _GAIN_INTERVALS + 1):
        begin = 1 << (bits - 1)
        end = 2 * begin - (bits == _GAIN_INTERVALS)
        y0, y1, y2 = (_gain(gain, input_bits, x) for x in (begin, begin + begin // 2, end))
        linear = 4 * (y1 - y0) - (y2 - y0)
        rows.append((y0, _wrapped(linear), _wrapped(y2 - y0 - linear)))
    return np.array(rows, np.int64)


def _gain(gain: GainControl, input_bits: int, estimate: int) -> int:
    noise = np.float32(estimate) / np.float32(2.0**input_bits) + np.float32(gain.offset)
    power = np.float32(float(noise) ** -float(np.float32(gain.strength)))
    value = np.float32(2.0**gain.gain_bits) * power
    return _LARGEST if value > _LARGEST else int(value + np.float32(0.5))


def _wrapped(value: int) -> int:
    """Return the 16-bit integer that an assignment in C leaves of a larger one."""
    return (value + 32768) % 65536 - 32768


@lru_cache(maxsize=1)
def logarithms() -> Integers:
    """Return how far the base-2 logarithm of 1 to 2 lies above the line between its ends, `(130,)`.

    In the 128 segments, of 16 fractional bits. The last value occurs twice, for a look-up of its successor.
    """
    x = np.arange((1 << LOG_SEGMENTS_BITS) + 1) / (1 << LOG_SEGMENTS_BITS)
    bend = _rounded((np.log2(1 + x) - x) * (1 << LOG_BITS)).astype(np.int64)
    return np.concatenate([bend, bend[-1:]])
