"""The comparison of features passes float32 noise and fails errors, by each of its bounds."""

import dataclasses

import numpy as np
import pytest
import signals
from agreement import assert_agrees, differences

import sonogram as sg

BASE = sg.Frontend(8000, 64, 32, spectrum=sg.spectrum.Power(), bands=sg.bands.Mel(8))
SAMPLES = signals.noise(640)
KINDS = {
    "linear": BASE,
    "log": dataclasses.replace(BASE, scaling=sg.scaling.Log(floor=1e-10)),
    "decibels": dataclasses.replace(BASE, scaling=sg.scaling.Decibels()),
    "affine": dataclasses.replace(BASE, scaling=sg.scaling.Decibels(), normalize=sg.normalize.Affine(-4, 4)),
    "standardized": dataclasses.replace(
        BASE, scaling=sg.scaling.Log(floor=1e-10), normalize=sg.normalize.Standardize("band", 1)
    ),
    "unit range": dataclasses.replace(BASE, scaling=sg.scaling.Decibels(), normalize=sg.normalize.MinMax()),
    "cepstra": dataclasses.replace(BASE, scaling=sg.scaling.Decibels(), cepstrum=sg.cepstrum.Cepstrum(5)),
    "pcen": dataclasses.replace(BASE, scaling=sg.scaling.Pcen()),
    "stacked": dataclasses.replace(BASE, stack=sg.stack.Stack(2)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_it_passes_float32_noise(kind: str) -> None:
    features = KINDS[kind](SAMPLES, "numpy")
    wobble = 1 + 1e-7 * np.random.default_rng(0).standard_normal(features.shape)
    assert_agrees(KINDS[kind], SAMPLES, features * wobble, features)


@pytest.mark.parametrize("kind", KINDS)
def test_it_fails_a_hundredth_of_a_decibel(kind: str) -> None:
    louder = SAMPLES * np.float32(10 ** (0.01 / 20))
    definition = KINDS[kind]
    if definition.normalize is not None and definition.normalize.clip_dependent:
        louder = SAMPLES.copy()
        louder[320:] *= np.float32(10 ** (0.02 / 20))
    if kind == "pcen":
        louder = louder * np.float32(1.2)  # which takes levels off, by design
    with pytest.raises(AssertionError, match="at most"):
        assert_agrees(definition, SAMPLES, definition(louder, "numpy"), definition(SAMPLES, "numpy"))


@pytest.mark.parametrize("kind", KINDS)
def test_it_fails_one_cell(kind: str) -> None:
    features = KINDS[kind](SAMPLES, "numpy").astype(np.float64)
    wrong = features.copy()
    wrong[3, 1] += 0.05 * np.ptp(features)
    assert differences(KINDS[kind], SAMPLES, wrong, features)


@pytest.mark.parametrize("kind", KINDS)
def test_it_fails_frames_that_come_late(kind: str) -> None:
    features = KINDS[kind](SAMPLES, "numpy")
    assert differences(KINDS[kind], SAMPLES, np.roll(features, 1, axis=0), features)


def test_it_fails_shapes_and_what_is_not_a_number() -> None:
    features = BASE(SAMPLES, "numpy")
    assert "shape" in differences(BASE, SAMPLES, features[1:], features)[0]
    assert "shape" in differences(BASE, SAMPLES, features.T, features)[0]
    wrong = features.copy()
    wrong[2, 2] = np.nan
    assert "not finite" in differences(BASE, SAMPLES, wrong, features)[0]


def test_it_fails_a_blank_frame_that_holds_something() -> None:
    definition = dataclasses.replace(BASE, padding=sg.padding.Center(last_frame="zero"))
    features = definition(SAMPLES, "numpy")
    wrong = features.copy()
    wrong[-1] = 1e-9
    assert differences(definition, SAMPLES, wrong, features) == ["the frames that hold no features are not 0"]


def test_it_lets_faint_cells_be_rounding_noise() -> None:
    definition = KINDS["log"]
    features = definition(SAMPLES, "numpy")
    features[:, 2] -= 25  # e^-25 of its power: below float32 noise of the other cells
    noisy = features.copy()
    noisy[:, 2] += 0.5
    assert_agrees(definition, SAMPLES, noisy, features)
    noisy[:, 3] += 2e-3
    assert "logarithms differ" in differences(definition, SAMPLES, noisy, features)[-1]
