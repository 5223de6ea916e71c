"""Exported models on silence, constants, denormals, NaN and infinity, with every normalization."""

import dataclasses
from pathlib import Path

import keras
import numpy as np
import pytest
import signals
from formats import TRIED
from normalizations import NORMALIZATIONS
from numpy.typing import NDArray

import sonogram as sg
from sonogram.exporting import export
from sonogram.exporting.runner import run

LENGTHS = (4003, 3999, 1461, 400)  # no multiple of 8
DENORMAL = np.float32(1e-40)
CONSTANTS = np.float32([0, 1e-3, 0.25, -1 / 32768, DENORMAL])
# A periodic Hann window leaves an offset in the bins 0 and 1, below 80 Hz.
LOG_MEL = sg.Frontend(
    16000,
    400,
    160,
    400,
    spectrum=sg.spectrum.Power(),
    bands=sg.bands.Mel(13, 100),
    scaling=sg.scaling.Log(floor=1e-10),
)
PEAK = dataclasses.replace(
    LOG_MEL, bands=sg.bands.Mel(13), scaling=sg.scaling.Decibels(reference="peak", dynamic_range=80)
)
FRONTENDS = [dataclasses.replace(base, normalize=rule) for base in (LOG_MEL, PEAK) for rule in NORMALIZATIONS]


def constant_clips(num_samples: int) -> NDArray[np.float32]:
    return np.repeat(CONSTANTS[:, None], num_samples, axis=1)


def noise_of_denormals(num_samples: int) -> NDArray[np.float32]:
    return DENORMAL * np.random.default_rng(0).choice(np.float32([-1, 1, 2]), (1, num_samples))


def invalid_clips(num_samples: int) -> NDArray[np.float32]:
    """Two clips of noise, and between them three with one sample that is no number."""
    clips = np.stack([signals.noise(num_samples, seed) for seed in range(5)])
    clips[1:4, num_samples // 2] = np.nan, np.inf, -np.inf
    return clips


@pytest.mark.parametrize("form", TRIED)
def test_exports_agree(form: str, tmp_path: Path) -> None:
    """All in one model: exporting takes seconds."""
    samples = keras.Input((None,))
    model = keras.Model(samples, [sg.layers.Spectrogram(each)(samples) for each in FRONTENDS])
    export(model, tmp_path / "model", form)
    clips = [make(size) for size in LENGTHS for make in (constant_clips, noise_of_denormals, invalid_clips)]
    results, _ = run(form, tmp_path / "model", [{"samples": batch} for batch in clips])
    for batch, result in zip(clips, results, strict=True):
        for index, frontend in enumerate(FRONTENDS):
            with np.errstate(all="ignore"):
                want = frontend(batch, "numpy")
            got = result[f"output_{index}"]
            where = f"{frontend.normalize} of {frontend.scaling}, {batch.shape}"
            np.testing.assert_array_equal(np.isfinite(got), np.isfinite(want), where)
            finite = np.isfinite(want)
            np.testing.assert_allclose(got[finite], want[finite], rtol=1e-3, atol=1e-3, err_msg=where)


EVERY_SCALING = [
    sg.scaling.Log(floor=1e-10),
    sg.scaling.Log(base=10, offset=1e-6),
    sg.scaling.Decibels(),
    sg.scaling.Decibels(reference="peak"),
    sg.scaling.MaskedLog(floor=1e-10),
    sg.scaling.Pcen(),
]


@pytest.mark.parametrize("form", TRIED)
def test_what_is_no_number_stays_so(form: str, tmp_path: Path) -> None:
    """The logarithm, the exponential and the maximum of LiteRT give numbers for some kinds of NaN."""
    frontends = [dataclasses.replace(LOG_MEL, scaling=each) for each in EVERY_SCALING]
    frontends.append(dataclasses.replace(LOG_MEL, cepstrum=sg.cepstrum.Cepstrum(13)))
    samples = keras.Input((None,))
    export(
        keras.Model(samples, [sg.layers.Spectrogram(each)(samples) for each in frontends]),
        tmp_path / "model",
        form,
    )
    clips = invalid_clips(4003)
    ((result,), _) = run(form, tmp_path / "model", [{"samples": np.concatenate([clips, -clips])}])
    for index, frontend in enumerate(frontends):
        with np.errstate(all="ignore"):
            want = frontend(np.concatenate([clips, -clips]), "numpy")
        got = result[f"output_{index}"]
        np.testing.assert_array_equal(np.isfinite(got), np.isfinite(want), str(frontend.scaling))
        finite = np.isfinite(want)
        np.testing.assert_allclose(got[finite], want[finite], rtol=1e-3, atol=1e-3)
