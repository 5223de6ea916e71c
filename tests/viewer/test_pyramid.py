"""Tiles are the features: the same bits at level 0, their maxima above."""

import threading

import numpy as np
import pytest

import sonogram as sg
from sonogram.audio import Audio
from sonogram.viewer import pyramid as module
from sonogram.viewer.levels import Levels, reduce
from sonogram.viewer.pyramid import CancelledError, Pyramid, tile_columns
from sonogram.viewer.recording import Recording


def _noise(count: int) -> np.ndarray:
    generator = np.random.default_rng(7)
    # Louder and fainter, with a silent end: peaks and minima at different places.
    envelope = np.linspace(0, 3 * np.pi, count)
    return (0.3 * np.sin(envelope) * generator.standard_normal(count)).clip(-1, 1).astype(np.float32)


def _pyramid(samples: np.ndarray, frontend: sg.Frontend) -> Pyramid:
    found = Recording(Audio(samples, int(frontend.sample_rate)), "noise").pyramid("mix", frontend)
    assert found.wait(30) is None
    return found


def _level(pyramid: Pyramid, level: int) -> np.ndarray:
    columns = -(-pyramid.num_frames // (1 << level))
    tiles = [pyramid.tile(level, i) for i in range(max(-(-columns // tile_columns(pyramid.frontend)), 1))]
    assert all(tile.complete for tile in tiles)
    return np.concatenate([tile.values for tile in tiles], axis=1).T


def _maxima(features: np.ndarray, level: int) -> list[np.ndarray]:
    size = 1 << level
    return [features[first : first + size].max(axis=0) for first in range(0, len(features), size)]


WITH_STATISTICS = [name for name in sg.preset_names() if not sg.preset(name).streamable]


@pytest.mark.parametrize("name", WITH_STATISTICS)
def test_tiles_of_a_short_recording_are_the_features_computed_in_one_call(name):
    frontend = sg.preset(name)
    samples = _noise(frontend.frame_step * 1100)
    np.testing.assert_array_equal(_level(_pyramid(samples, frontend), 0), frontend(samples))


@pytest.mark.parametrize("name", sg.preset_names())
def test_tiles_are_the_features_of_every_preset(name, monkeypatch):
    monkeypatch.setattr(module, "_VALUES", 1 << 14)  # many pieces, as of hours
    monkeypatch.setattr(module, "_WHOLE_VALUES", 0)
    frontend = sg.preset(name)
    for count in (0, 1, frontend.frame_length + 1, frontend.frame_step * 1100 // 2 * 2 + 1):
        samples = _noise(count)
        expected = frontend(samples)
        pyramid = _pyramid(samples, frontend)
        assert pyramid.num_frames == len(expected)
        found = _level(pyramid, 0)
        if not pyramid.rows.statistics.needs_moments:
            np.testing.assert_array_equal(found, expected)
        else:  # sums over pieces are rounded otherwise than those over the whole
            scale = max(np.abs(expected).max(initial=0), 1)
            np.testing.assert_allclose(found, expected, rtol=0, atol=2e-4 * scale)
        for level in (1, 3, 5):
            if level < pyramid.num_levels and len(found):
                np.testing.assert_array_equal(_level(pyramid, level), _maxima(found, level))


def test_every_level_of_a_long_recording_is_the_maximum(monkeypatch):
    monkeypatch.setattr(module, "_VALUES", 1 << 14)
    frontend = sg.Frontend(8000, 16, 4)
    samples = _noise(4 * 70_001)
    expected = frontend(samples)
    pyramid = _pyramid(samples, frontend)
    assert pyramid.num_levels == 8
    for level in range(8):
        np.testing.assert_array_equal(_level(pyramid, level), _maxima(expected, level))


def test_a_click_of_one_sample_in_hours_is_in_the_overview():
    samples = np.zeros(2_000_000, np.float32)
    samples[1_234_567] = 1
    frontend = sg.Frontend(8000, 64, 64, scaling=sg.scaling.Decibels())
    pyramid = _pyramid(samples, frontend)
    overview = pyramid.tile(pyramid.num_levels - 1, 0)
    loud = np.flatnonzero(overview.values.max(axis=0) > -40)
    assert loud.tolist() == [1_234_567 // 64 // overview.frames_per_column]


def test_nan_stays_in_its_frames_and_above_them():
    samples = _noise(8000 * 20)
    samples[5000] = np.nan
    frontend = sg.Frontend(8000, 64, 64)
    pyramid = _pyramid(samples, frontend)
    np.testing.assert_array_equal(_level(pyramid, 0), frontend(samples))
    for level in (1, 5):
        bad = np.isnan(_level(pyramid, level)).any(axis=1)
        assert np.flatnonzero(bad).tolist() == [5000 // 64 >> level]


def test_resampled_files_and_channels_are_those_of_load(tmp_path):
    path = tmp_path / "stereo.flac"
    stereo = np.stack([_noise(44_100), _noise(44_100)[::-1]])
    sg.save(path, stereo, 44_100)
    recording = Recording(path, "stereo")
    frontend = sg.preset("phi4-multimodal")
    for channel, samples in (
        ("mix", sg.load(path, 16_000).samples),
        ("0", sg.load(path, 16_000, mono=False).samples[0]),
        ("1", sg.load(path, 16_000, mono=False).samples[1]),
    ):
        pyramid = recording.pyramid(channel, frontend)
        assert pyramid.wait(30) is None
        np.testing.assert_array_equal(_level(pyramid, 0), frontend(samples))
    recording.close()


def test_what_is_known_before_the_end_never_changes(monkeypatch):
    """Tiles of a recording that is still decoded are a part of the final ones."""
    frontend = sg.preset("espnet")
    samples = _noise(16_000 * 20)
    expected = frontend(samples)
    gate, steps = threading.Semaphore(0), []

    class Slow(Recording):
        """A recording whose blocks come one by one."""

    from sonogram.viewer.track import Track

    blocks = Track._blocks

    def slow(self):
        for block in blocks(self):
            for first in range(0, block.shape[1], 7001):
                gate.acquire()
                yield block[:, first : first + 7001]

    monkeypatch.setattr(Track, "_blocks", slow)
    recording = Slow(Audio(samples, 16_000), "slow")
    pyramid = recording.pyramid("mix", frontend)
    track, _ = recording.track("mix", 16_000)
    for number in range(-(-len(samples) // 7001)):
        gate.release()
        track.wait(min((number + 1) * 7001, len(samples)), 10)
        tile = pyramid.tile(0, 0)
        columns = tile.values.shape[1]
        steps.append(columns)
        np.testing.assert_array_equal(tile.values.T, expected[:1024][:columns])
    assert steps == sorted(steps)
    assert 0 <= steps[0] < steps[1] < steps[-1] == 1024
    gate.release()
    assert pyramid.wait(10) is None
    np.testing.assert_array_equal(_level(pyramid, 0), expected)


def test_a_cancelled_tile_ends():
    pyramid = _pyramid(_noise(16_000), sg.Frontend(16_000, 64, 16))
    cancelled = threading.Event()
    cancelled.set()
    with pytest.raises(CancelledError):
        pyramid.tile(0, 0, cancelled)
    pyramid.close()
    with pytest.raises(CancelledError):
        pyramid.tile(0, 0)


@pytest.mark.parametrize("count", [0, 1, 2, 7, 8, 9, 1000])
@pytest.mark.parametrize("piece", [1, 3, 64])
@pytest.mark.parametrize("expected", [0, 9, 100_000])
def test_levels_do_not_depend_on_the_pieces(count, piece, expected):
    columns = np.random.default_rng(count).standard_normal((count, 3)).astype(np.float32)
    levels = Levels(3, np.float32, 4, expected)
    for first in range(0, count, piece):
        levels.push(columns[first : first + piece], last=first + piece >= count)
    level = 0
    while level < len(levels):
        maxima = np.reshape(_maxima(columns, level), (-1, 3))
        np.testing.assert_array_equal(levels.read(level, 0, 10_000), maxima)
        level += 1
    assert levels.count(len(levels) - 1) <= 4


def test_the_highest_level_is_there_from_the_beginning():
    levels = Levels(1, np.float32, 4, expected=64)
    levels.push(np.arange(20, dtype=np.float32)[:, None])
    assert (len(levels), levels.read(4, 0, 4).tolist()) == (5, [[15]])


def test_reduction_has_a_last_column_of_fewer():
    assert reduce(np.array([[1], [5], [2], [0], [3]]), 2).tolist() == [[5], [2], [3]]
    assert reduce(np.empty((0, 2), np.float32), 4).shape == (0, 2)


@pytest.mark.parametrize(
    "fields",
    [
        {"scaling": sg.scaling.Pcen()},
        {"scaling": sg.scaling.Pcen(initial=0), "stack": sg.stack.Stack(3)},
        {
            "deltas": sg.deltas.SavitzkyGolay(),
            "stack": sg.stack.Stack(5, "pad", step=1, before=2, edges="repeat"),
        },
        {"deltas": sg.deltas.Regression(), "stack": sg.stack.Stack(4, "pad", step=3)},
        {"padding": sg.padding.Center(last_frame="zero"), "stack": sg.stack.Stack(4, "pad", before=1)},
        {"padding": sg.padding.Same(), "conditioning": sg.conditioning.Conditioning(remove_mean="clip")},
        {"padding": sg.padding.StepCenter(), "normalize": sg.normalize.UnitPeak()},
    ],
    ids=str,
)
@pytest.mark.parametrize("rows", [3, 4500])
def test_rows_can_be_read_anywhere(fields, rows, monkeypatch):
    monkeypatch.setattr(module, "_WHOLE_VALUES", 0)
    frontend = sg.Frontend(8000, 64, 16, **fields)
    stride = frontend.stack.stride if frontend.stack else 1
    samples = _noise(16 * stride * rows + 5)
    expected = frontend(samples)
    pyramid = _pyramid(samples, frontend)
    tolerance = 1e-5 if frontend.conditioning.remove_mean else 0  # the mean is summed in another order
    for first in (len(expected) - 1, 0, len(expected) // 3, len(expected) - 9, 1):
        found, complete = pyramid.values(max(first, 0), 9)
        assert complete
        np.testing.assert_allclose(
            found, expected[max(first, 0) : max(first, 0) + 9], rtol=tolerance, atol=tolerance
        )
