"""The confusion matrix: rows are true labels, columns those given, colors the shares of a row."""

import numpy as np
import pytest
from matplotlib import colormaps
from matplotlib.backends.backend_agg import FigureCanvasAgg

from sonogram.errors import SonogramError
from sonogram.picture import confusion, save_confusion

LABELS = ["cat", "dog", "owl"]
COUNTS = [[3, 1, 0], [0, 0, 20], [0, 0, 0]]  # no symmetry, a common label, and one without clips
SHARES = [[0.75, 0.25, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]]


@pytest.fixture
def drawn(monkeypatch, tmp_path):
    """The axes of the picture of `COUNTS`, as they are written."""
    figures = []
    write = confusion.write
    monkeypatch.setattr(
        confusion, "write", lambda figure, path: figures.append(figure) or write(figure, path)
    )
    save_confusion(COUNTS, LABELS, tmp_path / "confusion.png")
    [figure] = figures
    FigureCanvasAgg(figure).draw()
    [axes] = figure.axes
    return axes


def test_rows_are_true_labels_and_columns_those_given(drawn):
    assert (drawn.get_xlabel(), drawn.get_ylabel()) == ("predicted label", "true label")
    assert [text.get_text() for text in drawn.get_xticklabels()] == LABELS
    assert [text.get_text() for text in drawn.get_yticklabels()] == LABELS
    assert list(drawn.get_xticks()) == list(drawn.get_yticks()) == [0, 1, 2]
    # The first label stands at the left and at the top.
    corner, *_ = drawn.transData.transform([(0, 0), (2, 2)])
    opposite = drawn.transData.transform((2, 2))
    assert corner[0] < opposite[0]
    assert corner[1] > opposite[1]


def test_the_color_of_a_cell_is_its_share_of_the_row(drawn):
    figure = drawn.figure
    pixels = np.asarray(figure.canvas.buffer_rgba())
    for row, column in np.ndindex(3, 3):
        # Away from the middle of the cell, where the number stands.
        x, y = drawn.transData.transform((column - 0.35, row - 0.35))
        want = colormaps["magma_r"](SHARES[row][column], bytes=True)
        np.testing.assert_array_equal(pixels[len(pixels) - 1 - int(y), int(x)], want)


def test_the_number_in_a_cell_is_its_count(drawn):
    found = {text.get_position(): text.get_text() for text in drawn.texts}
    assert found == {(0, 0): "3", (1, 0): "1", (2, 1): "20"}  # column, row
    ink = {text.get_text(): text.get_color() for text in drawn.texts}
    assert ink["1"] != ink["20"]  # dark on light, light on dark


def test_many_labels_have_colors_alone(monkeypatch, tmp_path):
    figures = []
    monkeypatch.setattr(confusion, "write", lambda figure, _: figures.append(figure))
    labels = [f"{index}" for index in range(61)]
    save_confusion(np.eye(61, dtype=int), labels, tmp_path / "confusion.png")
    [axes] = figures[0].axes
    assert not axes.texts
    assert len(axes.get_xticklabels()) == 61


def test_counts_are_those_of_the_labels(tmp_path):
    with pytest.raises(SonogramError, match=r"counts must be of shape \(2, 2\), .* got \(3, 3\)"):
        save_confusion(COUNTS, LABELS[:2], tmp_path / "confusion.png")
    with pytest.raises(SonogramError, match="written as PNG"):
        save_confusion(COUNTS, LABELS, tmp_path / "confusion.jpg")
