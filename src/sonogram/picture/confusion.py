"""Which labels a model takes for which, as a picture."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from sonogram.errors import SonogramError
from sonogram.picture.text import printable
from sonogram.picture.write import checked, write

__all__ = ["save_confusion"]

_CELL = 0.22
"""Inches of a cell's side."""
_LEAST, _MOST = 3.0, 24.0
"""Inches of the square."""
_NUMBERS = 60
"""Labels up to which the counts are written into the cells."""
_INK, _PAPER = "#1c1c24", "#ffffff"


def save_confusion(counts: Any, labels: Sequence[str], path: str | os.PathLike[str]) -> None:
    """Draw a confusion matrix into a PNG file: a row for each true label, a column for each one given.

    The color of a cell is its share of the row, so that rare labels are seen as well as common ones; the
    number in it is the count.

    Args:
        counts: Clips by true label and label given, `(labels, labels)`.
        labels: What rows and columns mean.
        path: Where to, ending in `.png`; an existing file is replaced.

    Raises:
        SonogramError: The shapes do not fit, or the file cannot be written.

    Example:
        >>> import tempfile, pathlib
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "confusion.png"
        >>> save_confusion([[3, 1], [0, 4]], ["cat", "dog"], path)
        >>> path.exists()
        True
    """
    target = checked(path)
    matrix = np.asarray(counts)
    if matrix.shape != (len(labels), len(labels)):
        raise SonogramError(f"counts must be ({len(labels)}, {len(labels)}), as labels; got {matrix.shape}")
    from matplotlib.figure import Figure

    side = min(max(_CELL * len(labels), _LEAST), _MOST)
    figure = Figure((side + 2.5, side + 2.0), dpi=100, layout="constrained")
    axes = figure.add_subplot()
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="magma_r", vmin=0, vmax=1, interpolation="nearest")
    names = [printable(label) for label in labels]
    axes.set_xticks(range(len(names)), names, rotation=90, fontsize=7)
    axes.set_yticks(range(len(names)), names, fontsize=7)
    axes.set_xlabel("label given")
    axes.set_ylabel("true label")
    if len(labels) <= _NUMBERS:
        for row, column in zip(*np.nonzero(matrix), strict=True):
            color = _PAPER if shares[row, column] > 0.5 else _INK
            text = str(matrix[row, column])
            axes.text(column, row, text, ha="center", va="center", fontsize=6, color=color)
    write(figure, target)
