"""Models of every input, judged on clips of every length."""

from pathlib import Path

import keras
import numpy as np
import pytest
from tone_model import RATE, tone, tone_model

import sonogram as sg
from sonogram.dataset import Clip, Clips, LoadedClips
from sonogram.errors import SonogramError
from sonogram.training import TrainingPlan, evaluate
from sonogram.training.evaluation import _scores


@pytest.fixture
def labeled(tmp_path: Path) -> Clips:
    """Clips from a quarter of a window to 24 windows; the last begins like another."""
    found = []
    for label, hertz in (("low", 500), ("high", 3000)):
        for seconds in (0.125, 0.5, 1.3, 12.0):
            path = tmp_path / f"{label}-{seconds}.wav"
            sg.save(path, tone(hertz, seconds), RATE)
            found.append(Clip(str(path), label))
    sg.save(tmp_path / "both.wav", np.concatenate([tone(500, 0.5), tone(3000, 2.5)]), RATE)
    return Clips([*found, Clip(str(tmp_path / "both.wav"), "high")])


@pytest.mark.parametrize("lengths", [False, True])
@pytest.mark.parametrize("samples", [None, 4000])
def test_models_of_every_input_judge_whole_clips(labeled: Clips, samples: int | None, lengths: bool) -> None:
    found = evaluate(tone_model(samples, lengths), labeled)
    assert (found.num_clips, found.accuracy) == (9, 1)


def unlike_in_its_halves(size: int) -> np.ndarray:
    samples = np.random.default_rng(0).normal(0, 0.1, size)
    samples[size // 2 :] = 0.1 * np.sin(0.3 * np.arange(size - size // 2))
    return samples.astype(np.float32)


@pytest.mark.parametrize("multi_label", [False, True])
def test_the_scores_judged_are_those_of_predict(multi_label: bool) -> None:
    keras.utils.set_random_seed(3)
    model = sg.models.build(sg.preset("kaldi-fbank-23"), ["a", "b"], multi_label=multi_label, seconds=0.5)
    head = next(layer for layer in model._flatten_layers() if layer.name == "logits")
    kernel, bias = head.get_weights()
    head.set_weights([20 * kernel, bias])  # so that sounds differ in their scores
    sounds = [sg.Audio(unlike_in_its_halves(size), 16_000) for size in (4000, 40_000, 200_000)]
    data = Clips(Clip(f"{index}.wav", "a") for index in range(3))
    found = _scores(model, LoadedClips(data, tuple(each.samples for each in sounds), 16_000))
    wanted = [sg.predict(model, each).scores for each in sounds]
    np.testing.assert_allclose(found, wanted, atol=1e-5)
    at_once = sg.models.scores(model, [each.samples for each in sounds])
    differs = np.abs(at_once - wanted).max(axis=1) > 1e-3
    assert differs.tolist() == [False, multi_label, True]


def test_a_plan_of_another_version_is_told_in_one_line() -> None:
    model = tone_model()
    plan = {
        "settings": {"warmth": 3},
        "frontend": None,
        "network": "cnn",
        "multi_label": False,
        "center": None,
    }
    for training in (plan, {}):
        model.layers[-1].training = training
        with pytest.raises(SonogramError, match=r"'tone_model' stores a training plan of another version"):
            TrainingPlan.from_model(model)


def test_an_output_without_a_label_is_told() -> None:
    with pytest.raises(SonogramError, match=r"must have 2 values, one for each label; got 3. .* Dense\(2\)"):
        sg.layers.Scores(["a", "b"])(np.zeros((1, 3), np.float32))
    with pytest.raises(SonogramError, match="got 1"):
        sg.layers.Scores(["a", "b"])([np.zeros((1, 2), np.float32), np.zeros((1, 1), np.float32)])
