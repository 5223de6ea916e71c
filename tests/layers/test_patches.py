"""Layers around networks of patches: whole patches, overlapping patches, means of parts."""

import keras
import numpy as np
import pytest

import sonogram as sg
from sonogram.layers import FillPatches, PartMeans, Patches, SplitMask


def test_a_clip_gets_whole_patches_whatever_its_batch() -> None:
    layer = FillPatches(10, 4)
    clips = np.arange(1.0, 27.0, dtype="float32").reshape(2, 13)
    samples, lengths = layer([clips, np.array([13, 5])])
    assert np.asarray(lengths).tolist() == [14, 10]
    assert samples.shape == (2, 14)
    assert np.asarray(samples)[0].tolist() == [*range(1, 14), 0]
    assert np.asarray(samples)[1].tolist() == [*range(14, 19), *[0] * 9]
    alone, length = layer([clips[1:, :5], np.array([5])])
    assert np.asarray(alone)[0].tolist() == [*range(14, 19), *[0] * 5]
    assert np.asarray(length).tolist() == [10]
    assert layer.compute_output_shape([(2, 13), (2,)]) == ((2, 14), (2,))


def test_short_clips_are_repeated_and_long_ones_are_not() -> None:
    clips = np.array([[1, 2, 3, 9, 9, 9, 9], [1, 2, 3, 4, 5, 6, 7], [0] * 7], "float32")
    samples, lengths = FillPatches(5, 2, repeat=True)([clips, np.array([3, 7, 0])])
    assert np.asarray(samples).tolist() == [[1, 2, 3, 1, 2, 0, 0], [1, 2, 3, 4, 5, 6, 7], [0] * 7]
    assert np.asarray(lengths).tolist() == [5, 7, 5]


def test_a_margin_is_on_both_sides() -> None:
    samples, lengths = FillPatches(5, 2, margin=2)([np.array([[1, 2, 9]], "float32"), np.array([2])])
    assert np.asarray(samples).tolist() == [[0, 0, 1, 2, 0, 0, 0]]
    assert np.asarray(lengths).tolist() == [7]
    with pytest.raises(sg.SonogramError, match="margin must be 0 where clips are repeated; got 2"):
        FillPatches(5, 2, repeat=True, margin=2)


@pytest.mark.parametrize("length", [6, 5])
def test_patches_of_a_batch_equal_those_cut_by_hand(length: int) -> None:
    rng = np.random.default_rng(0)
    network = keras.Sequential([keras.Input((length, 2)), keras.layers.Flatten(), keras.layers.Dense(3)])
    features = rng.normal(size=(2, 14, 2)).astype("float32")
    found = np.asarray(Patches(network, 3)(features))
    assert found.shape == (2, 3, 3)
    for clip in range(2):
        for number in range(3):
            want = network(features[clip : clip + 1, 3 * number : 3 * number + length])
            assert np.allclose(found[clip, number], want[0], atol=1e-6)


def test_no_part_of_a_short_clip_is_empty() -> None:
    values = np.arange(1.0, 6.0, dtype="float32").reshape(1, 5, 1)
    valid = np.array([[1, 1, 1, 0, 0]])
    assert np.asarray(PartMeans(4)([values, valid]))[0].tolist() == [1, 1.5, 2.5, 3]
    assert np.asarray(PartMeans(2)([values, np.zeros((1, 5))]))[0].tolist() == [1, 1]


def test_a_mask_becomes_an_output() -> None:
    frontend = sg.Frontend(8000, 200, 100)
    samples, lengths = np.zeros((2, 800), "float32"), np.array([800, 400])
    features, valid = SplitMask()(sg.layers.Spectrogram(frontend)([samples, lengths]))
    assert np.asarray(valid).sum(axis=1).tolist() == [7, 3]
    assert getattr(features, "_keras_mask", None) is None
