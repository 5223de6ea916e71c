"""Division of a matrix of narrow bands into blocks, so that a product skips most of its zeros."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Block", "blocks", "limits_of_rows"]

_COST_OF_ROW = 20
"""Cost of copying one value of the left factor, in multiplications; measured with TensorFlow on a CPU."""
_COST_OF_BLOCK = 4000
"""Cost of the operations of a block, in multiplications for each frame, at clips of one second."""


class Block(NamedTuple):
    """Columns of a matrix, and the rows in which they are not all 0."""

    row: int
    num_rows: int
    column: int
    num_columns: int


def blocks(limits: Any) -> tuple[Block, ...]:
    """Return the blocks of neighboring columns that together cost least; a single one is the whole matrix.

    Args:
        limits: First row and one past the last row that is not 0 of each column, `(columns, 2)`.
    """
    return _blocks(tuple(map(tuple, np.asarray(limits).tolist())))


def limits_of_rows(matrix: NDArray[Any]) -> NDArray[np.int64]:
    """Return the first column and one past the last column that is not 0 of each row, `(rows, 2)`."""
    used = matrix != 0
    last = matrix.shape[1] - used[:, ::-1].argmax(axis=1)
    return np.stack([used.argmax(axis=1), np.where(used.any(axis=1), last, 0)], axis=1)


@lru_cache(maxsize=256)
def _blocks(limits: tuple[tuple[int, int], ...]) -> tuple[Block, ...]:
    low, high = np.array(limits).T
    # A column of zeros needs no row, but a product needs one.
    low = np.where(high > low, low, high.max(initial=0))
    # The least cost of the first columns is that of fewer columns, and of one block of the rest.
    least, chosen = np.zeros(len(limits) + 1), [Block(0, 0, 0, 0)]
    for stop in range(1, len(limits) + 1):
        first = np.minimum.accumulate(low[:stop][::-1])[::-1]
        rows = np.maximum(np.maximum.accumulate(high[:stop][::-1])[::-1] - first, 1)
        costs = least[:stop] + rows * (np.arange(stop, 0, -1) + _COST_OF_ROW) + _COST_OF_BLOCK
        start = int(costs.argmin())
        least[stop] = costs[start]
        row = min(int(first[start]), max(int(high.max()) - 1, 0))
        chosen.append(Block(row, int(rows[start]), start, stop - start))
    found = []
    stop = len(limits)
    while stop:
        found.append(chosen[stop])
        stop = chosen[stop].column
    return tuple(reversed(found))
