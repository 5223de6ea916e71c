"""`Transcript`: the words of a recording with their times, and its text in the formats of other programs."""

from __future__ import annotations

import csv
import io
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, NamedTuple

__all__ = [
    "Caption",
    "Transcript",
    "Word",
    "captions",
    "ctm_name",
    "render_ctm",
    "render_srt",
    "render_table",
    "render_vtt",
]

_LINE, _LINES = 42, 2
"""Characters of a line of subtitles, and lines at a time, as broadcasters use them."""
_LONGEST, _PAUSE = 6.0, 0.8
"""Seconds of the longest caption, and of the pause that ends one."""


class Word(NamedTuple):
    """A word of a recording."""

    text: str
    """The word."""
    start: float
    """Start in the recording, seconds."""
    end: float
    """End in the recording, seconds."""
    score: float
    """How probable the model finds it there, from 0 to 1."""


@dataclass(frozen=True)
class Transcript:
    """Text of a recording, with the times of its words.

    Example:
        >>> Transcript("one", (Word("one", 0.25, 0.5, 0.9),), duration=1.0).words[0].start
        0.25

    See Also:
        `sonogram.transcribe` and `sonogram.align`, which return one.
    """

    text: str
    """The text."""
    words: tuple[Word, ...]
    """Its words, in their order."""
    duration: float
    """Duration of the recording, seconds."""

    def to_dict(self) -> dict[str, Any]:
        """Return the transcript as plain data for JSON."""
        words = [
            {
                "word": word.text,
                "start": round(word.start, 3),
                "end": round(word.end, 3),
                "score": round(word.score, 4),
            }
            for word in self.words
        ]
        return {"text": self.text, "duration": round(self.duration, 6), "words": words}


class Caption(NamedTuple):
    """A part of a transcript to show at a time."""

    start: float
    """Seconds."""
    end: float
    """Seconds."""
    lines: tuple[str, ...]
    """One or two lines of text."""


def captions(words: Sequence[Word]) -> list[Caption]:
    """Return words as captions of at most two lines and six seconds, which end at pauses.

    Args:
        words: Words in their order.

    Example:
        >>> captions([Word("one", 0.0, 0.4, 1.0), Word("two", 0.5, 0.9, 1.0), Word("three", 3.0, 3.5, 1.0)])
        [Caption(start=0.0, end=0.9, lines=('one two',)), Caption(start=3.0, end=3.5, lines=('three',))]
    """
    found: list[list[Word]] = []
    for word in words:
        group = found[-1] if found else []
        text = " ".join(each.text for each in (*group, word))
        fits = len(textwrap.wrap(text, _LINE)) <= _LINES
        if group and fits and word.start - group[-1].end < _PAUSE and word.end - group[0].start <= _LONGEST:
            group.append(word)
        else:
            found.append([word])
    return [
        Caption(
            group[0].start, group[-1].end, tuple(textwrap.wrap(" ".join(each.text for each in group), _LINE))
        )
        for group in found
    ]


def render_srt(words: Sequence[Word]) -> str:
    r"""Return SubRip subtitles.

    Example:
        >>> render_srt([Word("one", 61.25, 61.5, 1.0)])
        '1\n00:01:01,250 --> 00:01:01,500\none\n\n'
    """
    return "".join(
        f"{number}\n{_times(each, ',')}\n" + "\n".join(each.lines) + "\n\n"
        for number, each in enumerate(captions(words), 1)
    )


def render_vtt(words: Sequence[Word]) -> str:
    r"""Return WebVTT subtitles.

    Example:
        >>> render_vtt([Word("one", 61.25, 61.5, 1.0)])
        'WEBVTT\n\n00:01:01.250 --> 00:01:01.500\none\n\n'
    """
    escaped = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
    return "WEBVTT\n\n" + "".join(
        f"{_times(each, '.')}\n" + "\n".join(each.lines).translate(escaped) + "\n\n"
        for each in captions(words)
    )


def ctm_name(path: str) -> str:
    """Return the name of a recording in CTM."""
    return "_".join(PurePath(path).stem.split())


def render_ctm(path: str, words: Iterable[Word]) -> str:
    r"""Return the lines of NIST's CTM: recording, channel, start, duration, word, confidence.

    Args:
        path: The recording; its name stands in each line, with "_" for spaces.
        words: The words.

    Example:
        >>> render_ctm("calls/my call.wav", [Word("one", 0.5, 0.75, 0.9)])
        'my_call 1 0.500 0.250 one 0.9000\n'
    """
    name = ctm_name(path)
    return "".join(
        f"{name} 1 {word.start:.3f} {word.end - word.start:.3f} {word.text} {word.score:.4f}\n"
        for word in words
    )


def render_table(path: str, words: Iterable[Word]) -> str:
    r"""Return rows of CSV: path, start, end, label and score of each word, without a header.

    Example:
        >>> render_table("a.wav", [Word("one", 0.5, 0.75, 0.9)])
        'a.wav,0.5,0.75,one,0.9\n'
    """
    text = io.StringIO()
    rows = (
        (path, round(each.start, 3), round(each.end, 3), each.text, round(each.score, 4)) for each in words
    )
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _times(caption: Caption, point: str) -> str:
    """Return the times of a caption, which lasts a millisecond or more: WebVTT has no shorter ones."""
    start = round(caption.start * 1000)
    end = max(round(caption.end * 1000), start + 1)
    return f"{_stamp(start, point)} --> {_stamp(end, point)}"


def _stamp(milliseconds: int, point: str) -> str:
    whole, milliseconds = divmod(milliseconds, 1000)
    minutes, rest = divmod(whole, 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest:02d}{point}{milliseconds:03d}"
