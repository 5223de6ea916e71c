"""Peak-preserving reduction: many frames become few columns, and the loudest moment remains.

A maximum commutes with every increasing function, so it may be taken before or after a logarithm.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["EXTREMES", "Envelope", "Peaks", "Reduction", "pool"]

Floats = NDArray[np.float32]

MAX_COLUMNS = 4096
"""Columns stored for one recording: twice as many as a picture has pixels."""


class Reduction(Protocol):
    """What combines values: a function of two arrays, as `numpy.maximum`."""

    def __call__(self, a: Any, b: Any, /) -> Any:
        """Return the elementwise combination of two arrays."""

    def reduce(self, array: Any, /, axis: int) -> Any:
        """Return the combination along an axis."""

    def reduceat(self, array: Any, indices: Any, /, axis: int) -> Any:
        """Return the combination of each group of rows that begins at an index."""


class _Extremes:
    """The value of the largest magnitude: of signed features a maximum would show the positive ones only."""

    def __call__(self, a: Any, b: Any, /) -> Any:
        return np.where(np.abs(a) >= np.abs(b), a, b)

    def reduce(self, array: Any, /, axis: int) -> Any:
        return self(np.max(array, axis=axis), np.min(array, axis=axis))

    def reduceat(self, array: Any, indices: Any, /, axis: int) -> Any:
        return self(np.maximum.reduceat(array, indices, axis), np.minimum.reduceat(array, indices, axis))


EXTREMES = _Extremes()


class _Reduction:
    """Columns that are reduced in pairs each time they become too many.

    Every column is the reduction of `factor` steps; the last one may still be incomplete.
    """

    def __init__(self, reduction: Reduction, max_columns: int) -> None:
        if max_columns < 2 or max_columns % 2:
            raise ValueError(f"max_columns must be even and at least 2; got {max_columns}")
        self._reduction = reduction
        self._max_columns = max_columns
        self._columns: Floats | None = None
        self.factor = 1
        self.length = 0

    @property
    def columns(self) -> Floats | None:
        """The columns so far, `(columns, ...)`; None before the first step."""
        return None if self._columns is None else self._columns[: -(-self.length // self.factor)]

    def push(self, steps: Floats) -> None:
        """Add the next steps, `(steps, ...)`."""
        if self._columns is None:
            self._columns = np.empty((self._max_columns, *steps.shape[1:]), np.float32)
        while len(steps):
            free = self._max_columns * self.factor - self.length
            if not free:
                self._halve()
                continue
            self._fill(steps[:free])
            steps = steps[free:]

    def _halve(self) -> None:
        assert self._columns is not None
        half = self._max_columns // 2
        self._columns[:half] = self._reduction(self._columns[::2], self._columns[1::2])
        self.factor *= 2

    def _fill(self, steps: Floats) -> None:
        assert self._columns is not None
        column, incomplete = divmod(self.length, self.factor)
        self.length += len(steps)
        if incomplete:
            head, steps = np.split(steps, [self.factor - incomplete])
            added = self._reduction.reduce(head, axis=0)
            self._columns[column] = self._reduction(added, self._columns[column])
            column += 1
        # Whole columns as an axis of their own: reduceat would take ten times as long.
        whole = len(steps) // self.factor
        groups = steps[: whole * self.factor].reshape(whole, self.factor, *steps.shape[1:])
        self._columns[column : column + whole] = self._reduction.reduce(groups, axis=1)
        rest = steps[whole * self.factor :]
        if len(rest):
            self._columns[column + whole] = self._reduction.reduce(rest, axis=0)


class Peaks:
    """The loudest value of each band in each column, from features that arrive in blocks.

    Memory is constant: whenever `max_columns` are full, pairs of columns become one.

    Args:
        max_columns: Largest number of columns, even.
        reduction: How frames are combined: their maximum, or `EXTREMES` for signed features.
    """

    def __init__(self, max_columns: int = MAX_COLUMNS, reduction: Reduction = np.maximum) -> None:
        self.reduction = reduction
        self._reduced = _Reduction(reduction, max_columns)

    def push(self, features: Any) -> None:
        """Add the next features.

        Args:
            features: `(frames, bands)` or `(channels, frames, bands)`.
        """
        self._reduced.push(np.moveaxis(np.asarray(features, np.float32), -2, 0))

    @property
    def frames_per_column(self) -> int:
        """Number of frames in one column."""
        return self._reduced.factor

    @property
    def num_frames(self) -> int:
        """Number of frames so far."""
        return self._reduced.length

    @property
    def features(self) -> Floats | None:
        """Columns, `(columns, bands)` or `(channels, columns, bands)`; None before the first block."""
        columns = self._reduced.columns
        return None if columns is None else np.moveaxis(columns, 0, -2)


class Envelope:
    """The minimum and the maximum of the samples of each column, from samples that arrive in blocks.

    Args:
        max_columns: Largest number of columns, even.
    """

    def __init__(self, max_columns: int = MAX_COLUMNS) -> None:
        self._lowest = _Reduction(np.minimum, max_columns)
        self._highest = _Reduction(np.maximum, max_columns)

    def push(self, samples: Any) -> None:
        """Add the next samples.

        Args:
            samples: `(samples,)` or `(channels, samples)`.
        """
        steps = np.moveaxis(np.asarray(samples, np.float32), -1, 0)
        self._lowest.push(steps)
        self._highest.push(steps)

    @property
    def samples_per_column(self) -> int:
        """Number of samples in one column."""
        return self._lowest.factor

    @property
    def num_samples(self) -> int:
        """Number of samples so far."""
        return self._lowest.length

    @property
    def lowest(self) -> Floats | None:
        """`(columns,)` or `(channels, columns)`; None before the first block."""
        columns = self._lowest.columns
        return None if columns is None else np.moveaxis(columns, 0, -1)

    @property
    def highest(self) -> Floats | None:
        """`(columns,)` or `(channels, columns)`; None before the first block."""
        columns = self._highest.columns
        return None if columns is None else np.moveaxis(columns, 0, -1)


def pool(values: Floats, edges: NDArray[np.float64], reduction: Reduction = np.maximum) -> Floats:
    """Reduce the rows of `values` to pixels.

    Where there are fewer pixels than rows no row is lost; where there are more, none is blurred.

    Args:
        values: `(rows, ...)`; row i extends from i to i + 1.
        edges: The edges of the pixels on the axis of the rows, ascending, `(pixels + 1,)`.
        reduction: How rows whose centers are in one pixel are combined.

    Returns:
        `(pixels, ...)`; NaN at pixels whose center is outside the rows.
    """
    pixels = np.full((len(edges) - 1, *values.shape[1:]), np.nan, np.float32)
    centers = (edges[:-1] + edges[1:]) / 2
    inside = (centers >= 0) & (centers < len(values))
    pixels[inside] = values[centers[inside].astype(np.int64)]
    starts = np.ceil(edges - 0.5)
    # A row at an end of the axis, partly outside, belongs to the outermost pixel: it is not lost either.
    starts[0], starts[-1] = np.floor(edges[0]), np.ceil(edges[-1])
    starts = np.clip(starts, 0, len(values)).astype(np.int64)
    # A pixel that contains centers of rows combines them all; one without shows the row around it.
    filled = np.flatnonzero(starts[:-1] < starts[1:])
    if len(filled):
        end = starts[filled[-1] + 1]
        pixels[filled] = reduction.reduceat(values[:end], starts[filled], axis=0)
    return pixels
