"""Cross-validation: what each fold learns from and is judged on, and that it goes on when it was killed."""

import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import sonogram as sg
from sonogram.dataset import Clip, Clips, DatasetReport
from sonogram.dataset.loading import load_clips
from sonogram.errors import SonogramError
from sonogram.training import TrainingPlan, TrainingSettings, cross_validate
from sonogram.training.train import train_plan

FRONTEND = sg.Frontend(
    8000,
    200,
    80,
    bands=sg.bands.Mel(12, 50, 4000),
    spectrum=sg.spectrum.Power(),
    scaling=sg.scaling.Log(floor=1e-6),
)
SETTINGS = TrainingSettings(
    epochs=1, batch_size=8, learning_rate=5e-3, validation=0.0, augment=False, mixup=0.0
)
PLAN = TrainingPlan(FRONTEND, "small", settings=SETTINGS, center="clip")
MODULE = sys.modules["sonogram.training.evaluation"]


class KilledError(Exception):
    """Stands for a power cut."""


class Spy:
    """Notes what each fold learns from and is judged on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.learned: list[Sequence[Clip]] = []
        self.judged: list[Sequence[Clip]] = []

        def spied_train(clips: Sequence[Clip], *args: Any, **kwargs: Any) -> Any:
            self.learned.append(clips)
            return train_plan(clips, *args, **kwargs)

        def spied_load(clips: Sequence[Clip], *args: Any, **kwargs: Any) -> Any:
            self.judged.append(clips)
            return load_clips(clips, *args, **kwargs)

        monkeypatch.setattr(MODULE, "train_plan", spied_train)
        monkeypatch.setattr(MODULE, "load_clips", spied_load)


def test_no_group_is_learned_from_and_judged(tones: Clips, monkeypatch: pytest.MonkeyPatch) -> None:
    spy, numbers = Spy(monkeypatch), []
    data = Clips(clip._replace(split="test" if index % 3 else "train") for index, clip in enumerate(tones))
    found = cross_validate(data, PLAN, 2, on_progress=lambda *fold: numbers.append(fold))
    assert (found.num_clips, found.labels) == (16, ("high", "low"))
    assert numbers == [("fold", 1, 2), ("fold", 2, 2)]
    assert len(spy.learned) == len(spy.judged) == 2
    for learned, judged in zip(spy.learned, spy.judged, strict=True):
        assert not {clip.group for clip in learned} & {clip.group for clip in judged}
        assert {clip.path for clip in [*learned, *judged]} == set(tones.paths)
        assert len(learned) == len(judged) == 8
    assert {clip.path for clip in [*spy.judged[0], *spy.judged[1]]} == set(tones.paths)


def test_a_fold_that_cannot_learn_is_named(tones: Clips) -> None:
    one_each = Clips([tones[0], tones[-1]])
    with pytest.raises(
        SonogramError, match=r"fold 1 of 2: the data set has one label, \w+; classification needs two"
    ):
        cross_validate(one_each, PLAN, 2)


def test_killed_in_the_second_fold_it_goes_on(
    tones: Clips, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken.wav").write_bytes(b"nothing")
    data = Clips([*tones, Clip(str(tmp_path / "broken.wav"), "low", "group 0")])
    plan = dataclasses.replace(PLAN, settings=dataclasses.replace(SETTINGS, epochs=2))
    lines: list[str] = []
    whole = cross_validate(data, plan, 2, report=DatasetReport(lines.append))
    assert len(lines) == 1  # in both folds, but reported once

    folds, epochs, folder = [], [], tmp_path / "folds"

    class Kill(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            if len(folds) == 2 and epoch == 1:
                raise KilledError

    class Count(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            epochs.append(epoch + 1)

    report, progress = DatasetReport(print), lambda *fold: folds.append(fold)
    with pytest.raises(KilledError):
        cross_validate(data, plan, 2, folder=folder, report=report, callbacks=[Kill()], on_progress=progress)
    with pytest.raises(SonogramError, match="other clips or settings"):
        cross_validate(data, plan, 3, folder=folder, report=DatasetReport(print))

    spy, lines = Spy(monkeypatch), []
    found = cross_validate(
        data, plan, 2, folder=folder, report=DatasetReport(lines.append), callbacks=[Count()]
    )
    assert len(spy.learned) == 1
    assert epochs == [2]
    assert len(lines) == 1
    assert found.to_dict() == whole.to_dict()
    np.testing.assert_array_equal(found.confusion, whole.confusion)
    assert (folder / "fold-2" / "small_0.csv").is_file()
    assert not [*folder.rglob("*.npz"), *folder.rglob("plan.json")]  # another one may begin
