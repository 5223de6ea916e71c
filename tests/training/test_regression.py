"""Logistic regression, held to scikit-learn, and the choice of heads by groups."""

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from sonogram.dataset import Clip, Clips
from sonogram.training.regression import (
    RegressionProblem,
    choose_heads,
    choose_share,
    inner_folds,
    nearest_mean,
)

Floats = NDArray[np.float64]


def blobs(count: int, size: int, labels: int, seed: int = 0) -> tuple[Floats, NDArray[np.int64]]:
    """Return clips around one point for each label, the first label twice as often as the others."""
    rng = np.random.default_rng(seed)
    numbers = np.maximum(np.arange(count) % (labels + 1) - 1, 0)
    return rng.normal(0, 1, (labels, size))[numbers] + rng.normal(0, 2, (count, size)) + 3, numbers


@pytest.mark.parametrize(("count", "size", "strength"), [(40, 90, 0.01), (90, 12, 1.0)])
def test_it_equals_scikit_learn(count: int, size: int, strength: float) -> None:
    values, numbers = blobs(count, size, 4)
    values[:, 1] = 7.0  # a constant value, which cannot be standardized
    found = RegressionProblem(values, np.eye(4, dtype="float32")[numbers]).fit(strength)
    scaler = StandardScaler().fit(values)
    peer = LogisticRegression(C=strength, class_weight="balanced", tol=1e-8, max_iter=5000)
    peer.fit(scaler.transform(values), numbers)
    want = peer.predict_proba(scaler.transform(values))
    powers = np.exp(found.logits(values))
    assert np.abs(powers / powers.sum(axis=1, keepdims=True) - want).max() < 2e-3


def test_several_labels_equal_one_regression_each() -> None:
    values, numbers = blobs(60, 8, 3)
    targets = np.stack([numbers != 1, numbers == 2], axis=1).astype(np.float32)
    found = RegressionProblem(values, targets, multi_label=True).fit(0.1).logits(values)
    scaled = StandardScaler().fit_transform(values)
    for column in range(2):
        peer = LogisticRegression(C=0.1, tol=1e-8).fit(scaled, targets[:, column])
        assert np.abs(found[:, column] - peer.decision_function(scaled)).max() < 2e-2


def test_the_head_whose_values_carry_the_label_is_chosen() -> None:
    values, numbers = blobs(60, 6, 3)
    targets = np.eye(3, dtype="float32")[numbers]
    noise = np.random.default_rng(1).normal(size=(60, 6))
    chosen = choose_heads({"noise": noise, "signal": values}, targets, np.arange(60) % 5)
    assert [*chosen.settings] == ["signal"]
    assert chosen.accuracy is not None
    assert chosen.accuracy > 0.55  # half of the clips have the first label


def test_what_only_tells_groups_apart_is_not_chosen() -> None:
    """Within a group the first value gives the label away; across groups it does not."""
    rng = np.random.default_rng(0)
    groups, numbers = np.repeat(np.arange(6), 10), np.tile(np.arange(2), 30)
    leak = np.eye(6)[groups] * np.where(numbers == 1, 1, -1)[:, None] * rng.choice([-1, 1], 6)[groups, None]
    signal = numbers[:, None] + rng.normal(0, 0.7, (60, 1))
    clips = Clips(
        Clip(f"{i}.wav", str(n), str(g)) for i, (n, g) in enumerate(zip(numbers, groups, strict=True))
    )
    fold_of = inner_folds(clips)
    assert all(len(set(fold_of[groups == group])) == 1 for group in range(6))
    chosen = choose_heads({"leak": leak, "signal": signal}, np.eye(2, dtype="float32")[numbers], fold_of)
    assert [*chosen.settings] == ["signal"]


def test_labels_that_no_two_folds_share_leave_nothing_to_compare() -> None:
    values, targets = np.eye(2), np.eye(2, dtype="float32")
    chosen = choose_heads({"one": values, "other": values}, targets, np.arange(2))
    assert [*chosen.settings] == ["one"]
    assert chosen.accuracy is None


def test_the_nearest_mean_ignores_level_and_absent_labels() -> None:
    rng = np.random.default_rng(0)
    centers = rng.standard_normal((3, 40))
    numbers = np.arange(24) % 3
    values = 5 + centers[numbers] + 0.3 * rng.standard_normal((24, 40))
    targets = np.zeros((24, 4), np.float32)
    targets[np.arange(24), numbers] = 1  # label 3 has no clip
    found = nearest_mean(values, targets).logits(values)
    # By definition: the cosine to the mean direction of each label, about the mean of all.
    centered = values - values.mean(axis=0)
    unit = centered / np.linalg.norm(centered, axis=1)[:, None]
    means = np.stack([unit[numbers == number].mean(axis=0) for number in range(3)])
    cosines = unit @ (means / np.linalg.norm(means, axis=1)[:, None]).T
    assert (found.argmax(axis=1) == cosines.argmax(axis=1)).all()
    # A clip has one length, so its logits have the ratios of the cosines.
    np.testing.assert_allclose(found[:, 0] * cosines[:, 1], found[:, 1] * cosines[:, 0], atol=1e-9)
    assert (found[:, 3] < found[:, :3].max(axis=1)).all()


def test_few_clips_of_many_values_take_the_nearest_mean() -> None:
    rng = np.random.default_rng(1)
    numbers, groups = np.arange(20) % 5, np.arange(20) // 5
    values = rng.standard_normal((5, 300))[numbers] + 2 * rng.standard_normal((20, 300))
    targets = np.eye(5, dtype=np.float32)[numbers]
    chosen = choose_heads({"values": values}, targets, groups)
    assert chosen.settings["values"].strength == 0
    assert all(
        setting.strength > 0
        for setting in choose_heads({"values": values}, targets, groups, True).settings.values()
    )


def test_the_share_of_an_average_is_that_of_the_lowest_loss() -> None:
    # Both are wrong about a fifth of the clips, about different ones: the mean is right about all.
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, 60)
    targets = np.eye(3, dtype=np.float32)[truth]
    found = []
    for number in range(2):
        wrong = np.arange(60) % 5 == number
        given = np.where(wrong, (truth + 1) % 3, truth)
        sure = np.where(wrong, 0.5, 0.8)[:, None]
        found.append(np.eye(3)[given] * sure + (1 - sure) / 3)
    share, accuracy = choose_share(*found, targets)
    assert (share, accuracy) == (0.5, 1.0)
    assert choose_share(found[0], np.full((60, 3), 1 / 3), targets)[0] == 0.9
    assert choose_share(np.full((60, 3), 1 / 3), found[0], targets)[0] == 0.1
