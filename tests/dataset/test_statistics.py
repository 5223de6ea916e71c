import dataclasses
import json
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

import sonogram as sg
from sonogram.audio import save
from sonogram.dataset import Clip, Clips, DatasetReport, Statistics, fit_normalization, statistics
from sonogram.errors import SonogramError
from sonogram.layers import Spectrogram

# Sums in float64 of float32 values: rounding of 1e-16 grows with the square root of the count, and the
# variance is taken about the mean. Far inside 1e-9, where a one-pass sum of squares would be at 1e-3.
CLOSE = {"rtol": 1e-9, "atol": 0}


@pytest.fixture
def frontend() -> sg.Frontend:
    return sg.Frontend(
        8000,
        200,
        80,
        spectrum=sg.spectrum.Power(),
        bands=sg.bands.Mel(20, 50, 4000),
        scaling=sg.scaling.Log(floor=1e-6),
    )


def two_pass(frontend: sg.Frontend, clips: Clips) -> np.ndarray:
    """All frames of all clips, float64 `(frames, bands)`."""
    features = [frontend(sg.load(path, 8000)) for path in clips.paths]
    return np.concatenate(features).astype(np.float64)


def test_one_pass_over_files_equals_two_passes_over_frames(mixed: Clips, frontend: sg.Frontend) -> None:
    measured = statistics(frontend, mixed)
    frames = two_pass(frontend, mixed)
    assert measured.count == len(frames)
    np.testing.assert_allclose(measured.mean, frames.mean(axis=0), **CLOSE)
    np.testing.assert_allclose(measured.std, frames.std(axis=0), **CLOSE)
    np.testing.assert_array_equal(measured.lowest, frames.min(axis=0))
    np.testing.assert_array_equal(measured.highest, frames.max(axis=0))
    np.testing.assert_allclose(measured.overall.mean[0], frames.mean(), **CLOSE)
    np.testing.assert_allclose(measured.overall.std[0], frames.std(), **CLOSE)


def test_a_large_offset_costs_no_digits(rng: np.random.Generator) -> None:
    frames = rng.standard_normal((3000, 4)) + 1e6
    measured = Statistics.none(4)
    for piece in np.array_split(frames, 50):
        measured = measured.merge(Statistics.of(piece))
    # The values themselves are rounded to 1e-10 of their deviation.
    np.testing.assert_allclose(measured.std, (frames - 1e6).std(axis=0), rtol=1e-8)


def test_shards_merge_into_the_whole_in_any_order(rng: np.random.Generator) -> None:
    frames = rng.standard_normal((1000, 3)) * [1, 10, 0.1] + [5, 0, -3]
    shards = [Statistics.of(piece) for piece in np.array_split(frames, [10, 11, 500])]
    whole = Statistics.of(frames)
    first, second, third, fourth = shards
    for merged in (
        first.merge(second).merge(third).merge(fourth),
        fourth.merge(third.merge(second.merge(first))),
        Statistics.none(3).merge(first.merge(third)).merge(second.merge(fourth)).merge(Statistics.none(3)),
    ):
        assert merged.count == whole.count
        np.testing.assert_allclose(merged.mean, whole.mean, rtol=1e-12)
        np.testing.assert_allclose(merged.std, whole.std, rtol=1e-12)


def test_padding_changes_nothing_with_nan_in_it(rng: np.random.Generator) -> None:
    features = rng.standard_normal((3, 10, 4)).astype(np.float32)
    mask = np.arange(10) < np.array([[10], [3], [0]])
    padded = np.where(mask[..., None], features, np.nan)
    measured = Statistics.of(padded, mask)
    frames = np.concatenate([features[0], features[1, :3]]).astype(np.float64)
    assert measured.count == 13
    np.testing.assert_allclose(measured.std, frames.std(axis=0), rtol=1e-12)
    with pytest.raises(SonogramError, match="hold NaN or infinity"):
        Statistics.of(padded)


def test_long_recordings_in_blocks_equal_the_whole(
    tmp_path: Path, frontend: sg.Frontend, monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator
) -> None:
    monkeypatch.setattr(sys.modules["sonogram.dataset.statistics"], "_BLOCK", 3000)
    save(tmp_path / "long.wav", rng.uniform(-0.5, 0.5, 20_000).astype(np.float32), 8000)
    long = Clips([Clip(str(tmp_path / "long.wav"), "a")])
    for padding in (sg.padding.Valid(), sg.padding.Center(), sg.padding.Same()):
        definition = sg.Frontend(8000, 200, 80, padding=padding)
        frames = two_pass(definition, long)
        measured = statistics(definition, long)
        assert measured.count == len(frames)
        np.testing.assert_allclose(measured.mean, frames.mean(axis=0), rtol=1e-7)


