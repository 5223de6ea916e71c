"""The beam search finds what a sum over all paths finds, and the native one equals the reference."""

import itertools
import math
from collections import defaultdict

import numpy as np
import pytest

from sonogram.decoding import Alphabet, BeamSearch, NGram
from sonogram.decoding.ngram import BEGIN, END
from sonogram.errors import SonogramError

LETTERS = Alphabet((" ", "a", "b"))
TEXTS = ["a b", "ab a", "a", "ba b a", "a b"]
ALL = 10_000
"""A width that no number of texts here reaches."""


def draw(seed: int) -> tuple[np.ndarray, BeamSearch]:
    """A short clip, and a decoder of any kind."""
    drawn = np.random.default_rng(seed)
    alphabet = Alphabet(("a", "b", "c"), "words") if drawn.random() < 0.3 else LETTERS
    units = "words" if alphabet.units == "words" or drawn.random() < 0.6 else "letters"
    words = ("a", "b", "ab") if alphabet is LETTERS else ("a", "c")
    return 2 * drawn.standard_normal((drawn.integers(1, 5), alphabet.num_classes)), BeamSearch(
        alphabet,
        ALL,
        NGram.fit(TEXTS, int(drawn.integers(1, 4)), units) if drawn.random() < 0.8 else None,
        language_weight=drawn.uniform(0.2, 1.5),
        insertion_bonus=drawn.uniform(-1, 1),
        words=words if drawn.random() < 0.3 else None,
        boosted={"b": 1.5, words[-1]: 2.0} if alphabet is LETTERS and drawn.random() < 0.5 else {},
    )


def brute_force(logits: np.ndarray, search: BeamSearch) -> dict[tuple[int, ...], float]:
    """Return the score of every text: all paths are collapsed, their spaces are normalized, and summed."""
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    sums: dict[tuple[int, ...], float] = defaultdict(float)
    for path in itertools.product(range(logits.shape[1]), repeat=len(logits)):
        classes = [symbol for symbol, _ in itertools.groupby(path) if symbol]
        text = tuple(search.alphabet.encode(search.alphabet.decode(classes)).tolist())
        sums[text] += math.prod(frame[symbol] for frame, symbol in zip(probabilities, path, strict=True))
    scored = {text: math.log(total) + extra(text, search) for text, total in sums.items()}
    return {text: score for text, score in scored.items() if score > -math.inf}


def extra(classes: tuple[int, ...], search: BeamSearch) -> float:
    """Return what a whole text gets beyond the outputs of the model."""
    text = search.alphabet.decode(classes)
    words, model = text.split(), search.language_model
    if search.words is not None and not set(words) <= {*search.words, *search.boosted}:
        return -math.inf
    total = sum(search.boosted.get(word, 0.0) for word in words)
    if model is not None:
        tokens = (
            [search.alphabet.symbols[each - 1] for each in classes] if model.units == "letters" else words
        )
        tokens = [BEGIN, *tokens, END]
        scores = [model.score(tokens[place], tokens[:place]) for place in range(1, len(tokens))]
        total += search.language_weight * sum(scores) + search.insertion_bonus * (len(tokens) - 2)
    return total


def assert_equals_brute_force(seed: int, engine: str) -> None:
    logits, search = draw(seed)
    expected = brute_force(logits, search)
    found = search(logits, engine)
    assert {tuple(each.classes): each.score for each in found} == pytest.approx(expected, abs=1e-9), seed
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)


@pytest.mark.parametrize("engine", ["native", "numpy"])
def test_it_equals_brute_force(engine: str) -> None:
    for seed in range(60):
        assert_equals_brute_force(seed, engine)


@pytest.mark.accept
def test_it_equals_brute_force_on_ten_thousand_clips() -> None:
    for seed in range(10_000):
        assert_equals_brute_force(seed, "native")


def test_a_narrow_native_beam_equals_the_reference() -> None:
    drawn = np.random.default_rng(1)
    model = NGram.fit(TEXTS, 3)
    for width, words in itertools.product((1, 2, 5), (None, ("a", "ba"))):
        search = BeamSearch(LETTERS, width, model, words=words, boosted={"ab": 1.0})
        for _ in range(10):
            logits = 2 * drawn.standard_normal((30, 4))
            native, numpy = search(logits, "native"), search(logits, "numpy")
            assert [(each.text, each.score) for each in native] == [(each.text, each.score) for each in numpy]


