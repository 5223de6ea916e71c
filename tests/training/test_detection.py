"""Training on events: tones in noise are found with start and end; commands agree with functions."""

import csv
import json
import sys
from pathlib import Path

import numpy as np
import pytest

import sonogram as sg
from sonogram.dataset import Clip, Clips, Span, mix
from sonogram.dataset.loading import LoadedClips
from sonogram.errors import SonogramError
from sonogram.training import TrainingSettings, detection
from sonogram.training.segments import Segments, frame_targets

RATE = 8000
FRONTEND = sg.Frontend(RATE, 256, 128, bands=sg.bands.Mel(24), scaling=sg.scaling.Log(floor=1e-8))
TONES = {"high": 3000.0, "low": 500.0}


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of scenes with tones of four groups."""
    folder = tmp_path_factory.mktemp("events")
    found = []
    for group in range(4):
        for label, hertz in TONES.items():
            path = folder / f"{label}-{group}.wav"
            time = np.arange(4000) / RATE
            sg.save(path, 0.2 * np.sin(2 * np.pi * (hertz + 20 * group) * time), RATE)
            found.append(Clip(str(path), label, f"voice-{group}", "test" if group == 3 else "train"))
    settings = {"count": 40, "seconds": 3.0, "events": (1, 3), "snr": (15.0, 25.0), "sample_rate": RATE}
    mix(Clips(found), folder / "scenes", parts=2, **settings)
    return folder / "scenes"


@pytest.fixture(scope="module")
def trained(scenes: Path) -> object:
    """Return a detector of the tones."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(detection, "STEPS", 15)
        patch.setattr(detection, "_SMOOTHINGS", (0.0, 0.13))
        return sg.train(scenes, FRONTEND, "conv", epochs=2, batch_size=8, augment=False, learning_rate=5e-3)


def test_events_of_other_groups_are_found(trained: object, scenes: Path) -> None:
    found = sg.evaluate(trained, scenes)
    assert found.num_clips == len(sg.dataset.clips(scenes).of_split("test"))
    assert found.segment_f1 > 0.9
    assert found.event_f1 > 0.8
    assert found.num_training_clips == 0
    rule = sg.models.describe(trained).event_rule
    assert len(rule.thresholds) == 2


def test_training_recordings_are_noticed(trained: object, scenes: Path) -> None:
    train = Clips(clip._replace(split=None) for clip in sg.dataset.clips(scenes).of_split("train")[:3])
    assert sg.evaluate(trained, train).num_training_clips == 3


def test_commands_evaluate_and_predict(
    trained: object,
    scenes: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from sonogram.cli import main

    def run(*arguments: object) -> str:
        monkeypatch.setattr(sys, "argv", ["sonogram", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main()
        printed = capsys.readouterr()
        assert not end.value.code, printed.err
        return printed.out

    monkeypatch.chdir(tmp_path)
    trained.save("m.keras")
    figures = json.loads(run("evaluate", "m.keras", scenes, "--json"))
    assert figures == sg.evaluate(trained, scenes).to_dict() | {"classes": figures["classes"]}
    assert "segment F1" in run("evaluate", "m.keras", scenes)
    clip = sg.dataset.clips(scenes).of_split("test")[0]
    rows = [*csv.DictReader(run("predict", "m.keras", clip.path, "--format", "csv").splitlines())]
    events = sg.predict(trained, clip.path).events
    assert [(row["label"], float(row["start"])) for row in rows] == [
        (event.label, pytest.approx(event.start)) for event in events
    ]
    for form in ("json", "audacity", "raven"):
        assert events[0].label in run("predict", "m.keras", clip.path, "--format", form)


def test_a_classifier_of_windows_is_evaluated_on_events(scenes: Path) -> None:
    model = sg.models.build(FRONTEND, ["high", "low"], "separable", multi_label=True, seconds=1.0)
    found = sg.evaluate(model, scenes)
    assert found.num_clips == len(sg.dataset.clips(scenes).of_split("test"))
    assert 0 <= found.event_f1 <= 1


STACKS = {"no stack": None, "blocks": sg.stack.Stack(2, "pad"), "context": sg.stack.Stack(6, "pad", step=3)}


@pytest.mark.parametrize("stack", STACKS.values(), ids=STACKS)
def test_targets_follow_the_events_through_speed_and_crops(stack: sg.stack.Stack | None) -> None:
    # A tone from 1.0 to 1.5 s: in whatever segment, its energy is where the targets are.
    samples = np.zeros(3 * RATE, np.float32)
    samples[RATE : RATE * 3 // 2] = np.sin(2 * np.pi * 1000 * np.arange(RATE // 2) / RATE)
    clip = Clip("tone.wav", "", events=(Span(1.0, 1.5, "tone"),))
    loaded = LoadedClips(Clips([clip]), (samples,), RATE)
    frontend = FRONTEND.replace(stack=stack)
    segments = Segments(loaded, ("tone",), frontend, 2, TrainingSettings(batch_size=16), 2.0)
    values, frames, targets = segments.batch(3)
    agree = []
    for row, count, target in zip(values, frames, targets, strict=True):
        level = row[:count].max(axis=1)
        loud = level[::2] > level.max() - 3  # nepers of power, above the noise and the reverberation
        inside = target[: len(loud), 0] > 0
        assert target[: len(loud), 1].all()
        if inside.any():
            agree.append((loud & inside).sum() / inside.sum())
    assert np.mean(agree) > 0.8
    assert len(agree) > 5


def test_frames_are_active_if_their_middle_is() -> None:
    assert frame_targets([(0.149, 0.25, 1)], 4, 0.1, 2)[:, 1].tolist() == [0, 1, 0, 0]
    assert frame_targets([(0.151, 0.251, 1)], 4, 0.1, 2)[:, 1].tolist() == [0, 0, 1, 0]


def test_what_does_not_suit_events_is_refused(scenes: Path) -> None:
    with pytest.raises(SonogramError, match="averaged with a backbone for labels only"):
        sg.train(scenes, backbone="yamnet+cnn")
    with pytest.raises(SonogramError, match="join and units are for speech"):
        sg.train(scenes, join=2)
    with pytest.raises(SonogramError, match="multi_label is for clips with labels"):
        sg.train(scenes, multi_label=True)
    with pytest.raises(SonogramError, match="one network"):
        sg.train(scenes, network="cnn+crnn", epochs=1)
    model = sg.models.build_detector(FRONTEND, ["high"])
    with pytest.raises(SonogramError, match="the label 'low' is not one of high"):
        sg.evaluate(model, scenes)
    with pytest.raises(SonogramError, match="not for events"):
        sg.evaluate(model, scenes, folds=2)


def test_the_loss_is_that_of_poisson_counts_for_each_label() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(2, 5, 4)).astype(np.float32)
    counts = rng.integers(0, 2, (2, 5, 3)).astype(np.float32)
    valid = np.float32([[1, 1, 1, 1, 1], [1, 1, 0, 0, 0]])
    shares = np.exp(logits[..., :3]) / np.exp(logits[..., :3]).sum(axis=-1, keepdims=True)
    rates = np.exp(logits[..., 3:]) * shares
    expected = np.sum((rates - counts * np.log(rates)).sum(axis=-1) * valid) / valid.sum()
    targets = np.concatenate([counts, valid[..., None]], axis=-1)
    # What is not valid has no effect.
    logits[1, 2:] = 50.0
    assert float(detection._Loss()(targets, logits)) == pytest.approx(expected, rel=1e-5)
