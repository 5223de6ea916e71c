"""The Fourier transform as two products with small matrices, for engines that have no FFT.

A transform of N = A B samples splits into many short ones. With the sample n = B a + b and the bin
k = c + A d, the factor of each term is

    exp(-2 pi i n k / N) = exp(-2 pi i a c / A) exp(-2 pi i b c / N) exp(-2 pi i b d / B)

since what is missing, B a A d / N, is a whole number of turns. So the A samples of each b are transformed,
multiplied by the factors in the middle, the "twiddles", and then the B values of each c are transformed.
For 2048 samples these are matrices of 32 and 64 rows: a tenth of the products, less than a hundredth of the
constants, and sums so short that they round less.

Source: J. W. Cooley and J. W. Tukey, "An Algorithm for the Machine Calculation of Complex Fourier Series",
Mathematics of Computation 19, 1965.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonogram.engines.arrays.base import Arrays

__all__ = ["largest_matrix", "num_constants", "num_products", "rfft"]

Complexes = NDArray[np.complex128]


@dataclass(frozen=True, eq=False)
class _Factors:
    """The constants of one length. Complex rows are their real parts, then their imaginary parts."""

    first: NDArray[np.float64]
    """`(A, 2 A)`, from real samples."""
    twiddles: Complexes
    """`(B, A)`."""
    second: NDArray[np.float64]
    """`(2 B, 2 D)`, to the bins that are wanted."""


def rfft(xp: Arrays, frames: Any, num_bins: int) -> tuple[Any, Any]:
    """Return both parts of the first bins of real frames, `(count, fft_length)`."""
    factors = _factors(frames.shape[-1], num_bins)
    length, size = factors.twiddles.shape
    columns = xp.transpose(xp.reshape(frames, (-1, size, length)))
    parts = xp.matmul(columns, factors.first)
    real, imaginary = (xp.crop(parts, start, size, -1) for start in (0, size))
    cosines, sines = (xp.constant(part, real) for part in (factors.twiddles.real, factors.twiddles.imag))
    turned = xp.concatenate([real * cosines - imaginary * sines, real * sines + imaginary * cosines], -2)
    # Bin c + A d is at row d and column c.
    bins = xp.transpose(xp.matmul(xp.transpose(turned), factors.second))
    rows = factors.second.shape[1] // 2
    real, imaginary = (xp.reshape(xp.crop(bins, start, rows, -2), (-1, rows * size)) for start in (0, rows))
    return xp.crop(real, 0, num_bins, -1), xp.crop(imaginary, 0, num_bins, -1)


def num_products(fft_length: int, num_bins: int) -> int:
    """Return the number of real products of one frame."""
    factors = _factors(fft_length, num_bins)
    length, size = factors.twiddles.shape
    return int(length * factors.first.size + 4 * factors.twiddles.size + size * factors.second.size)


def num_constants(fft_length: int, num_bins: int) -> int:
    """Return the number of real constants."""
    factors = _factors(fft_length, num_bins)
    return factors.first.size + 2 * factors.twiddles.size + factors.second.size


def largest_matrix(fft_length: int, num_bins: int) -> int:
    """Return the number of values in the larger of both matrices."""
    factors = _factors(fft_length, num_bins)
    return max(factors.first.size, factors.second.size)


@lru_cache(maxsize=64)
def _factors(fft_length: int, num_bins: int) -> _Factors:
    size = _first_size(fft_length, num_bins)
    length = fft_length // size
    rows = -(-num_bins // size)
    first, second = _turns(size, size, size), _turns(length, rows, length)
    return _Factors(
        first=np.hstack([first.real, first.imag]),
        twiddles=_turns(length, size, fft_length),
        second=np.block([[second.real, second.imag], [-second.imag, second.real]]),
    )


def _first_size(fft_length: int, num_bins: int) -> int:
    """Return the divisor A of the length that takes the fewest products; of two, the larger one."""
    divisors = [size for size in range(1, fft_length + 1) if fft_length % size == 0]
    return min(reversed(divisors), key=lambda size: size + 2 * -(-num_bins // size))


def _turns(rows: int, columns: int, length: int) -> Complexes:
    """Return `exp(-2 pi i row column / length)`, `(rows, columns)`.

    The product is reduced to one turn as a whole number: in floating point a large angle loses digits.
    """
    turns = np.outer(np.arange(rows), np.arange(columns)) % length
    factors: Complexes = np.exp(-2j * np.pi / length * turns)
    return factors
