"""The alignment is the best of all paths of the text."""

import itertools

import numpy as np
import pytest

from sonogram.decoding import Alphabet, align, align_words
from sonogram.errors import SonogramError

LETTERS = Alphabet((" ", "a", "b"))


def collapse(path: tuple[int, ...]) -> list[int]:
    return [symbol for symbol, _ in itertools.groupby(path) if symbol]


@pytest.mark.parametrize("text", [[1], [1, 2], [2, 2], [1, 1, 2]])
def test_it_is_the_best_of_all_paths(text: list[int]) -> None:
    drawn = np.random.default_rng(len(text))
    for _ in range(20):
        logits = 2 * drawn.standard_normal((6, 3))
        logits -= np.log(np.exp(logits).sum(axis=1, keepdims=True))
        paths = [path for path in itertools.product(range(3), repeat=6) if collapse(path) == text]
        best = max(paths, key=lambda path: sum(logits[frame, symbol] for frame, symbol in enumerate(path)))
        found = align(logits, text)
        drawn_path = np.zeros(6, int)
        for symbol, begin, end, score in zip(text, *found, strict=True):
            drawn_path[begin:end] = symbol
            assert score == pytest.approx(logits[begin:end, symbol].mean())
        assert drawn_path.tolist() == list(best)


def test_words_have_the_frames_of_their_letters() -> None:
    logits = np.full((9, 4), -8.0)
    logits[np.arange(9), [0, 2, 3, 1, 0, 1, 3, 3, 0]] = 0
    found = align_words(logits, LETTERS, LETTERS.encode("ab b"))
    assert [(word.text, word.begin, word.end) for word in found] == [("ab", 1, 3), ("b", 6, 8)]
    assert all(0.9 < word.score < 1 for word in found)
    logits[3] = logits[0]
    words = Alphabet(("x", "y", "z"), "words")
    found = align_words(logits, words, [2, 3, 1, 3])
    assert [(word.text, word.begin) for word in found] == [("y", 1), ("z", 2), ("x", 5), ("z", 6)]


def test_no_text_has_no_words() -> None:
    assert align_words(np.zeros((3, 4)), LETTERS, []) == ()


def test_more_text_than_frames_is_refused() -> None:
    with pytest.raises(SonogramError, match="needs at least 5 frames; the recording has 4"):
        align(np.zeros((4, 4)), [2, 2, 2])


def test_more_cells_than_memory_holds_are_refused() -> None:
    with pytest.raises(SonogramError, match="Split the recording"):
        align(np.zeros((60_000, 2)), np.ones(20_000, int))
