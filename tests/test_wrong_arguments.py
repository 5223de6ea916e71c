"""Arguments of a wrong type: one line that names the remedy, in place of an error from deep inside."""

import pickle
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

import sonogram as sg

SAMPLES = np.zeros(16_000, np.float32)
PRESET = sg.preset("yamnet")


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
        (lambda _: sg.load("a.wav", "16k"), "a whole number of hertz above 0; got '16k'"),
        (lambda _: sg.load("a.wav", offset="1"), "offset must be a number of seconds of at least 0; got '1'"),
        (lambda _: sg.save("a.wav", SAMPLES, "16k"), "a whole number of hertz above 0; got '16k'"),
        (lambda _: sg.save("a.wav", 16_000, SAMPLES), r"a whole number of hertz above 0; got array\("),
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
    ],
)
def test_a_wrong_argument_names_the_remedy(
    model: keras.Model, call: Callable[[Any], object], message: str
) -> None:
    with pytest.raises(sg.SonogramError, match=message) as error:
        call(model)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) <= 400


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
