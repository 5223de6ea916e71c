"""N-gram language models: counted from texts, read and written as ARPA files, mixed."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import SupportsIndex

from sonogram.decoding.alphabet import Units, check_units
from sonogram.errors import SonogramError

__all__ = ["BEGIN", "END", "UNKNOWN", "NGram"]

BEGIN, END, UNKNOWN = "<s>", "</s>", "<unk>"
Tokens = tuple[str, ...]


@dataclass(frozen=True, eq=False, repr=False)
class NGram:
    """A language model: the probability of each word, or letter, after the ones before it.

    Make one with `fit`, `load` or `mix`.

    Example:
        >>> model = NGram.fit(["one two", "one two three"], order=2)
        >>> round(math.exp(model.score("two", ["one"])), 2), round(math.exp(model.score("three", ["one"])), 2)
        (0.75, 0.05)

    See Also:
        `BeamSearch`, which takes one.

    Source:
        I. Witten, T. Bell, "The zero-frequency problem", IEEE Transactions on Information Theory 37 (1991);
        S. Chen, J. Goodman, "An empirical study of smoothing techniques for language modeling", 1998.
    """

    log_probs: Mapping[Tokens, float]
    """Natural logarithm of the probability of the last token after the others, for each n-gram seen."""
    backoffs: Mapping[Tokens, float]
    """Added to the score of a token that was not seen after these ones, before the first is dropped."""
    units: Units = "words"
    """What a token is."""

    @cached_property
    def order(self) -> int:
        """Number of tokens of the longest n-grams."""
        return max(map(len, self.log_probs))

    @cached_property
    def vocabulary(self) -> tuple[str, ...]:
        """Tokens that are words or letters, sorted."""
        return tuple(sorted({gram[0] for gram in self.log_probs if len(gram) == 1} - {BEGIN, END, UNKNOWN}))

    @staticmethod
    def fit(texts: Iterable[str], order: int = 3, units: Units = "words") -> NGram:
        """Count the n-grams of texts; interpolate the orders as Witten and Bell do.

        The discounts of Kneser and Ney need more n-grams that occur once or twice than a few hundred
        sentences have; this rule needs none.

        Args:
            texts: Texts, normalized as those that the model was trained on. Never those that it is judged on.
            order: Number of tokens of the longest n-grams: 3 to 5 for words, 5 to 8 for letters.
            units: What a token is: words, or letters for texts with many words that occur once.

        Raises:
            SonogramError: There is no text, the order is no whole number from 1, or the units are none.
        """
        check_units(units)
        if isinstance(texts, str):
            raise SonogramError(f"texts must be several, such as a list; got one string, {texts[:60]!r}")
        if not isinstance(order, SupportsIndex) or order < 1:
            raise SonogramError(f"order must be a whole number, at least 1; got {order!r}")
        sentences = [[BEGIN, *(text if units == "letters" else text.split()), END] for text in texts]
        if not any(len(tokens) > 2 for tokens in sentences):
            raise SonogramError(f"a text not empty must be among the texts; got {len(sentences)} texts")
        following: dict[Tokens, Counter[str]] = defaultdict(Counter)
        for tokens in sentences:
            for place in range(1, len(tokens)):
                for length in range(min(order, place + 1)):
                    following[tuple(tokens[place - length : place])][tokens[place]] += 1
        return _interpolate(following, units)

    def score(self, token: str, history: Sequence[str]) -> float:
        """Return the natural logarithm of the probability of a token.

        Args:
            token: A word or letter, or "</s>" for the end of the text.
            history: Tokens before it; begins with "<s>" where the text does.
        """
        known = [each if (each,) in self.log_probs else UNKNOWN for each in (*history, token)]
        gram = tuple(known[-self.order :])
        total = 0.0
        while gram not in self.log_probs:
            total += self.backoffs.get(gram[:-1], 0.0)
            gram = gram[1:]
        return total + self.log_probs[gram]

    def perplexity(self, texts: Iterable[str]) -> float:
        """Return the perplexity of texts: the lower, the better the model expects them.

        Args:
            texts: Texts in the form of `normalize`.
        """
        total, count = 0.0, 0
        for text in texts:
            tokens = [BEGIN, *(text if self.units == "letters" else text.split()), END]
            total += sum(self.score(tokens[place], tokens[:place]) for place in range(1, len(tokens)))
            count += len(tokens) - 1
        return math.exp(-total / max(count, 1))

    def mix(self, other: NGram, share: float = 0.5) -> NGram:
        """Return the model whose probabilities are weighted means of two models.

        Args:
            other: A model with the same units.
            share: Weight of `other`, from 0 to 1.

        Raises:
            SonogramError: The units differ, or the share is no number from 0 to 1.
        """
        if self.units != other.units or not 0 <= share <= 1:
            raise SonogramError(
                "models of the same units can be mixed, with a share from 0 to 1; got "
                f"{self.units} and {other.units}, {share}"
            )
        words = {*self.vocabulary, *other.vocabulary}
        shared = [-math.log(1 + len(words - {*model.vocabulary})) for model in (self, other)]

        def mixed(gram: Tokens) -> float:
            # A model has one probability for all words that it lacks: each gets its share.
            scores = [
                model.score(gram[-1], gram[:-1])
                + (0.0 if (gram[-1],) in model.log_probs and gram[-1] != UNKNOWN else part)
                for model, part in zip((self, other), shared, strict=True)
            ]
            return (1 - share) * math.exp(scores[0]) + share * math.exp(scores[1])

        grams = {*self.log_probs, *other.log_probs} - {(BEGIN,)}
        return _with_backoffs({gram: mixed(gram) for gram in grams}, self.units)


def _interpolate(following: Mapping[Tokens, Counter[str]], units: Units) -> NGram:
    log_probs: dict[Tokens, float] = {(BEGIN,): -99 * math.log(10)}
    backoffs: dict[Tokens, float] = {}
    for history in sorted(following, key=len):
        counts = following[history]
        # Witten and Bell: as many tokens are held back for new ones as there were new ones so far.
        total, new = counts.total(), len(counts)
        lower = 1 / (new + 1)  # of the order 0: all tokens are equally likely, and so is an unknown one
        if not history:
            log_probs[UNKNOWN,] = math.log(new * lower / (total + new))
        for token, count in counts.items():
            if history:
                lower = math.exp(log_probs[(*history[1:], token)])
            log_probs[(*history, token)] = math.log((count + new * lower) / (total + new))
        if history:
            backoffs[history] = math.log(new / (total + new))
    return NGram(log_probs, backoffs, units)


def _with_backoffs(probabilities: Mapping[Tokens, float], units: Units) -> NGram:
    """Return the model of n-grams, with the backoffs that let each history sum to 1."""
    log_probs = {gram: math.log(value) for gram, value in probabilities.items()}
    log_probs[BEGIN,] = -99 * math.log(10)
    following: dict[Tokens, list[str]] = defaultdict(list)
    for gram in probabilities:
        if len(gram) > 1:
            following[gram[:-1]].append(gram[-1])
    backoffs: dict[Tokens, float] = {}
    model = NGram(log_probs, backoffs, units)
    for history in sorted(following, key=len):
        left = 1 - sum(probabilities[(*history, token)] for token in following[history])
        lower = 1 - sum(math.exp(model.score(token, history[1:])) for token in following[history])
        backoffs[history] = math.log(max(left, 1e-12) / max(lower, 1e-12))
    return model
