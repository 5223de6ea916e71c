"""The steps of the micro front end in integers, each over all frames at once where it has no memory.

The widths of C's types are part of the result: where an assignment there drops bits, it does so here.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonogram.micro.bits import (
    COEFFICIENT_BITS,
    LOG_BITS,
    LOG_SEGMENTS_BITS,
    SMOOTHING_BITS,
    SNR_BITS,
    SNR_OUTPUT_BITS,
)
from sonogram.micro.definition import MicroDefinition
from sonogram.micro.tables import Fft, Tables, logarithms, tables

__all__ = ["amplitudes", "features", "reduce_noise"]

Integers = NDArray[np.int64]
Shorts = NDArray[np.int16]
Complex = tuple[Shorts, Shorts]

_WORD = 0xFFFFFFFF
_FULL = 32767  # 1 in the fixed point of the transform, of 15 fractional bits
_LOG_OF_E = 45426  # ln 2, of 16 fractional bits
_LARGEST_FEATURE = 0xFFFF


def amplitudes(definition: MicroDefinition, frames: Shorts) -> Integers:
    """Return the amplitude in each band, `(..., bands)`, of frames, `(..., frame_length)`."""
    constants = tables(definition)
    windowed = ((frames.astype(np.int32) * constants.window) >> COEFFICIENT_BITS).astype(np.int16)
    # The frame is scaled up so that its peak fills 15 bits: 16-bit integers then lose least.
    peak = np.max(np.where(windowed < 0, -windowed, windowed), axis=-1, initial=0)
    shift = 15 - _bit_length(peak)[..., None]
    scaled = (windowed.astype(np.int64) << shift).astype(np.int16)
    missing = definition.fft_size - definition.frame_length
    padded = np.pad(scaled, [(0, 0)] * (frames.ndim - 1) + [(0, missing)])
    real, imaginary = (part.astype(np.float64) for part in real_fft(constants.fft, padded))
    # Sums stay below 2^53, so that float64 holds them exactly, and BLAS is fast.
    energy = (real * real + imaginary * imaginary) @ constants.filters
    return _rounded_root(energy) >> shift


def reduce_noise(definition: MicroDefinition, signal: Integers, estimate: Integers) -> Integers:
    """Update the noise estimates frame by frame and return them all, `(clips, frames, bands)`.

    Args:
        definition: The front end.
        signal: Amplitudes, `(clips, frames, bands)`.
        estimate: Estimates before the first frame, `(clips, bands)`.
    """
    smoothing = tables(definition).smoothing
    raised = ((signal << definition.noise_reduction.scaling_bits) & _WORD) * smoothing
    kept = (1 << SMOOTHING_BITS) - smoothing
    estimates = np.empty_like(signal)
    for frame in range(signal.shape[1]):
        estimate = ((raised[:, frame] + estimate * kept) >> SMOOTHING_BITS) & _WORD
        estimates[:, frame] = estimate
    return estimates


def features(definition: MicroDefinition, signal: Integers, estimates: Integers) -> NDArray[np.uint16]:
    """Return the features, `(..., bands)`, from amplitudes and the noise estimates of their frames."""
    constants = tables(definition)
    signal = _subtract(definition, constants, signal, estimates)
    if definition.gain_control is not None and constants.gains is not None:
        gain = _interpolate(constants.gains, estimates)
        shift = definition.gain_control.gain_bits - constants.correction_bits - SNR_BITS
        ratio = (signal.astype(np.uint64) * gain) >> np.uint64(shift)
        signal = _compress(ratio.astype(np.int64) & _WORD)
    if definition.log_bits is not None:
        signal = _logarithm(signal, constants.correction_bits, definition.log_bits)
    return np.minimum(signal, _LARGEST_FEATURE).astype(np.uint16)


def _bit_length(values: NDArray[Any]) -> Integers:
    return np.frexp(values.astype(np.float64))[1].astype(np.int64)


# The Fourier transform: Kiss FFT in 16 bits, each stage divided by its radix so that it cannot overflow.


def real_fft(constants: Fft, samples: Shorts) -> Complex:
    """Return the transform of real samples, `(..., 2 n)`, divided by their number: `(..., n + 1)`."""
    pairs = samples[..., 0::2], samples[..., 1::2]
    real, imaginary = _complex_fft(constants, pairs)
    size = len(constants.order)
    k = np.arange(1, size // 2 + 1)
    low = _divide((real[..., k], imaginary[..., k]), 2)
    high = _divide((real[..., size - k], -imaginary[..., size - k]), 2)
    even = low[0] + high[0], low[1] + high[1]
    odd = _multiply((low[0] - high[0], low[1] - high[1]), constants.last_twiddles)
    shape = (*samples.shape[:-1], size + 1)
    result = np.zeros(shape, np.int16), np.zeros(shape, np.int16)
    wide_even, wide_odd = ([part.astype(np.int32) for part in each] for each in (even, odd))
    result[0][..., k] = (wide_even[0] + wide_odd[0]) >> 1
    result[1][..., k] = (wide_even[1] + wide_odd[1]) >> 1
    result[0][..., size - k] = (wide_even[0] - wide_odd[0]) >> 1
    result[1][..., size - k] = (wide_odd[1] - wide_even[1]) >> 1
    first = _divide((real[..., 0], imaginary[..., 0]), 2)
    result[0][..., 0], result[0][..., size] = first[0] + first[1], first[0] - first[1]
    return result


def _complex_fft(constants: Fft, values: Complex) -> Complex:
    shape, size = values[0].shape, len(constants.order)
    values = values[0][..., constants.order], values[1][..., constants.order]
    for radix, distance in constants.stages:
        blocks = (*shape[:-1], size // (radix * distance), radix, distance)
        divided = _divide((values[0].reshape(blocks), values[1].reshape(blocks)), radix)
        parts = [(divided[0][..., row, :], divided[1][..., row, :]) for row in range(radix)]
        step = size // (radix * distance)
        turned = [
            _multiply(part, constants.twiddles[:, row * step * np.arange(distance)])
            for row, part in enumerate(parts[1:], 1)
        ]
        rows = _radix_4(parts[0], *turned) if radix == 4 else _radix_2(parts[0], *turned)
        real, imaginary = (np.stack([row[part] for row in rows], axis=-2) for part in (0, 1))
        values = real.reshape(shape), imaginary.reshape(shape)
    return values


def _radix_2(a: Complex, b: Complex) -> list[Complex]:
    return [(a[0] + b[0], a[1] + b[1]), (a[0] - b[0], a[1] - b[1])]


def _radix_4(a: Complex, b: Complex, c: Complex, d: Complex) -> list[Complex]:
    sum_ac, difference_ac = _radix_2(a, c)
    sum_bd, difference_bd = _radix_2(b, d)
    turned = difference_bd[1], -difference_bd[0]  # divided by i
    first, third = _radix_2(sum_ac, sum_bd)
    second, fourth = _radix_2(difference_ac, turned)
    return [first, second, third, fourth]


def _divide(values: Complex, divisor: int) -> Complex:
    factor = _FULL // divisor
    real, imaginary = (_round(part.astype(np.int32) * factor) for part in values)
    return real, imaginary


def _multiply(a: Complex, b: NDArray[np.int16]) -> Complex:
    real, imaginary = a[0].astype(np.int32), a[1].astype(np.int32)
    cosine, sine = b.astype(np.int32)
    return _round(real * cosine - imaginary * sine), _round(real * sine + imaginary * cosine)


def _round(product: NDArray[np.int32]) -> Shorts:
    return ((product + (1 << 14)) >> 15).astype(np.int16)


# After the filters.


def _rounded_root(values: NDArray[np.float64]) -> Integers:
    """Return square roots of whole numbers, rounded; 65535.5 to 65536 alone is rounded down."""
    root = np.floor(np.sqrt(values))
    up = (values - root * root > root) & ((root != 0xFFFF) | (values > _WORD))
    return np.asarray(root + up, np.int64)


def _subtract(
    definition: MicroDefinition, constants: Tables, signal: Integers, estimates: Integers
) -> Integers:
    bits = definition.noise_reduction.scaling_bits
    raised = (signal << bits) & _WORD
    floor = (signal * constants.remaining) >> SMOOTHING_BITS
    return np.asarray(np.maximum((raised - np.minimum(estimates, raised)) >> bits, floor))


def _interpolate(gains: Integers, estimates: Integers) -> NDArray[np.uint64]:
    """Return the gain at each noise estimate, from a parabola in each interval from one power of 2 on.

    A parabola may leave 16 bits where the gain is cut at their largest value. The original then has a
    negative gain, which it multiplies as an integer without a sign, of 32 bits.
    """
    bits = _bit_length(estimates)
    start, linear, quadratic = np.moveaxis(gains[bits], -1, 0)
    # 2 is the beginning of its interval, and so has the position 0.
    position = np.where(
        bits < 11, estimates << np.maximum(11 - bits, 0), estimates >> np.maximum(bits - 11, 0)
    )
    position = np.where(bits < 2, 0, position & 0x3FF)
    bend = ((quadratic * position) >> 5) + (linear << 5)
    gain = (start + ((bend * position + (1 << 14)) >> 15)).astype(np.int16)
    return np.asarray(gain.astype(np.int64) & _WORD, np.uint64)


def _compress(ratio: Integers) -> Integers:
    """Return the ratio of signal to noise, quadratic below 2 and linear above."""
    square = (ratio * ratio) >> (2 + 2 * SNR_BITS - SNR_OUTPUT_BITS)
    line = (ratio >> (SNR_BITS - SNR_OUTPUT_BITS)) - (1 << SNR_OUTPUT_BITS)
    return np.where(ratio < 2 << SNR_BITS, square, line)


def _logarithm(values: Integers, correction_bits: int, log_bits: int) -> Integers:
    """Return natural logarithms of `log_bits` fractional bits; 0 for values of at most 1."""
    values = values >> -correction_bits if correction_bits < 0 else (values << correction_bits) & _WORD
    known = np.maximum(values, 2)
    exponent = _bit_length(known) - 1
    rest = known - (1 << exponent)
    rest = np.where(
        exponent < LOG_BITS,
        rest << np.maximum(LOG_BITS - exponent, 0),
        rest >> np.maximum(exponent - LOG_BITS, 0),
    )
    segment = rest >> (LOG_BITS - LOG_SEGMENTS_BITS)
    table = logarithms()
    begin = segment << (LOG_BITS - LOG_SEGMENTS_BITS)
    slope = table[segment + 1] - table[segment]
    fraction = rest + table[segment] + ((slope * (rest - begin)) >> LOG_BITS)
    half = 1 << (LOG_BITS - 1)
    natural = (_LOG_OF_E * ((exponent << LOG_BITS) + fraction) + half) >> LOG_BITS
    return np.where(values > 1, ((natural << log_bits) + half) >> LOG_BITS, 0)
