"""Cepstra against SciPy's cosine transform, and Kaldi's lifter and energy by hand."""

import dataclasses

import engine_names
import numpy as np
import pytest
import scipy.fft
import signals

import sonogram as sg

BASE = sg.Frontend(
    8000, 64, 32, spectrum=sg.spectrum.Power(), bands=sg.bands.Mel(8), scaling=sg.scaling.Log(floor=1e-10)
)
SAMPLES = signals.noise(640)
BANDS = BASE(SAMPLES, "numpy").astype(np.float64)
ENGINES = pytest.mark.parametrize("engine", engine_names.ALL)


@ENGINES
def test_orthonormal_cepstra_are_scipys(engine: str) -> None:
    expected = scipy.fft.dct(BANDS, norm="ortho")[:, :5]
    features = dataclasses.replace(BASE, cepstrum=sg.cepstrum.Cepstrum(5))(SAMPLES, engine)
    np.testing.assert_allclose(features, expected, rtol=1e-5, atol=2e-5)


def test_htks_first_row_is_not_orthonormal() -> None:
    ortho, htk = sg.cepstrum.Cepstrum(8).matrix(8), sg.cepstrum.Cepstrum(8, "htk").matrix(8)
    np.testing.assert_allclose(ortho.T @ ortho, np.eye(8), atol=1e-12)
    np.testing.assert_allclose(htk[:, 1:], ortho[:, 1:])
    np.testing.assert_allclose(htk[:, 0], ortho[:, 0] * np.sqrt(2))
    np.testing.assert_allclose(htk[:, 0], np.sqrt(2 / 8))


def test_the_lifter_is_kaldis() -> None:
    ratio = sg.cepstrum.Cepstrum(4, lifter=22).matrix(8) / sg.cepstrum.Cepstrum(4).matrix(8)
    # Of the first row, i = 0, nothing changes; then 1 + 11 sin(pi i / 22).
    expected = [1, 1 + 11 * np.sin(np.pi / 22), 1 + 11 * np.sin(np.pi / 11), 1 + 11 * np.sin(3 * np.pi / 22)]
    np.testing.assert_allclose(ratio, np.tile(expected, (8, 1)), rtol=1e-9)


@ENGINES
def test_the_energy_is_that_of_samples_before_emphasis_and_window(engine: str) -> None:
    conditioning = sg.conditioning.Conditioning(100, "frame", sg.conditioning.Preemphasis())
    definition = dataclasses.replace(
        BASE, conditioning=conditioning, cepstrum=sg.cepstrum.Cepstrum(3, energy="replace")
    )
    frames = np.lib.stride_tricks.sliding_window_view(SAMPLES.astype(np.float64) * 100, 64)[::32]
    frames = frames - frames.mean(axis=1, keepdims=True)
    expected = np.log((frames**2).sum(axis=1))
    features = definition(SAMPLES, engine)
    np.testing.assert_allclose(features[:, 0], expected, rtol=1e-5)
    plain = dataclasses.replace(definition, cepstrum=sg.cepstrum.Cepstrum(3))(SAMPLES, "numpy")
    np.testing.assert_allclose(features[:, 1:], plain[:, 1:], rtol=1e-4, atol=1e-4)


@ENGINES
def test_the_energy_of_the_spectrum_stands_in_front_of_the_other_coefficients(engine: str) -> None:
    definition = dataclasses.replace(BASE, cepstrum=sg.cepstrum.Cepstrum(3, energy="spectrum"))
    power = dataclasses.replace(BASE, bands=None, scaling=None)(SAMPLES, "numpy")
    features = definition(SAMPLES, engine)
    np.testing.assert_allclose(features[:, 0], np.log(power.sum(axis=1) / 64), rtol=1e-5)
    plain = dataclasses.replace(definition, cepstrum=sg.cepstrum.Cepstrum(3))(SAMPLES, "numpy")
    np.testing.assert_allclose(features[:, 1:], plain[:, 1:], rtol=1e-4, atol=1e-4)


@ENGINES
def test_the_energy_of_silence_is_its_floor(engine: str) -> None:
    cepstrum = sg.cepstrum.Cepstrum(1, energy="replace", energy_floor=1e-3)
    features = dataclasses.replace(BASE, cepstrum=cepstrum)(np.zeros(640, np.float32), engine)
    np.testing.assert_allclose(features, np.log(1e-3), rtol=1e-6)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: sg.cepstrum.Cepstrum(0), "num_coefficients must be a whole number of at least 1; got 0"),
        (lambda: sg.cepstrum.Cepstrum(norm="slaney"), "'ortho', 'htk'; got 'slaney'"),
        (lambda: sg.cepstrum.Cepstrum(lifter=0), "lifter must be above 0, or None; got 0"),
        (lambda: sg.cepstrum.Cepstrum(energy="append"), "None, 'replace', 'spectrum'; got 'append'"),
        (lambda: sg.cepstrum.Cepstrum(energy_floor=0), "energy_floor must be above 0"),
        (
            lambda: dataclasses.replace(BASE, cepstrum=sg.cepstrum.Cepstrum(9)),
            "num_coefficients must be at most 8.*; got 9",
        ),
        (
            lambda: dataclasses.replace(
                BASE, bands=None, cepstrum=sg.cepstrum.Cepstrum(3, energy="spectrum")
            ),
            "needs spectrum=Power.. and a filter bank",
        ),
    ],
)
def test_wrong_cepstra_say_what_is_right(make: object, message: str) -> None:
    with pytest.raises(sg.DefinitionError, match=message):
        make()
