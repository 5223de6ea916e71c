"""Sounds of any length to what is heard in them."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from tone_model import RATE, tone, tone_model

import sonogram as sg
from sonogram.errors import SonogramError
from sonogram.inference import Predictor, blocks as model_sounds

LOW, HIGH = 500.0, 3000.0


def test_a_timeline_tells_what_is_heard_and_when(model: keras.Model, tmp_path: Path) -> None:
    path = tmp_path / "tones.wav"
    sg.save(path, np.concatenate([tone(LOW, 6.0), tone(HIGH, 3.0), tone(LOW, 4.5)]), RATE)
    found = sg.predict(model, path, step=0.1)
    assert found.duration == 13.5
    assert [event.label for event in found.events] == ["low", "high", "low"]
    borders = [event.start for event in found.events] + [found.events[-1].end]
    # A border lies where windows hold half of each tone: within a step of the truth.
    np.testing.assert_allclose(borders, [0, 6, 9, 13.5], atol=0.1)
    assert all(event.score > 0.99 for event in found.events)
    assert found.label == "low"  # it is heard for longer
    # The whole is the mean of its windows: as many in a hundred as there are low seconds.
    assert found.score == pytest.approx(10.5 / 13.5, abs=0.05)
    assert found.top(2)[1] == ("high", pytest.approx(1 - found.score))


def test_a_sound_of_one_window_gets_one_decision(model: keras.Model) -> None:
    found = sg.predict(model, sg.Audio(tone(LOW, 0.3), RATE))
    assert found.num_windows == 1
    (event,) = found.events
    assert (event.start, event.end, event.label) == (0.0, 0.3, "low")


def test_the_threshold_is_the_same_for_any_length(model: keras.Model) -> None:
    """A score of 0.5001 is an event at 0.5 and none at 0.51, in a sound of a window and of four."""
    nearly = tone(LOW, 0.3) * 1e-4
    for samples in (nearly, np.tile(nearly, 4)):
        found = sg.predict(model, sg.Audio(samples, RATE))
        assert 0.5 < found.score < 0.51
        assert [event.label for event in found.events] == ["low"]
        again = sg.predict(model, sg.Audio(samples, RATE), threshold=0.51)
        assert (again.events, again.label) == ((), "low")


def test_a_sound_shorter_than_a_frame_step_has_no_label(network: keras.Model) -> None:
    with pytest.raises(SonogramError, match=r"6\.2 ms are shorter than a frame step of the model, 10 ms"):
        sg.predict(network, sg.Audio(np.ones(100, np.float32), 16_000))
    assert sg.predict(network, sg.Audio(np.ones(160, np.float32), 16_000)).label


def test_silence_around_a_short_clip_does_no_harm(network: keras.Model) -> None:
    rng = np.random.default_rng(0)
    clip = rng.standard_normal(5000).astype(np.float32) * np.hanning(5000).astype(np.float32) / 4
    padded = np.pad(clip, (20_000, 30_000))
    found = sg.predict(network, sg.Audio(padded, 16_000))
    assert found.num_windows > 10
    np.testing.assert_allclose(found.scores, sg.models.scores(network, [padded])[0], atol=1e-5)
    # Beyond 10 s a sound is no clip: its windows are asked, most of which hold nothing here.
    longer = sg.predict(network, sg.Audio(np.pad(padded, (0, 120_000)), 16_000))
    assert np.abs(longer.scores - found.scores).max() > 0.1


def test_several_labels_may_be_heard_at_once() -> None:
    both = sg.Audio(tone(LOW, 2.0), RATE)
    found = sg.predict(tone_model(multi_label=True), both)
    assert [event.label for event in found.events] == ["low"]
    # Below the threshold a multi-label model hears nothing, in a short sound too.
    assert not sg.predict(tone_model(multi_label=True), sg.Audio(np.zeros(2000, np.float32), RATE)).events
    # What is heard once is heard: the highest score of all windows.
    late = sg.Audio(np.concatenate([np.zeros(40_000, np.float32), tone(HIGH, 0.5)]), RATE)
    assert sg.predict(tone_model(multi_label=True), late).top(1) == (("high", pytest.approx(1, abs=0.01)),)


@pytest.mark.parametrize("lengths", [False, True])
@pytest.mark.parametrize("samples", [None, 4000])
def test_models_of_every_input_agree(samples: int | None, lengths: bool) -> None:
    sound = sg.Audio(np.concatenate([tone(LOW, 0.6), tone(HIGH, 0.53)]), RATE)
    wanted = list(Predictor(tone_model()).scores(sound))
    found = list(Predictor(tone_model(samples, lengths)).scores(sound))
    np.testing.assert_allclose([each.scores for each in found], [each.scores for each in wanted], atol=1e-5)


def test_a_backbone_of_fixed_length_hears_every_window() -> None:
    keras.utils.set_random_seed(5)
    inner = keras.Sequential([keras.Input((4000,)), keras.layers.Dense(3)])
    model = sg.models.transfer(inner, ["a", "b"], sample_rate=RATE)
    assert not sg.models.describe(model).any_length
    samples = np.random.default_rng(2).normal(0, 0.1, 10_000).astype(np.float32)
    found = sg.predict(model, sg.Audio(samples, RATE))
    windows = [each.scores for each in Predictor(model).scores(sg.Audio(samples, RATE))]
    assert len(windows) == 4
    np.testing.assert_allclose(found.scores, np.mean(windows, axis=0), atol=1e-6)
    assert np.abs(found.scores - windows[0]).max() > 1e-3


def test_padding_is_not_heard_where_a_model_knows_lengths() -> None:
    short = tone(LOW, 0.2) * 0.003  # so faint that the number of frames shows in the score
    alone, padded = sg.Audio(short, RATE), sg.Audio(np.pad(short, (0, 2400)), RATE)
    plain = sg.predict(tone_model(), alone).score
    assert sg.predict(tone_model(lengths=True), alone).score == pytest.approx(plain, abs=1e-6)
    assert sg.predict(tone_model(4000, True), alone).score == pytest.approx(plain, abs=1e-6)
    assert abs(sg.predict(tone_model(), padded).score - plain) > 1e-3


def test_a_long_file_is_never_whole_in_memory(
    model: keras.Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "long.wav"
    sg.save(path, tone(LOW, 100.0), RATE)
    taken = []
    blocks = model_sounds.blocks

    def counted(*arguments: object, **options: object) -> object:
        for block in blocks(*arguments, **options):
            taken.append(len(block))
            yield block

    monkeypatch.setattr(model_sounds, "blocks", counted)
    heard = Predictor(model).scores(path)
    next(heard)
    assert len(taken) <= 3  # of ten: one is listened to, one is read ahead
    assert sum(1 for _ in heard) == 398
    assert sum(taken) == 800_000


def test_scores_do_not_depend_on_the_neighbors_in_a_call(network: keras.Model) -> None:
    rng = np.random.default_rng(0)
    # More than two calls take, which go on at a time.
    sizes = [6400, 3000, 6400, 500, *rng.integers(500, 6400, 40)]
    clips = [rng.standard_normal(size).astype(np.float32) / 10 for size in sizes]
    scorer = Predictor(network)._scorer
    together = scorer.scores(clips)
    alone = np.concatenate([scorer.scores([clip]) for clip in clips])
    np.testing.assert_allclose(together, alone, atol=1e-5)  # float32 sums in another order
    assert np.diff(alone[:, 0]).std() > 1e-3  # one in the place of another would be seen


class Written(keras.Model):
    """A model of a class of its own, whose inputs Keras does not know."""

    def __init__(self) -> None:
        super().__init__(name="written")
        self.parts = tone_model().layers[1:]

    def call(self, samples: Any) -> Any:
        for part in self.parts:
            samples = part(samples)
        return samples


def unlabeled() -> keras.Model:
    return keras.Sequential([keras.Input((None,)), sg.layers.Spectrogram(sg.preset("kaldi-fbank-23"))])


@pytest.mark.parametrize(
    ("make", "settings", "line"),
    [
        (unlabeled, {}, r"no sonogram\.layers\.Scores"),
        (Written, {}, "unknown inputs. Build it from keras.Input"),
        (tone_model, {"window": 0}, "must last a sample or more; got 0 s"),
        (tone_model, {"step": -1}, "must last a sample or more; got -1 s"),
        (tone_model, {"window": float("nan")}, "got nan s"),
        (tone_model, {"step": 0.6}, r"step must be at most the window length, 0\.5 s; got 0\.6 s"),
        (tone_model, {"threshold": 2}, "threshold must be a score from 0 to 1"),
        (lambda: tone_model(4000), {"window": 1}, r"window must be 0\.5 s, the input length of the model"),
    ],
)
def test_wrong_arguments(make, settings: dict[str, float], line: str) -> None:
    with pytest.raises(sg.SonogramError, match=line):
        sg.predict(make(), sg.Audio(np.zeros(5000, np.float32), RATE), **settings)


def test_wrong_sounds(model: keras.Model, tmp_path: Path) -> None:
    with pytest.raises(
        sg.SonogramError, match="the sample rate must be 8000 Hz, that of the model; got 16000 Hz"
    ):
        sg.predict(model, sg.Audio(np.zeros(5000, np.float32), 16_000))
    with pytest.raises(sg.SonogramError, match="has no samples"):
        sg.predict(model, sg.Audio(np.zeros(0, np.float32), RATE))
    with pytest.raises(sg.AudioError, match="no such file"):
        sg.predict(model, tmp_path / "missing.wav")
