"""Greedy decoding is that of Keras; alphabets convert texts both ways."""

import keras
import numpy as np
import pytest

from sonogram.decoding import Alphabet, greedy, normalize
from sonogram.errors import SonogramError

LETTERS = Alphabet((" ", "a", "b", "c"))


def test_greedy_equals_keras() -> None:
    drawn = np.random.default_rng(0)
    logits = 2 * drawn.standard_normal((10_000, 12, LETTERS.num_classes)).astype(np.float32)
    lengths = drawn.integers(1, 13, 10_000).astype(np.int32)
    decoded, _ = keras.ops.ctc_decode(logits, lengths, strategy="greedy", merge_repeated=True, mask_index=0)
    for clip, length, expected in zip(logits, lengths, np.asarray(decoded)[0], strict=True):
        assert greedy(clip[:length], LETTERS).classes.tolist() == expected[expected >= 0].tolist()


def test_no_frames_are_no_text() -> None:
    found = greedy(np.zeros((0, LETTERS.num_classes)), LETTERS)
    assert (found.text, found.classes.tolist(), found.score) == ("", [], 0)


def test_score_is_that_of_the_path() -> None:
    logits = np.log([[0.5, 0.2, 0.1, 0.1, 0.1], [0.1, 0.1, 0.6, 0.1, 0.1]])
    assert np.exp(greedy(logits, LETTERS).score) == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("logits", "message"),
    [(np.zeros((3, 4)), r"\(frames, 5\); got \(3, 4\)"), (np.full((1, 5), np.nan), "finite")],
)
def test_other_logits_are_refused(logits: np.ndarray, message: str) -> None:
    with pytest.raises(SonogramError, match=message):
        greedy(logits, LETTERS)


def test_texts_are_encoded_and_decoded() -> None:
    assert LETTERS.encode("ab c").tolist() == [2, 3, 1, 4]
    assert LETTERS.decode([0, 1, 2, 3, 1, 1, 4, 0]) == "ab c"
    words = Alphabet.fit(["two one"], "words")
    assert words.decode(words.encode("one two two")) == "one two two"
    assert Alphabet.from_dict(words.to_dict()) == words
    with pytest.raises(SonogramError, match="'x' in 'ax' is not among the 4 letters"):
        LETTERS.encode("ax")


@pytest.mark.parametrize("symbols", [(), ("a", "a"), ("ab",)])
def test_invalid_alphabets_are_refused(symbols: tuple[str, ...]) -> None:
    with pytest.raises(SonogramError, match="symbol"):
        Alphabet(symbols)


def test_normalized_texts_have_letters_and_spaces() -> None:
    assert normalize("  Élan, 'tis O\u2019Neil's \n co-op! ") == "élan tis o'neil's co op"
