"""A training: it learns, twice the same, and goes on where it was stopped to the very same weights."""

import dataclasses
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
import pytest

import sonogram as sg
from sonogram.dataset import Clip, Clips, DatasetReport
from sonogram.dataset.loading import load_clips
from sonogram.errors import SonogramError
from sonogram.models import describe
from sonogram.models.build import networks
from sonogram.training import TrainingPlan, TrainingSettings, evaluate, train
from sonogram.training.train import train_plan

FRONTEND = sg.Frontend(
    8000,
    200,
    80,
    bands=sg.bands.Mel(12, 50, 4000),
    spectrum=sg.spectrum.Power(),
    scaling=sg.scaling.Log(floor=1e-6),
)
SETTINGS = TrainingSettings(epochs=3, batch_size=8, learning_rate=5e-3, validation=0.25, augment=False)
PLAN = TrainingPlan(FRONTEND, "small", settings=SETTINGS, center="clip")
MODULE: Any = sys.modules["sonogram.training.classification"]


class KilledError(Exception):
    """Stands for a power cut."""


class Epoch(NamedTuple):
    """One epoch as a callback sees it."""

    network: str
    epoch: int
    num_epochs: int
    logs: dict[str, float]


class Epochs(keras.callbacks.Callback):
    """Records the epochs, and stops the program at one of them."""

    def __init__(self, killed_at: int | None = None) -> None:
        super().__init__()
        self.found: list[Epoch] = []
        self.killed_at = killed_at

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.found.append(Epoch(self.model.name, epoch + 1, self.params["epochs"], dict(logs)))
        if epoch + 1 == self.killed_at:
            raise KilledError


def trained(
    data: Clips, plan: TrainingPlan = PLAN, folder: Path | None = None
) -> tuple[keras.Model, list[Epoch]]:
    epochs = Epochs()
    return train_plan(data, plan, folder, callbacks=[epochs]), epochs.found


WHOLE = dataclasses.replace(PLAN, settings=dataclasses.replace(SETTINGS, versions=2, augment=True))


@pytest.fixture(scope="module")
def uninterrupted(tones: Clips) -> tuple[keras.Model, list[Epoch]]:
    return trained(tones, WHOLE)


def assert_same_weights(model: keras.Model, other: keras.Model) -> None:
    for one, two in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)


def test_a_killed_training_ends_as_one_that_was_not(
    tones: Clips, uninterrupted: tuple[keras.Model, list[Epoch]], tmp_path: Path
) -> None:
    """Killed after an epoch was logged and before its state was written: that epoch is repeated."""
    with pytest.raises(KilledError):
        train_plan(tones, WHOLE, tmp_path, callbacks=[Epochs(killed_at=2)])
    model, epochs = trained(tones, WHOLE, tmp_path)
    assert_same_weights(model, uninterrupted[0])
    assert epochs == uninterrupted[1][1:]
    (network,) = networks(model)
    assert network.history.history["loss"] == [each.logs["loss"] for each in epochs]
    head, *rows = [line.split(",") for line in (tmp_path / "small_0.csv").read_text().splitlines()]
    assert head == ["epoch", "accuracy", "loss", "val_accuracy", "val_loss"]
    assert [row[0] for row in rows] == ["0", "1", "2"]
    assert float(rows[-1][2]) == uninterrupted[1][-1].logs["loss"]


def test_the_seed_decides(tones: Clips) -> None:
    losses = []
    for seed in (0, 1):
        settings = dataclasses.replace(SETTINGS, epochs=1, seed=seed, validation=0.0)
        losses.append(trained(tones, dataclasses.replace(PLAN, settings=settings))[1][0].logs["loss"])
    assert losses[0] != losses[1]


@pytest.mark.quick
def test_it_learns_what_is_easy(tones: Clips) -> None:
    settings = dataclasses.replace(SETTINGS, epochs=25, batch_size=4, validation=0.0)
    model, _ = trained(tones, dataclasses.replace(PLAN, settings=settings))
    found = evaluate(model, tones)
    assert (found.num_clips, found.labels) == (16, ("high", "low"))
    assert found.accuracy == 1
    assert TrainingPlan.from_model(model) == dataclasses.replace(PLAN, settings=settings)
    assert 0.2 < (describe(model).seconds or 0) < 0.31


