"""Signs of a training or an evaluation that failed: the loss of guessing, clips that the model has seen."""

import dataclasses
import math
import shutil
from pathlib import Path

import numpy as np
import pytest

import sonogram as sg
from sonogram.dataset import Clip, Clips, LoadedClips
from sonogram.errors import SonogramError
from sonogram.training import TrainingSettings, evaluate, train
from sonogram.training.digests import count_known, digest_clips
from sonogram.training.folder import reserve_folder
from sonogram.training.guessing import guessing_loss

FRONTEND = sg.Frontend(8000, 200, 80, bands=sg.bands.Mel(12, 50, 4000), scaling=sg.scaling.Log(floor=1e-6))
PLAIN = TrainingSettings(label_smoothing=0.0)


def labeled(*labels: str) -> list[Clip]:
    return [Clip(f"{index}.wav", label) for index, label in enumerate(labels)]


def test_guessing_among_equal_labels_costs_the_logarithm_of_their_number() -> None:
    balanced = labeled(*(str(index % 42) for index in range(126)))
    for settings in (PLAIN, TrainingSettings()):
        assert guessing_loss(balanced, settings) == pytest.approx(math.log(42))


def test_guessing_uses_the_frequencies_of_the_labels() -> None:
    # Classes weigh 1 / sqrt(size): 9 and 1 clips become 9 / 3 = 3 and 1, so 3/4 and 1/4.
    found = guessing_loss(labeled(*["cat"] * 9, "dog"), PLAIN)
    assert found == pytest.approx(-(3 / 4) * math.log(3 / 4) - (1 / 4) * math.log(1 / 4))
    # Smoothing moves a tenth of each target to both: 0.9 * 3/4 + 0.05.
    found = guessing_loss(labeled(*["cat"] * 9, "dog"), TrainingSettings())
    assert found == pytest.approx(-0.725 * math.log(0.725) - 0.275 * math.log(0.275))


def test_guessing_of_several_labels_a_clip_is_a_mean_over_labels() -> None:
    # All clips have a: that one costs nothing. Half of them have b.
    clips = labeled("a;b", "a", "a;b", "a")
    assert guessing_loss(labeled("a", "b", "a", "b"), PLAIN, True) == pytest.approx(math.log(2))
    assert 0 < guessing_loss(clips, PLAIN, True) < math.log(2) / 2 + 1e-6


def test_one_training_at_a_time_has_a_folder(tmp_path: Path) -> None:
    clips = Clips(labeled("a", "b"))
    with (
        reserve_folder(tmp_path, {"network": "cnn"}, clips),
        pytest.raises(SonogramError, match="another training runs in this folder"),
        reserve_folder(tmp_path, {"network": "cnn"}, clips),
    ):
        pass
    with reserve_folder(tmp_path, {"network": "cnn"}, clips):
        pass
    (tmp_path / "state-0.npz").touch()
    with (
        pytest.raises(SonogramError, match="settings: network was cnn and is crnn, other clips"),
        reserve_folder(tmp_path, {"network": "crnn"}, clips[:1]),
    ):
        pass


def test_clips_are_known_by_their_samples() -> None:
    rng = np.random.default_rng(0)
    samples = [rng.standard_normal(size).astype(np.float32) for size in (5, 5, 900, 0)]
    loaded = LoadedClips(Clips(labeled("a", "b", "c", "d")), tuple(samples), 8000)
    record = {"clips": digest_clips(loaded)}
    assert len(record["clips"]) == 4 * 8  # six bytes each, in base64
    assert count_known(record, loaded) == 4
    changed = [np.nextafter(each, np.float32(9)) for each in samples[:3]]
    other = dataclasses.replace(loaded, samples=(*changed, samples[3]))
    assert count_known(record, other) == 1  # the empty one
    assert count_known(None, loaded) == count_known({"clips": ""}, loaded) == 0


def test_clips_of_the_training_are_noticed_by_the_evaluation(tones: Clips, tmp_path: Path) -> None:
    seen = tones.where(lambda clip: clip.group in ("group 0", "group 1", "group 2"))
    small = {"epochs": 1, "batch_size": 8, "augment": False, "validation": 0.34}
    model = train(seen, FRONTEND, "small", **small)
    assert evaluate(model, seen).num_training_clips == len(seen)  # clips for early stopping count, too
    copied = Clips(clip._replace(path=shutil.copy(clip.path, tmp_path)) for clip in tones)
    found = evaluate(model, copied)
    assert (found.num_training_clips, found.num_clips) == (len(seen), len(tones))
    assert found.to_dict()["num_training_clips"] == len(seen)
    new = tones.where(lambda clip: clip.group == "group 3")
    assert evaluate(model, new).num_training_clips == 0
    (history,) = [network.history.history for network in sg.models.networks(model)]
    assert 0 <= history["accuracy"][0] <= 1
