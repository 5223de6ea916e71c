"""A network with all that stands around it, in the runtimes of servers and phones."""

from pathlib import Path

import keras
import numpy as np
import pytest
import signals
from formats import TRIED

import sonogram as sg
from sonogram.decoding import Alphabet, greedy
from sonogram.exporting import export, runner
from sonogram.models import build, build_recognizer, logits, scores
from sonogram.models.batching import pad_batch


@pytest.mark.exhaustive
@pytest.mark.parametrize("form", TRIED)
def test_trimming_and_level_go_along(form: str, tmp_path: Path) -> None:
    keras.utils.set_random_seed(3)
    model = build(sg.preset("kaldi-fbank-23"), ["a", "b", "c"])
    for variable in model.trainable_weights:  # of a fresh network all scores are nearly the same
        variable.assign(variable.numpy() * 3)
    report = export(model, tmp_path / "exported", form)
    assert [each["shape"] for each in report.inputs.values()] == [["batch", "samples"], ["batch"]]
    assert not [name for name in report.operators if "flex" in name.lower() or "custom" in name.lower()]
    word = np.concatenate([np.zeros(2000), signals.noise(5000), np.zeros(3000)]).astype(np.float32)
    case = {"samples": np.stack([word, 0.1 * word]), "lengths": np.array([10_000, 9000], np.int32)}
    ((got,), _) = runner.run(form, tmp_path / "exported", [case])
    wanted = scores(model, [word, 0.1 * word[:9000]])
    # Both clips have the same label, and the exported model returns what the Keras model returns.
    np.testing.assert_allclose(got["output"], wanted, atol=1e-5)
    np.testing.assert_allclose(got["output"][0], got["output"][1], atol=1e-4)
    assert np.ptp(wanted) > 0.01


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    "kind", [None, *(pytest.param(kind, marks=pytest.mark.accept) for kind in ("float16", "int8"))]
)
def test_recurrent_units_take_batches_of_any_length_in_litert(kind: str | None, tmp_path: Path) -> None:
    keras.utils.set_random_seed(3)
    model = build(sg.preset("kaldi-fbank-23"), ["a", "b", "c"], "cnn+crnn")
    report = export(model, tmp_path / "model.tflite", "litert", quantize=kind)
    assert [each["shape"] for each in report.inputs.values()] == [["batch", "samples"], ["batch"]]
    assert report.batches == (1, 8)
    assert report.operators["WHILE"] == 2  # one for each direction
    if kind is None:
        assert report.max_error < 1e-6


@pytest.mark.exhaustive
@pytest.mark.parametrize("form", ["litert", "onnx"])
def test_speech_recognizers_keep_logits_and_text(form: str, tmp_path: Path) -> None:
    keras.utils.set_random_seed(3)
    alphabet = Alphabet(("a", "b", "c"))
    model = build_recognizer(sg.preset("kaldi-fbank-23"), alphabet)
    report = export(model, tmp_path / "exported", form)
    assert report.labels == ("<blank>", "a", "b", "c")
    assert not [name for name in report.operators if "flex" in name.lower() or "custom" in name.lower()]
    clips = [signals.noise(9000), signals.noise(5000)]
    batch, lengths = pad_batch(clips)
    ((got,), _) = runner.run(form, tmp_path / "exported", [{"samples": batch, "lengths": lengths}])
    for row, count, wanted in zip(got["output_0"], got["output_1"], logits(model, clips), strict=True):
        np.testing.assert_allclose(row[:count], wanted, atol=1e-4)
        assert greedy(row[:count], alphabet).text == greedy(wanted, alphabet).text
