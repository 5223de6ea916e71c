"""The verbs `train` and `evaluate`."""

import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
import typer

import sonogram as sg
from sonogram import training
from sonogram.cli.epochs import progress
from sonogram.cli.train import _check_kind, train as verb
from sonogram.dataset import clips
from sonogram.files import lock_folder
from sonogram.models import NETWORKS, Body, describe
from sonogram.training import evaluate
from sonogram.training.folder import claim_folder


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
    small = [
        "--network",
        "separable",
        "--epochs",
        "1",
        "--batch-size",
        "4",
        "--preset",
        "kaldi-fbank-23",
    ]
    ran = run("train", tones, "-o", "out/model.keras", *small)
    assert ran.code == 1  # one file is broken, and named; the model is made of the others
    assert "broken.wav" in ran.err
    assert ran.out.startswith("out/model.keras: separable on kaldi-fbank-23, ")
    assert ran.out.endswith("8 clips\n")
    lines = ran.err.splitlines()
    assert lines[0] == "sonogram: 9 training clips, 1 epoch of 2 steps; preparing"
    assert lines[1].startswith(
        "sonogram: 2 steps are few: a network needs some 300. Give --epochs 150 or more"
    )
    assert "sonogram: augmentation 1 of 1" in lines  # no more versions than epochs
    assert "epoch 1 of 1: loss" in ran.err
    assert "separable_0 has learned next to nothing in 2 steps: its loss is " in ran.err
    assert "that of guessing 0.69. Give more epochs, or leave --epochs out" in ran.err
    with zipfile.ZipFile(tones.parent / "out/model.keras") as archive:
        assert b"optimizer" not in archive.read("model.weights.h5")
    assert (tones.parent / "out/model.training/separable_0.csv").is_file()
    assert not list(tones.parent.glob("out/model.training/*.npz"))
    (tones / "low" / "broken.wav").unlink()

    ran = run("evaluate", "out/model.keras", tones, "--json", "--picture", "confusion.png")
    assert ran.code == 0
    assert "the model was trained on 8 of the 8 clips (100%), so the figures are too good" in ran.err
    found = json.loads(ran.out)
    assert found["num_training_clips"] == 8
    assert found["labels"] == ["high", "low"]
    assert found["num_clips"] == 8
    judged = evaluate(sg.load_model("out/model.keras"), clips(str(tones)))
    assert found == json.loads(json.dumps(judged.to_dict()))
    assert (tones.parent / "confusion.png").stat().st_size > 1000

    ran = run("evaluate", "out/model.keras", tones)
    lines = [line.split("\t") for line in ran.out.splitlines()]
    assert [line[0] for line in lines[:-1]] == ["label", "high", "low"]
    assert lines[-1][0].startswith("accuracy ")
    found = describe(sg.load_model("out/model.keras"))
    assert found.frontend == sg.preset("kaldi-fbank-23")
    assert found.training is not None
    assert found.training["settings"]["epochs"] == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-o", "model.keras", "--network", "vgg"], "one of cnn, crnn"),
        (["-o", "model.keras", "--network", "cnn+"], "got 'cnn+'"),
        (["-o", "model.h5"], "must end in .keras"),
        (["-o", "model.keras", "--preset", "whisper-8"], "did you mean whisper-80"),
        (["-o", "model.keras", "--epochs", "0"], "--epochs"),
        (["-o", "model.keras", "--seed", "4294967296"], "--seed"),
        (
            ["-o", "model.keras", "--export-to", "tflite"],
            "got 'tflite'; use litert",
        ),
        (["-o", "folder.keras"], "folder.keras is a folder; name a file"),
    ],
)
@pytest.mark.quick
def test_wrong_usage(run, tones: Path, arguments: list[str], message: str) -> None:
    (tones.parent / "folder.keras").mkdir()
    ran = run("train", tones, *arguments)
    assert ran.code == 2
    assert message in ran.err


def test_what_is_no_data_is_one_line(run) -> None:
    ran = run("train", "missing", "-o", "model.keras")
    assert ran.code == 1
    assert ran.err.count("\n") == 1
    assert "missing: no such folder" in ran.err


@pytest.mark.quick
def test_help_has_the_choices_of_the_packages() -> None:
    module = sys.modules[verb.__module__]
    ours = [name for name, body in NETWORKS.items() if body.function.__module__.startswith("sonogram.")]
    assert tuple(ours) == module._NETWORKS


