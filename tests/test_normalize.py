"""Normalization of one example: against NumPy, over valid frames alone, and 0 where nothing changes."""

import dataclasses

import engine_names
import numpy as np
import pytest
import signals

import sonogram as sg

BASE = sg.Frontend(
    8000, 64, 32, spectrum=sg.spectrum.Power(), bands=sg.bands.Mel(8), scaling=sg.scaling.Log(floor=1e-10)
)
SAMPLES = signals.noise(640)
VALUES = BASE(SAMPLES, "numpy").astype(np.float64)
ENGINES = pytest.mark.parametrize("engine", engine_names.ALL)


def running(values: np.ndarray, mean: object) -> np.ndarray:
    means = []
    for row in values:
        mean = 0.9 * np.asarray(mean) + 0.1 * row
        means.append(mean)
    return np.array(means)


def sliding(values: np.ndarray, before: int, minimum: int) -> np.ndarray:
    ends = [max(t + 1, minimum) for t in range(len(values))]
    return np.array([values[max(t - before, 0) : end].mean(0) for t, end in enumerate(ends)])


def normalized(rule: sg.normalize.Affine, samples: np.ndarray, engine: str, **more: object) -> np.ndarray:
    return dataclasses.replace(BASE, normalize=rule)(samples, engine, **more)


@ENGINES
@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (sg.normalize.Affine(-4, 2), (VALUES + 4) / 2),
        (sg.normalize.Affine(sg.Matrix(range(8)), sg.Matrix([2] * 8)), (VALUES - np.arange(8)) / 2),
        (sg.normalize.Affine(1, sg.Matrix(range(1, 9))), (VALUES - 1) / np.arange(1, 9)),
        (sg.normalize.Standardize(), (VALUES - VALUES.mean()) / VALUES.std()),
        (sg.normalize.Standardize("band"), (VALUES - VALUES.mean(0)) / VALUES.std(0)),
        (sg.normalize.Standardize("band", 1), (VALUES - VALUES.mean(0)) / VALUES.std(0, ddof=1)),
        (sg.normalize.Standardize("band", 0, 0.5), (VALUES - VALUES.mean(0)) / (VALUES.std(0) + 0.5)),
        (
            sg.normalize.Standardize("band", 1, 0.5, "variance"),
            (VALUES - VALUES.mean(0)) / np.sqrt(VALUES.var(0, ddof=1) + 0.5),
        ),
        (sg.normalize.Affine(-4, 2, -1, 0.5), np.clip((VALUES + 4) / 2, -1, 0.5)),
        (sg.normalize.RemoveMean(), VALUES - VALUES.mean(0)),
        (sg.normalize.RemoveMean("clip"), VALUES - VALUES.mean()),
        (sg.normalize.UnitPeak(), VALUES / np.abs(VALUES).max(1, keepdims=True)),
        (sg.normalize.Affine(-4, 2, step=0.25), np.round((VALUES + 4) / 2 * 4) / 4),
        (sg.normalize.RunningMean(0.1, -1, 2), (VALUES - running(VALUES, -1)) / 2),
        (sg.normalize.RunningMean(0.1, sg.Matrix(range(8))), VALUES - running(VALUES, np.arange(8))),
        (sg.normalize.RunningMean(0.1, "first"), VALUES - running(VALUES, VALUES[0])),
        (sg.normalize.SlidingMean(6, 4), VALUES - sliding(VALUES, 6, 4)),
        (sg.normalize.SlidingMean(50, 40), VALUES - VALUES.mean(0)),
        (sg.normalize.MinMax(0.25), (VALUES - VALUES.min()) / (np.ptp(VALUES) + 0.25)),
    ],
    ids=repr,
)
def test_rule(rule: sg.normalize.Affine, expected: np.ndarray, engine: str) -> None:
    np.testing.assert_allclose(normalized(rule, SAMPLES, engine), expected, rtol=2e-5, atol=5e-5)


@ENGINES
@pytest.mark.parametrize(
    "rule",
    [
        sg.normalize.Standardize("band", 1),
        sg.normalize.Standardize(),
        sg.normalize.MinMax(),
        sg.normalize.SlidingMean(20, 12),
    ],
    ids=repr,
)
def test_statistics_see_valid_frames_of_one_clip_alone(rule: sg.normalize.Affine, engine: str) -> None:
    batch = np.stack([SAMPLES, 100 * SAMPLES[::-1]])
    batch[0, 300:] = np.nan
    features = normalized(rule, batch, engine, lengths=np.array([300, 640]))
    alone = normalized(rule, SAMPLES[:300], engine)
    np.testing.assert_allclose(features[0, : len(alone)], alone, rtol=1e-5, atol=1e-5)
    assert not features[0, len(alone) :].any()
    alone = normalized(rule, batch[1], engine)
    np.testing.assert_allclose(features[1], alone, rtol=1e-5, atol=1e-5)


@ENGINES
@pytest.mark.parametrize(
    "rule", [sg.normalize.Standardize("band", 1), sg.normalize.Standardize(), sg.normalize.MinMax()], ids=repr
)
def test_what_never_changes_becomes_0(rule: sg.normalize.Affine, engine: str) -> None:
    assert not normalized(rule, np.zeros(640, np.float32), engine).any()
    assert not normalized(rule, np.zeros((2, 64), np.float32), engine).any()
    assert normalized(rule, np.zeros(63, np.float32), engine).shape == (0, 8)


@ENGINES
def test_one_frame_has_no_deviation(engine: str) -> None:
    assert not normalized(sg.normalize.Standardize("band", 1), SAMPLES[:64], engine).any()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: sg.normalize.Affine(std=0), "std must not be 0"),
        (lambda: sg.normalize.Affine(std=sg.Matrix([1, 0])), "std must not be 0"),
        (lambda: sg.normalize.Affine([1, 2]), r"mean must be a number or a sonogram.Matrix"),
        (lambda: sg.normalize.Affine(sg.Matrix([[1]])), "one number for each band"),
        (lambda: sg.normalize.Standardize("batch"), "'clip', 'band'; got 'batch'"),
        (lambda: sg.normalize.Standardize(ddof=2), "0, 1; got 2"),
        (lambda: sg.normalize.Standardize(epsilon=-1), "epsilon must not be negative"),
        (lambda: sg.normalize.Standardize(epsilon_added_to="root"), "'std', 'variance'; got 'root'"),
        (lambda: sg.normalize.MinMax(0), "epsilon must be above 0"),
    ],
)
def test_wrong_normalization_says_what_is_right(make: object, message: str) -> None:
    with pytest.raises(sg.DefinitionError, match=message):
        make()


def test_constants_must_fit_the_bands() -> None:
    constants = sg.normalize.Affine(sg.Matrix(range(8)))
    assert dataclasses.replace(BASE, normalize=constants, stack=sg.stack.Stack(2)).num_bands == 16
    with pytest.raises(sg.DefinitionError, match=r"mean must be .* each of the 8 bands"):
        dataclasses.replace(BASE, normalize=sg.normalize.Affine(sg.Matrix([1, 2, 3])))
    with pytest.raises(sg.DefinitionError, match=r"std must be .* each of the 4 bands"):
        dataclasses.replace(
            BASE, cepstrum=sg.cepstrum.Cepstrum(4), normalize=sg.normalize.Affine(0, sg.Matrix([1] * 8))
        )
