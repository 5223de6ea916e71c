"""Compressions by hand and against librosa; floors before references; peaks of one clip alone."""

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import engine_names
import librosa
import numpy as np
import pytest
import signals

import sonogram as sg

BASE = sg.Frontend(8000, 64, 32, spectrum=sg.spectrum.Power(), bands=sg.bands.Mel(8))
SAMPLES = signals.noise(640)
POWER = BASE(SAMPLES, "numpy").astype(np.float64)
ENGINES = pytest.mark.parametrize("engine", engine_names.ALL)


def scaled(scaling: sg.scaling.Log, engine: str, **changes: object) -> np.ndarray:
    return dataclasses.replace(BASE, scaling=scaling, **changes)(SAMPLES, engine)


@ENGINES
@pytest.mark.parametrize(
    ("scaling", "expected"),
    [
        (sg.scaling.Log(floor=1e-3), np.log(np.maximum(POWER, 1e-3))),
        (sg.scaling.Log(floor=0.1), np.log(np.maximum(POWER, 0.1))),
        (sg.scaling.Log(offset=0.01), np.log(POWER + 0.01)),
        (sg.scaling.Log(10, 0.1, 0.5), np.log10(np.maximum(POWER, 0.1) + 0.5)),
        (sg.scaling.Log(floor=0.1, multiplier=-3), -3 * np.log(np.maximum(POWER, 0.1))),
        # The floor comes first: what lies below it is floor / reference, whatever the reference.
        (sg.scaling.Log(floor=0.1, reference=0.02), np.log(np.maximum(POWER, 0.1) / 0.02)),
        (sg.scaling.Log(zero=0.1), np.log(POWER)),
        (sg.scaling.Decibels(), 10 * np.log10(POWER)),
        (sg.scaling.Decibels(floor=0.1, reference=4), 10 * np.log10(np.maximum(POWER, 0.1) / 4)),
        (
            sg.scaling.Decibels(dynamic_range=6),
            np.maximum(10 * np.log10(POWER), 10 * np.log10(POWER.max()) - 6),
        ),
        (sg.scaling.Decibels(reference="peak"), 10 * np.log10(POWER / POWER.max())),
        (
            sg.scaling.Decibels(reference="peak", dynamic_range=6),
            np.maximum(10 * np.log10(POWER / POWER.max()), -6),
        ),
        (
            sg.scaling.Log(10, 1e-10, dynamic_range=1),
            np.maximum(np.log10(POWER), np.log10(POWER.max()) - 1),
        ),
    ],
    ids=repr,
)
def test_logarithms(scaling: sg.scaling.Log, expected: np.ndarray, engine: str) -> None:
    np.testing.assert_allclose(scaled(scaling, engine), expected, rtol=1e-5, atol=2e-5)


@ENGINES
def test_decibels_are_20_log10_of_a_magnitude(engine: str) -> None:
    magnitude = dataclasses.replace(BASE, spectrum=sg.spectrum.Magnitude())(SAMPLES, "numpy")
    expected = 20 * np.log10(magnitude)
    decibels = scaled(sg.scaling.Decibels(), engine, spectrum=sg.spectrum.Magnitude())
    np.testing.assert_allclose(decibels, expected, rtol=1e-5, atol=5e-5)


@pytest.mark.parametrize("reference", [1, 5, "peak"])
def test_decibels_are_librosas(reference: float | str) -> None:
    expected = librosa.power_to_db(
        POWER, ref=np.max if reference == "peak" else reference, amin=1e-10, top_db=12
    )
    ours = scaled(sg.scaling.Decibels(reference=reference, dynamic_range=12), "numpy")
    np.testing.assert_allclose(ours, expected, rtol=1e-6, atol=1e-5)


@ENGINES
def test_the_peak_is_each_clips_own(engine: str) -> None:
    definition = dataclasses.replace(BASE, scaling=sg.scaling.Decibels(reference="peak", dynamic_range=20))
    batch = np.stack([SAMPLES, SAMPLES * np.float32(1e-3)])
    features = definition(batch, engine)
    assert features.max(axis=(1, 2)).tolist() == [0, 0]
    assert features.min(axis=(1, 2)).tolist() == pytest.approx([-20, -20], abs=1e-4) or (features.min() > -20)
    np.testing.assert_allclose(features[0], features[1], atol=1e-3)


