"""Training of speech recognizers on tones that stand for words."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import pytest

import sonogram as sg
from sonogram.dataset import Clips, DatasetReport, clips, load_clips
from sonogram.decoding import Alphabet
from sonogram.errors import SonogramError
from sonogram.models import describe, logits
from sonogram.training import TrainingSettings, choose_units, utterances
from sonogram.training.utterances import Utterances, min_frames

TINY = sg.Frontend(
    8000,
    200,
    80,
    bands=sg.bands.Mel(12, 50, 4000),
    spectrum=sg.spectrum.Power(),
    scaling=sg.scaling.Log(floor=1e-6),
)
SETTINGS = {"epochs": 2, "batch_size": 4, "units": "words"}


@pytest.fixture(scope="module", autouse=True)
def short_epochs() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(utterances, "_STEPS_OF_JOINED", 3)
        yield


@pytest.fixture(scope="module")
def words(tones: Clips) -> Clips:
    """The tones, their labels as texts."""
    return Clips(clip._replace(label="", text=clip.label) for clip in tones)


@pytest.fixture(scope="module")
def trained(words: Clips) -> keras.Model:
    return sg.train(words, TINY, "conv", join=3, **SETTINGS)


class Killed(keras.callbacks.Callback):
    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        if epoch == 1:
            raise KeyboardInterrupt


def test_a_killed_training_continues_to_the_same_weights(
    words: Clips, trained: keras.Model, tmp_path: Path
) -> None:
    with pytest.raises(KeyboardInterrupt):
        sg.train(words, TINY, "conv", join=3, folder=tmp_path, callbacks=[Killed()], **SETTINGS)
    assert (tmp_path / "state-0.npz").is_file()
    resumed = sg.train(words, TINY, "conv", join=3, folder=tmp_path, **SETTINGS)
    for found, wanted in zip(resumed.get_weights(), trained.get_weights(), strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_the_model_states_what_it_was_trained_on(words: Clips, trained: keras.Model) -> None:
    info = describe(trained)
    assert info.alphabet == Alphabet(("high", "low"), "words")
    assert (info.training or {})["join"] == 3
    found = sg.evaluate(trained, words)
    assert (found.num_clips, found.num_words, found.num_training_clips) == (16, 16, 16)
    assert 0 <= found.wer <= 3
    assert [group.num_clips for group in found.groups] == [4, 4, 4, 4]


def test_labels_and_texts_are_not_confused(tones: Clips, words: Clips, trained: keras.Model) -> None:
    with pytest.raises(SonogramError, match="the model gives text, and the data set has labels"):
        sg.evaluate(trained, tones)
    with pytest.raises(SonogramError, match="beam: for models that give text"):
        sg.evaluate(sg.models.build(TINY, ["high", "low"]), tones, beam=4)
    with pytest.raises(SonogramError, match="join and units are for speech recognition"):
        sg.train(tones, TINY, "cnn", join=3)
    with pytest.raises(SonogramError, match="texts instead of labels"):
        sg.dataset.label_targets(words, ["high", "low"])
    with pytest.raises(SonogramError, match="some clips have a text and others a label"):
        Clips([*tones[:2], *words[2:4]])


def test_a_repeated_symbol_needs_a_blank_before_it() -> None:
    counts = [min_frames(np.array(classes, np.int32)) for classes in ([], [2], [2, 3, 2], [2, 2, 2, 3, 3])]
    assert counts == [0, 1, 3, 8]


def test_a_recording_too_short_for_its_text_is_named(words: Clips) -> None:
    long = words[0]._replace(text="low " * 60)
    report = DatasetReport()
    chosen = Clips([long, *words[1:4], *words[12:]])
    sg.train(chosen, TINY, "conv", report=report, augment=False, **{**SETTINGS, "epochs": 1})
    (broken,) = report.broken
    assert broken.path == long.path
    assert "needs 119 frames" in broken.reason  # 60 words, and a blank between each two of the same
    with pytest.raises(SonogramError, match="too short for its text"):
        sg.train(chosen, TINY, "conv", **SETTINGS)


def test_utterances_are_strings_of_one_group(words: Clips) -> None:
    """In each group one text alone is spoken, so that a text shows which clips were joined."""
    loaded = load_clips(Clips(clip._replace(group=clip.text) for clip in words), 8000)
    loaded = dataclasses.replace(loaded, samples=tuple(np.full(800, 0.5, np.float32) for _ in words))
    alphabet = Alphabet.fit([*(str(clip.text) for clip in words), " "], "letters")
    made = Utterances(loaded, alphabet, TINY, 4, TrainingSettings(batch_size=8), 3)
    found = [made._joined(3, np.random.default_rng(seed)) for seed in range(80)]
    texts = {alphabet.decode(classes) for _, classes in found}
    assert texts == {"low low low", "high high high", ""}
    lengths = [len(samples) for samples, classes in found if len(classes)]
    # Three clips of 0.1 s, two gaps of -40 to 350 ms, and up to 0.4 s of silence at each end.
    assert 0.2 * 8000 <= min(lengths) < max(lengths) <= (0.3 + 0.7 + 0.8) * 8000 + 4


def test_batches_depend_on_the_seed_and_the_step_alone(words: Clips) -> None:
    loaded = load_clips(words, 8000)
    alphabet = Alphabet.fit([str(clip.text) for clip in words], "words")

    def batch(seed: int, step: int, join: int | None) -> np.ndarray:
        settings = TrainingSettings(batch_size=4, seed=seed)
        values, frames, symbols = Utterances(loaded, alphabet, TINY, 4, settings, join).batch(step)
        for count, row in zip(frames, symbols, strict=True):
            assert -(-count // 4) >= min_frames(row[row > 0])
        return values

    for join in (None, 3):
        np.testing.assert_array_equal(batch(0, 2, join), batch(0, 2, join))
        assert batch(0, 1, join).tobytes() != batch(0, 2, join).tobytes()
        assert batch(1, 2, join).tobytes() != batch(0, 2, join).tobytes()


def test_units_follow_the_vocabulary() -> None:
    assert choose_units(["one two", "two one"] * 10) == "words"
    assert choose_units(["one two", "two one"] * 4) == "letters"  # each occurs 8 times
    assert choose_units([""]) == "letters"


def test_a_manifest_with_a_column_text(tmp_path: Path) -> None:
    path = tmp_path / "talks.csv"
    path.write_text("path,text,group\na.wav,good morning,ann\nb.wav,,bob\n")
    found = clips(path)
    assert (found.kind, [clip.text for clip in found]) == ("text", ["good morning", ""])
    found.save(tmp_path / "copy.csv")
    assert clips(tmp_path / "copy.csv") == found
    path.write_text("path,text,label\na.wav,good morning,speech\n")
    assert clips(path).kind == "label"  # as before there were texts
    path.write_text("path,group\na.wav,ann\n")
    with pytest.raises(SonogramError, match="label"):
        clips(path)


def test_logits_cover_the_recording(trained: keras.Model) -> None:
    assert [each.shape for each in logits(trained, [np.zeros(8000), np.zeros(4040)])] == [(25, 3), (13, 3)]
