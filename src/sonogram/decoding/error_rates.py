"""Word and character error rates, with bootstrap intervals and the most frequent confusions.

Both rates equal those of jiwer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sonogram.errors import SonogramError

__all__ = ["ErrorCounts", "GroupErrors", "TextMetrics", "count_errors", "text_metrics"]

_RESAMPLES, _INTERVAL = 1000, (2.5, 97.5)
_MAX_CONFUSIONS = 20


class ErrorCounts(NamedTuple):
    """The fewest edits from one sequence to another."""

    substitutions: int
    insertions: int
    deletions: int
    pairs: tuple[tuple[str, str], ...]
    """What each edit replaces and by what: (reference, hypothesis), "" for nothing."""

    @property
    def total(self) -> int:
        """Number of edits."""
        return len(self.pairs)


@dataclass(frozen=True)
class GroupErrors:
    """Error rates of the clips of one group."""

    group: str
    """The group, such as a speaker."""
    num_clips: int
    """Number of its clips."""
    wer: float
    """Word error rate."""
    wer_low: float
    """Lower end of its 95 % interval."""
    wer_high: float
    """Upper end of that interval."""
    cer: float
    """Character error rate."""


@dataclass(frozen=True)
class TextMetrics:
    """Error rates of a text model on a set of clips."""

    wer: float
    """Word error rate: edits over words of the references. It may exceed 1."""
    wer_low: float
    """Lower end of its 95 % interval, from a bootstrap over clips."""
    wer_high: float
    """Upper end of that interval."""
    cer: float
    """Character error rate; spaces count."""
    cer_low: float
    """Lower end of its interval."""
    cer_high: float
    """Upper end of that interval."""
    num_clips: int
    """Number of clips."""
    num_words: int
    """Number of words of the references."""
    substitutions: int
    """Words that became another one."""
    insertions: int
    """Words that the references lack."""
    deletions: int
    """Words that the hypotheses lack."""
    groups: tuple[GroupErrors, ...]
    """Error rates of each group, the highest word error rate first."""
    confusions: tuple[tuple[str, str, int], ...]
    """The most frequent edits: word of the reference, of the hypothesis ("" for none), and how often."""
    num_training_clips: int = 0
    """Number of these clips that the model was trained on, if it has a record of them."""

    def to_dict(self) -> dict[str, Any]:
        """Return the metrics as plain data for JSON."""
        return asdict(self)


def count_errors(reference: Sequence[str], hypothesis: Sequence[str]) -> ErrorCounts:
    """Return the fewest edits that turn the hypothesis into the reference.

    Args:
        reference: Reference: words, or the characters of a text.
        hypothesis: What was recognized.

    Example:
        >>> count_errors("the cat sat down".split(), "the hat sat".split()).pairs
        (('cat', 'hat'), ('down', ''))
    """
    rows, columns = len(reference), len(hypothesis)
    cost = np.zeros((rows + 1, columns + 1), np.int64)
    cost[:, 0], cost[0] = np.arange(rows + 1), np.arange(columns + 1)
    number = {symbol: index for index, symbol in enumerate({*reference, *hypothesis})}
    spoken, found = (np.array([number[each] for each in one], np.int64) for one in (reference, hypothesis))
    steps = np.arange(columns + 1)
    for row in range(1, rows + 1):
        best = cost[row - 1] + 1
        best[1:] = np.minimum(best[1:], cost[row - 1, :-1] + (spoken[row - 1] != found))
        # An insertion adds 1 from one column to the next: a running minimum without the columns' own cost.
        cost[row] = np.minimum.accumulate(best - steps) + steps
    return _trace(cost, reference, hypothesis)


def _trace(cost: NDArray[np.int64], reference: Sequence[str], hypothesis: Sequence[str]) -> ErrorCounts:
    row, column = len(reference), len(hypothesis)
    pairs: list[tuple[str, str]] = []
    counts = Counter[str]()
    while row or column:
        spoken, found = reference[row - 1] if row else "", hypothesis[column - 1] if column else ""
        if row and column and cost[row, column] == cost[row - 1, column - 1] + (spoken != found):
            if spoken != found:
                counts["substitutions"] += 1
                pairs.append((spoken, found))
            row, column = row - 1, column - 1
        elif column and cost[row, column] == cost[row, column - 1] + 1:
            counts["insertions"] += 1
            pairs.append(("", found))
            column -= 1
        else:
            counts["deletions"] += 1
            pairs.append((spoken, ""))
            row -= 1
    return ErrorCounts(counts["substitutions"], counts["insertions"], counts["deletions"], tuple(pairs[::-1]))


def text_metrics(
    references: Sequence[str], hypotheses: Sequence[str], groups: Sequence[str | None] | None = None
) -> TextMetrics:
    """Return the error rates of recognized texts.

    Args:
        references: Text of each clip, normalized.
        hypotheses: What was recognized in each clip.
        groups: Group of each clip, such as the speaker; None leaves groups out.

    Returns:
        The rates over all clips, those of each group, and the most frequent confusions. Without any word in
        the references the rates are the number of edits, as in jiwer.

    Raises:
        SonogramError: There is no clip, or the lengths differ.

    Example:
        >>> found = text_metrics(["one two three", "two"], ["one too three", "two"])
        >>> found.wer, round(found.cer, 3), found.confusions
        (0.25, 0.062, (('two', 'too', 1),))

    Source:
        M. Bisani, H. Ney, "Bootstrap estimates for confidence intervals in ASR performance evaluation",
        ICASSP 2004.
    """
    if len(references) != len(hypotheses) or not references:
        raise SonogramError(
            f"each reference needs one hypothesis; got {len(references)} references and {len(hypotheses)} "
            "hypotheses"
        )
    words = [
        count_errors(spoken.split(), found.split())
        for spoken, found in zip(references, hypotheses, strict=True)
    ]
    word_rates = np.array(
        [(each.total, len(spoken.split())) for each, spoken in zip(words, references, strict=True)], float
    )
    letter_rates = np.array(
        [
            (count_errors(spoken, found).total, len(spoken))
            for spoken, found in zip(references, hypotheses, strict=True)
        ],
        float,
    )
    wer_low, wer_high = _bootstrap(word_rates)
    cer_low, cer_high = _bootstrap(letter_rates)
    pairs = Counter(pair for each in words for pair in each.pairs)
    return TextMetrics(
        wer=_rate(word_rates),
        wer_low=wer_low,
        wer_high=wer_high,
        cer=_rate(letter_rates),
        cer_low=cer_low,
        cer_high=cer_high,
        num_clips=len(references),
        num_words=int(word_rates[:, 1].sum()),
        substitutions=sum(each.substitutions for each in words),
        insertions=sum(each.insertions for each in words),
        deletions=sum(each.deletions for each in words),
        groups=_groups(word_rates, letter_rates, groups),
        confusions=tuple((*pair, times) for pair, times in pairs.most_common(_MAX_CONFUSIONS)),
    )


def _groups(
    words: NDArray[np.float64], letters: NDArray[np.float64], groups: Sequence[str | None] | None
) -> tuple[GroupErrors, ...]:
    found = []
    for name in sorted({name for name in groups or () if name is not None}):
        own = np.array([group == name for group in groups or ()])
        low, high = _bootstrap(words[own])
        found.append(GroupErrors(name, int(own.sum()), _rate(words[own]), low, high, _rate(letters[own])))
    return tuple(sorted(found, key=lambda each: -each.wer))


def _rate(counts: NDArray[np.float64]) -> float:
    """Return errors over symbols; both are columns of `counts`, `(clips, 2)`."""
    errors, symbols = counts.sum(axis=0)
    return float(errors / max(symbols, 1.0))


def _bootstrap(counts: NDArray[np.float64]) -> tuple[float, float]:
    """Return the 95 % interval of `_rate`: clips are drawn with replacement, the same ones every time."""
    drawn = np.random.default_rng(0).multinomial(
        len(counts), np.full(len(counts), 1 / len(counts)), _RESAMPLES
    )
    errors, symbols = (drawn @ counts).T
    low, high = np.percentile(errors / np.maximum(symbols, 1.0), _INTERVAL)
    return float(low), float(high)
