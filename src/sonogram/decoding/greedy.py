"""Greedy decoding: the best class of each frame."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sonogram.decoding.alphabet import BLANK, Alphabet
from sonogram.errors import SonogramError

__all__ = ["Hypothesis", "greedy", "log_softmax"]


class Hypothesis(NamedTuple):
    """A text that a decoder found."""

    text: str
    """The text."""
    classes: NDArray[np.int32]
    """Its classes, without blanks, `(symbols,)`."""
    score: float
    """Natural logarithm of its probability, and of what a decoder adds to that."""


def log_softmax(logits: NDArray[Any], num_classes: int) -> NDArray[np.float64]:
    """Return the logarithms of the probabilities of each frame, `(frames, classes)`, in float64.

    Args:
        logits: Outputs of a model; logarithms of probabilities stay as they are.
        num_classes: Number of classes that they must have.

    Raises:
        SonogramError: The shape is another one, or a value is not finite.
    """
    values = np.asarray(logits, np.float64)
    if values.ndim != 2 or values.shape[1] != num_classes:
        raise SonogramError(f"logits must be of shape (frames, {num_classes}); got {values.shape}")
    if not np.isfinite(values).all():
        raise SonogramError("logits must be finite; got NaN or infinity. Check the model and its input")
    values = values - values.max(axis=1, keepdims=True, initial=-np.inf)
    result: NDArray[np.float64] = values - np.log(np.exp(values).sum(axis=1, keepdims=True))
    return result


def greedy(logits: NDArray[Any], alphabet: Alphabet) -> Hypothesis:
    """Return the text of the best class of each frame: repeats are merged, then blanks removed.

    Args:
        logits: Outputs of the model for the valid frames of a clip, `(frames, classes)`.
        alphabet: Symbols of the classes.

    Returns:
        The text; the score is that of this one path.

    Raises:
        SonogramError: The shape does not fit the alphabet, or a value is not finite.

    Example:
        >>> logits = np.eye(3)[[1, 1, 0, 1, 2]]
        >>> greedy(logits, Alphabet(("a", "b"))).text
        'aab'

    See Also:
        `BeamSearch`, which sums over all paths of a text and takes a language model.

    Source:
        A. Graves, S. Fernandez, F. Gomez, J. Schmidhuber, "Connectionist temporal classification", ICML 2006,
        section 3.2 (best path decoding).
    """
    scores = log_softmax(logits, alphabet.num_classes)
    best = scores.argmax(axis=1)
    first = np.append(True, best[1:] != best[:-1])[: len(best)]
    classes = best[first & (best != BLANK)].astype(np.int32)
    return Hypothesis(alphabet.decode(classes), classes, float(scores.max(axis=1).sum()))
