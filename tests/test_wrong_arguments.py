"""Arguments of a wrong type: one line that names the remedy, in place of an error from deep inside."""

import pickle
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

import sonogram as sg
from sonogram.viewer.session import Session

SAMPLES = np.zeros(16_000, np.float32)
PRESET = sg.preset("yamnet")
SPEECH = sg.Frontend(16_000, 400, 160, padding=sg.padding.Center())
SOUND = sg.Audio(SAMPLES, 16_000)
PAIR = sg.Bundle((PRESET, PRESET))
BINS = sg.Frontend(16_000, 512, 128, padding=sg.padding.Center())
MASKED = np.ma.masked_array(SAMPLES, SAMPLES > 0.1)


@pytest.fixture(scope="module")
def model() -> keras.Model:
    return sg.models.build(sg.Frontend(8000, 256, 128), ["cat", "dog"], "separable")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda _: sg.layers.Spectrogram("whisper-80"), r"Use sonogram.preset\('whisper-80'\)"),
        (lambda _: sg.models.build("whisper-80", ["a", "b"]), r"Use sonogram.preset\('whisper-80'\)"),
        (lambda _: sg.resynthesize(SAMPLES, "whisper-80"), r"Use sonogram.preset\('whisper-80'\)"),
        (lambda _: sg.models.build(PRESET, "ab"), "labels must be a list of texts; got the text 'ab'"),
        (lambda _: sg.predict("model.keras", SAMPLES), r"Use sonogram.load_model\('model.keras'\)"),
        (lambda _: sg.export("model.keras", "a.tflite"), r"Use sonogram.load_model\('model.keras'\)"),
        (lambda _: sg.models.scores("model.keras", [SAMPLES]), "Use sonogram.load_model"),
        (lambda model: sg.predict(model, SAMPLES), r"in memory are sonogram.Audio\(samples, sample_rate\)"),
        (lambda model: sg.predict(model, [0.0] * 8000), r"in memory are sonogram.Audio\(samples"),
        (lambda _: sg.show(SAMPLES), r"pass sonogram.Audio\(samples, sample_rate\)"),
        (sg.load_model, "from the path of a .keras file; got Functional"),
        (lambda _: sg.load_model(None), "from the path of a .keras file; got NoneType"),
        (lambda _: sg.preset(None), "named by a text, or by the path of a file; got None"),
        (lambda _: sg.preset(PRESET), "named by a text, or by the path of a file; got Frontend"),
        (lambda _: sg.Frontend.from_dict([]), r"an object of fields, as to_dict\(\) returns it; got \[\]"),
        (lambda _: PRESET.check("16k"), "sample_rate must be a number above 0, or None; got '16k'"),
        (lambda _: PRESET.num_frames("16000"), "a whole number of at least 0; got '16000'"),
        (lambda _: PRESET.num_frames(1.5), "a whole number of at least 0; got 1.5"),
        (lambda _: PRESET.num_frames(float("inf")), "a whole number of at least 0; got inf"),
        (lambda _: sg.load("a.wav", "16k"), "hertz from 1 to 2147483647; got '16k'"),
        (lambda _: sg.load("a.wav", offset="1"), "offset must be a number of seconds of at least 0; got '1'"),
        (lambda _: sg.save("a.wav", SAMPLES, "16k"), "hertz from 1 to 2147483647; got '16k'"),
        (lambda _: sg.save("a.wav", 16_000, SAMPLES), r"hertz from 1 to 2147483647; got array\("),
        (lambda _: sg.load("examples/dog.wav", 16), "22050 Hz, too far from the wanted 16 Hz.* in hertz"),
        (lambda _: sg.Frontend(16000, 400, 160, window="hann"), r"Use sonogram.windows.Hann\(...\)"),
        (lambda _: sg.Frontend(16000, 400, 160, bands=sg.bands.Mel), r"Use sonogram.bands.Mel\(...\)"),
        (
            lambda _: sg.Frontend(16000, 400, 160, bands=80),
            "80. Use one of these classes, from sonogram.bands",
        ),
        (lambda _: sg.stack.Stack(np.arange(9999)), "size must be "),
        (
            lambda _: sg.layers.Spectrogram(PRESET)(np.zeros((2, 16_000, 1), np.float32)),
            "^samples must be the last axis.* use keras.ops.squeeze.* for several$",
        ),
        (lambda _: PRESET(b"a.wav"), r"got the path \"b'a.wav'\". Use sonogram.load\(path\)"),
        (lambda _: sg.extract(["examples/dog.wav"], "", PRESET), "the name of the folder is empty"),
        (lambda _: sg.show(None, "a.png"), "a source must be a sound or a list of sounds; got None"),
        (lambda _: sg.show([]), "the list of sounds is empty"),
        (lambda _: sg.show(SOUND, start="1"), "start must be a number; got '1'"),
        (lambda _: sg.show(SOUND, duration="x"), "duration must be a number; got 'x'"),
        (lambda _: sg.show(SOUND, window="x"), "window must be a number; got 'x'"),
        (lambda _: sg.show(SOUND, dynamic_range="x"), "dynamic_range must be a number; got 'x'"),
        (lambda _: sg.show(SOUND, low=True), "low must be a number; got True"),
        (lambda _: sg.show(SOUND, colors=5), "colors must be a text; got 5"),
        (lambda _: sg.show(SOUND, size=(3, 4)), r"size must be a text; got \(3, 4\)"),
        (lambda _: sg.show(SOUND, title=5), "title must be a text; got 5"),
        (lambda _: sg.show(SOUND, labels=5), "labels are the path of a file, or a list of labels; got 5"),
        (lambda _: sg.show(SOUND, 5), "a picture is written to the path of a file; got 5"),
        (
            lambda _: sg.picture.draw(BINS(SAMPLES), BINS, ax="x"),
            "ax must be axes of a Matplotlib figure; got str",
        ),
        (lambda _: sg.picture.draw(BINS(SAMPLES), "yamnet"), r"Use sonogram.preset\('yamnet'\)"),
        (lambda _: sg.dataset.mix("examples", ""), "the name of the folder is empty"),
        (lambda _: sg.find("", "examples/dog.wav"), "the name of the bank is empty"),
        (lambda _: sg.find("README.md", "examples/dog.wav"), "README.md: no bank"),
        (lambda _: PRESET([SAMPLES, SAMPLES[:-1]]), "the clips of a list must have one length; pad them"),
        (lambda _: PAIR([SAMPLES, SAMPLES[:-1]]), "the clips of a list must have one length; pad them"),
        (lambda _: PAIR("a.wav"), r"got the path 'a.wav'. Use sonogram.load\(path\)"),
        (lambda _: PRESET(MASKED), r"got a masked one. Use samples.filled\(0\)"),
        (lambda _: BINS.istft(np.ma.masked_array(BINS.stft(SAMPLES)), 16_000), r"Use spectrum.filled\(0\)"),
        (
            lambda _: sg.inversion.griffin_lim(np.ma.masked_array(BINS(SAMPLES)), BINS, 16_000),
            r"Use features.filled\(0\)",
        ),
        (lambda _: sg.save("a.wav", MASKED, 16_000), r"got a masked one. Use samples.filled\(0\)"),
        (
            lambda _: sg.save("a.ogg", SAMPLES, 384_000),
            "at most 200000 Hz; got 384000; save as .wav",
        ),
        (
            lambda _: sg.save("a.ogg", SAMPLES.reshape(400, 40), 16_000),
            "at most 255 channels; got 400",
        ),
        (
            lambda _: sg.save("a.flac", SAMPLES.reshape(10, -1), 16_000),
            "at most 8 channels; got 10",
        ),
        (lambda _: sg.save(b"a.wav", SAMPLES, 16_000), "the path must be a str or a pathlib.Path; got bytes"),
        (lambda _: sg.show("examples/dog.wav", fft=3), r"fft must be at least window \(512 samples\); got 3"),
        (lambda _: sg.load("examples/dog.wav", mono="no"), "mono must be True or False; got 'no'"),
        (lambda _: SPEECH.istft(SPEECH(SAMPLES), 16_000), "must be complex, as stft returns it; got float32"),
        (lambda _: SPEECH.istft(SPEECH.stft(SAMPLES), 0.5), "num_samples must be a whole number .*; got 0.5"),
        (
            lambda _: sg.inversion.griffin_lim(SPEECH.stft(SAMPLES), SPEECH, 16_000),
            "features must be real; got a complex spectrum. Use frontend.istft",
        ),
        (
            lambda _: sg.inversion.griffin_lim(SPEECH(SAMPLES), SPEECH, 16_000, 1.5),
            "iterations must be a whole number of at least 0; got 1.5",
        ),
        (
            lambda _: sg.inversion.griffin_lim(SPEECH(SAMPLES), SPEECH, 16_000, 1, seed=-1),
            "seed must be a whole number of at least 0; got -1",
        ),
        (lambda _: sg.layers.Reverb(16_000, responses=["a.wav"]), r"got 'a.wav'. Use sonogram.load\(path"),
        (
            lambda _: sg.layers.Gain(6)([SAMPLES[None], np.array([1, 2])], training=True),
            r"lengths must be one for each example; got shape \(2,\)",
        ),
        (
            lambda _: sg.layers.Gain(6)([SAMPLES[None], np.array([1.5])], training=True),
            "lengths must be integers; got float64",
        ),
        (
            lambda _: sg.layers.Gain(6)({"samples": SAMPLES[None], "seeds": np.arange(3)}, training=True),
            r"seeds must be one for each example; got shape \(3,\)",
        ),
        (
            lambda _: sg.layers.Mixup()({"samples": np.ones((2, 9)), "labels": np.eye(3)}, training=True),
            r"labels must be one for each example; got shape \(3, 3\)",
        ),
    ],
)
def test_a_wrong_argument_names_the_remedy(
    model: keras.Model, call: Callable[[Any], object], message: str
) -> None:
    with pytest.raises(sg.SonogramError, match=message) as error:
        call(model)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) <= 400


