"""`resynthesize`: from a file, an `Audio` or an array to sound with nearly the same features."""

from pathlib import Path

import numpy as np
import pytest

import sonogram as sg

FRONTEND = sg.preset("whisper-80")
SPEECH = Path(__file__).parents[2] / "examples" / "speech.wav"


def test_a_file_an_audio_and_an_array_give_the_same() -> None:
    audio = sg.load(SPEECH, 16000)
    from_file, from_audio, from_array = (
        sg.resynthesize(source, FRONTEND, iterations=2, seed=3) for source in (SPEECH, audio, audio.samples)
    )
    assert isinstance(from_file, sg.Audio)
    assert from_file.sample_rate == 16000
    assert from_file.samples.shape == audio.samples.shape
    np.testing.assert_array_equal(from_file.samples, from_audio.samples)
    np.testing.assert_array_equal(from_file.samples, from_array.samples)


def test_features_are_nearly_the_same() -> None:
    audio = sg.load(SPEECH, 16000, duration=2)
    again = sg.resynthesize(audio, FRONTEND, iterations=8)
    assert np.abs(FRONTEND(again, "numpy") - FRONTEND(audio, "numpy")).mean() < 0.15


def test_channels_are_independent() -> None:
    stereo = np.random.default_rng(0).normal(size=(2, 4000)) * 0.1
    assert sg.resynthesize(stereo, FRONTEND, iterations=1).samples.shape == (2, 4000)


def test_what_cannot_be_resynthesized_says_why() -> None:
    with pytest.raises(sg.SonogramError, match="cannot be turned back into sound"):
        sg.resynthesize(np.zeros(16000), sg.preset("librosa-pcen"))
    with pytest.raises(sg.SonogramError, match="must have the sample rate"):
        sg.resynthesize(sg.Audio(np.zeros(8000, np.float32), 8000), FRONTEND)
    with pytest.raises(sg.SonogramError, match="at least one frame"):
        sg.resynthesize(np.zeros(5), sg.preset("yamnet"))


def test_features_are_no_sound() -> None:
    features = FRONTEND(np.ones(16000, np.float32))
    with pytest.raises(sg.SonogramError, match=r"must be a sound.* Use sonogram\.inversion\.griffin_lim"):
        sg.resynthesize(features, FRONTEND)
