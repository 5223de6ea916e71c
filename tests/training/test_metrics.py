"""The figures, against numbers that were counted by hand."""

import math

import numpy as np
import pytest

from sonogram.training import metrics
from sonogram.training.metrics import average_precision, interval

pytestmark = pytest.mark.quick

TARGETS = np.eye(3, dtype=np.float32)[[0, 0, 0, 0, 1, 1, 2]]
SCORES = np.eye(3, dtype=np.float32)[[0, 0, 0, 1, 1, 0, 1]] * 0.8 + 0.1


def test_one_label_a_clip() -> None:
    found = metrics(SCORES, TARGETS, ("a", "b", "c"))
    assert found.accuracy == pytest.approx(4 / 7)
    assert found.balanced_accuracy == pytest.approx((3 / 4 + 1 / 2 + 0) / 3)
    assert found.macro_f1 == pytest.approx((3 / 4 + 2 / 5 + 0) / 3)
    assert found.confusion.tolist() == [[3, 1, 0], [1, 1, 0], [0, 1, 0]]
    assert [each.num_clips for each in found.classes] == [4, 2, 1]
    assert found.classes[1].precision == pytest.approx(1 / 3)


def test_a_label_that_does_not_occur_counts_for_nothing() -> None:
    found = metrics(SCORES[:4], TARGETS[:4], ("a", "b", "c"))
    assert found.balanced_accuracy == pytest.approx(3 / 4)
    assert found.macro_f1 == pytest.approx(6 / 7)
    assert math.isnan(found.classes[2].average_precision)
    assert found.to_dict()["classes"][2]["average_precision"] is None
    assert found.mean_average_precision == pytest.approx(1.0)


def test_several_labels_a_clip() -> None:
    targets = np.array([[1, 1], [1, 0], [0, 0]], np.float32)
    scores = np.array([[0.9, 0.2], [0.8, 0.1], [0.6, 0.3]], np.float32)
    found = metrics(scores, targets, ("a", "b"), multi_label=True)
    assert found.accuracy == pytest.approx(1 / 3)
    assert found.balanced_accuracy == pytest.approx((1 + 0 + 0 + 1) / 4)
    assert found.classes[0].recall == 1
    assert found.classes[0].precision == pytest.approx(2 / 3)


def test_average_precision_by_hand() -> None:
    true = np.array([True, False, True, False])
    assert average_precision(np.array([0.9, 0.8, 0.7, 0.1]), true) == pytest.approx((1 + 2 / 3) / 2)
    # All alike: no order, so the share of the label.
    assert average_precision(np.full(4, 0.5), true) == pytest.approx(0.5)


def test_the_interval_is_that_of_the_paper() -> None:
    low, high = interval(8, 10)
    assert (low, high) == (pytest.approx(0.4902, abs=1e-4), pytest.approx(0.9433, abs=1e-4))
    assert interval(0, 0) == (0, 1)
    assert interval(0, 5)[0] == 0
    assert interval(5, 5)[1] == 1
