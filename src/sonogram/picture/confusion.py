"""Confusion matrices as pictures."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from sonogram.errors import SonogramError
from sonogram.picture.style import FAINT, INK
from sonogram.picture.text import families, printable
from sonogram.picture.write import check_path, write

__all__ = ["save_confusion"]

_COLORS = "magma_r"
_CELL = 0.22
"""Side of a cell, inches."""
_MIN_SIDE, _MAX_SIDE = 3.0, 24.0
"""Smallest and largest side of the matrix, inches."""
_MAX_LABELS_WITH_COUNTS = 60
"""Largest number of labels for which the counts are written into the cells."""


def save_confusion(counts: Any, labels: Sequence[str], path: str | os.PathLike[str]) -> None:
    """Draw a confusion matrix into a file: a row for each true label, a column for each predicted one.

    The color of a cell is its share of the row, so rare labels are as visible as common ones. The number in
    it is the count.

    Args:
        counts: Number of clips by true and predicted label, `(labels, labels)`.
        labels: Names of rows and columns.
        path: Name of the file, ending in `.png`, `.svg` or `.pdf`; an existing file is replaced.

    Raises:
        SonogramError: The shapes do not fit, or the file cannot be written.

    Example:
        >>> import tempfile, pathlib
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "confusion.png"
        >>> save_confusion([[3, 1], [0, 4]], ["cat", "dog"], path)
        >>> path.exists()
        True

    See Also:
        `sonogram.evaluate`, which counts.
    """
    target = check_path(path)
    matrix = np.asarray(counts)
    if matrix.shape != (len(labels), len(labels)):
        raise SonogramError(
            f"counts must be of shape ({len(labels)}, {len(labels)}), one row and column for each label; "
            f"got {matrix.shape}"
        )
    from matplotlib.figure import Figure

    side = min(max(_CELL * len(labels), _MIN_SIDE), _MAX_SIDE)
    figure = Figure((side + 2.5, side + 2.0), dpi=150, layout="constrained", facecolor="white")
    axes = figure.add_subplot()
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap=_COLORS, vmin=0, vmax=1, interpolation="nearest")
    names = [printable(label) for label in labels]
    family = families("".join(names))
    axes.set_xticks(range(len(names)), names, rotation=90, fontsize=7, family=family)
    axes.set_yticks(range(len(names)), names, fontsize=7, family=family)
    axes.tick_params(length=0, labelcolor=INK)
    for text in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        text.set_parse_math(False)
    axes.spines[:].set_visible(False)
    edges = np.arange(len(names) + 1) - 0.5
    axes.hlines(edges, -0.5, len(names) - 0.5, color=FAINT, linewidth=0.3)
    axes.vlines(edges, -0.5, len(names) - 0.5, color=FAINT, linewidth=0.3)
    axes.set_xlabel("predicted label", fontsize=8, color=FAINT, family=families(""))
    axes.set_ylabel("true label", fontsize=8, color=FAINT, family=families(""))
    if len(labels) <= _MAX_LABELS_WITH_COUNTS:
        for row, column in zip(*np.nonzero(matrix), strict=True):
            color = "white" if shares[row, column] > 0.5 else INK
            count = str(matrix[row, column])
            axes.text(
                column, row, count, ha="center", va="center", fontsize=6, color=color, family=families("")
            )
    write(figure, target)