class Scripted:
    """Replaces the validation by given losses, and records the weights and precisions."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, losses: list[float]) -> None:
        self.seen: list[list[np.ndarray]] = []
        self.precisions: set[str] = set()

        def judge(*arguments: Any) -> dict[str, float]:
            network = arguments[-1]
            self.seen.append(network.get_weights())
            self.precisions |= {layer.compute_dtype for layer in network._flatten_layers()}
            return {"val_loss": losses[len(self.seen) - 1], "val_accuracy": 0.5}

        monkeypatch.setattr(sys.modules["sonogram.training.fit"], "_judge", judge)


def test_it_stops_when_nothing_gets_better_and_the_best_epoch_is_kept(
    tones: Clips, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = Scripted(monkeypatch, [5, 4, 3, 3, 3.5, 1])
    settings = dataclasses.replace(SETTINGS, epochs=6, patience=2)
    model, epochs = trained(tones, dataclasses.replace(PLAN, settings=settings))
    assert [each.logs["val_loss"] for each in epochs] == [5, 4, 3, 3, 3.5]  # 3 again is not better
    assert {each.num_epochs for each in epochs} == {6}
    (network,) = networks(model)
    for kept, best in zip(network.get_weights(), script.seen[2], strict=True):
        np.testing.assert_array_equal(kept, best)
    assert any((best != last).any() for best, last in zip(script.seen[2], script.seen[-1], strict=True))


def test_it_goes_on_while_it_gets_better(tones: Clips, monkeypatch: pytest.MonkeyPatch) -> None:
    script = Scripted(monkeypatch, [5, 6, 4, 5])
    settings = dataclasses.replace(SETTINGS, epochs=4, patience=2)
    model, epochs = trained(tones, dataclasses.replace(PLAN, settings=settings))
    assert len(epochs) == 4
    for kept, best in zip(networks(model)[0].get_weights(), script.seen[2], strict=True):
        np.testing.assert_array_equal(kept, best)


def test_the_length_learned_from_is_that_of_a_piece(tmp_path: Path, rng: np.random.Generator) -> None:
    clips = []
    for label in ("one", "other"):
        clips.append(Clip(str(tmp_path / f"{label}.wav"), label))
        sg.save(clips[-1].path, 0.1 * rng.standard_normal(12 * 8000), 8000)
    settings = dataclasses.replace(SETTINGS, epochs=1, validation=0.0, seconds=3.0)
    model, _ = trained(Clips(clips), dataclasses.replace(PLAN, settings=settings))
    assert describe(model).seconds == 3.0


def test_a_model_of_mixed_precision_comes_out_in_float32(
    tones: Clips, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = Scripted(monkeypatch, [1])
    kept = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")  # as on a GPU
    try:
        settings = dataclasses.replace(SETTINGS, epochs=1)
        model, _ = trained(tones, dataclasses.replace(PLAN, settings=settings))
        assert keras.config.dtype_policy().name == "mixed_float16"
    finally:
        keras.config.set_dtype_policy(kept)
    assert "float16" in script.precisions
    assert {layer.compute_dtype for layer in model._flatten_layers()} == {"float32"}
    for one, two in zip(networks(model)[0].get_weights(), script.seen[0], strict=True):
        np.testing.assert_array_equal(one, two)


def test_without_groups_no_features_are_computed_to_choose_the_center(
    tones: Clips, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("features of all clips, for nothing")

    monkeypatch.setattr(MODULE, "compute_features", refuse)
    plan, labels = dataclasses.replace(PLAN, center=None), ("high", "low")
    alone = Clips(clip._replace(group="one" if index % 2 else None) for index, clip in enumerate(tones))
    assert MODULE.resolve(plan, alone, labels, None)[1] == "clip"
    with pytest.raises(AssertionError, match="for nothing"):
        MODULE.resolve(plan, tones, labels, None)


def test_the_splits_decide_what_is_learned_from(tones: Clips, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[list[str]] = []

    def spy(clips: Sequence[Clip], *args: Any, **kwargs: Any) -> Any:
        given.append([clip.path for clip in clips])
        return load_clips(clips, *args, **kwargs)

    monkeypatch.setattr(MODULE, "load_clips", spy)
    names = (None, "train", "dev", "test")
    data = [clip._replace(split=names[index % 4]) for index, clip in enumerate(tones)]
    data.append(Clip("nowhere.wav", "unheard", split="test"))
    settings = dataclasses.replace(SETTINGS, epochs=1, validation=None)
    model, epochs = trained(Clips(data), dataclasses.replace(PLAN, settings=settings))
    paths = tones.paths
    assert given == [[path for i, path in enumerate(paths) if i % 4 < 2], list(paths[2::4])]
    assert "val_loss" in epochs[0].logs
    assert describe(model).labels == ("high", "low")


def test_several_labels_a_clip(tones: Clips) -> None:
    both = Clips(Clip(c.path, c.label if i % 2 else f"{c.label};even", c.group) for i, c in enumerate(tones))
    settings = dataclasses.replace(SETTINGS, epochs=1)
    plan = dataclasses.replace(PLAN, multi_label=True, network="small+small", settings=settings)
    model, epochs = trained(both, plan)
    assert [(each.network, each.epoch) for each in epochs] == [("small_0", 1), ("small_1", 1)]
    assert describe(model).labels == ("even", "high", "low")
    assert describe(model).multi_label
    assert evaluate(model, both).num_clips == 16


def test_a_broken_file_is_named_and_left_out(tones: Clips, tmp_path: Path) -> None:
    (tmp_path / "broken.wav").write_bytes(b"nothing")
    data = Clips([*tones, Clip(str(tmp_path / "broken.wav"), "low", "group 9")])
    lines: list[str] = []
    plan = dataclasses.replace(PLAN, settings=dataclasses.replace(SETTINGS, epochs=1, validation=0.0))
    train_plan(data, plan, report=DatasetReport(lines.append))
    assert len(lines) == 1
    assert "broken.wav" in lines[0]


def test_a_label_of_which_nothing_can_be_read_is_none(tones: Clips, tmp_path: Path) -> None:
    (tmp_path / "broken.wav").write_bytes(b"nothing")
    data = Clips([*tones.where(lambda clip: clip.label == "low"), Clip(str(tmp_path / "broken.wav"), "high")])
    with pytest.raises(
        SonogramError, match="the readable clips have one label, low; classification needs two"
    ):
        train_plan(data, PLAN, report=DatasetReport())


_REPLICAS = """
import sys
import tensorflow as tf
tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
)
import keras, sonogram as sg
data = sg.dataset.clips(sys.argv[1])
options = {"epochs": 40, "batch_size": 8, "augment": False, "learning_rate": 5e-3}
with tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]).scope():
    model = sg.train(data, sg.preset("kaldi-fbank-23"), "separable", **options)