def test_equal_scores_keep_the_order_of_the_classes() -> None:
    for engine in ("native", "numpy"):
        found = BeamSearch(LETTERS, 3)(np.zeros((1, 4)), engine)
        assert [each.text for each in found] == ["", "a", "b"]  # nothing or a space, then the letters


@pytest.mark.parametrize("engine", ["native", "numpy"])
def test_spaces_make_no_other_text(engine: str) -> None:
    for seed in range(40):
        drawn = 2 * np.random.default_rng(seed).standard_normal((5, 4))
        search = BeamSearch(LETTERS, ALL)
        found = search(drawn, engine)
        texts = [each.text for each in found]
        assert len(set(texts)) == len(texts)
        expected = brute_force(drawn, search)
        assert tuple(found[0].classes) == max(expected, key=expected.__getitem__)


def test_a_language_model_chooses_between_texts_that_sound_alike() -> None:
    logits = np.log([[0.1, 0.01, 0.45, 0.44], [0.1, 0.9, 1e-3, 1e-3], [0.1, 0.01, 0.44, 0.45]])
    assert BeamSearch(LETTERS)(logits)[0].text == "a b"
    model = NGram.fit(["b a", "b a", "b b"], 2)
    assert BeamSearch(LETTERS, language_model=model)(logits)[0].text == "b a"
    assert BeamSearch(LETTERS, words=["b"])(logits)[0].text == "b b"
    assert BeamSearch(LETTERS, boosted={"b": 2.0})(logits)[0].text == "b b"


def test_a_recording_that_stops_within_a_word_of_the_list_loses_it() -> None:
    logits = np.log([[1e-9, 1e-9, 1, 1e-9], [1e-9, 1, 1e-9, 1e-9], [1e-9, 1e-9, 1, 1e-9]])
    assert BeamSearch(LETTERS, 1, words=["ab", "a"])(logits)[0].text == "a a"
    assert BeamSearch(LETTERS, 1, words=["ab"])(logits[:1])[0].text == ""


def test_no_frames_are_no_text() -> None:
    assert [each.text for each in BeamSearch(LETTERS)(np.zeros((0, 4)))] == [""]


def test_words_that_cannot_be_written_are_refused() -> None:
    with pytest.raises(SonogramError, match="'ax' cannot be written with the letters"):
        BeamSearch(LETTERS, boosted={"ax": 1.0})
    with pytest.raises(SonogramError, match="needs a language model over words"):
        BeamSearch(Alphabet(("a",), "words"), language_model=NGram.fit(TEXTS, 2, "letters"))
    with pytest.raises(SonogramError, match="at least 1; got 0"):
        BeamSearch(LETTERS, 0)
    with pytest.raises(SonogramError, match=r"whole number, at least 1; got 2\.5"):
        BeamSearch(LETTERS, 2.5)  # type: ignore[arg-type]
    for words in ([], "ab", [""]):
        with pytest.raises(SonogramError, match=r"words must be several|the word ''"):
            BeamSearch(LETTERS, words=words)
    with pytest.raises(SonogramError, match=r"must each have a score, .* got \['a'\]"):
        BeamSearch(LETTERS, boosted=["a"])  # type: ignore[arg-type]
    for weight in (float("nan"), float("inf"), -1.0):
        with pytest.raises(SonogramError, match=f"language_weight must be a number from 0; got {weight}"):
            BeamSearch(LETTERS, language_weight=weight)
    for score in (float("nan"), float("inf"), -1.0):
        with pytest.raises(SonogramError, match=f"score of 'a' in boosted must be .* got {score}"):
            BeamSearch(LETTERS, boosted={"a": score})


def test_language_models_of_other_words_are_refused_or_named() -> None:
    with pytest.raises(SonogramError, match=r"0 of the 2 words .* such as \['A', 'BA'\], can be written"):
        BeamSearch(LETTERS, language_model=NGram.fit(["A BA"]))
    with pytest.raises(SonogramError, match="0 of the 2 letters"):
        BeamSearch(LETTERS, language_model=NGram.fit(["A BA"], units="letters"))
    other = NGram.fit([f"x{number}" for number in range(20)] + ["a"])
    with pytest.warns(UserWarning, match="only 1 of the 21 words of the language model"):
        BeamSearch(LETTERS, language_model=other)
    # A recognizer of few words takes a large language model that has them.
    BeamSearch(Alphabet(("a",), "words"), language_model=other)
