"""A folder belongs to one training, as soon as there is something to go on with."""

import dataclasses
import io
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import sonogram as sg
from sonogram.dataset import Clip, Clips, DatasetReport
from sonogram.errors import SonogramError
from sonogram.training import TrainingPlan, TrainingSettings
from sonogram.training.checkpoint import load, save
from sonogram.training.epoch_loop import _restore
from sonogram.training.folder import claim_folder, delete_state
from sonogram.training.train import train_plan

FRONTEND = sg.Frontend(
    8000,
    200,
    80,
    bands=sg.bands.Mel(12, 50, 4000),
    spectrum=sg.spectrum.Power(),
    scaling=sg.scaling.Log(floor=1e-6),
)
SETTINGS = TrainingSettings(epochs=1, batch_size=8, validation=0.25, augment=False)
PLAN = TrainingPlan(FRONTEND, "small", settings=SETTINGS, center="clip")
OTHER = dataclasses.replace(PLAN, settings=dataclasses.replace(SETTINGS, epochs=2))


@pytest.fixture(scope="module")
def ended(tones: Clips, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a training that came to its end."""
    folder = tmp_path_factory.mktemp("ended")
    train_plan(tones, PLAN, folder)
    return folder


@pytest.fixture
def folder(ended: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(ended, tmp_path / "copy"))


def test_another_training_does_not_go_on(tones: Clips, folder: Path) -> None:
    with pytest.raises(SonogramError, match="other clips or settings"):
        train_plan(tones, OTHER, folder)
    with pytest.raises(SonogramError, match="other clips or settings"):
        train_plan(tones[:-1], PLAN, folder)
    (folder / "plan.json").unlink()
    with pytest.raises(SonogramError, match="other clips or settings"):
        train_plan(tones, PLAN, folder)


def test_other_sounds_of_the_same_clips_do_not_go_on(tones: Clips, tmp_path: Path) -> None:
    data = Clips(clip._replace(path=shutil.copy(clip.path, tmp_path)) for clip in tones)
    train_plan(data, PLAN, tmp_path / "state")
    train_plan(data, PLAN, tmp_path / "state")
    samples = sg.load(data[0].path).samples
    for change in ("recorded again", "broken"):
        sg.save(data[0].path, samples[:-100], 8000)
        if change == "broken":
            Path(data[0].path).write_bytes(b"")
        with pytest.raises(SonogramError, match="a file has changed since, or was readable"):
            train_plan(data, PLAN, tmp_path / "state", DatasetReport())


@pytest.mark.parametrize("change", [{"sonogram": "0.0.1"}, {"format": 0}])
def test_another_version_does_not_go_on(tones: Clips, folder: Path, change: dict[str, Any]) -> None:
    plan = json.loads((folder / "plan.json").read_text())
    assert plan["sonogram"] == sg.__version__
    (folder / "plan.json").write_text(json.dumps({**plan, **change}))
    with pytest.raises(SonogramError, match=r"a training by sonogram .* delete the folder to start over"):
        train_plan(tones, PLAN, folder)


def test_what_failed_before_its_first_epoch_is_in_nobodys_way(tones: Clips, tmp_path: Path) -> None:
    data = Clips([*tones, Clip(str(tmp_path / "missing.wav"), "low", "group 9")])
    for plan, epochs in ((PLAN, 1), (OTHER, 2)):
        with pytest.raises(SonogramError, match=r"missing\.wav"):
            train_plan(data, plan, tmp_path / "state")
        assert json.loads((tmp_path / "state" / "plan.json").read_text())["settings"]["epochs"] == epochs


def test_what_is_forgotten_lets_another_one_begin(tones: Clips, folder: Path) -> None:
    (folder / "fold-1").mkdir()
    for name in ("state-0.npz", "plan.json"):
        shutil.copy(folder / name, folder / "fold-1")
    delete_state(folder)
    assert not [*folder.rglob("*.npz"), *folder.rglob("plan.json")]
    assert (folder / "small_0.csv").is_file()
    claim_folder(folder, OTHER.to_dict(), tones)


Change = Callable[[dict[str, Any], dict[str, Any]], None]


def _changed(path: Path, change: Change) -> None:
    found = load(path)
    assert found is not None
    change(*found)
    save(path, *found)


def _one_less(groups: dict[str, Any], plain: dict[str, Any]) -> None:
    groups["network"].pop()


def _other_shape(groups: dict[str, Any], plain: dict[str, Any]) -> None:
    groups["best"][0] = np.zeros((1, 2, 3), np.float32)


def _no_optimizer(groups: dict[str, Any], plain: dict[str, Any]) -> None:
    del groups["optimizer"]


def _other_words(groups: dict[str, Any], plain: dict[str, Any]) -> None:
    plain["epochs"] = plain.pop("epoch")


def _no_number(groups: dict[str, Any], plain: dict[str, Any]) -> None:
    plain["epoch"] = None


def test_a_state_that_does_not_fit_is_told_in_one_line(tones: Clips, folder: Path) -> None:
    _changed(folder / "state-0.npz", _other_shape)
    with pytest.raises(SonogramError, match=r"state-0\.npz: not the state .* Delete the folder") as error:
        train_plan(tones, PLAN, folder)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("size", [0, 1000])
def test_a_state_that_was_cut_is_told_in_one_line(tones: Clips, folder: Path, size: int) -> None:
    path = folder / "state-0.npz"
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(SonogramError, match=r"state-0\.npz: not the state of a training .* Delete it"):
        train_plan(tones, PLAN, folder)


@pytest.fixture
def small() -> keras.Model:
    """A network that is compiled, as it is when its state is read."""
    network = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    network.compile("adam", "mse")
    network.optimizer.build(network.trainable_variables)
    return network


@pytest.mark.parametrize("change", [None, _one_less, _other_shape, _no_optimizer, _other_words, _no_number])
def test_each_part_of_a_state_must_fit(small: keras.Model, tmp_path: Path, change: Change | None) -> None:
    path = tmp_path / "state-0.npz"
    values = [np.ones(variable.shape, np.float32) for variable in small.variables]
    optimizer = [np.full(variable.shape, 3, np.float32) for variable in small.optimizer.variables]
    groups = {"network": values, "best": [2 * value for value in values], "optimizer": optimizer}
    save(path, groups, {"epoch": 3, "best_epoch": 2, "best_loss": 0.5, "ended": False})
    if change is None:
        state = _restore(small, path)
        assert (state.epoch, state.best_epoch, state.best_loss, state.ended) == (3, 2, 0.5, False)
        assert [float(value.max()) for value in small.get_weights()] == [1, 1]  # the last, not the best
        assert float(state.best[0].max()) == 2
        assert {float(np.max(variable)) for variable in small.optimizer.variables} == {3.0}
        return
    _changed(path, change)
    with pytest.raises(SonogramError, match=r"not the state of this training"):
        _restore(small, path)


def test_a_state_without_its_words_is_broken(tmp_path: Path) -> None:
    text = np.frombuffer(json.dumps({"counts": {}}).encode(), np.uint8)
    np.savez(tmp_path / "state-0.npz", json=text)
    with pytest.raises(SonogramError, match="not the state of a training"):
        load(tmp_path / "state-0.npz")


def test_a_state_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "state-0.npz", zeros=np.zeros(257 << 20, np.uint8))
    with pytest.raises(SonogramError, match=r"not the state of a training \(it unpacks to 257 MiB"):
        load(tmp_path / "state-0.npz")


@pytest.mark.parametrize("shape", [(1 << 50,), (10**30,), (-1,)])
def test_a_state_with_a_wrong_shape_is_refused(tmp_path: Path, shape: tuple[int, ...]) -> None:
    content = io.BytesIO()
    np.lib.format.write_array_header_1_0(content, {"descr": "<f4", "fortran_order": False, "shape": shape})
    with zipfile.ZipFile(tmp_path / "state-0.npz", "w") as archive:
        archive.writestr("json.npy", content.getvalue() + bytes(100))
    with pytest.raises(SonogramError, match="not the state of a training"):
        load(tmp_path / "state-0.npz")
