"""Language models: their probabilities sum to 1, ARPA files keep them, and known values."""

import gzip
import itertools
import math
from pathlib import Path

import pytest

from sonogram.decoding import Alphabet, NGram, load_ngram, save_ngram
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
        (ARPA.replace("\\2-grams:", "\\2-gram:"), r"line 13: must be .*-grams: or .*end.*; got"),
        (ARPA.replace("ngram 2=2", "ngram 2=99"), "line 5: the header states 99 2-grams; got 2"),
        (ARPA.replace("ngram 2=2", ""), "line 13: the header states 0 2-grams; got 2"),
        (ARPA.replace("-0.7\tb\n", ""), "line 4: the header states 4 1-grams; got 3"),
        (ARPA.replace("-0.7", "nan"), "line 11: a log probability must be a number up to 0"),
        (ARPA.replace("-0.7", "0.7"), "line 11: a log probability must be a number up to 0"),
        (ARPA.replace("-0.7", "-inf"), "line 11: a log probability must be a number up to 0"),
        (ARPA.replace("-0.2\n", "nan\n"), "line 10: .* a backoff finite"),
        (ARPA.replace("-0.25 a b", "-0.25 a b -1 c"), "line 15: a 2-gram is a number"),
    ],
)
def test_broken_files_are_refused(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.arpa"
    path.write_text(text)
    with pytest.raises(SonogramError, match=message):
        load_ngram(path)
    with pytest.raises(SonogramError, match="check the path"):
        load_ngram(tmp_path / "none.arpa")


def test_damaged_compressed_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.arpa.gz"
    whole = gzip.compress(ARPA.encode())
    damaged = [whole[:end] for end in range(1, len(whole))]
    for place in range(10, len(whole)):  # after the header
        damaged.append(bytes([*whole[:place], whole[place] ^ 1, *whole[place + 1 :]]))
    for content in damaged:
        path.write_bytes(content)
        with pytest.raises(SonogramError, match=r"a\.arpa\.gz: "):
            load_ngram(path)
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(SonogramError, match="truncated or corrupt; copy it again"):
        load_ngram(path)


def test_tokens_are_normalized(tmp_path: Path) -> None:
    path = tmp_path / "upper.arpa"
    lower = ARPA.replace("-0.5\ta", "-0.5\tdon't").replace(" a", " don't") + "<unk>"
    path.write_text(lower.replace("ngram 1=4", "ngram 1=5").replace("-0.7", "-2 <unk>\n-0.7"))
    expected = load_ngram(path)
    upper = path.read_text().replace("don't", "DON\N{RIGHT SINGLE QUOTATION MARK}T").replace("\tb", "\tB")
    path.write_text(upper.replace("<s>", "<S>").replace("unk", "UNK").replace(" b", " B"))
    assert load_ngram(path).log_probs == expected.log_probs
    assert load_ngram(path).backoffs == expected.backoffs
    assert expected.vocabulary == ("b", "don't")


def test_of_two_words_with_one_form_the_more_probable_counts(tmp_path: Path) -> None:
    path = tmp_path / "mixed.arpa"
    path.write_text(
        ARPA.replace("ngram 1=4", "ngram 1=6").replace("-0.7\tb", "-0.9\tB -0.1\n-0.7\tb\n-2\tB.")
    )
    model = load_ngram(path)
    assert model.score("b", []) / math.log(10) == pytest.approx(-0.7)
    assert ("b",) not in model.backoffs


def test_models_that_cannot_be_made_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SonogramError, match="several, such as a list; got one string, 'one two'"):
        NGram.fit("one two")
    for order in (0, 1.5, "2"):
        with pytest.raises(SonogramError, match=f"order must be a whole number, at least 1; got {order!r}"):
            NGram.fit(TEXTS, order)  # type: ignore[arg-type]
    (tmp_path / "a.txt").write_text("\n ...\n")
    with pytest.raises(SonogramError, match=r"a\.txt: holds no text"):
        load_ngram(tmp_path / "a.txt")
    for make in (NGram.fit, Alphabet.fit, lambda _, units: load_ngram(tmp_path / "a.txt", units)):
        with pytest.raises(SonogramError, match="units must be letters or words; got 'word'"):
            make(TEXTS, units="word")
    with pytest.raises(SonogramError, match="a text not empty"):
        NGram.fit(["", " "])
    with pytest.raises(SonogramError, match="same units"):
        MODELS["words"].mix(MODELS["letters"])