@ENGINES
@pytest.mark.parametrize(("bias", "power", "gain"), [(2, 0.5, 0.98), (10, 0.25, 0.8), (0, 0.5, 0.5)])
def test_pcen_is_librosas(bias: float, power: float, gain: float, engine: str) -> None:
    scaling = sg.scaling.Pcen(0.1, gain, bias, power, initial="first")
    # Without a state librosa's filter begins as if the energy had always been 1.
    expected = librosa.pcen(POWER.T, b=0.1, gain=gain, bias=bias, power=power, eps=1e-6).T
    ours = scaled(dataclasses.replace(scaling, initial=1), engine)
    np.testing.assert_allclose(ours, expected, rtol=3e-5, atol=1e-6)


@ENGINES
def test_pcen_begins_with_its_first_frame(engine: str) -> None:
    constant = np.ones(640, np.float32)  # every frame is the same, so the smoothed energy is
    first = dataclasses.replace(BASE, scaling=sg.scaling.Pcen(0.1, initial="first"))(constant, engine)
    np.testing.assert_allclose(first, first[:1].repeat(len(first), axis=0), rtol=1e-5, atol=1e-7)
    energy = BASE(constant, "numpy")[0].astype(np.float64)
    expected = (energy / (1e-6 + energy) ** 0.98 + 2) ** 0.5 - 2**0.5
    np.testing.assert_allclose(first[0], expected, rtol=1e-4, atol=1e-6)
    zero = dataclasses.replace(BASE, scaling=sg.scaling.Pcen(0.1, initial=0))(constant, engine)
    expected = (energy / (1e-6 + 0.1 * energy) ** 0.98 + 2) ** 0.5 - 2**0.5
    np.testing.assert_allclose(zero[0], expected, rtol=1e-4, atol=1e-6)


def test_units() -> None:
    def unit(scaling: sg.scaling.Log | None, **changes: object) -> str:
        return dataclasses.replace(BASE, scaling=scaling, **changes).unit

    assert unit(None) == "power"
    assert unit(None, spectrum=sg.spectrum.Magnitude()) == "magnitude"
    assert unit(sg.scaling.Log(floor=1)) == "ln power"
    assert unit(sg.scaling.Log(10, 1), spectrum=sg.spectrum.Magnitude()) == "log10 magnitude"
    assert unit(sg.scaling.Log(10, 1, multiplier=10)) == "10 log10 power"
    assert unit(sg.scaling.Decibels()) == "dB"
    assert unit(sg.scaling.Pcen()) == "PCEN"
    assert unit(sg.scaling.Decibels(), normalize=sg.normalize.MinMax()) == "normalized dB"
    assert unit(sg.scaling.Decibels(), cepstrum=sg.cepstrum.Cepstrum(3)) == "cepstrum of dB"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (sg.scaling.Log, "needs a floor or an offset above 0"),
        (lambda: sg.scaling.Log(floor=0), "needs a floor or an offset above 0"),
        (lambda: sg.scaling.Log(floor=-1), "floor must be above 0; got -1"),
        (lambda: sg.scaling.Log(floor=1, dynamic_range=0), "dynamic_range must be above 0"),
        (lambda: sg.scaling.Log(2, floor=1), "'e', 10; got 2"),
        (lambda: sg.scaling.Log(floor=1, reference="max"), "'max'"),
        (lambda: sg.scaling.Log(floor=1, reference=0), 'above 0, "peak" or None'),
        (lambda: sg.scaling.Log(floor=1, multiplier=0), "multiplier must not be 0"),
        (lambda: sg.scaling.Decibels(multiplier=2), "use Log"),
        (lambda: sg.scaling.Decibels("e"), "use Log"),
        (lambda: sg.scaling.Decibels(floor=None), "Decibels needs a floor or an offset"),
        (lambda: sg.scaling.Pcen(1), "between 0 and 1; got 1"),
        (lambda: sg.scaling.Pcen(epsilon=0), "epsilon must be above 0"),
        (lambda: sg.scaling.Pcen(power=0), "power must be above 0"),
        (lambda: sg.scaling.Pcen(gain=-1), "gain must not be negative"),
        (lambda: sg.scaling.Pcen(bias=-1), "bias must not be negative"),
        (lambda: sg.scaling.Pcen(initial="zero"), "a number, 'first'; got 'zero'"),
        (lambda: sg.scaling.Pcen(initial=-1), "at least 0; got -1"),
    ],
)
def test_wrong_scaling_says_what_is_right(make: object, message: str) -> None:
    with pytest.raises(sg.DefinitionError, match=message):
        make()


