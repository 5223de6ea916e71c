"""`graph` and `portable` on the backend's own tensors, against `numpy`."""

import dataclasses
import itertools

import keras
import keras_backend
import numpy as np
import pytest
import signals
from agreement import assert_agrees
from contract import EVERY_STAGE, SPECTRUM_BOUND, bare

import sonogram as sg

pytestmark = keras_backend.on_every_backend

MORE = ("efficientat-32k", "granite-speech", "seamless-m4t", "kaldi-mfcc-13", "perch-pcen", "gemma4")
SMALL = sg.Frontend(8000, 64, 32)
PADDINGS = [
    sg.padding.Valid(lookahead=1),
    sg.padding.End(),
    sg.padding.Center(last_frame="zero"),
    sg.padding.Center("window", mode="constant"),
    sg.padding.HalfOverlap(),
    sg.padding.Same(),
    sg.padding.Same("fft"),
    sg.padding.StepCenter(),
    sg.padding.Causal(),
]
ENGINES = pytest.mark.parametrize("engine", ["graph", "portable"])


@ENGINES
@pytest.mark.parametrize("name", EVERY_STAGE + MORE)
def test_preset_agrees_with_numpy(name: str, engine: str) -> None:
    definition = sg.preset(name)
    samples = signals.eventful(definition.frame_length * 3 + definition.frame_step * 5 + 7)
    features = keras_backend.array(definition(keras_backend.tensor(samples), engine))
    assert features.dtype == np.float32
    assert_agrees(definition, samples, features, definition(samples, "numpy"))


@ENGINES
@pytest.mark.parametrize("name", EVERY_STAGE)
def test_magnitudes_agree_to_float32_noise(name: str, engine: str) -> None:
    magnitude = bare(
        sg.preset(name), spectrum=sg.spectrum.Magnitude(), conditioning=sg.conditioning.Conditioning()
    )
    samples = signals.noise(magnitude.frame_length * 5)
    want = magnitude(samples, "numpy")
    error = np.abs(keras_backend.array(magnitude(keras_backend.tensor(samples), engine)) - want)
    excess = error - SPECTRUM_BOUND[engine] * want.max(axis=1, keepdims=True)
    assert excess.max() <= 0


@ENGINES
@pytest.mark.parametrize("padding", PADDINGS, ids=repr)
def test_every_padding_at_every_length(padding: sg.padding.Valid, engine: str) -> None:
    definition = dataclasses.replace(SMALL, padding=padding, fft_length=80)
    for num_samples in (0, 1, 31, 64, 65, 100, 131):
        samples = signals.noise(num_samples)
        want = definition(samples, "numpy")
        got = keras_backend.array(definition(keras_backend.tensor(samples), engine))
        assert got.shape == want.shape == (definition.num_frames(num_samples), 41)
        np.testing.assert_allclose(got, want, rtol=0, atol=2e-5, err_msg=f"{num_samples}")


@ENGINES
@pytest.mark.parametrize("padding", PADDINGS, ids=repr)
def test_lengths_are_clips_of_their_own(padding: sg.padding.Valid, engine: str) -> None:
    definition = dataclasses.replace(SMALL, padding=padding, normalize=sg.normalize.MinMax(1e-2))
    lengths = np.array([200, 131, 64, 1, 0])
    batch = np.stack([signals.noise(200, seed) for seed in range(5)])
    for clip, length in zip(batch, lengths, strict=True):
        clip[length:] = np.nan
    got = definition(keras_backend.tensor(batch), engine, lengths=keras_backend.tensor(lengths))
    want = definition(batch, "numpy", lengths=lengths)
    np.testing.assert_allclose(keras_backend.array(got), want, rtol=0, atol=2e-5)


@ENGINES
@pytest.mark.parametrize("name", ["tf-stft", "whisper-80", "parakeet-80", "librosa-pcen", "kaldi-mfcc-13"])
def test_gradients_are_finite(name: str, engine: str) -> None:
    definition = sg.preset(name)
    batch = np.stack(list(signals.extremes(definition.frame_length * 3).values()))

    def loss(x: object) -> object:
        features = definition(x, engine)
        weights = np.cos(np.arange(definition.num_bands, dtype=np.float32))
        return keras.ops.sum(features * keras_backend.tensor(weights))

    assert np.isfinite(keras_backend.gradient(loss, batch)).all()


def test_a_gradient_is_the_slope() -> None:
    definition = dataclasses.replace(SMALL, bands=sg.bands.Mel(6), scaling=sg.scaling.Log(offset=0.1))
    samples = signals.noise(96)[None]
    slopes = keras_backend.gradient(lambda x: keras.ops.sum(definition(x, "graph")), samples)
    for place in (40, 60):
        step = np.zeros_like(samples, dtype=np.float64)
        step[0, place] = 1e-4
        up, down = (definition(samples + sign * step, "numpy").sum() for sign in (1, -1))
        assert slopes[0, place] == pytest.approx((up - down) / 2e-4, rel=1e-2, abs=1e-2)


def test_the_inverse_runs_on_the_backend() -> None:
    definition = dataclasses.replace(SMALL, padding=sg.padding.Center(), window=sg.windows.Hann())
    samples = signals.noise(1000)
    spectrum = definition.stft(keras_backend.tensor(samples))
    restored = keras_backend.array(definition.istft(spectrum, 1000))
    np.testing.assert_allclose(restored, samples, rtol=0, atol=2e-6)


@ENGINES
@pytest.mark.parametrize("shape", list(itertools.chain([(3,), (2, 3), (0,)])))
def test_leading_axes_stay(shape: tuple[int, ...], engine: str) -> None:
    batch = np.random.default_rng(0).random((*shape, 100)).astype(np.float32)
    features = keras_backend.array(SMALL(keras_backend.tensor(batch), engine))
    assert features.shape == (*shape, 2, 33)
    np.testing.assert_allclose(features, SMALL(batch, "numpy"), rtol=0, atol=2e-5)