@pytest.mark.parametrize("kind", [np.int64, np.float32, float, np.array])
def test_whole_numbers_of_any_type_are_counts(kind: Any) -> None:
    spectrum = SPEECH.stft(SAMPLES)
    np.testing.assert_array_equal(SPEECH.istft(spectrum, kind(16_000)), SPEECH.istft(spectrum, 16_000))


@pytest.mark.parametrize(
    ("samples", "rate", "message"),
    [
        (SAMPLES, 0, "hertz from 1 to 2147483647; got 0"),
        (SAMPLES, -5, "hertz from 1 to 2147483647; got -5"),
        (SAMPLES[:0], 16_000, r"at least one; got \(0,\)"),
        (SAMPLES.reshape(1, 1, -1), 16_000, r"must be \(samples,\) or \(channels, samples\)"),
        (SAMPLES.reshape(-1, 2), 16_000, r"got \(8000, 2\): channels last; transpose them"),
        (np.where(np.arange(9) == 4, np.inf, 0.0), 16_000, "must be finite"),
        (np.where(np.arange(9) == 4, np.nan, 0.0), 16_000, "must be finite"),
        (SAMPLES.astype(np.float64) + 1e200, 16_000, "must be finite"),
        (SAMPLES.astype(np.int32), 16_000, "got int32. Divide by full scale"),
        (SAMPLES.astype(complex), 16_000, "got complex128"),
        (SAMPLES > 0, 16_000, "got bool"),
        ("a.wav", 16_000, r"Pass the path itself, or sonogram.load\(path\)"),
    ],
)
def test_wrong_samples_are_neither_drawn_nor_viewed(samples: Any, rate: int, message: str) -> None:
    sound = sg.Audio(samples, rate)
    with pytest.raises(sg.SonogramError, match=message):
        sg.show(sound)
    with pytest.raises(sg.SonogramError, match="sound 1: .*" + message):
        Session([sound])


