"""Symbols of a text model: letters or words, with the blank of CTC as class 0."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sonogram.errors import SonogramError

__all__ = ["BLANK", "Alphabet", "Units", "check_units", "normalize"]

BLANK = 0
"""Class of the blank, as in `keras.ops.ctc_loss`."""
Units = Literal["letters", "words"]


def check_units(units: str) -> None:
    """Raise an error for units that are none."""
    if units not in get_args(Units):
        raise SonogramError(f"units must be letters or words; got {units!r}")


def normalize(text: str) -> str:
    """Return a text in lower case, with single spaces and without punctuation.

    Apostrophes within words stay. Compare texts, and train on them, in this form.

    Args:
        text: Any text.

    Example:
        >>> normalize("“Don't stop!”  It's half-past NINE.")
        "don't stop it's half past nine"
    """
    text = unicodedata.normalize("NFC", text).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").lower()
    kept = (each if each == "'" or unicodedata.category(each)[0] in "LMN" else " " for each in text)
    return " ".join(re.sub(r"(?<!\S)'+|'+(?!\S)", " ", "".join(kept)).split())


@dataclass(frozen=True)
class Alphabet:
    """The symbols that a text model puts out.

    Args:
        symbols: Symbols in the order of the classes from 1 on: single characters, with " " between words, or
            whole words. Class 0 is the blank.
        units: What a symbol is.

    Raises:
        SonogramError: There is no symbol, one occurs twice, or one does not fit the units.

    Example:
        >>> alphabet = Alphabet.fit(["one two", "two"], units="words")
        >>> alphabet.symbols, alphabet.encode("two one").tolist(), alphabet.decode([2, 1])
        (('one', 'two'), [2, 1], 'two one')
    """

    symbols: tuple[str, ...]
    units: Units = "letters"

    def __post_init__(self) -> None:
        object.__setattr__(self, "symbols", tuple(self.symbols))
        check_units(self.units)
        if not self.symbols or len(set(self.symbols)) < len(self.symbols):
            raise SonogramError(f"symbols must be different, and at least one; got {list(self.symbols)}")
        for symbol in self.symbols:
            if (len(symbol) != 1) if self.units == "letters" else ([symbol] != symbol.split()):
                raise SonogramError(f"a symbol must be one of the {self.units}; got {symbol!r}")

    @staticmethod
    def fit(texts: Iterable[str], units: Units = "letters") -> Alphabet:
        """Return the alphabet of texts, its symbols sorted.

        Args:
            texts: Texts, normalized.
            units: What a symbol is.
        """
        check_units(units)
        found: set[str] = set()
        for text in texts:
            found.update(text if units == "letters" else text.split())
        return Alphabet(tuple(sorted(found)), units)

    @property
    def num_classes(self) -> int:
        """Number of classes, the blank included."""
        return 1 + len(self.symbols)

    @cached_property
    def _classes(self) -> dict[str, int]:
        return {symbol: number for number, symbol in enumerate(self.symbols, 1)}

    @property
    def space(self) -> int | None:
        """Class of the space between words; None if every symbol is a word, or no text has two words."""
        return self._classes.get(" ")

    def can_write(self, word: str) -> bool:
        """Return whether the model can put out a word.

        Args:
            word: A word in the form of `normalize`.
        """
        if self.units == "words":
            return word in self._classes
        return " " not in word and self._classes.keys() >= {*word}

    def encode(self, text: str) -> NDArray[np.int32]:
        """Return the classes of a text, int32 `(symbols,)`.

        Args:
            text: Text in the form of `normalize`.

        Raises:
            SonogramError: A symbol of the text is not in the alphabet.
        """
        symbols = text if self.units == "letters" else text.split()
        try:
            return np.array([self._classes[symbol] for symbol in symbols], np.int32)
        except KeyError as error:
            raise SonogramError(
                f"{error.args[0]!r} in {text[:60]!r} is not among the {len(self.symbols)} {self.units} of "
                "the model. Spell it with those, or train on texts that have it"
            ) from None

    def decode(self, classes: ArrayLike) -> str:
        """Return the text of classes; blanks are left out.

        Args:
            classes: Integers, `(symbols,)`.
        """
        joint = "" if self.units == "letters" else " "
        return " ".join(
            joint.join(self.symbols[each - 1] for each in np.asarray(classes, int) if each).split()
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the alphabet as plain data for JSON."""
        return {"symbols": list(self.symbols), "units": self.units}

    @staticmethod
    def from_dict(data: Mapping[str, Any]) -> Alphabet:
        """Return the alphabet of `to_dict`.

        Args:
            data: What `to_dict` returned.
        """
        return Alphabet(tuple(data["symbols"]), data["units"])
