"""Error rates are those of jiwer; intervals, groups and confusions follow from counts known in advance."""

import random

import pytest

from sonogram.decoding import count_errors, text_metrics
from sonogram.errors import SonogramError

WORDS = ("one", "two", "too", "three", "a", "oh")
# [(jiwer.wer(said, found), jiwer.cer(said, found)) for said, found in cases()], jiwer 4.0.0
JIWER = [
    (0.4, 0.3125),
    (0.285714, 0.2),
    (0.0, 0.0),
    (0.0, 0.0),
    (1.0, 1.166667),
    (1.0, 0.466667),
    (0.0, 0.0),
    (0.5, 0.375),
    (0.2, 0.190476),
    (0.6, 0.473684),
    (1.0, 0.545455),
    (0.0, 0.0),
    (1.0, 1.0),
    (1.0, 0.666667),
    (0.333333, 0.333333),
    (0.571429, 0.52),
    (0.75, 0.4),
    (0.5, 0.75),
    (0.333333, 0.4),
    (0.285714, 0.2),
    (0.428571, 0.363636),
    (0.428571, 0.2),
    (0.0, 0.0),
    (0.666667, 0.769231),
    (0.5, 0.444444),
    (0.666667, 0.666667),
    (0.75, 0.916667),
    (0.5, 0.6),
    (0.0, 0.0),
    (0.5, 0.222222),
    (0.25, 0.117647),
    (0.666667, 0.461538),
    (0.75, 0.647059),
    (0.666667, 0.47619),
    (0.5, 0.285714),
    (0.833333, 0.782609),
    (0.6, 0.3),
    (0.6, 0.611111),
    (0.0, 0.0),
    (0.4, 0.294118),
]
ALL = (0.487179, 0.38698)
"""The same of all cases at once."""


def cases() -> list[tuple[str, str]]:
    """Texts, and the same texts with words changed, added and left out."""
    drawn = random.Random(5)
    made = []
    for _ in range(40):
        said = [drawn.choice(WORDS) for _ in range(drawn.randint(1, 7))]
        found = [
            word
            for each in said
            for word in drawn.choice(([each], [each], [drawn.choice(WORDS)], [], [each, "a"]))
        ]
        made.append((" ".join(said), " ".join(found)))
    return made


def test_rates_equal_those_of_jiwer() -> None:
    found = [text_metrics([said], [hypothesis]) for said, hypothesis in cases()]
    assert [(each.wer, each.cer) for each in found] == [pytest.approx(each, abs=1e-6) for each in JIWER]
    together = text_metrics(*map(list, zip(*cases(), strict=True)))
    assert (together.wer, together.cer) == pytest.approx(ALL, abs=1e-6)


def test_empty_texts_count_as_in_jiwer() -> None:
    assert text_metrics([""], [""]).wer == 0
    assert text_metrics([""], ["one two"]).wer == 2
    assert text_metrics(["one two"], [""]).wer == 1


def test_edits_are_named() -> None:
    found = count_errors(list("abcdf"), list("xbdfe"))
    assert (found.substitutions, found.insertions, found.deletions) == (1, 1, 1)
    assert found.pairs == (("a", "x"), ("c", ""), ("", "e"))


def test_groups_are_sorted_by_their_errors_and_have_their_own_intervals() -> None:
    said = ["one two"] * 40
    found = ["one two"] * 20 + ["one too", "one two"] * 10
    metrics = text_metrics(said, found, ["ann"] * 20 + ["bob"] * 20)
    assert [(each.group, each.num_clips, each.wer) for each in metrics.groups] == [
        ("bob", 20, 0.25),
        ("ann", 20, 0.0),
    ]
    assert (metrics.groups[1].wer_low, metrics.groups[1].wer_high) == (0, 0)
    assert metrics.confusions == (("two", "too", 10),)
    assert (metrics.substitutions, metrics.num_words) == (10, 80)


def test_interval_is_that_of_a_proportion() -> None:
    # Of 400 clips of one word 100 are wrong: the normal interval of a quarter is 1.96 sqrt(.25 * .75 / 400).
    metrics = text_metrics(["one"] * 400, ["two"] * 100 + ["one"] * 300)
    half = 1.96 * (0.25 * 0.75 / 400) ** 0.5
    assert metrics.wer_low == pytest.approx(0.25 - half, abs=0.006)
    assert metrics.wer_high == pytest.approx(0.25 + half, abs=0.006)


def test_unequal_lists_are_refused() -> None:
    with pytest.raises(SonogramError, match="2 references and 1"):
        text_metrics(["a", "b"], ["a"])
