"""Language models: their probabilities sum to 1, ARPA files keep them, and known values."""

import gzip
import itertools
import math
from pathlib import Path

import pytest

from sonogram.decoding import NGram, load_ngram, save_ngram
from sonogram.decoding.ngram import BEGIN, END, UNKNOWN
from sonogram.errors import SonogramError

TEXTS = ["one two", "one two three", "two two", "three"]
OTHER = ["four one", "one four four"]


def total(model: NGram, history: list[str]) -> float:
    """The sum of the probabilities of all that may follow."""
    return sum(math.exp(model.score(token, history)) for token in (*model.vocabulary, END, UNKNOWN))


MODELS = {
    "words": NGram.fit(TEXTS, 3),
    "letters": NGram.fit(TEXTS, 4, "letters"),
    "mixed": NGram.fit(TEXTS, 3).mix(NGram.fit(OTHER, 2), 0.3),
}


@pytest.mark.parametrize("name", MODELS)
def test_probabilities_sum_to_1(name: str) -> None:
    model = MODELS[name]
    for history in itertools.product((BEGIN, *model.vocabulary[:4], "never"), repeat=2):
        assert total(model, list(history)) == pytest.approx(1, abs=1e-9), history


def test_counts_give_the_probabilities_of_witten_and_bell() -> None:
    # Tokens without beginnings: one 2, two 4, three 2, ends 4: 4 kinds. "two" always follows "one".
    model = NGram.fit(TEXTS, 2)
    unigram = (4 + 4 / 5) / (12 + 4)
    assert math.exp(model.score("two", [])) == pytest.approx(unigram)
    assert math.exp(model.score("two", ["one"])) == pytest.approx((2 + 1 * unigram) / (2 + 1))
    assert math.exp(model.score("never", [])) == pytest.approx(4 / 5 / (12 + 4))


def test_longer_histories_than_the_order_change_nothing() -> None:
    model = NGram.fit(TEXTS, 2)
    assert model.score("two", ["three", "three", "one"]) == model.score("two", ["one"])


def test_a_mixture_is_the_mean_of_the_probabilities() -> None:
    one, other = NGram.fit(TEXTS, 2), NGram.fit(OTHER, 2)
    mixed = one.mix(other, 0.25)
    expected = 0.75 * math.exp(one.score("two", ["one"])) + 0.25 * math.exp(other.score("two", ["one"])) / 3
    assert math.exp(mixed.score("two", ["one"])) == pytest.approx(
        expected
    )  # two, three and others are unknown
    assert mixed.perplexity(OTHER) < one.perplexity(OTHER)


@pytest.mark.parametrize("name", MODELS)
def test_arpa_files_keep_the_model(name: str, tmp_path: Path) -> None:
    model = MODELS[name]
    save_ngram(model, tmp_path / "a.arpa")
    (tmp_path / "a.arpa.gz").write_bytes(gzip.compress((tmp_path / "a.arpa").read_bytes()))
    for path in tmp_path.iterdir():
        read = load_ngram(path)
        assert (read.units, read.order, read.vocabulary) == (model.units, model.order, model.vocabulary)
        for history in itertools.product((BEGIN, *model.vocabulary, "never"), repeat=2):
            for token in (*model.vocabulary, END, "never"):
                assert read.score(token, history) == pytest.approx(model.score(token, history), abs=1e-5)


ARPA = """made by another program

\\data\\
ngram 1=4
ngram 2=2

\\1-grams:
-99 <s> -0.3010
-1.0 </s>
-0.5\ta\t-0.2
-0.7\tb

\\2-grams:
-0.1\t<s> a
-0.25 a b

\\end\\
"""


def test_files_of_other_programs_are_read(tmp_path: Path) -> None:
    path = tmp_path / "other.arpa"
    path.write_text(ARPA)
    model = load_ngram(path)
    assert model.score("b", ["a"]) / math.log(10) == pytest.approx(-0.25)
    assert model.score("a", ["a"]) / math.log(10) == pytest.approx(-0.2 - 0.5)
    assert model.score("c", []) / math.log(10) == pytest.approx(-0.7)  # no <unk>: the least probable word


def test_texts_are_counted(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("One, two!\nONE two three\n\n")
    (tmp_path / "a.csv").write_text('path,text\na.wav,"One, two!"\nb.wav,one two three\n')
    expected = NGram.fit(["one two", "one two three"], 3)
    for path in tmp_path.iterdir():
        found = load_ngram(path).score("two", [BEGIN, "one"])
        assert found == pytest.approx(expected.score("two", [BEGIN, "one"]))
        assert load_ngram(path).vocabulary == expected.vocabulary


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\n", "is missing"),
        (ARPA.replace("-0.25 a b", "-0.25 a"), "line 15: 2 words must follow"),
        (ARPA.replace("-0.25 a b", "x a b"), "line 15: a 2-gram is a number"),
        (ARPA.replace("\\end\\", ""), "truncated"),
        ("\\end\\", "no 1-grams"),
    ],
)
def test_broken_files_are_refused(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.arpa"
    path.write_text(text)
    with pytest.raises(SonogramError, match=message):
        load_ngram(path)
    with pytest.raises(SonogramError, match="check the path"):
        load_ngram(tmp_path / "none.arpa")


def test_models_that_cannot_be_made_are_refused() -> None:
    with pytest.raises(SonogramError, match="a text not empty"):
        NGram.fit(["", " "])
    with pytest.raises(SonogramError, match="same units"):
        MODELS["words"].mix(MODELS["letters"])
