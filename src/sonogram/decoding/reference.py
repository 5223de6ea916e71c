"""The prefix beam search in plain Python, to which the native one is held."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sonogram.decoding.alphabet import BLANK
from sonogram.decoding.scoring import OFF, Scoring

__all__ = ["search"]


class _Prefix(NamedTuple):
    """The beginning of a text."""

    classes: tuple[int, ...]
    """Its classes, after the space that stands before each text; the blank where there is no space."""
    blank: float
    """Logarithm of the probability of its paths that end in a blank."""
    symbol: float
    """Of those that end in its last symbol."""
    node: int
    """Where its last word is in the trie."""
    state: int
    """State of the language model."""
    extra: float
    """What the scoring has added."""

    @property
    def score(self) -> float:
        return _add(self.blank, self.symbol) + self.extra


def search(
    scores: NDArray[np.float64], scoring: Scoring, width: int
) -> list[tuple[NDArray[np.int32], float]]:
    """Return the classes and the score of the texts in the beam, best first.

    Args:
        scores: Logarithms of probabilities, `(frames, classes)`.
        scoring: What is added to them.
        width: Number of prefixes to keep.
    """
    space = scoring.boundary if 0 < scoring.boundary < scores.shape[1] else BLANK
    beam = [_Prefix((space,), 0.0, -math.inf, 0, scoring.automaton.start, 0.0)]
    for frame in scores.tolist():
        beam = _advance(beam, frame, scoring, width)
    totals: dict[tuple[int, ...], float] = {}
    for prefix in beam:
        ends_in_space = len(prefix.classes) > 1 and prefix.classes[-1] == space
        text = prefix.classes[1:-1] if ends_in_space else prefix.classes[1:]
        totals[text] = _add(totals.get(text, -math.inf), _add(prefix.blank, prefix.symbol))
    ended = [(text, total + _score_text(text, scoring)) for text, total in totals.items()]
    ended.sort(key=lambda each: -each[1])
    return [(np.array(text, np.int32), score) for text, score in ended]


def _advance(beam: list[_Prefix], frame: list[float], scoring: Scoring, width: int) -> list[_Prefix]:
    found: dict[tuple[int, ...], _Prefix] = {}
    for prefix in beam:  # the same texts, one frame later
        last, total = prefix.classes[-1], _add(prefix.blank, prefix.symbol)
        # A second space adds nothing to a text, with a blank before it or without.
        before = total if last == scoring.boundary else prefix.symbol
        found[prefix.classes] = prefix._replace(blank=total + frame[BLANK], symbol=before + frame[last])
    order = {classes: place * len(frame) for place, classes in enumerate(found)}
    for place, prefix in enumerate(beam):
        last, total = prefix.classes[-1], _add(prefix.blank, prefix.symbol)
        for symbol in range(1, len(frame)):
            if symbol == last == scoring.boundary:
                continue
            # Between two equal symbols there must be a blank.
            before = prefix.blank if symbol == last else total
            score = before + frame[symbol]
            classes = (*prefix.classes, symbol)
            if classes in found:
                found[classes] = found[classes]._replace(symbol=_add(found[classes].symbol, score))
                continue
            node, state, extra = _step(prefix.node, prefix.state, symbol, scoring)
            if score + prefix.extra + extra > -math.inf:
                found[classes] = _Prefix(classes, -math.inf, score, node, state, prefix.extra + extra)
                order[classes] = place * len(frame) + symbol
    return sorted(found.values(), key=lambda each: (-each.score, order[each.classes]))[:width]


def _step(node: int, state: int, symbol: int, scoring: Scoring) -> tuple[int, int, float]:
    """Return the node and the state after a symbol, and what it adds."""
    extra = float(scoring.symbol_scores[symbol])
    if symbol == scoring.boundary:
        state, added = _end_word(node, state, scoring)
        node, extra = 0, extra + added
    elif scoring.boundary != OFF:
        following = scoring.trie.child(node, symbol)
        if following == OFF and scoring.only_words:
            return OFF, state, -math.inf
        extra += _potential(following, scoring) - _potential(node, scoring)
        node = following
    if scoring.per_symbol:
        score, state = scoring.automaton.step(state, symbol)
        extra += score + scoring.bonus
    return node, state, extra


def _end_word(node: int, state: int, scoring: Scoring) -> tuple[int, float]:
    """Return the state after the word that ends at a node, and what the word adds."""
    if node == 0:
        return state, 0.0  # no word: the text is empty
    token = OFF if node == OFF else int(scoring.trie.tokens[node])
    if token == OFF and scoring.only_words:
        return state, -math.inf
    extra = (0.0 if node == OFF else float(scoring.trie.boosts[node])) - _potential(node, scoring)
    if scoring.per_symbol:
        return state, extra
    score, state = scoring.automaton.step(state, scoring.automaton.unknown if token == OFF else token)
    return state, extra + (score + scoring.bonus)


def _score_text(classes: tuple[int, ...], scoring: Scoring) -> float:
    """Return what the scoring adds to a complete text."""
    node, state, total = 0, scoring.automaton.start, 0.0
    for symbol in classes:
        node, state, extra = _step(node, state, symbol, scoring)
        total += extra
    if scoring.boundary != OFF:
        state, extra = _end_word(node, state, scoring)
        total += extra
    return total + scoring.automaton.step(state, scoring.automaton.end)[0]


def _potential(node: int, scoring: Scoring) -> float:
    return 0.0 if node == OFF else float(scoring.trie.potentials[node])


def _add(one: float, other: float) -> float:
    """Return the logarithm of the sum of two numbers given as logarithms."""
    high, low = (one, other) if one > other else (other, one)
    return high if low == -math.inf else high + math.log1p(math.exp(low - high))