def test_a_missing_argument_is_one_of_a_frontend() -> None:
    with pytest.raises(TypeError, match=r"Frontend.__init__\(\) missing 2 .*'frame_length' and 'frame_step'"):
        sg.Frontend(16000)  # type: ignore[call-arg]


def test_an_error_is_one_line_that_fits_the_screen() -> None:
    assert str(sg.SonogramError("first:\n  second")) == "first: second"
    line = str(sg.SonogramError("a.wav: got " + "0, " * 100_000 + "use zeros"))
    assert line.startswith("a.wav: got ")
    assert line.endswith("use zeros")
    assert len(line) <= 1100


@pytest.mark.parametrize("kind", [sg.StreamingPredictor, sg.inference.Predictor])
def test_predictors_are_pickled(model: keras.Model, kind: Any) -> None:
    sound = sg.Audio(np.sin(np.arange(12_000) ** 1.5 / 900).astype(np.float32), 8000)
    predictor = kind(model, window=0.5)
    again = pickle.loads(pickle.dumps(predictor))
    if kind is sg.StreamingPredictor:
        results = [[row.scores for row in each.push(sound.samples)] for each in (predictor, again)]
    else:
        results = [each.predict(sound).scores for each in (predictor, again)]
    np.testing.assert_allclose(results[1], results[0], atol=1e-6)  # two traces may round differently
