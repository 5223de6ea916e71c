"""Logistic regression on values of clips, and the choice of its strength by cross-validation over groups."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sonogram.dataset import Clips
from sonogram.dataset.splitting import fold_numbers
from sonogram.errors import SonogramError

__all__ = [
    "STRENGTHS",
    "Choice",
    "Regression",
    "RegressionProblem",
    "Setting",
    "choose_heads",
    "choose_share",
    "inner_folds",
    "nearest_mean",
    "to_probabilities",
]

STRENGTHS = (0.0, 1e-3, 1e-2, 1e-1, 1.0)
"""Values of C to choose from: the weight of the clips against that of small coefficients. 0 takes the nearest
class mean, which needs fewer clips."""
_DEFAULT_STRENGTH = 1e-2
"""Strength where there are too few clips to choose."""
_FOLDS = 5
_STEPS = 200
_TOLERANCE = 1e-3
"""Largest entry of the gradient at the end, relative to that of coefficients 0."""
_MEMORY = 10
"""Number of steps from which L-BFGS estimates the curvature."""
_TEMPERATURES = tuple(2.0 ** (step / 2) for step in range(-6, 7))
"""Temperatures to choose from, 1/8 to 8."""
_SHARPNESS = 10.0
"""Logit of a clip at the mean of a class."""
_SHARES = tuple(step / 10 for step in range(1, 10))
"""Weights of one of two models to choose from."""
_ROUNDING, _SMALLEST = 1e-6, 1e-9
_ARMIJO = 1e-4
_SMALLEST_STEP = 1e-8

Floats = NDArray[np.float64]
Objective = Callable[[Floats], tuple[float, Floats]]


class Regression(NamedTuple):
    """A linear classifier: logits are `values @ kernel + bias`."""

    kernel: Floats
    """Coefficients, `(values, labels)`."""
    bias: Floats
    """Logits of values 0, `(labels,)`."""

    def logits(self, values: Floats) -> Floats:
        """Return the logits of clips, `(clips, labels)`."""
        found: Floats = values @ self.kernel + self.bias
        return found


def nearest_mean(values: NDArray[np.floating], targets: NDArray[np.floating]) -> Regression:
    """Return the linear classifier by the largest cosine to the mean of a class, about the mean of all.

    Args:
        values: `(clips, values)`.
        targets: 1 where a clip has a label, `(clips, labels)`.

    Example:
        >>> values, targets = np.array([[0.0, 1.0], [2.0, 1.0]]), np.eye(2, dtype="float32")
        >>> nearest_mean(values, targets).logits(values).tolist()
        [[10.0, -10.0], [-10.0, 10.0]]
    """
    given = np.asarray(values, np.float64)
    mean = given.mean(axis=0)
    norms = np.maximum(np.linalg.norm(given - mean, axis=1, keepdims=True), _SMALLEST)
    means = np.asarray(targets, np.float64).T @ ((given - mean) / norms)
    means /= np.maximum(np.linalg.norm(means, axis=1, keepdims=True), _SMALLEST)
    kernel = _SHARPNESS / norms.mean() * means.T
    absent = targets.sum(axis=0) == 0  # as far as possible from every clip
    return Regression(kernel, -mean @ kernel - _SHARPNESS * absent)


class RegressionProblem:
    """Clips to fit logistic regressions of any strength to: values of standard deviation 1, and targets.

    Args:
        values: `(clips, values)`; they are standardized inside.
        targets: 1 where a clip has a label, `(clips, labels)`.
        multi_label: Whether each label is a decision of its own.

    Example:
        >>> values, targets = np.array([[0.0], [1.0]]), np.eye(2, dtype="float32")
        >>> found = RegressionProblem(values, targets).fit(strength=1.0)
        >>> found.logits(values).argmax(axis=1).tolist()
        [0, 1]

    Source:
        J. Nocedal and S. Wright, "Numerical optimization", 2006, algorithm 7.4 (L-BFGS).
    """

    def __init__(
        self, values: NDArray[np.floating], targets: NDArray[np.float32], multi_label: bool = False
    ) -> None:
        given = self._given = np.asarray(values, np.float64)
        self._mean, std = given.mean(axis=0), given.std(axis=0)
        self._std = np.where(std > _ROUNDING * np.abs(self._mean) + _SMALLEST, std, 1.0)
        # The solution is a combination of the clips. With fewer clips than values, the problem is smaller in
        # an orthonormal basis of the clips, which leaves the penalty as it is.
        left, sizes, self._basis = np.linalg.svd((given - self._mean) / self._std, full_matrices=False)
        self._values = left * sizes
        self._targets, self._multi_label = np.asarray(targets, np.float64), multi_label
        self._weights = np.ones(len(given))
        if not multi_label:
            counts = self._targets.sum(axis=0)
            self._weights = len(given) / ((counts > 0).sum() * (self._targets @ np.maximum(counts, 1)))

    def fit(self, strength: float) -> Regression:
        """Return the classifier of values as they were given.

        It minimizes `|kernel|^2 / 2 + strength * sum(weight * loss)`. With one label a clip, each label has
        the same total weight, whatever its number of clips. With several, each clip has the weight 1.

        Args:
            strength: Weight of the losses, the C of scikit-learn. 0 returns `nearest_mean` instead.
        """
        if strength == 0:
            return nearest_mean(self._given, self._targets)
        shape = self._values.shape[1] + 1, self._targets.shape[1]

        def objective(flat: Floats) -> tuple[float, Floats]:
            kernel, bias = flat.reshape(shape)[:-1], flat.reshape(shape)[-1]
            loss, slope = _loss(self._values @ kernel + bias, self._targets, self._multi_label)
            slope *= strength * self._weights[:, None]
            gradient = np.concatenate([self._values.T @ slope + kernel, slope.sum(axis=0)[None]])
            return 0.5 * float((kernel**2).sum()) + strength * float(self._weights @ loss), gradient.ravel()

        solution = _minimize(objective, np.zeros(shape).ravel()).reshape(shape)
        kernel = self._basis.T @ solution[:-1] / self._std[:, None]
        return Regression(kernel, solution[-1] - self._mean @ kernel)


def _loss(logits: Floats, targets: Floats, multi_label: bool) -> tuple[Floats, Floats]:
    """Return the cross-entropy of each clip, and its derivative by the logits."""
    if multi_label:
        loss = np.logaddexp(0, logits) - targets * logits
        return loss.sum(axis=1), 1 / (1 + np.exp(-np.clip(logits, -500, 500))) - targets
    top = logits - logits.max(axis=1, keepdims=True)
    logarithms = top - np.log(np.exp(top).sum(axis=1, keepdims=True))
    return -(targets * logarithms).sum(axis=1), np.exp(logarithms) - targets


def _minimize(objective: Objective, start: Floats) -> Floats:
    """Return the minimum of a convex function, by L-BFGS with a step that is halved until it descends."""
    point = start
    value, gradient = objective(point)
    limit = _TOLERANCE * float(np.abs(gradient).max(initial=0))
    pairs: deque[tuple[Floats, Floats]] = deque(maxlen=_MEMORY)
    for _ in range(_STEPS):
        if float(np.abs(gradient).max(initial=0)) <= limit:
            break
        direction = -_curved(gradient, pairs)
        descent, step = float(direction @ gradient), 1.0
        if not pairs:
            step = 1 / float(np.linalg.norm(gradient))
        while True:
            moved = point + step * direction
            found, slope = objective(moved)
            if found <= value + _ARMIJO * step * descent:
                break
            step /= 2
            if step < _SMALLEST_STEP:
                return point
        change, bend = moved - point, slope - gradient
        if float(change @ bend) > 0:
            pairs.append((change, bend))
        point, value, gradient = moved, found, slope
    return point


def _curved(gradient: Floats, pairs: Sequence[tuple[Floats, Floats]]) -> Floats:
    """Return the gradient times the inverse of the curvature, estimated from the last steps."""
    found = gradient.copy()
    factors = []
    for change, bend in reversed(pairs):
        factor = (change @ found) / (change @ bend)
        found -= factor * bend
        factors.append(factor)
    if pairs:
        change, bend = pairs[-1]
        found *= (change @ bend) / (bend @ bend)
    for (change, bend), factor in zip(pairs, reversed(factors), strict=True):
        found += (factor - (bend @ found) / (change @ bend)) * change
    return found


class Setting(NamedTuple):
    """Settings of the regression of one head."""

    strength: float
    """Weight of the losses."""
    temperature: float
    """Divisor of the logits. A regression is too sure of clips of other groups, or with a low strength too
    cautious; this makes its probabilities as high as its accuracy there."""


class Choice(NamedTuple):
    """The heads that were chosen, and how well they did in cross-validation."""

    settings: Mapping[str, Setting]
    """Settings of each chosen head."""
    accuracy: float | None
    """Share of the clips that the mean of their probabilities classified correctly, each by regressions on
    other groups. With several labels a clip, the share of correct decisions. None: no comparison is possible.
    """


def choose_heads(
    vectors: Mapping[str, NDArray[np.floating]],
    targets: NDArray[np.float32],
    fold_of: NDArray[np.int64],
    multi_label: bool = False,
) -> Choice:
    """Choose heads whose probabilities are averaged, and the settings of each, by cross-validation.

    The loss decides: in contrast to the accuracy, it still differs between settings on a few hundred clips.

    Args:
        vectors: Values of the clips for each head, `(clips, values)`.
        targets: 1 where a clip has a label, `(clips, labels)`.
        fold_of: Fold of each clip, see `inner_folds`.
        multi_label: Whether each label is a decision of its own.
    """
    judge = _Judge(targets, _in_other_folds(targets, fold_of), multi_label)
    if not judge.weights.any():  # no label has clips in two folds
        return Choice({next(iter(vectors)): Setting(_DEFAULT_STRENGTH, 1.0)}, None)
    settings, found = {}, {}
    for name, values in vectors.items():
        tried = {
            Setting(strength, temperature): to_probabilities(logits / temperature, multi_label)
            for strength, logits in _held_out_logits(values, targets, fold_of, multi_label)
            for temperature in _TEMPERATURES
        }
        settings[name] = min(tried, key=lambda setting: judge.loss(tried[setting]))
        found[name] = tried[settings[name]]
    subsets = [subset for size in range(len(found)) for subset in combinations(found, size + 1)]
    means = {subset: np.mean([found[name] for name in subset], axis=0) for subset in subsets}
    best = min(subsets, key=lambda subset: judge.loss(means[subset]))
    return Choice({name: settings[name] for name in best}, judge.accuracy(means[best]))


def _in_other_folds(targets: NDArray[np.float32], fold_of: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which clips have only labels that other folds have too.

    Another clip cannot be classified by a regression on the other folds, and its loss would hide all others.
    """
    others = np.stack([targets[fold_of != fold].sum(axis=0) for fold in fold_of])
    return np.asarray((targets * (others > 0)).sum(axis=1) == targets.sum(axis=1))


