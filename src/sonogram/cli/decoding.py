"""Options of the commands that decode the outputs of a speech recognizer."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import typer

from sonogram.cli.report import usage
from sonogram.errors import SonogramError
from sonogram.files import read_text

if TYPE_CHECKING:
    from sonogram.decoding import Alphabet

__all__ = [
    "BEAM",
    "BOOST",
    "LANGUAGE_MODEL",
    "LANGUAGE_WEIGHT",
    "WORDS",
    "check_words",
    "decoding_settings",
]

_WEIGHT = 0.4

BEAM: Any = typer.Option(
    metavar="N",
    min=1,
    help="Keep the N best texts while decoding.",
    show_default="16 with an option below, else the best symbol of each frame",
)
LANGUAGE_MODEL: Any = typer.Option(
    metavar="FILE",
    help="Texts to expect: an ARPA file, a text in each line of a .txt file, or the column text of a "
    "CSV file.",
)
LANGUAGE_WEIGHT: Any = typer.Option(
    metavar="WEIGHT", min=0, help="Weight of the language model against the sound.", show_default=f"{_WEIGHT}"
)
WORDS: Any = typer.Option(metavar="FILE", help="The only words to find, a text file with one a line.")
BOOST: Any = typer.Option(
    metavar="WORD[=SCORE]", help="Favor a word, such as a name; 1 to 5, 2 without a number."
)


def decoding_settings(
    beam: int | None,
    language_model: str | None,
    language_weight: float | None,
    words: str | None,
    boost: list[str] | None,
) -> dict[str, Any]:
    """Return the arguments of `inference.Transcriber` from the options."""
    if language_weight is None:
        language_weight = _WEIGHT
    elif language_model is None:
        raise usage("there is no language model to weight; add --language-model", "--language-weight")
    elif not language_weight < math.inf:
        raise usage(f"must be a number from 0; got {language_weight}", "--language-weight")
    return {
        "beam": beam,
        "language_model": language_model,
        "language_weight": language_weight,
        "words": None if words is None else sorted({word for _, word in _read_words(words)}),
        "boost": _boosts(boost or []),
    }


def _boosts(options: list[str]) -> dict[str, float]:
    boosts = {}
    for option in options:
        word, _, score = option.partition("=")
        try:
            boosts[word] = float(score or 2)
        except ValueError:
            boosts[word] = math.nan
        if not 0 <= boosts[word] < math.inf:
            raise usage(f"must be WORD or WORD=SCORE with a number from 0; got {option!r}", "--boost")
    return boosts


def check_words(path: str, alphabet: Alphabet) -> None:
    """Raise an error for a word of the file of `--words` that a model cannot put out."""
    for place, word in _read_words(path):
        if not alphabet.can_write(word):
            raise SonogramError(
                f"{place}: the word {word!r} cannot be written with the {alphabet.units} of the model; spell "
                "it with those, or leave it out"
            )


def _read_words(path: str) -> Iterator[tuple[str, str]]:
    """Yield the place of each word, file and line, and the word."""
    lines = [
        (f"{path}: line {number}", line.strip())
        for number, line in enumerate(read_text(path).splitlines(), 1)
    ]
    words = [(place, line) for place, line in lines if line]
    if not words:
        raise SonogramError(f"{path}: holds no word; write one in each line")
    for place, word in words:
        if word.split() != [word]:
            raise SonogramError(f"{place}: must be one word; got {word[:60]!r}. Write one in each line")
        yield place, word
