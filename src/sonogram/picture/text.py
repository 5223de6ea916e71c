"""Text of a picture: letters that the fonts have, and titles that fit."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.text import Text

__all__ = ["families", "fit", "printable"]

_FAMILY = "DejaVu Sans"  # comes with Matplotlib: a picture is the same on every machine
_OTHERS = (
    "Noto Sans CJK JP",
    "Noto Sans CJK SC",
    "Noto Sans CJK KR",
    "Hiragino Sans",
    "PingFang SC",
    "Yu Gothic",
    "Microsoft YaHei",
    "Malgun Gothic",
    "Arial Unicode MS",
    "WenQuanYi Zen Hei",
    "IPAGothic",
    "Noto Sans Devanagari",
    "Noto Sans Thai",
)
"""Asked for the letters that DejaVu Sans lacks, where they are installed."""
_MISSING = "\N{WHITE SQUARE}"


def families(text: str) -> list[str]:
    """Return the font families for `text`: one, or more where that lacks some of its letters."""
    if all(map(_has(_FAMILY), text)):
        return [_FAMILY]
    from matplotlib.font_manager import fontManager

    installed = {font.name for font in fontManager.ttflist}
    return [_FAMILY, *(name for name in _OTHERS if name in installed)]


def printable(text: str) -> str:
    """Return `text` on one line, with a square for each letter that no font has.

    Matplotlib would draw the same square, and warn of each.
    """
    having = [_has(family) for family in families(text)]
    clean = "".join(letter if letter.isprintable() else " " for letter in text)
    return "".join(letter if any(has(letter) for has in having) else _MISSING for letter in clean)


def fit(text: Text, width: float) -> None:
    """Shorten a text in its middle, where file names say least, to at most `width` pixels."""
    whole = text.get_text()
    if _width(text) <= width:
        return
    low, high = 1, len(whole)
    while low < high:
        kept = (low + high + 1) // 2
        text.set_text(_shortened(whole, kept))
        low, high = (kept, high) if _width(text) <= width else (low, kept - 1)
    text.set_text(_shortened(whole, low))


def _shortened(text: str, kept: int) -> str:
    head = (kept + 1) // 2
    return text[:head].rstrip() + "\N{HORIZONTAL ELLIPSIS}" + text[len(text) - (kept - head) :].lstrip()


def _width(text: Text) -> float:
    return float(text.get_window_extent().width)


def _has(family: str) -> Callable[[str], bool]:
    from matplotlib.font_manager import FontProperties, fontManager, get_font

    font = get_font(fontManager.findfont(FontProperties(family=family)))
    letters = font.get_charmap()
    return lambda letter: ord(letter) in letters
