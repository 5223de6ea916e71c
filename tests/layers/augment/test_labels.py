"""Mixup and SpecAugment: shares, partners, places."""

import numpy as np
import pytest
from augmentations import arrays

import sonogram as sg
from sonogram import layers


def _mixed(count: int, **more: object) -> tuple[np.ndarray, np.ndarray]:
    """Samples and labels of a batch in which each clip is a class and a unit vector of its own."""
    unit = np.eye(count, dtype=np.float32)
    result = arrays(layers.Mixup(seed=3, **more)({"samples": unit, "labels": unit}, training=True))
    return result["samples"], result["labels"]


def test_labels_have_the_shares_of_the_samples() -> None:
    samples, labels = _mixed(64)
    np.testing.assert_allclose(samples, labels, atol=1e-6)
    np.testing.assert_allclose(labels.sum(axis=1), 1, atol=1e-6)
    assert ((labels > 0).sum(axis=1) <= 2).all()


def test_every_clip_is_the_partner_of_one_other() -> None:
    samples, _ = _mixed(64, alpha=10.0)  # both shares are well above 0
    np.fill_diagonal(samples, 0)
    assert ((samples > 0).sum(axis=0) == 1).all()
    assert ((samples > 0).sum(axis=1) == 1).all()


@pytest.mark.parametrize("alpha", [0.1, 0.4, 1.0, 4.0])
def test_shares_follow_the_beta_distribution(alpha: float) -> None:
    shares = _shares(alpha)
    assert shares.mean() == pytest.approx(0.5, abs=5 * 0.5 / np.sqrt(len(shares)))
    # The variance of the distribution; its standard error over 4000 draws is below 3 %.
    assert shares.var() == pytest.approx(1 / (4 * (2 * alpha + 1)), rel=0.08)
    reference = np.random.default_rng(0).beta(alpha, alpha, 400_000)
    for quantile in (0.1, 0.25, 0.5, 0.75, 0.9):
        # The share of draws below a quantile: six deviations of a mean of 4000.
        below = (shares <= np.quantile(reference, quantile)).mean()
        assert below == pytest.approx(quantile, abs=6 * 0.5 / np.sqrt(4000))


def _shares(alpha: float) -> np.ndarray:
    shares = []
    for seed in range(10):
        unit = np.eye(400, dtype=np.float32)
        result = layers.Mixup(alpha, seed=seed)({"samples": unit, "labels": unit}, training=True)
        shares.append(np.diag(arrays(result)["labels"]))
    return np.concatenate(shares)


def test_a_mixture_is_as_long_as_the_longer_clip() -> None:
    lengths = np.array([10, 50, 30, 0], np.int32)
    samples = np.where(np.arange(60) < lengths[:, None], 1.0, np.nan).astype(np.float32)
    batch = {"samples": samples, "lengths": lengths, "labels": np.eye(4, dtype=np.float32)}
    result = arrays(layers.Mixup(alpha=10.0, seed=3)(batch, training=True))
    for own, row in zip(lengths, range(4), strict=True):
        (partner,) = set(np.flatnonzero(result["labels"][row])) - {row}
        assert result["lengths"][row] == max(own, lengths[partner])
    assert np.isfinite(result["samples"]).all()


def test_labels_of_clips_that_are_not_mixed_stay() -> None:
    unit = np.eye(200, dtype=np.float32)
    layer = layers.Mixup(alpha=10.0, probability=0.5, seed=3)
    labels = arrays(layer({"samples": unit, "labels": unit}, training=True))["labels"]
    whole = labels.max(axis=1) == 1
    assert 0.3 < whole.mean() < 0.7
    np.testing.assert_array_equal(labels[whole], unit[whole])


def test_labels_that_have_no_mixture_are_refused() -> None:
    samples = np.zeros((2, 9), np.float32)
    with pytest.raises(sg.SonogramError, match="needs the labels"):
        layers.Mixup()(samples, training=True)
    with pytest.raises(sg.SonogramError, match="one-hot or multi-hot"):
        layers.Mixup()({"samples": samples, "labels": np.array([0, 1])}, training=True)


def _masked(lengths: np.ndarray, seed: int, **more: object) -> np.ndarray:
    features = np.ones((len(lengths), 100, 80), np.float32)
    layer = layers.SpecAugment(fill=-1.0, seed=seed, **more)
    return arrays(layer([features, lengths], training=True))[0]


def test_time_masks_lie_inside_the_valid_frames_and_keep_their_width() -> None:
    lengths = np.array([100, 60, 20, 3, 0] * 40, np.int32)
    masked = _masked(lengths, 1, time_masks=1, frequency_masks=0, time_width=30, time_share=0.4)
    widths = []
    for one, length in zip(masked, lengths, strict=True):
        assert not one[length:].any()
        rows = np.flatnonzero((one[:length] == -1).all(axis=1))
        assert ((one[:length] == -1).any(axis=1) == (one[:length] == -1).all(axis=1)).all()
        assert len(rows) <= min(30, int(0.4 * length))
        assert not len(rows) or np.ptp(rows) == len(rows) - 1, "one mask, one span"
        widths.append((length, len(rows)))
    for length in (100, 60, 20):
        drawn = [width for size, width in widths if size == length]
        assert max(drawn) >= 0.8 * min(30, 0.4 * length)
        assert min(drawn) <= 3


def test_time_masks_reach_every_valid_frame() -> None:
    masked = _masked(np.full(400, 50, np.int32), 2, time_masks=1, frequency_masks=0, time_share=1.0)
    assert (masked[:, :50] == -1).any(axis=(0, 2)).all()


def test_frequency_masks_span_bands_of_every_valid_frame() -> None:
    lengths = np.full(300, 70, np.int32)
    masked = _masked(lengths, 3, time_masks=0, frequency_masks=1, frequency_width=20)
    masks = (masked[:, :70] == -1).any(axis=1)
    assert ((masked[:, :70] == -1).all(axis=1) == masks).all()
    widths = masks.sum(axis=1)
    assert widths.min() == 0
    assert widths.max() == 20
    assert masks.any(axis=0).all()
    for mask in masks:
        places = np.flatnonzero(mask)
        assert not len(places) or np.ptp(places) == len(places) - 1


def test_examples_have_masks_of_their_own() -> None:
    masked = _masked(np.full(20, 100, np.int32), 4)
    assert len({one.tobytes() for one in masked}) > 15


def test_the_mean_is_that_of_the_valid_frames() -> None:
    features = np.full((1, 50, 8), 5.0, np.float32)
    features[:, ::2] = 1.0
    features[:, 40:] = np.nan
    layer = layers.SpecAugment(1, 40, 1.0, 0, seed=11)
    for _ in range(5):
        result = arrays(layer([features, np.array([40])], training=True))[0][0, :40]
        assert set(np.unique(result)) <= {1.0, 3.0, 5.0}
