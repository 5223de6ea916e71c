"""What a beam search adds to the outputs, as arrays: language model, word list, boosted words."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sonogram.decoding.alphabet import Alphabet
from sonogram.decoding.ngram import BEGIN, END, UNKNOWN, NGram, Tokens

__all__ = ["OFF", "Automaton", "Scoring", "Trie", "make_automaton", "make_scoring"]

OFF = -1
"""No state: a word that is in no list."""

Integers = NDArray[np.int32]
Floats = NDArray[np.float64]


class Automaton(NamedTuple):
    """An n-gram model as states, the histories it distinguishes. State 0 is the empty history."""

    begins: Integers
    """Where the arcs of each state begin, `(states + 1,)`."""
    tokens: Integers
    """Token of each arc, rising within a state."""
    scores: Floats
    """Score of each arc."""
    following: Integers
    """State after each arc."""
    backoffs: Floats
    """Score of the step to the state with a shorter history, `(states,)`."""
    shorter: Integers
    """That state, `(states,)`."""
    start: int
    """State at the beginning of a text."""
    end: int
    """Token that ends a text."""
    unknown: int
    """Token of words that the model lacks."""

    def step(self, state: int, token: int) -> tuple[float, int]:
        """Return the score of a token, and the state after it."""
        total = 0.0
        while True:
            begin, end = self.begins[state], self.begins[state + 1]
            place = begin + int(np.searchsorted(self.tokens[begin:end], token))
            if place < end and self.tokens[place] == token:
                return total + float(self.scores[place]), int(self.following[place])
            total += float(self.backoffs[state])
            state = int(self.shorter[state])


class Trie(NamedTuple):
    """Words as paths of classes. Node 0 is the root."""

    begins: Integers
    """Where the arcs of each node begin, `(nodes + 1,)`."""
    classes: Integers
    """Class of each arc, rising within a node."""
    children: Integers
    """Node after each arc."""
    tokens: Integers
    """Token of the word that ends at each node; `OFF` where none does, `(nodes,)`."""
    boosts: Floats
    """Boost of the word that ends at each node, `(nodes,)`."""
    potentials: Floats
    """Boost that a prefix has for a boosted word that it may become, `(nodes,)`."""

    def child(self, node: int, symbol: int) -> int:
        """Return the node after a class; `OFF` if no word continues so."""
        if node == OFF:
            return OFF
        begin, end = self.begins[node], self.begins[node + 1]
        place = begin + int(np.searchsorted(self.classes[begin:end], symbol))
        return int(self.children[place]) if place < end and self.classes[place] == symbol else OFF


class Scoring(NamedTuple):
    """All that a beam search adds to the outputs of the model.

    A text model over letters ends words at `boundary`; over words, or with a language model over letters,
    each symbol is a token of the language model.
    """

    symbol_scores: Floats
    """Score of each class, `(classes,)`; minus infinity for those that are not allowed."""
    boundary: int
    """Class of the space between words; `OFF` if each symbol is a word."""
    only_words: bool
    """Whether words that are not in the trie are forbidden."""
    per_symbol: bool
    """Whether the tokens of the language model are the classes."""
    trie: Trie
    automaton: Automaton
    bonus: float
    """Added for each token of the language model."""


def make_scoring(
    alphabet: Alphabet,
    language_model: NGram | None,
    weight: float,
    bonus: float,
    words: Collection[str] | None,
    boosted: Mapping[str, float],
) -> Scoring:
    """Return the arrays of a beam search; see `BeamSearch` for the arguments."""
    symbol_scores = np.zeros(alphabet.num_classes)
    spelled = alphabet.units == "letters"
    space = alphabet.num_classes if alphabet.space is None else alphabet.space  # the first: no class
    if not spelled:
        for number, symbol in enumerate(alphabet.symbols, 1):
            symbol_scores[number] = boosted.get(symbol, 0.0)
            if words is not None and symbol not in words:
                symbol_scores[number] = -np.inf
    per_symbol = not spelled or (language_model is not None and language_model.units == "letters")
    tokens = ("", *alphabet.symbols)  # the numbers of the classes
    if not per_symbol:
        tokens = () if language_model is None else language_model.vocabulary
    known = {} if per_symbol else {token: number for number, token in enumerate(tokens)}
    listed = {*known, *boosted} if words is None else {*words, *boosted}
    return Scoring(
        symbol_scores,
        space if spelled else OFF,
        spelled and words is not None,
        per_symbol,
        _make_trie(alphabet, sorted(listed) if spelled else [], known, len(tokens), boosted),
        make_automaton(language_model, tokens, weight),
        0.0 if language_model is None else bonus,
    )


def make_automaton(model: NGram | None, tokens: tuple[str, ...], weight: float = 1.0) -> Automaton:
    """Return the states of a language model.

    Args:
        model: The model; None scores everything 0.
        tokens: Its tokens, in the order of their numbers; two more follow them: the unknown word and the end.
        weight: Factor on the scores.
    """
    unknown, end = len(tokens), len(tokens) + 1
    if model is None:
        model, weight = NGram({(UNKNOWN,): 0.0, (END,): 0.0, (BEGIN,): 0.0}, {}), 0.0
    number = {token: index for index, token in enumerate(tokens) if (token,) in model.log_probs}
    number |= {UNKNOWN: unknown, END: end}
    histories: set[Tokens] = {()}
    for gram in model.log_probs:
        histories.update(gram[:length] for length in range(1, len(gram)))
    ordered = sorted(histories, key=lambda history: (len(history), history))
    state_of = {history: state for state, history in enumerate(ordered)}

    def longest(history: Tokens) -> int:
        while history not in state_of:
            history = history[1:]
        return state_of[history]

    arcs: list[list[tuple[int, float, int]]] = [[] for _ in ordered]
    for gram, score in model.log_probs.items():
        if gram[-1] in number:
            arcs[state_of[gram[:-1]]].append((number[gram[-1]], weight * score, longest(gram)))
    # Tokens of the alphabet that the model lacks are unknown words of it.
    lacking = [index for index, token in enumerate(tokens) if token not in number]
    score = weight * model.log_probs[UNKNOWN,]
    arcs[0] += [(index, score, longest((UNKNOWN,))) for index in lacking]
    if (END,) not in model.log_probs:
        arcs[0].append((end, 0.0, 0))
    flat = [arc for state in arcs for arc in sorted(state)]
    return Automaton(
        np.cumsum([0, *map(len, arcs)], dtype=np.int32),
        np.array([arc[0] for arc in flat], np.int32),
        np.array([arc[1] for arc in flat], np.float64),
        np.array([arc[2] for arc in flat], np.int32),
        np.array([weight * model.backoffs.get(history, 0.0) for history in ordered], np.float64),
        np.array([longest(history[1:]) for history in ordered], np.int32),
        longest((BEGIN,)),
        end,
        unknown,
    )


def _make_trie(
    alphabet: Alphabet,
    words: Iterable[str],
    tokens: Mapping[str, int],
    unknown: int,
    boosted: Mapping[str, float],
) -> Trie:
    arcs: list[dict[int, int]] = [{}]
    token_of: list[int] = [OFF]
    boosts, potentials = [0.0], [0.0]
    for word in words:
        if not alphabet.can_write(word):
            continue
        node, boost = 0, boosted.get(word, 0.0)
        for place, symbol in enumerate(alphabet.encode(word).tolist(), 1):
            following = arcs[node].setdefault(symbol, len(arcs))
            if following == len(arcs):
                arcs.append({})
                token_of.append(OFF)
                boosts.append(0.0)
                potentials.append(0.0)
            node = following
            potentials[node] = max(potentials[node], boost * place / len(word))
        token_of[node], boosts[node] = tokens.get(word, unknown), boost
    flat = [arc for node in arcs for arc in sorted(node.items())]
    return Trie(
        np.cumsum([0, *map(len, arcs)], dtype=np.int32),
        np.array([arc[0] for arc in flat], np.int32),
        np.array([arc[1] for arc in flat], np.int32),
        np.array(token_of, np.int32),
        np.array(boosts),
        np.array(potentials),
    )
