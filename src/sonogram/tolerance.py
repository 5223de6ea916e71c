"""Tolerance: the difference of two values that the rounding of float32 alone can cause."""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = ["LOGARITHM", "Tolerance", "linear"]


class Tolerance(NamedTuple):
    """Largest difference of two values that count as equal.

    Equal frames can give different features: TensorFlow on a CPU computes the last `count % 8` logarithms
    of a tensor with another function than the rest, and a matrix product may add the last rows in another
    order. A comparison with `==` would call such a clip constant in one engine and not in the other.
    """

    absolute: float
    """In the unit of the values."""
    relative: float
    """Part of the largest absolute value."""

    def is_constant(self, xp: Any, lowest: Any, highest: Any) -> Any:
        """Return whether values from `lowest` to `highest` are equal; false for NaN and infinity."""
        size = xp.maximum(xp.maximum(highest, -highest), xp.maximum(lowest, -lowest))
        # Subtracted on the left side: infinity minus infinity is NaN, and NaN is in no order.
        return (highest - lowest) - self.relative * size <= self.absolute

    def scale(self, factor: float) -> Tolerance:
        """Return the tolerance of values that were multiplied by `factor`."""
        return Tolerance(self.absolute * abs(factor), self.relative)


LOGARITHM = Tolerance(1e-4, 1e-6)
"""Natural logarithms: as in `linear`, since `d ln x = dx / x`. After the subtraction of a reference values
are near 0, so this part is absolute. The relative part is the rounding of the logarithm itself, of the factor
and of the reference: four steps of at most 2^-23.

A variation of a hundredth of a decibel, 0.0012 for magnitudes and 0.0023 for power, is far above it."""


def linear(db_factor: float) -> Tolerance:
    """Return the tolerance of magnitude (`db_factor` 20) or power (10).

    The relative part: the longest sums are those of constant-Q kernels, of 2048 products. In another order
    they differ by up to 1e-5 of the largest magnitude, 2e-5 of power. The rest is reserve, for processors
    that were not measured.

    The absolute part is -300 dB. A magnitude is computed from its square, and float32 has no square below
    1e-38, which is -380 dB; four digits above it all engines still have the same value.
    """
    return Tolerance(10 ** (-300 / db_factor), 1e-4)