def _held_out_logits(
    values: NDArray[np.floating],
    targets: NDArray[np.float32],
    fold_of: NDArray[np.int64],
    multi_label: bool,
) -> Iterator[tuple[float, Floats]]:
    """Yield each strength, and the logits of each clip by a regression on the other folds."""
    # A mean of several labels is that of no sound.
    strengths = STRENGTHS[1:] if multi_label else STRENGTHS
    found = {strength: np.zeros(targets.shape) for strength in strengths}
    for fold in np.unique(fold_of):
        test = fold_of == fold
        problem = RegressionProblem(values[~test], targets[~test], multi_label)
        for strength, logits in found.items():
            logits[test] = problem.fit(strength).logits(np.asarray(values[test], np.float64))
    yield from found.items()


class _Judge:
    """Loss and accuracy of probabilities of clips that were not trained on.

    Args:
        targets: 1 where a clip has a label, `(clips, labels)`.
        known: Which clips count in the loss.
        multi_label: Whether each label is a decision of its own.
    """

    def __init__(self, targets: NDArray[np.float32], known: NDArray[np.bool_], multi_label: bool) -> None:
        self._targets, self._multi_label = targets, multi_label
        # Each clip has the same weight, and so has each label: the mean of both losses counts.
        each = 1 / len(targets) + targets @ (1 / np.maximum(targets.sum(axis=0), 1)) / targets.shape[1]
        self.weights = known * (np.ones(len(targets)) if multi_label else each)

    def loss(self, probabilities: Floats) -> float:
        """Return the mean cross-entropy."""
        limited = np.clip(probabilities, _SMALLEST, 1 - _SMALLEST)
        loss = -(self._targets * np.log(limited)).sum(axis=1)
        if self._multi_label:
            loss -= ((1 - self._targets) * np.log(1 - limited)).sum(axis=1)
        return float(self.weights @ loss / self.weights.sum())

    def accuracy(self, probabilities: Floats) -> float:
        """Return the share of correct clips, or of correct decisions for several labels."""
        if self._multi_label:
            return float(((probabilities > 0.5) == (self._targets > 0)).mean())
        return float((probabilities.argmax(axis=1) == self._targets.argmax(axis=1)).mean())


