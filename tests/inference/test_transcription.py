"""Text of sounds of any length, with the times of its words."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from tone_model import RATE, tone, tone_model
from tone_recognizer import tone_recognizer

import sonogram as sg
from sonogram.decoding import NGram
from sonogram.errors import SonogramError
from sonogram.inference import Transcriber

LOW, HIGH = 500.0, 3000.0


@pytest.fixture(scope="module")
def recognizer() -> keras.Model:
    return tone_recognizer()


def tones(*names: str) -> np.ndarray:
    """Tones of 0.5 s, each after 0.5 s of silence."""
    silence = np.zeros(RATE // 2, np.float32)
    parts = [[silence, tone(LOW if name == "low" else HIGH, 0.5)] for name in names]
    return np.concatenate([piece for part in parts for piece in part] + [silence])


def test_words_have_the_times_of_their_sound(recognizer: keras.Model, tmp_path: Path) -> None:
    path = tmp_path / "tones.wav"
    sg.save(path, tones("low", "high", "low"), RATE)
    found = sg.transcribe(recognizer, path)
    assert (found.text, found.duration) == ("low high low", 3.5)
    times = [edge for word in found.words for edge in (word.start, word.end)]
    assert times == pytest.approx([0.5, 1, 1.5, 2, 2.5, 3], abs=0.03)
    assert all(0.9 < word.score <= 1 for word in found.words)


def test_long_sounds_are_cut_in_silence_and_joined(recognizer: keras.Model) -> None:
    names = ["low", "high", "high", "low", "low"] * 9
    taken = []
    found = Transcriber(recognizer).transcribe(sg.Audio(tones(*names), RATE), taken.append)
    assert found.text.split() == names
    assert [round(word.start, 1) for word in found.words] == [0.5 + number for number in range(45)]
    assert len(taken) == 3
    assert taken[-1] == found.duration == 45.5


def test_a_word_list_and_a_language_model_are_used(recognizer: keras.Model, tmp_path: Path) -> None:
    sound = sg.Audio(tones("low", "high"), RATE)
    assert set(sg.transcribe(recognizer, sound, words=["low"]).text.split()) == {"low"}
    (tmp_path / "texts.txt").write_text("High, high!\nhigh\n")
    expected = sg.transcribe(
        recognizer, sound, language_model=NGram.fit(["high high", "high"]), language_weight=9999
    )
    assert "low" not in expected.text
    assert (
        sg.transcribe(recognizer, sound, language_model=tmp_path / "texts.txt", language_weight=9999)
        == expected
    )


def test_a_known_text_is_aligned(recognizer: keras.Model) -> None:
    found = sg.align(recognizer, sg.Audio(tones(*["low", "high"] * 12), RATE), "Low, high! " * 12)
    assert [word.text for word in found.words] == ["low", "high"] * 12
    assert [word.start for word in found.words] == pytest.approx(
        [0.5 + number for number in range(24)], abs=0.03
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [("medium", "'medium' .* not among the 2 words"), ("low " * 99, "at least 197 frames")],
)
def test_other_texts_are_refused(recognizer: keras.Model, text: str, message: str) -> None:
    with pytest.raises(SonogramError, match=message):
        sg.align(recognizer, sg.Audio(tones("low"), RATE), text)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"beam": 0}, "at least 1; got 0"),
        ({"language_weight": -1.0}, "number from 0; got -1.0"),
        ({"language_weight": float("inf")}, "number from 0; got inf"),
        ({"boost": ["low"]}, r"must each have a score, .* got \['low'\]"),
        ({"words": []}, "at least one"),
        ({"language_model": NGram.fit(["LOW HIGH"])}, "0 of the 2 words"),
    ],
)
def test_wrong_arguments_are_refused(
    recognizer: keras.Model, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(SonogramError, match=message):
        sg.transcribe(recognizer, sg.Audio(tones("low"), RATE), **arguments)


def test_nothing_is_no_sound_and_no_text(recognizer: keras.Model) -> None:
    with pytest.raises(SonogramError, match="sample 3 of the sound is NaN"):
        sg.transcribe(recognizer, sg.Audio(np.append(np.zeros(3, np.float32), np.nan), RATE))
    with pytest.raises(SonogramError, match="holds no words"):
        sg.align(recognizer, sg.Audio(tones("low"), RATE), " ... ")


def test_classifiers_and_empty_sounds_are_refused(recognizer: keras.Model) -> None:
    with pytest.raises(SonogramError, match="gives labels, not text"):
        sg.transcribe(tone_model(), sg.Audio(tones("low"), RATE))
    with pytest.raises(SonogramError, match="no samples"):
        sg.transcribe(recognizer, sg.Audio(np.zeros(0, np.float32), RATE))