def test_decibels_of_silence_are_the_floor() -> None:
    silence = np.zeros(640, np.float32)
    for engine in engine_names.present():
        features = dataclasses.replace(BASE, scaling=sg.scaling.Decibels())(silence, engine)
        np.testing.assert_allclose(features, 10 * math.log10(1e-10), rtol=1e-6)


@ENGINES
def test_lower_bands_mask_higher_ones(engine: str) -> None:
    rule = sg.scaling.MaskedLog(offset=1e-6, slope=0.2, depth=0.5, start=-3)
    values, expected = np.log(POWER + 1e-6), np.empty_like(POWER)
    for t, row in enumerate(values):
        largest = below = rule.start
        for band, value in enumerate(row):
            below = expected[t, band] = max(value, below - rule.slope, largest - rule.depth)
            largest = max(largest, below)
    assert (expected > values + 0.01).mean() > 0.1
    np.testing.assert_allclose(scaled(rule, engine), expected, rtol=1e-5, atol=1e-5)


@ENGINES
def test_zero_stands_for_silence_alone(engine: str) -> None:
    scaling = sg.scaling.Log(zero=0.5)
    samples = np.concatenate([np.zeros(640), 1e-4 * SAMPLES]).astype(np.float32)
    found = dataclasses.replace(BASE, scaling=scaling)(samples, engine)
    np.testing.assert_allclose(found[:15], np.log(0.5), rtol=1e-6)
    assert (found[-10:] < np.log(0.5)).all(), "values between 0 and `zero` stay below it"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: sg.scaling.Log(floor=float(np.finfo(float).tiny)), "floor must be at least 1e-37"),
        (lambda: sg.scaling.Log(offset=1e-40), "offset must be at least 1e-37"),
        (lambda: sg.scaling.Log(zero=1e-40), "zero must be at least 1e-37"),
        (lambda: sg.scaling.Decibels(floor=1e-38, dynamic_range=80), "floor must be at least 1e-37"),
        (lambda: sg.scaling.Pcen(epsilon=1e-300), "epsilon must be at least 1e-37"),
        (lambda: sg.scaling.Pcen(bias=1e-21), "bias must be at least 1e-20"),
        (lambda: sg.scaling.Pcen(epsilon=1e-20, gain=2), "the factor on silence, must be at most 1e30"),
        (
            lambda: sg.cepstrum.Cepstrum(energy="replace", energy_floor=1e-300),
            "energy_floor must be at",
        ),
        (lambda: sg.normalize.Affine(step=1e-300), "step must be at least 1e-20"),
        (lambda: sg.normalize.Affine(std=1e-300), "std must not be 0, nor within 1e-37 of it"),
        (lambda: sg.normalize.Affine(std=sg.Matrix([1.0, 1e-40])), "std must not be 0, nor within"),
        (lambda: sg.normalize.MinMax(epsilon=1e-40), "epsilon must be at least 1e-37"),
    ],
)
def test_numbers_that_float32_loses_are_refused(make: Callable[[], object], message: str) -> None:
    with pytest.raises(sg.DefinitionError, match=message):
        make()


@ENGINES
@pytest.mark.parametrize(
    "scaling",
    [
        sg.scaling.Log(floor=1e-37),
        sg.scaling.Log(offset=1e-37),
        sg.scaling.Log(zero=1e-37),
        sg.scaling.Decibels(floor=1e-37, dynamic_range=80),
        sg.scaling.Pcen(epsilon=1e-30, gain=1, bias=1e-20),
    ],
    ids=repr,
)
def test_the_least_numbers_give_the_same_silence_in_every_engine(scaling: Any, engine: str) -> None:
    silence = np.zeros(640, np.float32)
    frontend = dataclasses.replace(BASE, scaling=scaling)
    expected = frontend(silence, "numpy")
    assert np.isfinite(expected).all()
    np.testing.assert_allclose(frontend(silence, engine), expected, rtol=1e-5, atol=1e-4)