def to_probabilities(logits: Floats, multi_label: bool) -> Floats:
    """Return the probabilities of logits, `(clips, labels)`, which sum to 1 unless a clip has several labels.

    Example:
        >>> to_probabilities(np.zeros((1, 4)), multi_label=False).tolist()
        [[0.25, 0.25, 0.25, 0.25]]
    """
    if multi_label:
        return np.asarray(1 / (1 + np.exp(-np.clip(logits, -500, 500))))
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def choose_share(
    first: Floats, second: Floats, targets: NDArray[np.float32], multi_label: bool = False
) -> tuple[float, float]:
    """Return the weight of the first probabilities in the mean of two that fits clips best, and its accuracy.

    Args:
        first: Probabilities of clips that were not trained on, `(clips, labels)`.
        second: Others of the same clips.
        targets: 1 where a clip has a label, `(clips, labels)`.
        multi_label: Whether each label is a decision of its own.

    Example:
        >>> right, wrong = np.array([[0.9, 0.1]]), np.array([[0.2, 0.8]])
        >>> choose_share(right, wrong, np.array([[1.0, 0.0]], np.float32))
        (0.9, 1.0)
    """
    judge = _Judge(targets, np.ones(len(targets), bool), multi_label)

    def mixed(share: float) -> Floats:
        return share * first + (1 - share) * second

    # 0 and 1 would make one of the two useless by the chance of few clips.
    best = min(_SHARES, key=lambda share: judge.loss(mixed(share)))
    return best, judge.accuracy(mixed(best))


def inner_folds(clips: Clips, seed: int = 0) -> NDArray[np.int64]:
    """Return the fold of each clip for the choice of a head: no group is in two, unless there is one group.

    Args:
        clips: Clips to train on.
        seed: Seed of the division.

    Raises:
        SonogramError: There is one clip.
    """
    for each in (clips, [clip._replace(group=None) for clip in clips]):
        fold_of = fold_numbers(Clips(each), _FOLDS, seed)
        if fold_of is not None:
            return fold_of
    raise SonogramError("one clip cannot be divided into folds. Add clips")
