"""Forced alignment: the most probable path of a known text through the outputs of a CTC model."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sonogram.decoding.alphabet import BLANK, Alphabet
from sonogram.decoding.greedy import log_softmax
from sonogram.errors import SonogramError

__all__ = ["AlignedWord", "Alignment", "align", "align_words"]

_MAX_CELLS = 2 << 30
"""Most frames times states: two bits each are kept, 512 MB."""


class Alignment(NamedTuple):
    """The frames of each symbol of a text, as arrays `(symbols,)`."""

    begins: NDArray[np.int64]
    """First frame."""
    ends: NDArray[np.int64]
    """Frame after the last one."""
    scores: NDArray[np.float64]
    """Mean natural logarithm of the probability of the symbol in its frames."""


class AlignedWord(NamedTuple):
    """The frames of a word."""

    text: str
    """The word."""
    begin: int
    """First frame."""
    end: int
    """Frame after the last one."""
    score: float
    """Geometric mean of the probabilities of its symbols in their frames, from 0 to 1."""


def align(logits: NDArray[Any], classes: ArrayLike) -> Alignment:
    """Return where each symbol of a text is, by the most probable path (Viterbi).

    A CTC model puts out most symbols for a frame or two, somewhere within the sound that they stand for: the
    frames are a place, not a duration.

    Args:
        logits: Outputs of a model for the valid frames of a clip, `(frames, classes)`.
        classes: Classes of the text, without blanks, `(symbols,)`; see `Alphabet.encode`.

    Raises:
        SonogramError: There are fewer frames than the text needs, or the product of both is too large.

    Example:
        >>> found = align(np.log(np.eye(3)[[0, 1, 1, 0, 2]] + 1e-6), [1, 2])
        >>> found.begins.tolist(), found.ends.tolist()
        ([1, 4], [3, 5])

    Source:
        L. Kurzinger et al., "CTC-segmentation of large corpora for German end-to-end
        speech recognition", SPECOM 2020, for the use; L. Rabiner, "A tutorial on hidden Markov models",
        1989, for the algorithm.
    """
    targets = np.asarray(classes, np.int64)
    scores = log_softmax(logits, np.shape(logits)[-1])
    repeats = targets[1:] == targets[:-1]
    if len(scores) < len(targets) + repeats.sum():
        raise SonogramError(
            f"the text needs at least {len(targets) + repeats.sum()} frames; the recording has "
            f"{len(scores)}. Check that the text is that of the recording"
        )
    if not len(targets):
        return Alignment(targets, targets, np.zeros(0))
    states = np.full(2 * len(targets) + 1, BLANK)
    states[1::2] = targets  # a blank before, between and after the symbols
    if len(scores) * len(states) > _MAX_CELLS:
        raise SonogramError(
            f"{len(scores)} frames and {len(targets)} symbols are too many to align at once. Split the "
            "recording and its text"
        )
    of_state = _best_path(scores, states, repeats)
    found = np.arange(len(targets)) * 2 + 1
    begins, ends = np.searchsorted(of_state, found), np.searchsorted(of_state, found, "right")
    sums = np.append(0.0, np.cumsum(scores[np.arange(len(scores)), states[of_state]]))
    return Alignment(begins, ends, (sums[ends] - sums[begins]) / (ends - begins))


def _best_path(
    scores: NDArray[np.float64], states: NDArray[np.int64], repeats: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Return the state of each frame, which never falls."""
    skips = np.zeros(len(states), bool)
    skips[3::2] = ~repeats  # from symbol to symbol without a blank, unless they are equal
    best = np.full(len(states), -np.inf)
    best[:2] = scores[0, states[:2]]
    moved = np.zeros((2, len(scores), (len(states) + 7) // 8), np.uint8)
    for frame in range(1, len(scores)):
        one = np.append(-np.inf, best[:-1])
        two = np.where(skips, np.append([-np.inf, -np.inf], best[:-2]), -np.inf)
        skip = two > np.maximum(best, one)
        moved[0, frame] = np.packbits(skip)
        moved[1, frame] = np.packbits((one > best) & ~skip)
        best = np.maximum(np.maximum(best, one), two) + scores[frame, states]
    state = len(states) - 1 - int(best[-2] > best[-1])
    path = np.empty(len(scores), np.int64)
    for frame in range(len(scores) - 1, -1, -1):
        path[frame] = state
        bit = 128 >> state % 8
        state -= 2 * bool(moved[0, frame, state // 8] & bit) + bool(moved[1, frame, state // 8] & bit)
    return path


def align_words(logits: NDArray[Any], alphabet: Alphabet, classes: ArrayLike) -> tuple[AlignedWord, ...]:
    """Return where each word of a text is; see `align`.

    Args:
        logits: Outputs of a model for the valid frames of a clip, `(frames, classes)`.
        alphabet: Symbols of the classes.
        classes: Classes of the text, without blanks.
    """
    symbols = np.asarray(classes, np.int64)
    found = align(logits, symbols)
    if alphabet.units == "words":
        starts, stops = np.arange(len(symbols)), np.arange(1, len(symbols) + 1)
    else:
        inside = np.concatenate([[False], symbols != (alphabet.space or -1), [False]])
        starts, stops = np.flatnonzero(inside[1:] & ~inside[:-1]), np.flatnonzero(inside[:-1] & ~inside[1:])
    return tuple(
        AlignedWord(
            alphabet.decode(symbols[start:stop]),
            int(found.begins[start]),
            int(found.ends[stop - 1]),
            float(np.exp(found.scores[start:stop].mean())),
        )
        for start, stop in zip(starts, stops, strict=True)
    )
