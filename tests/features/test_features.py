"""Functions of features against what librosa returned; see record.py. On every backend."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import keras
import keras_backend
import numpy as np
import pytest
import signals
from numpy.typing import NDArray

import sonogram as sg
from sonogram import features

pytestmark = keras_backend.on_every_backend

RATE = 22050
CLIPS = ("chirp", "eventful")
CENTER = sg.padding.Center(mode="constant")
SHORT = sg.Frontend(RATE, 512, 256, padding=CENTER)
MEL = sg.preset("librosa-melspectrogram").replace(scaling=sg.scaling.Decibels(dynamic_range=80))
NARROW = MEL.replace(frame_length=1024, fft_length=1024, frame_step=256, bands__num_mel_bins=64)

Features = NDArray[np.float32]


@cache
def recorded(name: str, clip: str) -> Features:
    with np.load(Path(__file__).with_name("recordings.npz")) as arrays:
        return arrays[f"{name} of {clip}"]


@cache
def computed(frontend: sg.Frontend, clip: str) -> Features:
    """Return the features of a clip from the reference engine."""
    return frontend(samples(clip), "numpy")


def samples(clip: str) -> Features:
    return signals.to_float(recorded("samples", clip))


def descriptor(function: Callable[..., Any], **options: Any) -> Callable[..., Any]:
    return lambda clip, to: function(to(computed(SHORT, clip)), SHORT, **options)


def chroma(function: Callable[..., Any], source: str) -> Callable[..., Any]:
    return lambda clip, to: function(to(recorded(source, clip)))


# Each takes the name of a clip and a conversion to the library under test. The bound is a share of the
# largest value: 2e-6 is float32 noise in both, more where a difference of near values is divided or squared.
FUNCTIONS: dict[str, tuple[Callable[..., Any], float]] = {
    "spectral_centroid": (descriptor(features.spectral_centroid), 2e-6),
    "spectral_bandwidth": (descriptor(features.spectral_bandwidth), 2e-6),
    "spectral_bandwidth_1": (descriptor(features.spectral_bandwidth, power=1), 2e-6),
    "spectral_bandwidth_3": (descriptor(features.spectral_bandwidth, power=3), 5e-6),
    # At a tie the last bit of a sum decides between two bins.
    "spectral_rolloff": (descriptor(features.spectral_rolloff), 1.001 * RATE / 512 / (RATE / 2)),
    "spectral_flatness": (descriptor(features.spectral_flatness), 5e-6),
    "spectral_contrast": (descriptor(features.spectral_contrast, n_bands=5), 5e-6),
    "zero_crossing_rate": (lambda clip, to: features.zero_crossing_rate(to(samples(clip))), 1e-6),
    "rms": (lambda clip, to: features.rms(to(samples(clip))), 2e-6),
    "rms_odd": (lambda clip, to: features.rms(to(samples(clip)), 401, 160), 2e-6),
    "spectral_flux": (lambda clip, to: features.spectral_flux(to(computed(NARROW, clip))), 5e-6),
    "onset_strength": (lambda clip, to: features.onset_strength(to(computed(MEL, clip)), MEL), 5e-6),
    "superflux": (
        lambda clip, to: features.onset_strength(to(computed(NARROW, clip)), NARROW, lag=2, max_size=3),
        5e-6,
    ),
    "tempogram": (chroma(lambda x: features.tempogram(x, win_length=64), "onset_strength"), 5e-6),
    "harmonic": (lambda clip, to: features.hpss(to(computed(SHORT, clip)))[0][:, ::4], 5e-6),
    "percussive": (lambda clip, to: features.hpss(to(computed(SHORT, clip)))[1][:, ::4], 5e-6),
    "harder": (
        lambda clip, to: features.hpss(to(computed(SHORT, clip)), kernel_size=9, power=3, margin=2)[0][
            :, ::4
        ],
        5e-6,
    ),
    "tonnetz": (chroma(features.tonnetz, "chroma"), 2e-6),
    "chroma_cens": (chroma(features.chroma_cens, "chroma_cqt"), 2e-6),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_are_those_of_librosa(name: str) -> None:
    function, bound = FUNCTIONS[name]
    for clip in CLIPS:
        expected = recorded(name, clip)
        values = function(clip, np.asarray)
        assert values.dtype == np.float32
        np.testing.assert_allclose(
            values, expected, rtol=0, atol=bound * np.abs(expected).max(), err_msg=clip
        )
        tensor = function(clip, keras_backend.tensor)
        assert keras.ops.is_tensor(tensor)
        found = keras_backend.array(tensor)
        np.testing.assert_allclose(
            found, expected, rtol=0, atol=5 * bound * np.abs(expected).max(), err_msg=clip
        )


def test_clips_of_a_batch_do_not_affect_one_another() -> None:
    pairs = [computed(SHORT, "chirp")[:60], computed(SHORT, "eventful")[:60]]
    batch = np.stack(pairs)[None]
    for function in (features.spectral_contrast, features.spectral_rolloff, features.spectral_bandwidth):
        for index, each in enumerate(pairs):
            np.testing.assert_array_equal(function(batch, SHORT)[0, index], function(each, SHORT))
    for index, each in enumerate(pairs):
        np.testing.assert_array_equal(features.hpss(batch)[0][0, index], features.hpss(each)[0])
        onsets = np.stack([features.spectral_flux(one) for one in pairs])
        np.testing.assert_array_equal(
            features.tempogram(onsets[None])[0, index], features.tempogram(onsets[index])
        )
    sounds = np.stack([signals.noise(4000, 1), signals.noise(4000, 2)])
    np.testing.assert_array_equal(features.rms(sounds[None])[0, 1], features.rms(sounds[1]))


SLOPES = {
    "centroid": lambda x: features.spectral_centroid(x, SHORT),
    "bandwidth": lambda x: features.spectral_bandwidth(x, SHORT),
    "bandwidth 3": lambda x: features.spectral_bandwidth(x, SHORT, power=3),
    "flatness": lambda x: features.spectral_flatness(x, SHORT),
    "contrast": lambda x: features.spectral_contrast(x, SHORT, n_bands=5),
    "flux": features.spectral_flux,
    "onsets": lambda x: features.onset_strength(x, SHORT),
    "harmonic": lambda x: features.hpss(x)[0],
    "tonnetz": lambda x: features.tonnetz(x[:, :12]),
    "cens": lambda x: features.chroma_cens(x[:, :12]),
    "rms": lambda x: features.rms(x, 64, 32),
}


@pytest.mark.parametrize("name", SLOPES)
def test_gradients_are_finite_also_at_silence(name: str) -> None:
    values = computed(SHORT, "eventful")[10:40].copy()
    values[:12] = 0
    slopes = keras_backend.gradient(lambda x: keras.ops.sum(SLOPES[name](x) ** 2), values)
    assert np.isfinite(slopes).all()
    assert name == "cens" or np.any(slopes)


def test_a_tone_and_noise_are_what_they_are_called() -> None:
    t = np.arange(RATE) / RATE
    tone, noise = SHORT(np.sin(2 * np.pi * 3000 * t)), SHORT(signals.noise(RATE))
    assert np.abs(features.spectral_centroid(tone, SHORT)[5:-5] - 3000).max() < 5
    assert features.spectral_flatness(tone, SHORT)[5:-5].max() < 1e-3
    assert features.spectral_flatness(noise, SHORT).min() > 0.4
    clicks = np.zeros(RATE, np.float32)
    clicks[::2000] = 1
    harmonic, percussive = features.hpss(SHORT(clicks + 0.1 * np.sin(2 * np.pi * 3000 * t)))
    row = round(3000 / (RATE / 512))
    assert harmonic[20:60, row].mean() > 10 * percussive[20:60, row].mean()
    assert percussive[:, 200].mean() > 3 * harmonic[:, 200].mean()


def test_samples_may_be_integers_or_audio() -> None:
    integers = signals.chirp(16000)[:5000]
    audio = sg.Audio(signals.to_float(integers), 16000)
    np.testing.assert_array_equal(features.rms(integers), features.rms(audio))
    np.testing.assert_array_equal(features.zero_crossing_rate(integers), features.zero_crossing_rate(audio))


@pytest.mark.skipif(keras_backend.BACKEND != "tensorflow", reason="only there are shapes unknown")
def test_unknown_numbers_of_frames_in_a_function() -> None:
    import tensorflow as tf

    @tf.function(input_signature=[tf.TensorSpec((None, None, SHORT.num_bands))])
    def graph(x: Any) -> Any:
        return features.tempogram(features.onset_strength(x, SHORT), win_length=16)

    values = computed(SHORT, "chirp")
    onsets = features.onset_strength(values, SHORT)
    np.testing.assert_allclose(graph(values[None])[0], features.tempogram(onsets, win_length=16), atol=1e-5)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda x: features.spectral_centroid(x, MEL), "the front end returns 'dB'"),
        (
            lambda x: features.spectral_centroid(x[:, :9], SHORT),
            "must have the 257 bands of the front end; got 9",
        ),
        (lambda x: features.spectral_centroid(x, "yamnet"), "must be a Frontend"),
        (lambda x: features.spectral_contrast(x, SHORT, n_bands=9), "exceed half the sample rate"),
        (lambda x: features.spectral_contrast(x, SHORT, fmin=1), "use a longer FFT"),
        (lambda x: features.spectral_rolloff(x, SHORT, roll_percent=85), "between 0 and 1; got 85"),
        (lambda x: features.hpss(x, kernel_size=30), "odd"),
        (features.tonnetz, "12 pitch classes as its last axis; got 257"),
        (lambda x: features.rms(x, 0), "frame_length must be a whole number above 0; got 0"),
        (lambda x: features.rms(x[:, :0]), "at least one"),
        (lambda x: features.onset_strength(x, SHORT, lag=1.5), "lag must be a whole number"),
        (lambda x: features.spectral_flux(x[0]), r"must be \(..., frames, bands\)"),
        (lambda x: features.spectral_centroid(None, SHORT), "must be an array .*; got NoneType"),
        (lambda x: features.spectral_centroid(x * 1j, SHORT), r"got complex ones. Use abs\(values\)"),
        (lambda x: features.spectral_centroid(-x, SHORT), "of at least 0; got -"),
        (lambda x: features.hpss(np.ma.masked_greater(x, 1)), r"a masked one. Use values.filled\(0\)"),
        (lambda x: features.rms(np.ma.masked_greater(x, 1)), r"a masked one. Use samples.filled\(0\)"),
        (
            lambda x: features.hpss(x, kernel_size=(31, 31)),
            r"kernel_size must be a whole number above 0; got \(",
        ),
        (lambda x: features.hpss(x, margin=float("nan")), "margin must be above 0; got nan"),
        (lambda x: features.hpss(x, power=float("inf")), "power must be above 0; got inf"),
        (lambda x: features.rms(x, None), "frame_length must be a whole number above 0; got None"),
        (lambda x: features.zero_crossing_rate(x, 1, 1), "frame_length must be at least 2"),
        (lambda x: features.tempogram(x[:0, 0]), "at least one frame; got none"),
        (
            lambda x: features.onset_strength(x[:, :9], SHORT),
            "must have the 257 bands of the front end; got 9",
        ),
    ],
)
def test_errors_name_what_is_wrong(call: Callable[[Features], Any], words: str) -> None:
    with pytest.raises(sg.SonogramError, match=words):
        call(computed(SHORT, "chirp"))


def test_a_frame_without_numbers_has_no_rolloff() -> None:
    values = computed(SHORT, "chirp").copy()
    values[3] = np.nan
    found = features.spectral_rolloff(values, SHORT)
    assert np.flatnonzero(np.isnan(found)).tolist() == [3]


def test_whole_numbers_may_be_floats() -> None:
    values = computed(SHORT, "chirp")
    clip = signals.noise(5000)
    np.testing.assert_array_equal(features.rms(clip, 512.0, np.int64(256)), features.rms(clip, 512, 256))
    pairs = zip(features.hpss(values, kernel_size=7.0), features.hpss(values, kernel_size=7), strict=True)
    for one, two in pairs:
        np.testing.assert_array_equal(one, two)
