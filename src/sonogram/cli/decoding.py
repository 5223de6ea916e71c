"""Options of the commands that decode the outputs of a speech recognizer."""

from __future__ import annotations

import math
from typing import Any

import typer

from sonogram.cli.report import usage
from sonogram.files import read_text

__all__ = ["BEAM", "BOOST", "LANGUAGE_MODEL", "LANGUAGE_WEIGHT", "WORDS", "decoding_settings"]

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
    metavar="WEIGHT", min=0, help="Weight of the language model against the sound."
)
WORDS: Any = typer.Option(metavar="FILE", help="The only words to find, a text file with one a line.")
BOOST: Any = typer.Option(
    metavar="WORD[=SCORE]", help="Favor a word, such as a name; 1 to 5, 2 without a number."
)


def decoding_settings(
    beam: int | None,
    language_model: str | None,
    language_weight: float,
    words: str | None,
    boost: list[str] | None,
) -> dict[str, Any]:
    """Return the arguments of `inference.Transcriber` from the options."""
    return {
        "beam": beam,
        "language_model": language_model,
        "language_weight": language_weight,
        "words": None if words is None else _read_words(words),
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


def _read_words(path: str) -> list[str]:
    return sorted({line.strip() for line in read_text(path).splitlines() if line.strip()})
