"""Prefix beam search: the most probable texts, with a language model, a word list and boosted words."""

from __future__ import annotations

import math
import warnings
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, SupportsIndex

import numpy as np
from numpy.typing import NDArray

from sonogram.decoding import native, reference
from sonogram.decoding.alphabet import Alphabet
from sonogram.decoding.greedy import Hypothesis, log_softmax
from sonogram.decoding.ngram import NGram
from sonogram.decoding.scoring import Scoring, make_scoring
from sonogram.errors import SonogramError

__all__ = ["BeamSearch"]

_FEW = 0.1
"""Share of the words of a language model that a recognizer has, below which they hardly fit together."""


@dataclass(frozen=True, eq=False)
class BeamSearch:
    """Decoder that keeps the most probable beginnings of texts, frame by frame.

    A text is as probable as all its paths together. Spaces at its ends and doubled ones are no part of it:
    paths that differ by them are paths of the same text. Each frame lengthens each text that is kept by
    each symbol, and the best are kept.

    Args:
        alphabet: Symbols of the classes.
        width: Number of texts to keep. More find better ones: 16 are usual, 64 with a large vocabulary.
        language_model: Model of the texts to expect; None takes each text as equally likely.
        language_weight: Weight of the logarithms of its probabilities against those of the sound: 0.2 to 1.
        insertion_bonus: Added for each token of the language model, which favors short texts: 0 to 2.
        words: The only words to find; None finds all.
        boosted: Words to favor, such as names, each with what it adds to the score of a text: 1 to 5.

    Raises:
        SonogramError: The width is below 1, a weight or score is negative or not finite, the alphabet cannot
            write a word, or no word of the language model; or only the language model has letters.

    Example:
        >>> alphabet = Alphabet(("a", "b"))
        >>> logits = np.log([[0.6, 0.4, 1e-9], [0.6, 0.4, 1e-9]])
        >>> sg.decoding.greedy(logits, alphabet).text, BeamSearch(alphabet)(logits)[0].text
        ('', 'a')

    See Also:
        `greedy`, which is faster. `NGram.fit` for a language model.

    Source:
        A. Hannun, A. Maas, D. Jurafsky, A. Ng, "First-pass large vocabulary continuous speech recognition
        using bi-directional recurrent DNNs", 2014.
    """

    alphabet: Alphabet
    width: int = 16
    language_model: NGram | None = None
    language_weight: float = 0.4
    insertion_bonus: float = 0.0
    words: Collection[str] | None = None
    boosted: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not isinstance(self.width, SupportsIndex) or self.width < 1:
            raise SonogramError(
                f"the width of the beam must be a whole number, at least 1; got {self.width!r}"
            )
        if not 0 <= self.language_weight < math.inf:
            raise SonogramError(f"language_weight must be a number from 0; got {self.language_weight}")
        if not math.isfinite(self.insertion_bonus):
            raise SonogramError(f"insertion_bonus must be a finite number; got {self.insertion_bonus}")
        if not isinstance(self.boosted, Mapping):
            raise SonogramError(
                f'boosted words must each have a score, such as {{"aare": 2.0}}; got {self.boosted!r}'
            )
        if isinstance(self.words, str) or (self.words is not None and not self.words):
            raise SonogramError(f"words must be several, at least one; got {self.words!r}")
        for word, score in self.boosted.items():
            if not 0 <= score < math.inf:
                raise SonogramError(f"the score of {word!r} in boosted must be a number from 0; got {score}")
        for word in (*(self.words or ()), *self.boosted):
            if not word or not self.alphabet.can_write(word):
                raise SonogramError(
                    f"the word {word!r} cannot be written with the {self.alphabet.units} of the model; spell "
                    "it with those, or leave it out"
                )
        if self.language_model is not None:
            _check_language_model(self.language_model, self.alphabet)

    @cached_property
    def _scoring(self) -> Scoring:
        return make_scoring(
            self.alphabet,
            self.language_model,
            self.language_weight,
            self.insertion_bonus,
            None if self.words is None else set(self.words),
            self.boosted,
        )

    def __call__(
        self, logits: NDArray[Any], engine: Literal["native", "numpy"] | None = None
    ) -> tuple[Hypothesis, ...]:
        """Return the best texts, best first.

        Args:
            logits: Outputs of the model for the valid frames of a clip, `(frames, classes)`.
            engine: "native" in C++, or "numpy", the slow reference; None takes the first if possible.

        Raises:
            SonogramError: The shape does not fit the alphabet, or a value is not finite.
        """
        scores = log_softmax(logits, self.alphabet.num_classes)
        engine = engine or ("native" if native.available() else "numpy")
        search = native.search if engine == "native" else reference.search
        found = search(scores, self._scoring, self.width)
        complete = [each for each in found if math.isfinite(each[1])]
        if complete:
            return tuple(
                Hypothesis(self.alphabet.decode(classes), classes, score) for classes, score in complete
            )
        # The recording stops within a word of the list.
        classes = found[0][0]
        spaces = np.flatnonzero(classes == self.alphabet.space)
        classes = classes[: spaces[-1] if len(spaces) else 0]
        return (Hypothesis(self.alphabet.decode(classes), classes, -math.inf),)


def _check_language_model(model: NGram, alphabet: Alphabet) -> None:
    """Refuse a language model without a word that the recognizer has, and warn where it has hardly any."""
    if alphabet.units == "words" != model.units:
        raise SonogramError(
            "a model over words needs a language model over words; got one over letters. Count one "
            'with units="words"'
        )
    tokens = [token for token in model.vocabulary if token != " "]
    shared = sum(map(alphabet.can_write, tokens))
    possible = len(tokens) if alphabet.units == "letters" else min(len(tokens), len(alphabet.symbols))
    message = (
        f"{shared} of the {len(tokens)} {model.units} of the language model, such as {tokens[:3]}, can be "
        f"written with the {alphabet.units} of the model. Use a language model of the same language, in the "
        "form of decoding.normalize"
    )
    if not shared:
        raise SonogramError(message)
    if shared < _FEW * possible:
        warnings.warn(f"only {message}", stacklevel=4)
