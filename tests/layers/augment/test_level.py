"""Level and place in time: what is stated is what is measured."""

import numpy as np
import pytest
from augmentations import arrays

import sonogram as sg
from sonogram import layers


@pytest.fixture
def clips(rng: np.random.Generator) -> np.ndarray:
    return (rng.normal(size=(200, 500)) * 0.1).astype(np.float32)


def test_gain_is_drawn_evenly_from_its_range(clips: np.ndarray) -> None:
    louder = arrays(layers.Gain((-6, 12), seed=1)(clips, training=True))
    decibels = 20 * np.log10(np.abs(louder).max(axis=1) / np.abs(clips).max(axis=1))
    assert -6.001 < decibels.min() < -5
    assert 11 < decibels.max() < 12.001
    # Three deviations of the mean of 200 even draws from 18 dB.
    assert abs(decibels.mean() - 3) < 3 * 18 / np.sqrt(12 * 200)


def test_clipping_is_relative_to_the_peak_within_the_length(clips: np.ndarray) -> None:
    loud_padding = clips.copy()
    loud_padding[:, 300:] = 1
    lengths = np.full(200, 300, np.int32)
    cut = arrays(layers.Clipping(-6)([loud_padding, lengths], training=True))[0]
    limit = np.abs(clips[:, :300]).max(axis=1, keepdims=True) * 10 ** (-6 / 20)
    np.testing.assert_allclose(cut[:, :300], np.clip(clips[:, :300], -limit, limit), rtol=1e-5)


def test_polarity_is_all_or_nothing(clips: np.ndarray) -> None:
    turned = arrays(layers.PolarityInversion(seed=1)(clips, training=True)) / clips
    np.testing.assert_array_equal(np.abs(turned), 1)
    assert (turned == turned[:, :1]).all()


@pytest.mark.parametrize("wrap", [False, True])
def test_shift_moves_within_the_length(clips: np.ndarray, wrap: bool) -> None:
    lengths = np.random.default_rng(0).integers(0, 501, 200).astype(np.int32)
    moved = arrays(layers.TimeShift((-100, 150), wrap=wrap, seed=1)([clips, lengths], training=True))[0]
    found = set()
    for clip, result, length in zip(clips, moved, lengths, strict=True):
        whole = clip[:length]
        for shift in range(-100, 151):
            expected = np.roll(whole, shift) if wrap else _shifted(whole, shift)
            if np.array_equal(expected, result[:length]):
                found.add(shift)
                break
        else:
            pytest.fail(f"a clip of {length} samples was not shifted by a whole number in the range")
    assert min(found) < -60
    assert max(found) > 100


def _shifted(clip: np.ndarray, shift: int) -> np.ndarray:
    result = np.zeros_like(clip)
    if abs(shift) < len(clip):
        result[max(shift, 0) : len(clip) + min(shift, 0)] = clip[max(-shift, 0) : len(clip) - max(shift, 0)]
    return result


def test_crop_is_a_piece_from_anywhere_inside(clips: np.ndarray) -> None:
    lengths = np.full(200, 400, np.int32)
    lengths[0] = 70
    pieces, counts = arrays(layers.RandomCrop(100, seed=1)([clips, lengths], training=True))
    assert pieces.shape == (200, 100)
    assert counts.tolist() == [70, *[100] * 199]
    np.testing.assert_array_equal(pieces[0], np.append(clips[0, :70], np.zeros(30, np.float32)))
    starts = [
        int(np.flatnonzero(clip == piece[0])[0]) for clip, piece in zip(clips[1:], pieces[1:], strict=True)
    ]
    for clip, piece, start in zip(clips[1:], pieces[1:], starts, strict=True):
        np.testing.assert_array_equal(piece, clip[start : start + 100])
    assert 0 <= min(starts) < 20
    assert 280 < max(starts) <= 300


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: layers.Gain((3, -3)), r"decibels must be a range \(low, high\)"),
        (lambda: layers.Gain("loud"), "decibels must be a number or a range"),
        (lambda: layers.Gain(probability=1.5), "probability must be between 0 and 1"),
        (lambda: layers.Gain(seed="a"), "seed must be a whole number"),
        (lambda: layers.Gain(seed=1.5), "seed must be a whole number"),
        (lambda: layers.Clipping(3), "between -200 and 0"),
        (lambda: layers.RandomCrop(0), "num_samples must be a whole number, at least 1; got 0"),
        (lambda: layers.RandomCrop(100.5), "num_samples must be a whole number, at least 1; got 100.5"),
        (lambda: layers.RandomCrop("a"), "num_samples must be a whole number, at least 1; got 'a'"),
        (lambda: layers.TimeShift((-0.5, 0.5)), "shift must be in whole samples, not in seconds"),
        (lambda: layers.TimeShift(10, wrap="no"), "wrap must be True or False; got 'no'"),
        (lambda: layers.Gain(probability="a"), "probability must be between 0 and 1; got 'a'"),
        (lambda: layers.Noise(source="brown"), 'must be "white", "pink" or recordings'),
        (lambda: layers.Noise(source=[]), "pass at least one"),
        (lambda: layers.Noise(source=[[0.0, np.nan]]), "recording 0 must be finite"),
        (lambda: layers.Reverb(0), "sample_rate must be above 0"),
        (lambda: layers.Reverb(16000, responses=[[0.0, 0.0]]), "no direct sound"),
        (lambda: layers.BandPass(16000, upper_hz=9000), "upper_hz must be a range"),
        (lambda: layers.BandPass(16000, (100, 3000)), "above the lowest upper_hz"),
        (lambda: layers.Mixup(alpha=0), "alpha must lie between"),
        (lambda: layers.SpecAugment(fill="zero"), 'fill must be a number or "mean"'),
        (lambda: layers.SpecAugment(time_masks=-1), "time_masks must be between"),
        (lambda: layers.Gain()(np.zeros((2, 2, 2, 2), np.float32)), "1 to 3 axes"),
        (lambda: layers.Gain()([np.zeros((2, 9), np.float32)] * 3), "got 3 inputs"),
        (lambda: layers.Gain()({"audio": np.zeros((2, 9))}), 'a dictionary with "samples"'),
        (
            lambda: layers.Gain()([np.zeros((2, 9), np.float32), np.zeros((2, 9))]),
            "one for each example",
        ),
        (lambda: layers.Gain()([np.zeros((2, 9), np.float32), [3, 4]]), "arrays or tensors; got list"),
        (
            lambda: layers.Mixup()({"samples": np.zeros((2, 9), np.float32), "labels": np.zeros(2)}),
            "one-hot or multi-hot",
        ),
    ],
)
def test_invalid_arguments_are_refused(build: object, message: str) -> None:
    with pytest.raises(sg.SonogramError, match=message):
        build()  # type: ignore[operator]
