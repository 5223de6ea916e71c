"""The verbs `train` and `evaluate`."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import sonogram as sg
from sonogram.cli.train import train as verb
from sonogram.export import FORMATS
from sonogram.models import NETWORKS, about


@pytest.fixture
def tones(tmp_path: Path) -> Path:
    """Low and high tones: eight clips in class folders, and one file that is no sound."""
    folder, rng = tmp_path / "tones", np.random.default_rng(0)
    for label, hertz in (("low", 300), ("high", 2000)):
        (folder / label).mkdir(parents=True)
        for index in range(4):
            tone = 0.3 * np.sin(2 * np.pi * hertz * np.arange(3000 + 300 * index) / 16_000)
            sg.save(folder / label / f"{index}.wav", tone + 0.01 * rng.standard_normal(len(tone)), 16_000)
    (folder / "low" / "broken.wav").write_bytes(b"no sound")
    return folder


def test_a_model_is_trained_and_judged(run, tones: Path) -> None:
    small = ["--network", "separable", "--epochs", "1", "--batch-size", "4", "--preset", "kaldi-fbank-23"]
    ran = run("train", tones, "-o", "out/model.keras", *small)
    assert ran.code == 1  # one file is broken, and named; the model is made of the others
    assert "broken.wav" in ran.err
    assert ran.out.startswith("out/model.keras: separable, ")
    assert ran.out.endswith("8 clips\n")
    assert "epoch 1 of 1: loss" in ran.err
    assert (tones.parent / "out/model.training/epochs.csv").is_file()
    assert not list(tones.parent.glob("out/model.training/*.npz"))
    (tones / "low" / "broken.wav").unlink()

    ran = run("evaluate", "out/model.keras", tones, "--json", "--picture", "confusion.png")
    assert ran.code == 0
    found = json.loads(ran.out)
    assert found["labels"] == ["high", "low"]
    assert found["num_clips"] == 8
    assert 0 <= found["accuracy"] <= 1
    assert 0 <= found["balanced_accuracy"] <= 1
    assert (tones.parent / "confusion.png").stat().st_size > 1000

    ran = run("evaluate", "out/model.keras", tones)
    lines = [line.split("\t") for line in ran.out.splitlines()]
    assert [line[0] for line in lines[:-1]] == ["label", "high", "low"]
    assert lines[-1][0].startswith("accuracy ")
    found = about(sg.load_model("out/model.keras"))
    assert found.frontend == sg.preset("kaldi-fbank-23")
    assert found.training is not None
    assert found.training["settings"]["epochs"] == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-o", "model.keras", "--network", "vgg"], "one of cnn, crnn"),
        (["-o", "model.h5"], "must end in .keras"),
        (["-o", "model.keras", "--preset", "whisper-8"], "did you mean whisper-80"),
        (["-o", "model.keras", "--epochs", "0"], "--epochs"),
        (["-o", "model.keras", "--export-to", "tflite"], "one of saved-model, litert, onnx; got 'tflite'"),
    ],
)
def test_wrong_usage(run, tones: Path, arguments: list[str], message: str) -> None:
    ran = run("train", tones, *arguments)
    assert ran.code == 2
    assert message in ran.err


def test_what_is_no_data_is_told_in_one_line(run) -> None:
    ran = run("train", "missing", "-o", "model.keras")
    assert ran.code == 1
    assert ran.err.count("\n") == 1
    assert "missing: no such folder" in ran.err


def test_help_knows_the_choices_of_the_rooms() -> None:
    module = sys.modules[verb.__module__]
    assert tuple(NETWORKS) == module._NETWORKS
    assert tuple(FORMATS) == module._FORMATS


@pytest.mark.accept
@pytest.mark.parametrize("wait", [0.0, 1.7, 3.1])
def test_killed_at_a_random_moment(tones: Path, wait: float) -> None:
    """SIGKILL while it trains; the same command again ends with the same figures in every epoch."""
    (tones / "low" / "broken.wav").unlink()

    def start(name: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "sonogram", "train", str(tones), "-o", str(tones.parent / name)]
        options = ["--epochs", "12", "--batch-size", "4", "--preset", "kaldi-fbank-23"]
        return subprocess.Popen([*command, *options], stderr=subprocess.DEVNULL)

    assert start("whole.keras").wait() == 0
    killed = start("killed.keras")
    while not list(tones.parent.glob("killed.training/state-*.npz")) and killed.poll() is None:
        time.sleep(0.01)
    time.sleep(wait)
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    assert start("killed.keras").wait() == 0
    whole, resumed = (
        (tones.parent / f"{name}.training/epochs.csv").read_text() for name in ("whole", "killed")
    )
    assert resumed == whole
    weights = [sg.load_model(tones.parent / f"{name}.keras").get_weights() for name in ("whole", "killed")]
    for one, two in zip(*weights, strict=True):
        np.testing.assert_array_equal(one, two)