def test_texts_are_recognized(run, tones: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tones / "low" / "broken.wav").unlink()
    lines = [f"{path.relative_to(tones)},{path.parent.name},ann" for path in sorted(tones.glob("*/*.wav"))]
    (tones / "words.csv").write_text("path,text,group\n" + "\n".join(lines))
    monkeypatch.setattr(training.utterances, "_STEPS_OF_JOINED", 2)
    small = ["--network", "conv", "--epochs", "1", "--batch-size", "4", "--join", "3", "--units", "words"]
    ran = run("train", tones / "words.csv", "-o", "model.keras", *small)
    assert (ran.code, ran.out) == (
        0,
        "model.keras: conv on 40 bands at 8000 Hz, words of text, 438,819 parameters, 8 clips\n",
    )
    assert ran.err.startswith("sonogram: 8 training clips in 1 group, 1 epoch of 2 steps; preparing\n")
    ran = run("evaluate", "model.keras", tones / "words.csv", "--json")
    found = json.loads(ran.out)
    assert (ran.code, found["num_clips"], found["num_words"], found["num_training_clips"]) == (0, 8, 8, 8)
    assert 0 <= found["wer"] <= 5
    assert 0 <= found["cer"] <= 5
    ran = run("predict", "model.keras", tones)
    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert "gives text, not labels" in ran.err
    ran = run("train", tones, "-o", "other.keras", "--join", "3")
    assert (ran.code, "column text" in ran.err) == (2, True)
    ran = run("train", tones, "-o", "other.keras", "--units", "phones")
    assert (ran.code, "'phones' is not one of 'letters', 'words'" in ran.err) == (2, True)


class Bessel(keras.layers.Layer):
    """What no format but that of TensorFlow knows."""

    def call(self, values: Any) -> Any:
        return tf.math.bessel_i0(values)


