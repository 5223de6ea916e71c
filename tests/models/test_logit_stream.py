"""Logits of a sound that arrives: the bits of the whole sound, whatever the chunks."""

import itertools

import keras
import numpy as np
import pytest
import signals

import sonogram as sg
from sonogram.decoding import Alphabet, greedy
from sonogram.errors import SonogramError
from sonogram.models import Body, build_recognizer, describe, logits
from sonogram.models.logit_stream import LogitStream

FRONT = sg.Frontend(
    8000,
    200,
    80,
    bands=sg.bands.Mel(12, 50, 4000),
    spectrum=sg.spectrum.Power(),
    scaling=sg.scaling.Log(offset=1e-4),
)


@pytest.fixture(scope="module")
def model() -> keras.Model:
    keras.utils.set_random_seed(1)
    return build_recognizer(FRONT, Alphabet(("no", "yes"), "words"), "stream")


@pytest.mark.parametrize("size", [0, 150, 4040, 16_000])
def test_chunks_of_any_size_give_the_logits_of_the_whole(model: keras.Model, size: int) -> None:
    """16,000 samples are 198 frames, more than the network looks back."""
    clip = (signals.noise(size, size) * np.linspace(0.1, 1, size)).astype(np.float32)
    (whole,) = logits(model, [clip])
    for step in (37, 1000, 8001):
        stream = LogitStream(model)
        parts = [stream.push(clip[first : first + step]) for first in range(0, size, step)]
        np.testing.assert_array_equal(np.concatenate([*parts, stream.finish()]), whole)
    # The graph of the whole clip takes sums in another order: some 10 layers of 640 products in float32.
    values, frames = model([np.pad(clip, (0, 900))[None], np.array([size])])
    np.testing.assert_allclose(np.asarray(values)[0, : int(frames[0])], whole, atol=1e-4)


def test_logits_arrive_within_the_stated_latency(model: keras.Model) -> None:
    stream, arrived = LogitStream(model), 0
    for count in range(1, 17):
        arrived += len(stream.push(np.zeros(800, np.float32)))
        # A frame of logits stands for 40 ms from the start of its first frame of features.
        assert arrived * 0.04 > count * 0.1 - stream.latency


def test_a_frame_depends_on_no_more_than_its_context(model: keras.Model) -> None:
    before, after = describe(model).context or (0, 0)
    (network,) = sg.models.networks(model)
    values = np.zeros((3, 400, 12), np.float32)
    values[1, 200 - before - 1] = 1  # what is outside of the context of the frames from 200 to 203
    values[2, 203 + after + 1] = 1
    found = np.asarray(network([values, np.ones((3, 400), np.float32)])[0])[:, 200 // 4]
    np.testing.assert_array_equal(found[1:], found[[0, 0]])
    assert after <= 24


def test_words_are_complete_when_they_cannot_change(model: keras.Model) -> None:
    clip = signals.noise(30_000, 3)
    transcriber, found = sg.StreamingTranscriber(model), []
    for first in range(0, 30_000, 500):
        before = transcriber.partial
        words = transcriber.push(clip[first : first + 500])
        assert not before or words or transcriber.partial.startswith(before)
        found += words
    found += transcriber.finish()
    once = sg.StreamingTranscriber(model)
    assert found == [*once.push(clip), *once.finish()]
    text = greedy(logits(model, [clip])[0], transcriber.alphabet).text
    assert " ".join(word.text for word in found) == text != ""
    assert all(one.end <= other.start + 1e-9 for one, other in itertools.pairwise(found))
    with pytest.raises(SonogramError, match="Make a new StreamingTranscriber"):
        once.push(clip)


def test_letters_are_partial_until_the_word_ends(model: keras.Model, monkeypatch: pytest.MonkeyPatch) -> None:
    alphabet = Alphabet((" ", "a", "b"), "letters")
    transcriber = sg.StreamingTranscriber(build_recognizer(FRONT, alphabet, "stream"))
    classes = [[0, 2, 2, 0, 2, 3], [1, 0, 3], []]
    rows = iter([np.float32(8 * np.eye(4)[each]).reshape(-1, 4) for each in classes])
    monkeypatch.setattr(transcriber._logits, "push", lambda samples: next(rows))
    monkeypatch.setattr(transcriber._logits, "finish", lambda: next(rows))
    assert transcriber.push(np.zeros(1)) == []
    assert transcriber.partial == "aab"
    (word,) = transcriber.push(np.zeros(1))
    assert (word.text, word.start, word.end) == ("aab", pytest.approx(0.0475), pytest.approx(0.2475))
    assert transcriber.partial == "b"
    assert [word.text for word in transcriber.finish()] == ["b"]
    assert transcriber.partial == ""


def test_what_needs_the_whole_sound_is_refused(model: keras.Model) -> None:
    alphabet = Alphabet(("no", "yes"), "words")
    with pytest.raises(SonogramError, match="depends on the whole sound"):
        sg.StreamingTranscriber(build_recognizer(FRONT, alphabet, "conv"))
    with pytest.raises(SonogramError, match="normal"):
        build_recognizer(FRONT.replace(normalize=sg.normalize.Standardize()), alphabet, "stream")
    assert Body(lambda features, valid, dropout: (features, valid), look_ahead=0).context is None
