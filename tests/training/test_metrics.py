"""The figures, against numbers that were counted by hand."""

import math
import warnings
from typing import Any

import numpy as np
import pytest
import sklearn.metrics

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


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("multi_label", [False, True])
def test_the_values_are_those_of_scikit_learn(seed: int, multi_label: bool) -> None:
    rng = np.random.default_rng(seed)
    num_clips, num_labels = int(rng.integers(2, 60)), int(rng.integers(2, 7))
    labels = tuple("abcdef"[:num_labels])
    # Rounded, so that scores of different clips are equal.
    scores = rng.dirichlet(np.ones(num_labels), num_clips).round(1).astype(np.float32)
    numbers = rng.integers(num_labels, size=num_clips)
    targets = np.eye(num_labels, dtype=np.float32)[numbers]
    if multi_label:
        scores = rng.random((num_clips, num_labels)).round(1).astype(np.float32)
        targets = (rng.random((num_clips, num_labels)) < 0.3).astype(np.float32)
    occurring = np.flatnonzero(targets.any(axis=0))
    if not len(occurring):
        pytest.skip("no clip has a label")
    predicted: Any = (scores > 0.5).astype(int) if multi_label else scores.argmax(axis=1)
    true: Any = targets.astype(int) if multi_label else numbers
    found = metrics(scores, targets, labels, multi_label)

    assert found.accuracy == pytest.approx(sklearn.metrics.accuracy_score(true, predicted))
    precision, recall, f1, counts = sklearn.metrics.precision_recall_fscore_support(
        true, predicted, labels=range(num_labels), zero_division=0.0
    )
    assert [each.num_clips for each in found.classes] == counts.tolist()
    assert [each.precision for each in found.classes] == pytest.approx(precision)
    assert [each.recall for each in found.classes] == pytest.approx(recall)
    assert [each.f1 for each in found.classes] == pytest.approx(f1)
    # scikit-learn takes the mean over the labels that are asked for, here those that occur.
    assert found.macro_f1 == pytest.approx(f1[occurring].mean())
    precisions = [
        sklearn.metrics.average_precision_score(targets[:, index], scores[:, index]) for index in occurring
    ]
    assert [found.classes[index].average_precision for index in occurring] == pytest.approx(precisions)
    assert found.mean_average_precision == pytest.approx(np.mean(precisions))
    if not multi_label:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about labels that are predicted and do not occur
            balanced = sklearn.metrics.balanced_accuracy_score(true, predicted)
        assert found.balanced_accuracy == pytest.approx(balanced)
        confusion = sklearn.metrics.confusion_matrix(true, predicted, labels=range(num_labels))
        assert found.confusion.tolist() == confusion.tolist()


def test_the_interval_is_that_of_the_paper() -> None:
    low, high = interval(8, 10)
    assert (low, high) == (pytest.approx(0.4902, abs=1e-4), pytest.approx(0.9433, abs=1e-4))
    assert interval(0, 0) == (0, 1)
    assert interval(0, 5)[0] == 0
    assert interval(5, 5)[1] == 1
