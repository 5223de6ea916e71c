"""Normalization of one example: against NumPy, over valid frames alone, and 0 where nothing changes."""

import dataclasses

import engine_list
import numpy as np
import pytest
import signals

import sonogram as sg

BASE = sg.Frontend(8000, 64, 32, spectrum=sg.Power(), bands=sg.Mel(8), scaling=sg.Log(floor=1e-10))
SAMPLES = signals.noise(640)
VALUES = BASE(SAMPLES, "numpy").astype(np.float64)
ENGINES = pytest.mark.parametrize("engine", engine_list.ALL)


def normalized(rule: sg.Affine, samples: np.ndarray, engine: str, **more: object) -> np.ndarray:
    return dataclasses.replace(BASE, normalize=rule)(samples, engine, **more)


@ENGINES
@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (sg.Affine(-4, 2), (VALUES + 4) / 2),
        (sg.Affine(sg.Matrix(range(8)), sg.Matrix([2] * 8)), (VALUES - np.arange(8)) / 2),
        (sg.Affine(1, sg.Matrix(range(1, 9))), (VALUES - 1) / np.arange(1, 9)),
        (sg.Standardize(), (VALUES - VALUES.mean()) / VALUES.std()),
        (sg.Standardize("band"), (VALUES - VALUES.mean(0)) / VALUES.std(0)),
        (sg.Standardize("band", 1), (VALUES - VALUES.mean(0)) / VALUES.std(0, ddof=1)),
        (sg.Standardize("band", 0, 0.5), (VALUES - VALUES.mean(0)) / (VALUES.std(0) + 0.5)),
        (
            sg.Standardize("band", 1, 0.5, "variance"),
            (VALUES - VALUES.mean(0)) / np.sqrt(VALUES.var(0, ddof=1) + 0.5),
        ),
        (sg.UnitRange(0.25), (VALUES - VALUES.min()) / (np.ptp(VALUES) + 0.25)),
    ],
    ids=repr,
)
def test_rule(rule: sg.Affine, expected: np.ndarray, engine: str) -> None:
    np.testing.assert_allclose(normalized(rule, SAMPLES, engine), expected, rtol=2e-5, atol=5e-5)


@ENGINES
@pytest.mark.parametrize("rule", [sg.Standardize("band", 1), sg.Standardize(), sg.UnitRange()], ids=repr)
def test_statistics_see_valid_frames_of_one_clip_alone(rule: sg.Affine, engine: str) -> None:
    batch = np.stack([SAMPLES, 100 * SAMPLES[::-1]])
    batch[0, 300:] = np.nan
    features = normalized(rule, batch, engine, lengths=np.array([300, 640]))
    alone = normalized(rule, SAMPLES[:300], engine)
    np.testing.assert_allclose(features[0, : len(alone)], alone, rtol=1e-5, atol=1e-5)
    assert not features[0, len(alone) :].any()
    alone = normalized(rule, batch[1], engine)
    np.testing.assert_allclose(features[1], alone, rtol=1e-5, atol=1e-5)


@ENGINES
@pytest.mark.parametrize("rule", [sg.Standardize("band", 1), sg.Standardize(), sg.UnitRange()], ids=repr)
def test_what_never_changes_becomes_0(rule: sg.Affine, engine: str) -> None:
    assert not normalized(rule, np.zeros(640, np.float32), engine).any()
    assert not normalized(rule, np.zeros((2, 64), np.float32), engine).any()
    assert normalized(rule, np.zeros(63, np.float32), engine).shape == (0, 8)


@ENGINES
def test_one_frame_has_no_deviation(engine: str) -> None:
    assert not normalized(sg.Standardize("band", 1), SAMPLES[:64], engine).any()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: sg.Affine(deviation=0), "deviation must not be 0"),
        (lambda: sg.Affine(deviation=sg.Matrix([1, 0])), "deviation must not be 0"),
        (lambda: sg.Affine([1, 2]), r"mean must be a number or a sonogram.Matrix"),
        (lambda: sg.Affine(sg.Matrix([[1]])), "one number for each band"),
        (lambda: sg.Standardize("batch"), "'example', 'band'; got 'batch'"),
        (lambda: sg.Standardize(ddof=2), "0, 1; got 2"),
        (lambda: sg.Standardize(epsilon=-1), "epsilon must not be negative"),
        (lambda: sg.Standardize(epsilon_in="root"), "'deviation', 'variance'; got 'root'"),
        (lambda: sg.UnitRange(0), "epsilon must be above 0"),
    ],
)
def test_wrong_normalization_says_what_is_right(make: object, message: str) -> None:
    with pytest.raises(sg.DefinitionError, match=message):
        make()


def test_constants_must_fit_the_bands() -> None:
    constants = sg.Affine(sg.Matrix(range(8)))
    assert dataclasses.replace(BASE, normalize=constants, stack=sg.Stack(2)).num_bands == 16
    with pytest.raises(sg.DefinitionError, match=r"mean must be .* each of the 8 bands"):
        dataclasses.replace(BASE, normalize=sg.Affine(sg.Matrix([1, 2, 3])))
    with pytest.raises(sg.DefinitionError, match=r"deviation must be .* each of the 4 bands"):
        dataclasses.replace(BASE, cepstrum=sg.Cepstrum(4), normalize=sg.Affine(0, sg.Matrix([1] * 8)))