def test_what_cannot_be_exported_is_refused_before_the_training(
    run, tones: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def odd(features: Any, valid: Any, dropout: float) -> tuple[Any, Any]:
        return Bessel(name="odd")(features), valid

    monkeypatch.setitem(NETWORKS, "separable", Body(odd))
    ran = run("train", tones, "-o", "model.keras", "--network", "separable", "--export-to", "litert")
    assert ran.code == 1
    assert ran.err.count("\n") == 1  # not a word of broken.wav: no file was read
    assert "could not be exported to litert: layer" in ran.err
    assert not list(tones.parent.glob("model*"))


def test_a_conflict_is_found_before_the_trial_export(
    run, tones: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tones.parent / "model.training"
    plan = training.TrainingPlan(None, "cnn", settings=training.TrainingSettings(epochs=3)).to_dict()
    claim_folder(folder, plan, clips(tones))
    (folder / "state-0.npz").touch()
    monkeypatch.setattr(sys.modules[verb.__module__], "_check_exportable", lambda *_: pytest.fail("tried"))
    other = ["--network", "separable", "--epochs", "1", "--export-to", "litert"]
    ran = run("train", tones, "-o", "model.keras", *other)
    assert ran.code == 1
    assert "network was cnn and is separable, epochs was 3 and is 1. Use the same ones" in ran.err
    with lock_folder(folder, "training"):
        ran = run("train", tones, "-o", "model.keras", *other)
    assert ran.code == 1
    assert ran.err == (
        "sonogram: model.training: another training runs in this folder; wait until it ends, or choose "
        "another folder\n"
    )


def test_the_column_split_is_followed_and_printed(run, tones: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tones / "low" / "broken.wav").unlink()
    lines = ["path,label,split"]
    for label in ("low", "high"):
        lines += [
            f"{label}/{index}.wav,{label},{split}" for index, split in enumerate(["train", "", "dev", "test"])
        ]
    (tones / "manifest.csv").write_text("\n".join(lines))
    small = ["--network", "separable", "--epochs", "1", "--batch-size", "4", "--preset", "kaldi-fbank-23"]
    ran = run("train", tones, "-o", "model.keras", *small)
    assert ran.code == 0
    lines = ran.err.splitlines()
    assert lines[0] == (
        "sonogram: split: 4 clips for training, 2 for validation, 2 for testing, which are left out"
    )
    assert any("epoch 1 of 1" in line and "validation loss" in line for line in lines)
    assert ran.out.endswith(" 6 clips\n")
    ran = run("evaluate", "model.keras", tones / "manifest.csv", "--json")
    found = json.loads(ran.out)
    assert (found["num_clips"], found["num_training_clips"]) == (2, 0)
    assert "too good" not in ran.err


@pytest.mark.accept  # trains three networks
def test_few_clips_are_worth_several_networks(run, tones: Path) -> None:
    ran = run("train", tones, "-o", "model.keras", "--epochs", "1", "--batch-size", "4")
    assert "network 3 of 3, epoch 1 of 1" in ran.err
    assert ran.out.startswith("model.keras: cnn+crnn+cnn on yamnet, ")
    assert describe(sg.load_model("model.keras")).network == "cnn+crnn+cnn"


@pytest.mark.quick
def test_each_epoch_is_one_line_from_the_start(capsys: pytest.CaptureFixture[str]) -> None:
    with progress(2) as (on_progress, on_epoch):
        on_progress("augmentation", 1, 8)
        on_epoch("cnn_1", 24, 25, {"loss": 1.0, "accuracy": 0.75})
        on_epoch("cnn_1", 25, 25, {"loss": 1.0, "accuracy": 0.75, "val_loss": 2.0, "val_accuracy": 0.5})
    assert capsys.readouterr().err.splitlines() == [
        "sonogram: augmentation 1 of 8",
        "sonogram: network 2 of 2, epoch 24 of 25: loss 1.000, accuracy 75.0%",
        "sonogram: network 2 of 2, epoch 25 of 25: loss 1.000, accuracy 75.0%; "
        "validation loss 2.000, accuracy 50.0%",
    ]


@pytest.mark.parametrize(
    ("backend", "absent", "remedy"),
    [
        ("tensorflow", "tensorflow", 'pip install "sonogram[tensorflow]"'),
        ("nonsense", "", "KERAS_BACKEND is nonsense; set it to tensorflow"),
        ("jax", "jax", "KERAS_BACKEND is jax; set it to tensorflow"),
    ],
)
def test_without_tensorflow_the_error_is_one_line(
    tones: Path, backend: str, absent: str, remedy: str
) -> None:
    code = "import sys; sys.modules[sys.argv.pop(1)] = None; from sonogram.cli import main; main()"
    ran = subprocess.run(
        [sys.executable, "-c", code, absent or "nothing", "train", str(tones), "-o", "model.keras"],
        cwd=tones.parent,
        env={**os.environ, "KERAS_BACKEND": backend},
        check=False,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 1
    assert ran.stderr.startswith("sonogram: training needs Keras on TensorFlow (")
    assert ran.stderr.endswith(f": {remedy}\n")
    assert ran.stderr.count("\n") == 1


def test_control_c_ends_a_training(tones: Path) -> None:
    (tones / "low" / "broken.wav").unlink()
    command = [sys.executable, "-m", "sonogram", "train", tones, "-o", tones.parent / "m.keras"]
    options = ["--epochs", "100000", "--network", "separable", "--preset", "kaldi-fbank-23"]
    process = subprocess.Popen([*command, *options], stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    while not process.stderr.readline().startswith("sonogram: epoch 2 "):
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=120)  # a program that waits for TensorFlow's threads may hang
    assert process.returncode == 130
    assert errors.endswith("sonogram: interrupted; run the same command again to continue\n")
    assert (tones.parent / "m.training" / "state-0.npz").is_file()
    assert not list(tones.parent.glob("m.training/.*unfinished*"))


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
    for network in ("cnn_0", "crnn_1", "cnn_2"):
        whole, resumed = (
            (tones.parent / f"{name}.training/{network}.csv").read_text() for name in ("whole", "killed")
        )
        assert resumed == whole
    weights = [sg.load_model(tones.parent / f"{name}.keras").get_weights() for name in ("whole", "killed")]
    for one, two in zip(*weights, strict=True):
        np.testing.assert_array_equal(one, two)


def test_an_option_for_texts_names_the_column_that_hides_them() -> None:
    with pytest.raises(typer.BadParameter, match="column text and without label; remove one if it has both"):
        _check_kind("label", 2, None, False)