(network,) = sg.models.networks(model)
losses = network.history.history["loss"]
print(losses[0], losses[-1], sg.evaluate(model, data).accuracy)
"""


def test_the_first_step_is_traced_once(tones: Clips, monkeypatch: pytest.MonkeyPatch) -> None:
    traced = []
    step = keras.Model.train_step
    monkeypatch.setattr(keras.Model, "train_step", lambda self, data: (traced.append(1), step(self, data))[1])
    train_plan(tones, dataclasses.replace(PLAN, settings=dataclasses.replace(SETTINGS, epochs=1)))
    assert len(traced) == 1


def test_two_replicas_share_the_work(tones: Clips) -> None:
    """In a process of its own: a processor is divided before TensorFlow starts."""
    folder = str(Path(tones.paths[0]).parent)
    command = [sys.executable, "-c", _REPLICAS, folder]
    ran = subprocess.run(command, check=False, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr[-2000:]
    first, last, accuracy = map(float, ran.stdout.split())
    assert last < first
    assert accuracy == 1, f"{ran.stdout}{ran.stderr[-2000:]}"


def test_a_name_is_no_front_end(tones: Clips) -> None:
    with pytest.raises(SonogramError, match=r"got 'yamnet'\. Use sonogram\.preset\('yamnet'\)"):
        train(tones, "yamnet")


def test_one_label_is_nothing_to_tell_apart(tones: Clips) -> None:
    with pytest.raises(SonogramError, match="the data set has one label, low; classification needs two"):
        train(tones.where(lambda clip: clip.label == "low"))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"epochs": 0}, "epochs must be a whole number, at least 1, or None; got 0"),
        ({"epochs": 3.0}, r"epochs must be a whole number, at least 1, or None; got 3\.0"),
        ({"learning_rate": float("inf")}, "learning_rate must be a finite number; got inf"),
        ({"learning_rate": np.array([1e-3])}, "learning_rate must be a finite number"),
        ({"seconds": None}, "seconds must be a finite number; got None"),
        ({"weight_decay": "0.1"}, "weight_decay must be a finite number"),
        ({"augment": "no"}, "augment must be True or False; got 'no'"),
        ({"mixup": 2}, "mixup"),
        ({"seed": 1 << 32}, "seed must be a whole number from 0 to 4294967295"),
        ({"validation": 1}, "validation"),
    ],
)
@pytest.mark.quick
def test_settings_that_cannot_be_meant(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(SonogramError, match=message):
        TrainingSettings(**wrong)


@pytest.mark.quick
def test_numbers_of_numpy_become_plain_data() -> None:
    settings = TrainingSettings(epochs=np.int64(3), seed=np.uint32(7), learning_rate=np.float32(0.5))
    assert json.dumps(settings.to_dict())
    assert settings == TrainingSettings(epochs=3, seed=7, learning_rate=0.5)
    with pytest.raises(SonogramError, match=r"batch_size must be a whole number, at least 1; got 1\.5"):
        TrainingSettings(batch_size=np.float64(1.5))