def test_fitted_features_have_zero_mean_and_unit_deviation(mixed: Clips, frontend: sg.Frontend) -> None:
    normalized = two_pass(fit_normalization(frontend, mixed), mixed)
    # Features are float32, and their logarithms are near 10 before the mean is taken off.
    np.testing.assert_allclose(normalized.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(normalized.std(axis=0), 1, atol=1e-5)
    overall = two_pass(fit_normalization(frontend, mixed, per="all"), mixed)
    assert abs(overall.mean()) < 1e-5
    assert abs(overall.std() - 1) < 1e-5
    assert overall.mean(axis=0).std() > 0.01  # the bands keep their differences


def test_a_range_becomes_0_to_1(mixed: Clips, frontend: sg.Frontend) -> None:
    normalized = two_pass(fit_normalization(frontend, mixed, to="range"), mixed)
    np.testing.assert_allclose(normalized.min(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(normalized.max(axis=0), 1, atol=1e-6)


def test_a_band_that_never_changes_becomes_0() -> None:
    # Tenths in float64, whose sums are rounded: the means of two shards differ a little.
    frames = np.stack([np.full(13, 0.1), np.arange(13)], axis=1)
    affine = Statistics.of(frames[:3]).merge(Statistics.of(frames[3:])).normalize()
    normalized = (frames - np.asarray(affine.mean)) / np.asarray(affine.std)
    np.testing.assert_allclose(normalized[:, 0], 0, atol=1e-7)
    np.testing.assert_allclose(normalized[:, 1].std(), 1)


def test_an_old_normalization_is_replaced_and_stacking_kept(mixed: Clips, frontend: sg.Frontend) -> None:
    stacked = dataclasses.replace(frontend, normalize=sg.normalize.Standardize(), stack=sg.stack.Stack(2))
    again = fit_normalization(stacked, mixed)
    assert again.normalize == fit_normalization(frontend, mixed).normalize
    assert again.stack == stacked.stack
    assert again(np.zeros(8000, np.float32)).shape[-1] == 40


def test_the_numbers_are_saved_inside_the_model(mixed: Clips, frontend: sg.Frontend, tmp_path: Path) -> None:
    definition = fit_normalization(frontend, mixed)
    model = keras.Sequential(
        [keras.Input((8000,)), Spectrogram(definition), keras.layers.GlobalAveragePooling1D()]
    )
    model.save(tmp_path / "model.keras")
    again = sg.load_model(tmp_path / "model.keras")
    assert again.layers[0].frontend == definition
    assert again.layers[0].frontend.fingerprint == definition.fingerprint != frontend.fingerprint
    samples = np.random.default_rng(0).uniform(-1, 1, (2, 8000)).astype(np.float32)
    np.testing.assert_array_equal(again(samples), model(samples))


def test_statistics_go_through_json(rng: np.random.Generator) -> None:
    measured = Statistics.of(rng.standard_normal((9, 3)))
    again = Statistics.from_dict(json.loads(json.dumps(measured.to_dict())))
    assert again.normalize() == measured.normalize()
    assert again.count == 9


def test_a_broken_file_is_noted_or_raised(mixed: Clips, frontend: sg.Frontend, tmp_path: Path) -> None:
    (tmp_path / "broken.wav").write_bytes(b"RIFF")
    whole = Clips([*mixed, Clip(str(tmp_path / "broken.wav"), "a")])
    with pytest.raises(SonogramError, match=r"broken\.wav"):
        statistics(frontend, whole)
    report = DatasetReport()
    assert statistics(frontend, whole, report=report).count == statistics(frontend, mixed).count
    assert [entry.path for entry in report.broken] == [str(tmp_path / "broken.wav")]


def test_what_cannot_be_measured_is_refused(frontend: sg.Frontend, tmp_path: Path) -> None:
    save(tmp_path / "short.wav", np.zeros(50, np.float32), 8000)
    with pytest.raises(SonogramError, match="no frame to take statistics of"):
        fit_normalization(frontend, Clips([Clip(str(tmp_path / "short.wav"), "a")]))
    with pytest.raises(SonogramError, match=r"features must be \(\.\.\., frames, bands\)"):
        Statistics.of([1.0, 2.0])
    with pytest.raises(SonogramError, match="mask must be one for each frame"):
        Statistics.of(np.zeros((3, 2)), np.ones((3, 2), bool))
    with pytest.raises(SonogramError, match="3 bands cannot be merged with 2 bands"):
        Statistics.none(3).merge(Statistics.none(2))
    with pytest.raises(SonogramError, match='per must be "band" or "all"'):
        Statistics.of(np.ones((3, 2))).normalize(per="bands")
