"""Text of a picture: only letters that the fonts have, shortened to the space."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.text import Text

__all__ = ["dpi_of", "families", "fit", "printable", "width_of"]

_FAMILY = "DejaVu Sans"  # part of Matplotlib: a picture is the same on every machine
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
    "Noto Emoji",
    "Noto Sans Symbols",
    "Noto Sans Symbols 2",
    "Symbola",
    "Segoe UI Symbol",
    "Apple Symbols",
)
"""Used for letters that DejaVu Sans lacks, if they are installed."""
_SELECTORS = frozenset("\N{ZERO WIDTH JOINER}\N{VARIATION SELECTOR-15}\N{VARIATION SELECTOR-16}")
_MISSING = "\N{WHITE SQUARE}"


def dpi_of(axes: Any) -> float:
    """Return the pixels per inch of the figure that axes are in."""
    return float(axes.get_figure(root=True).dpi)


def families(text: str) -> list[str]:
    """Return the font families for `text`: one, or more if that lacks some of its letters."""
    if all(map(_has(_FAMILY), text)):
        return [_FAMILY]
    from matplotlib.font_manager import fontManager

    installed = {font.name for font in fontManager.ttflist}
    return [_FAMILY, *(name for name in _OTHERS if name in installed)]


def printable(text: str) -> str:
    """Return `text` on one line, with a square for each letter that no font has, and one warning for all.

    Matplotlib would draw the same square, with a warning for each. Variation selectors, which have no shape,
    are left out.
    """
    fonts = [_has(family) for family in families(text)]
    clean = "".join(letter if letter.isprintable() else " " for letter in text)
    clean = "".join(letter for letter in clean if letter not in _SELECTORS)
    shown = "".join(letter if any(has(letter) for has in fonts) else _MISSING for letter in clean)
    if shown != clean:
        missing = " ".join(sorted({f"U+{ord(a):04X}" for a, b in zip(clean, shown, strict=True) if a != b}))
        warnings.warn(
            f"no installed font has {missing}, drawn as a square; install a font such as Noto Sans Symbols, "
            "or choose another title",
            stacklevel=2,
        )
    return shown


def fit(text: Text, width: float) -> None:
    """Shorten a text in its middle, to at most `width` pixels: the ends of file names differ most."""
    whole = text.get_text()
    if width_of(text) <= width:
        return
    low, high = 1, len(whole)
    while low < high:
        length = (low + high + 1) // 2
        text.set_text(_shorten(whole, length))
        low, high = (length, high) if width_of(text) <= width else (low, length - 1)
    text.set_text(_shorten(whole, low))


def _shorten(text: str, length: int) -> str:
    head = (length + 1) // 2
    return text[:head].rstrip() + "\N{HORIZONTAL ELLIPSIS}" + text[len(text) - (length - head) :].lstrip()


def width_of(text: Text) -> float:
    """Return the width of a text in pixels."""
    return float(text.get_window_extent().width)


def _has(family: str) -> Callable[[str], bool]:
    from matplotlib.font_manager import FontProperties, fontManager, get_font

    font = get_font(fontManager.findfont(FontProperties(family=family)))
    letters = font.get_charmap()
    return lambda letter: ord(letter) in letters
