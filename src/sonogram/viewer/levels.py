"""`Levels`: maxima of 1, 2, 4, 8, ... columns, from columns that arrive in blocks."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from sonogram.viewer.spool import Spool

__all__ = ["Levels", "num_levels", "reduce"]


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


def num_levels(columns: int, most: int) -> int:
    """Return the number of levels of so many columns, if the highest one has at most `most`."""
    levels = 1
    while columns > most:
        columns, levels = -(-columns // 2), levels + 1
    return levels


class Levels:
    """Columns and their maxima over 2, 4, 8, ... of them, each level in a `Spool`.

    Args:
        width: Values in one column.
        dtype: Type of the values.
        most: Columns of the highest level: there is no level above one that has at most so many.
        expected: Columns to come, as far as known. So many levels are there from the beginning: the highest
            one, which shows all of a recording, is that which is looked at first.
    """

    def __init__(self, width: int, dtype: DTypeLike, most: int, expected: int = 0) -> None:
        self._width, self._dtype, self._most = width, dtype, most
        self._spools: list[Spool] = []
        self._waiting: list[NDArray[Any]] = []  # by level: the column below that has no pair yet
        for _ in range(num_levels(expected, most)):
            self._add_level()

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
                self._add_level()
                # The columns so far that no higher level has seen yet.
                columns = self._spools[level].read(0, len(self._spools[level]))
            level += 1
            columns = np.concatenate([self._waiting[level], columns])
            odd = 0 if last else len(columns) % 2
            self._waiting[level] = columns[len(columns) - odd :]
            columns = reduce(columns[: len(columns) - odd], 2)

    def _add_level(self) -> None:
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
