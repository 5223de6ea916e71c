"""Classification metrics in NumPy.

Accuracy, balanced accuracy, precision, recall, F1 and average precision equal those of scikit-learn, which
is no dependency because it is large. It lacks the confidence intervals, balanced accuracy for several labels
a clip, and means over the labels that occur.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["ClassMetrics", "Metrics", "average_precision", "f1", "f1_recall_precision", "interval", "metrics"]

_QUANTILE = 1.959964
"""Quantile of the normal distribution for a 95 % interval."""
_SMALLEST = 1e-9
"""Smallest divisor, so that 0 correct ones among none have a share of 0."""


@dataclass(frozen=True)
class ClassMetrics:
    """Metrics of one label."""

    label: str
    """The label."""
    num_clips: int
    """Number of clips that have the label."""
    recall: float
    """Share of these clips that get the label."""
    recall_low: float
    """Lower end of the 95 % interval of the recall."""
    recall_high: float
    """Upper end of that interval."""
    precision: float
    """Share of the clips that get the label and have it; 0 if no clip gets it."""
    f1: float
    """Harmonic mean of recall and precision."""
    average_precision: float
    """Area under the precision-recall curve; NaN if no clip has the label."""


@dataclass(frozen=True)
class Metrics:
    """Metrics of a model on a set of clips."""

    accuracy: float
    """Share of the clips whose labels are all correct."""
    balanced_accuracy: float
    """Mean recall over the labels that occur; with several labels a clip, mean of recall and specificity."""
    macro_f1: float
    """Mean F1 over the labels that occur."""
    mean_average_precision: float
    """Mean average precision over the labels that occur."""
    num_clips: int
    """Number of clips."""
    labels: tuple[str, ...]
    """Labels in the order of the classes."""
    classes: tuple[ClassMetrics, ...]
    """Metrics of each label."""
    confusion: NDArray[np.int64]
    """Number of clips by true label (row) and predicted label (column), `(labels, labels)`."""
    num_training_clips: int = 0
    """Number of these clips that the model was trained on, if it has a record of them. With any, the metrics
    are better than on new recordings."""

    def to_dict(self) -> dict[str, Any]:
        """Return the metrics as plain data for JSON."""
        lists = {
            "labels": list(self.labels),
            "classes": [{name: _plain(value) for name, value in vars(each).items()} for each in self.classes],
            "confusion": self.confusion.tolist(),
        }
        return {name: _plain(value) for name, value in vars(self).items() if name not in lists} | lists


def metrics(
    scores: NDArray[np.float32],
    targets: NDArray[np.float32],
    labels: tuple[str, ...],
    multi_label: bool = False,
) -> Metrics:
    """Return the metrics of scores.

    Args:
        scores: Probabilities, `(clips, labels)`.
        targets: 1 where a clip has the label, `(clips, labels)`.
        labels: Label of each column.
        multi_label: Whether every label with a score above 0.5 is predicted, instead of the best one.

    Returns:
        The metrics of all clips and of each label.

    Example:
        >>> found = metrics(np.array([[0.9, 0.1], [0.6, 0.4]]), np.eye(2), ("cat", "dog"))
        >>> found.accuracy, found.classes[1].recall
        (0.5, 0.0)
    """
    true = targets > 0
    predicted = scores > 0.5 if multi_label else np.arange(len(labels)) == scores.argmax(axis=1)[:, None]
    classes = tuple(
        _class(label, predicted[:, index], true[:, index], scores[:, index])
        for index, label in enumerate(labels)
    )
    occurring = [each for each in classes if each.num_clips]
    recalls = [each.recall for each in occurring]
    if multi_label:
        recalls += [
            float((~predicted[:, index])[~true[:, index]].mean())
            for index in range(len(labels))
            if not true[:, index].all()
        ]
    return Metrics(
        accuracy=float((predicted == true).all(axis=1).mean()),
        balanced_accuracy=_mean(recalls),
        macro_f1=_mean([each.f1 for each in occurring]),
        mean_average_precision=_mean([each.average_precision for each in occurring]),
        num_clips=len(targets),
        labels=tuple(labels),
        classes=classes,
        confusion=true.T.astype(np.int64) @ predicted.astype(np.int64),
    )


def average_precision(scores: NDArray[np.float32], true: NDArray[np.bool_]) -> float:
    """Return the mean of the precision at each clip that has the label, in the order of falling scores.

    Equal scores form one step, as in scikit-learn's `average_precision_score`.

    Args:
        scores: Score of the label for each clip, `(clips,)`.
        true: Whether each clip has the label, `(clips,)`.

    Returns:
        A number in [0, 1]; NaN if no clip has the label.

    Example:
        >>> average_precision(np.array([0.9, 0.8, 0.7]), np.array([True, False, False]))
        1.0
    """
    total = int(true.sum())
    if not total:
        return math.nan
    order = np.argsort(-scores, kind="stable")
    found, ranked = np.cumsum(true[order]), scores[order]
    last = np.append(ranked[1:] != ranked[:-1], True)
    found, place = found[last], np.flatnonzero(last) + 1
    return float((np.diff(found, prepend=0) / total * (found / place)).sum())


def interval(right: int, total: int) -> tuple[float, float]:
    """Return the 95 % Wilson interval of a proportion, which holds for few clips and at 0 and 1 too.

    Args:
        right: Number of successes.
        total: Number of trials.

    Returns:
        Lower and upper end, in [0, 1]; (0, 1) without trials.

    Example:
        >>> [round(end, 3) for end in interval(10, 10)]
        [0.722, 1.0]

    Source:
        E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of
        the American Statistical Association 22 (1927).
    """
    if not total:
        return 0.0, 1.0
    share, z2 = right / total, _QUANTILE**2
    middle = (share + z2 / (2 * total)) / (1 + z2 / total)
    half = _QUANTILE * math.sqrt(share * (1 - share) / total + z2 / (4 * total**2)) / (1 + z2 / total)
    return max(0.0, middle - half), min(1.0, middle + half)


def f1(correct: Any, total: Any, found: Any) -> Any:
    """Return F1 from the numbers of correct, of true and of found ones, in any shape; 0 if there are none."""
    return 2 * correct / np.maximum(total + found, _SMALLEST)


def f1_recall_precision(correct: float, total: float, found: float) -> tuple[float, float, float]:
    """Return F1, recall and precision; 0 where there are none to count."""
    recall, precision = (float(correct / max(count, _SMALLEST)) for count in (total, found))
    return float(f1(correct, total, found)), recall, precision


def _class(
    label: str, predicted: NDArray[np.bool_], true: NDArray[np.bool_], scores: NDArray[np.float32]
) -> ClassMetrics:
    correct, total, found = int((predicted & true).sum()), int(true.sum()), int(predicted.sum())
    low, high = interval(correct, total)
    both, recall, precision = f1_recall_precision(correct, total, found)
    return ClassMetrics(
        label=label,
        num_clips=total,
        recall=recall,
        recall_low=low,
        recall_high=high,
        precision=precision,
        f1=both,
        average_precision=average_precision(scores, true),
    )


def _mean(values: list[float]) -> float:
    return float(np.mean(values)) if values else math.nan


def _plain(value: Any) -> Any:
    """Return the value, or None for NaN, which JSON lacks."""
    return None if isinstance(value, float) and math.isnan(value) else value
