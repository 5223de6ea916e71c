"""`Levels`: maxima of 1, 2, 4, 8, ... columns, from columns that arrive in blocks."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from sonogram.viewer.spool import Spool

__all__ = ["Levels", "reduce"]


def reduce(columns: NDArray[Any], factor: int, extreme: np.ufunc = np.maximum) -> NDArray[Any]:
    """Return the maxima of `factor` neighboring columns, `(columns, width)`; the last may be of fewer.

    A maximum keeps the loudest moment, so a click in two hours is seen when all of them are on the screen.
    """
    whole = len(columns) // factor * factor
    # Over a short middle axis NumPy works on whole rows: 4 times as fast as `maximum.reduceat`.
    reduced = extreme.reduce(columns[:whole].reshape(whole // factor, factor, columns.shape[1]), axis=1)
    if whole == len(columns):
        return np.asarray(reduced)
    return np.concatenate([reduced, extreme.reduce(columns[whole:], axis=0, keepdims=True)])


class Levels:
    """Columns and their maxima over 2, 4, 8, ... of them, each level in a `Spool`.

    Args:
        width: Values in one column.
        dtype: Type of the values.
        most: Columns of the highest level: there is no level above one that has at most so many.
    """

    def __init__(self, width: int, dtype: DTypeLike, most: int) -> None:
        self._width, self._dtype, self._most = width, dtype, most
        self._spools: list[Spool] = [Spool(width, dtype)]
        self._waiting: list[NDArray[Any]] = [np.empty((0, width), dtype)]  # a column without its pair
        self._closed = False

    def __len__(self) -> int:
        return len(self._spools)

    def push(self, columns: NDArray[Any], last: bool = False) -> None:
        """Add columns, `(columns, width)`; after the `last` ones, columns without a pair stand alone.

        Raises:
            OSError: The disk is full.
        """
        level = 0
        while True:
            self._spools[level].append(columns)
            if level + 1 == len(self._spools):
                if len(self._spools[level]) <= self._most:
                    return
                self._add_level(level)
                # The columns so far that no higher level has seen yet.
                columns = self._spools[level].read(0, len(self._spools[level]))
            level += 1
            columns = np.concatenate([self._waiting[level], columns])
            odd = 0 if last else len(columns) % 2
            self._waiting[level] = columns[len(columns) - odd :]
            columns = reduce(columns[: len(columns) - odd], 2)

    def _add_level(self, level: int) -> None:
        self._waiting.append(np.empty((0, self._width), self._dtype))
        self._spools.append(Spool(self._width, self._dtype))

    def count(self, level: int) -> int:
        """Return the number of complete columns at a level."""
        return len(self._spools[level]) if level < len(self._spools) else 0

    def read(self, level: int, first: int, stop: int) -> NDArray[Any]:
        """Return columns of a level, `(columns, width)`, or as many as there are."""
        if level >= len(self._spools):
            return np.empty((0, self._width), self._dtype)
        return self._spools[level].read(first, stop)

    def close(self) -> None:
        """Release memory and files."""
        for spool in self._spools:
            spool.close()
