"""The command `export`."""

import json
from pathlib import Path
from typing import get_args

import keras
import pytest

import sonogram as sg
from sonogram.cli import export as verb
from sonogram.exporting import QUANTIZATIONS


@pytest.fixture
def model(tmp_path: Path) -> Path:
    layers = [keras.Input((None,)), sg.layers.Spectrogram(sg.preset("kaldi-fbank-23"))]
    path = tmp_path / "model.keras"
    keras.Sequential([*layers, keras.layers.GlobalAveragePooling1D(), keras.layers.Dense(2)]).save(path)
    return path


def test_a_model_is_exported_and_compared_on_recordings(run, model: Path, examples: Path) -> None:
    ran = run("export", model, examples / "speech.wav", "missing.wav", "-o", "out.onnx", "--format", "onnx")
    assert ran.code == 1  # one recording is missing, and named; the export is done
    assert "missing.wav" in ran.err
    assert ran.out.startswith("out.onnx: ")
    assert "ms for a second of sound" in ran.out
    found = json.loads((model.parent / "out.onnx.verification.json").read_text())
    assert (found["format"], found["clips"], found["num_clips"]) == ("onnx", "given", 1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--format", "tflite"], "one of saved-model, litert, onnx; got 'tflite'; use litert"),
        ([], "out: the format is unknown; end the name in .tflite or .onnx, or give the format"),
        (["-o", "out.bin", "--format", "litert"], "is a file that ends in .tflite; name it out.tflite"),
        (["-o", "out.onnx", "--format", "litert"], "is a file that ends in .tflite; name it out.tflite"),
        (["-o", "out.tflite", "--format", "saved-model"], "is a folder without an ending; name it out"),
        (["--format", "onnx", "--quantize", "int4"], "'int4' is not one of 'float16', 'int8'"),
        (["--format", "saved-model", "--quantize", "int8"], "keeps float32"),
    ],
)
def test_wrong_usage(run, bird: Path, arguments: list[str], message: str) -> None:
    ran = run("export", bird, "-o", "out", *arguments)
    assert ran.code == 2
    assert message in ran.err


def test_the_model_is_not_written_over(run, bird: Path) -> None:
    ran = run("export", bird, "-o", bird, "--format", "onnx")
    assert ran.code == 2
    assert "is an input" in ran.err


def test_what_is_no_model_is_one_line(run, bird: Path) -> None:
    ran = run("export", bird, "-o", "out", "--format", "onnx")
    assert ran.code == 1
    assert "not a Keras model" in ran.err


def test_help_knows_the_choices_of_the_package() -> None:
    assert get_args(verb.Quantization) == QUANTIZATIONS
