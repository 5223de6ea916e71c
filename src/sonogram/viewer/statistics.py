"""Statistics of a whole recording, for definitions whose features depend on all of it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonogram.definition import Definition
from sonogram.engines.arrays.numpy import NumPy
from sonogram.engines.plan import plan

__all__ = ["Moments", "Statistics"]


class Moments:
    """Number, mean, variance and extremes of the rows of arrays that arrive in blocks, per column.

    The variance is that of Chan, Golub and LeVeque ("Updating formulae and a pairwise algorithm for computing
    sample variances", 1979): sums of squares would lose all digits where the mean is far from 0.
    """

    def __init__(self) -> None:
        self.count = 0
        self.mean: Any = 0.0
        self._squares: Any = 0.0
        self.lowest: Any = np.inf
        self.highest: Any = -np.inf

    def push(self, rows: NDArray[Any]) -> None:
        """Add rows, `(rows, columns)`."""
        if not len(rows):
            return
        values = rows.astype(np.float64)
        count, mean = self.count + len(values), values.mean(axis=0)
        squares = ((values - mean) ** 2).sum(axis=0)
        shift = mean - self.mean
        self._squares = self._squares + squares + shift**2 * (self.count * len(values) / count)
        self.mean = self.mean + shift * (len(values) / count)
        self.count = count
        self.lowest = np.minimum(self.lowest, values.min(axis=0))
        self.highest = np.maximum(self.highest, values.max(axis=0))

    def pooled(self) -> Moments:
        """Return the moments over all columns together."""
        whole = Moments()
        columns = np.atleast_1d(self.mean)
        whole.count, whole.mean = self.count * len(columns), columns.mean()
        whole._squares = np.sum(self._squares) + self.count * ((columns - whole.mean) ** 2).sum()
        whole.lowest, whole.highest = np.min(self.lowest), np.max(self.highest)
        return whole

    def variance(self, ddof: int) -> Any:
        """Return the variance, with `ddof` subtracted from the number of values."""
        return self._squares / max(self.count - ddof, 1)


class Statistics:
    """What a definition needs to know of the whole recording: its mean, its peak, its moments.

    Args:
        definition: The definition.
    """

    def __init__(self, definition: Definition) -> None:
        self._scaling, self._rule = definition.scaling, definition.normalize
        self._tolerance = plan(definition).tolerance
        self.needs_mean = definition.conditioning.remove_mean == "clip"
        """Whether the mean of the samples is removed."""
        self.needs_peak = bool(self._scaling and self._scaling.peak_dependent)
        """Whether values depend on the largest one."""
        self.needs_moments = bool(self._rule and self._rule.clip_dependent)
        """Whether the features are normalized by their own statistics."""
        self.mean: float | None = None
        """Mean of the samples, where it is removed."""
        self.peak: float | None = None
        """Largest compressed band, where it is needed."""
        self.moments: Moments | None = None
        """Moments of the values before the normalization, where they are needed."""

    def apply_peak(self, xp: Any, values: Any) -> Any:
        """Return values with reference and dynamic range applied."""
        if not self.needs_peak:
            return values
        scaling: Any = self._scaling
        return scaling.apply_floor(xp, values, np.float32(0 if self.peak is None else self.peak))

    def normalize(self, values: Any) -> Any:
        """Return normalized values."""
        assert self._rule is not None
        if not self.needs_moments:
            return self._rule.apply(NumPy(), values, None, self._tolerance)
        assert self.moments is not None
        return self._rule.apply(_Recording(self.moments), values, None, self._tolerance)


class _Recording(NumPy):
    """The array namespace of NumPy, whose reductions over a clip are those of the whole recording.

    A normalization computes the mean of the values before that of their squared deviations.

    Args:
        moments: Moments of the values of the recording.
    """

    def __init__(self, moments: Moments) -> None:
        self._moments, self._knows_mean = moments, False

    def _over(self, axes: tuple[int, ...]) -> Moments:
        return self._moments if axes == (-2,) else self._moments.pooled()

    def masked_max(self, x: Any, mask: Any, axes: tuple[int, ...]) -> Any:
        return np.asarray(self._over(axes).highest)

    def masked_min(self, x: Any, mask: Any, axes: tuple[int, ...]) -> Any:
        return np.asarray(self._over(axes).lowest)

    def masked_mean(self, x: Any, mask: Any, axes: tuple[int, ...], ddof: int) -> Any:
        known, self._knows_mean = self._knows_mean, True
        return np.asarray(self._over(axes).variance(ddof) if known else self._over(axes).mean)
