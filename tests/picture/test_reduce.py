"""Reduction keeps every peak, wherever blocks and columns begin."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from sonogram.picture import Envelope, Peaks
from sonogram.picture.reduce import EXTREMES, pool

blocks_of = st.lists(st.integers(0, 40), min_size=1, max_size=12)


def test_signed_features_keep_their_sign():
    values = np.array([[-3.0, 1], [2, 1], [1, -2], [0.5, 2]], np.float32)
    peaks = Peaks(2, EXTREMES)
    for row in values:
        peaks.push(row[None])
    np.testing.assert_array_equal(peaks.features, [[-3, 1], [1, 2]])
    np.testing.assert_array_equal(pool(values, np.array([0.0, 4.0]), EXTREMES), [[-3, 2]])


@given(blocks_of, st.sampled_from([2, 4, 6, 16]))
def test_peaks_are_the_maxima_of_their_frames(sizes, max_columns):
    rng = np.random.default_rng(sum(sizes))
    blocks = [rng.normal(size=(size, 3)).astype(np.float32) for size in sizes]
    whole = np.concatenate(blocks)
    peaks = Peaks(max_columns)
    for block in blocks:
        peaks.push(block)
    assert peaks.num_frames == len(whole)
    factor = peaks.frames_per_column
    assert len(whole) <= max_columns * factor
    assert factor == 1 or len(whole) > max_columns * factor / 2, "no coarser than needed"
    expected = [whole[start : start + factor].max(axis=0) for start in range(0, len(whole), factor)]
    np.testing.assert_array_equal(peaks.features, np.reshape(expected, (-1, 3)))


@given(blocks_of, st.sampled_from([2, 4, 16]))
def test_envelopes_are_the_extremes_of_their_samples(sizes, max_columns):
    rng = np.random.default_rng(sum(sizes))
    blocks = [rng.normal(size=(2, size)).astype(np.float32) for size in sizes]
    whole = np.concatenate(blocks, axis=1)
    envelope = Envelope(max_columns)
    for block in blocks:
        envelope.push(block)
    factor = envelope.samples_per_column
    assert envelope.num_samples == whole.shape[1]
    for column in range(-(-whole.shape[1] // factor)):
        part = whole[:, column * factor : (column + 1) * factor]
        np.testing.assert_array_equal(envelope.lowest[:, column], part.min(axis=1))
        np.testing.assert_array_equal(envelope.highest[:, column], part.max(axis=1))


def test_memory_does_not_grow_with_the_recording():
    peaks, envelope = Peaks(), Envelope()
    for _ in range(50):
        peaks.push(np.zeros((10_000, 4), np.float32))
        envelope.push(np.zeros(10_000, np.float32))
    assert 2048 <= len(peaks.features) <= 4096
    assert 2048 <= len(envelope.lowest) <= 4096


def test_channels_are_reduced_apart():
    peaks = Peaks(4)
    peaks.push(np.stack([np.arange(10), -np.arange(10)])[..., None])
    assert peaks.features[..., 0].tolist() == [[3, 7, 9], [0, -4, -8]]


def test_nothing_pushed_is_nothing():
    assert Peaks().features is None
    assert Envelope().lowest is None


@given(st.integers(1, 300), st.integers(1, 50), st.floats(0, 1), st.floats(0.01, 1))
def test_pixels_lose_no_row_between_their_ends(rows, pixels, start, length):
    values = np.random.default_rng(rows).normal(size=(rows, 2)).astype(np.float32)
    edges = np.linspace(start * rows, min(start + length, 1) * rows, pixels + 1)
    if edges[-1] - edges[0] < 1e-6:
        return
    pooled = pool(values, edges)
    seen = values[int(edges[0]) : int(np.ceil(edges[-1]))]
    np.testing.assert_array_equal(np.nanmax(pooled, axis=0), seen.max(axis=0))


@given(st.integers(0, 999))
def test_a_peak_stands_in_its_pixel(row):
    values = np.zeros((1000, 1), np.float32)
    values[row] = 1
    pooled = pool(values, np.linspace(0, 1000, 101))[:, 0]
    assert np.flatnonzero(pooled).tolist() == [row // 10]


def test_few_rows_are_repeated_not_blurred():
    pooled = pool(np.array([[1], [5], [2]], np.float32), np.linspace(0, 3, 13))[:, 0]
    assert pooled.tolist() == [1] * 4 + [5] * 4 + [2] * 4


def test_pixels_beyond_the_rows_are_nothing():
    pooled = pool(np.ones((4, 1), np.float32), np.linspace(-4, 8, 13))[:, 0]
    assert np.isnan(pooled).tolist() == [True] * 4 + [False] * 4 + [True] * 4


def test_minima_are_kept_for_the_lower_side_of_a_wave():
    values = np.arange(10, dtype=np.float32)[:, None]
    assert pool(values, np.array([0.0, 5.0, 10.0]), np.minimum)[:, 0].tolist() == [0, 5]


@pytest.mark.parametrize("columns", [0, 1, 3])
def test_columns_come_in_pairs(columns):
    with pytest.raises(ValueError, match="even"):
        Peaks(columns)
