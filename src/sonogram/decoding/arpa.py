"""Language models in files: ARPA, which other programs read and write, or texts to count.

Source: the manual page `ngram-format` of SRILM.
"""

from __future__ import annotations

import gzip
import math
import os
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from sonogram.decoding.alphabet import Units, check_units, normalize
from sonogram.decoding.ngram import BEGIN, END, UNKNOWN, NGram, Tokens
from sonogram.errors import SonogramError
from sonogram.files import read_manifest, read_text, write_text

__all__ = ["load_ngram", "save_ngram"]

_LOG10 = math.log(10)
_ORDERS: dict[Units, int] = {"words": 3, "letters": 6}
_SPACE = "<space>"
"""The space between words as a token of a model over letters."""


def load_ngram(path: str | os.PathLike[str], units: Units = "words") -> NGram:
    """Return the language model of a file.

    Args:
        path: An ARPA file, which may be compressed (.gz): if its tokens are single characters and "<space>",
            the model is one over letters. Its words are normalized; the more probable one counts where two
            become the same. Or texts, which are normalized and counted, 3-grams of words or
            6-grams of letters: a .txt file with one in each line, or a CSV file with the column text.
        units: What to count in texts. Letters suit a recognizer of letters that knows a few hundred texts, as
            new words have known parts.

    Raises:
        SonogramError: The file cannot be read, is no ARPA file or a damaged one, with the number of the
            line; or it holds no text.

    Example:
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "digits.arpa"
        >>> save_ngram(NGram.fit(["one two", "two"], order=2), path)
        >>> round(load_ngram(path).score("two", ["one"]), 3)
        -0.398
    """
    check_units(units)
    ending = os.path.splitext(path)[1].lower()
    if ending in (".csv", ".txt"):
        texts = [text for text in map(normalize, _texts(Path(path), ending)) if text]
        if not texts:
            raise SonogramError(f"{path}: holds no text; write one in each line")
        return NGram.fit(texts, _ORDERS[units], units)
    log_probs: dict[Tokens, float] = {}
    backoffs: dict[Tokens, float] = {}
    try:
        opener = gzip.open if ending == ".gz" else open
        with opener(path, "rt", encoding="utf-8") as file:
            for gram, log_prob, backoff in _entries(file):
                if log_prob > log_probs.get(gram, -math.inf):
                    log_probs[gram] = log_prob
                    backoffs[gram] = backoff
            for _ in file:
                pass  # gzip compares the checksum at the end
    except (EOFError, zlib.error):
        raise SonogramError(f"{path}: truncated or corrupt; copy it again from its source") from None
    except OSError as error:
        raise SonogramError(f"{path}: cannot be read ({error.strerror or error}); check the path") from None
    except UnicodeDecodeError:
        raise SonogramError(f"{path}: an ARPA file must be text in UTF-8; this is not") from None
    except SonogramError as error:
        raise SonogramError(f"{path}: {error}") from None
    words = {gram[0] for gram in log_probs if len(gram) == 1} - {BEGIN, END, UNKNOWN}
    if not words:
        raise SonogramError(f"{path}: no 1-grams; an ARPA file has a part \\1-grams:")
    # Without a probability of unknown words: the least of the known ones.
    log_probs.setdefault((UNKNOWN,), min(log_probs[word,] for word in words))
    backoffs = {gram: backoff for gram, backoff in backoffs.items() if backoff}
    return NGram(log_probs, backoffs, "letters" if " " in words and max(map(len, words)) == 1 else "words")


def _texts(path: Path, ending: str) -> list[str]:
    if ending == ".csv":
        return [row.values["text"] for row in read_manifest(path, ("text",))]
    return read_text(path).splitlines()


def _entries(lines: Iterable[str]) -> Iterator[tuple[Tokens, float, float]]:
    """Yield the n-grams of an ARPA file, with the logarithms of their probabilities and their backoffs.

    Raises:
        SonogramError: A line is invalid, or there are more or fewer n-grams than the header states.
    """
    order = 0  # of the section; 0 in the header
    stated: dict[int, int] = {}
    found: Counter[int] = Counter()
    places: dict[int, int] = {}  # line of each order in the header, or of its section
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if text == "\\end\\":
            for each in sorted(places):
                if stated.get(each, 0) != found[each]:
                    raise SonogramError(
                        f"line {places[each]}: the header states {stated.get(each, 0)} {each}-grams; got "
                        f"{found[each]}. Copy the file again from its source"
                    )
            return
        if section := re.fullmatch(r"\\([1-9][0-9]*)-grams:", text):
            order = int(section[1])
            places.setdefault(order, number)
        elif order and text.startswith("\\"):
            raise SonogramError(f"line {number}: must be \\N-grams: or \\end\\; got {text[:80]!r}")
        elif order and text:
            found[order] += 1
            yield _entry(text.split(), order, number)
        elif count := re.fullmatch(r"ngram\s+([1-9][0-9]*)\s*=\s*([0-9]+)", text):
            stated[int(count[1])] = int(count[2])
            places[int(count[1])] = number
    raise SonogramError("no ARPA file, or a truncated one: the line \\end\\ is missing")


def _entry(cells: list[str], order: int, number: int) -> tuple[Tokens, float, float]:
    """Return the n-gram of a line, its log probability and its backoff."""
    place, line = f"line {number}: ", " ".join(cells)[:80]
    if len(cells) < order + 1:
        raise SonogramError(f"{place}{order} words must follow the number; got {line!r}")
    try:
        log_prob, *backoffs = (float(cell) for cell in (cells[0], *cells[order + 1 :]))
        (backoff,) = backoffs or (0.0,)
    except ValueError:
        raise SonogramError(
            f"{place}a {order}-gram is a number, {order} words and maybe a number; got {line!r}"
        ) from None
    if not (-math.inf < log_prob <= 0 and math.isfinite(backoff)):
        raise SonogramError(
            f"{place}a log probability must be a number up to 0, and a backoff finite; got {line!r}"
        )
    return tuple(map(_normalize_token, cells[1 : order + 1])), log_prob * _LOG10, backoff * _LOG10


def _normalize_token(token: str) -> str:
    """Return a token in the form of normalized texts; unchanged if that is no single word."""
    if re.fullmatch("<.*>", token):
        return " " if token.lower() == _SPACE else token.lower()
    form = normalize(token)
    return form if form and " " not in form else token


def save_ngram(model: NGram, path: str | os.PathLike[str]) -> None:
    """Write a language model as an ARPA file, whole or not at all.

    Args:
        model: The model.
        path: The file; its name should end in .arpa.
    """
    grams: dict[int, list[Tokens]] = defaultdict(list)
    for gram in sorted(model.log_probs):
        grams[len(gram)].append(gram)
    lines = ["\\data\\", *(f"ngram {order}={len(grams[order])}" for order in sorted(grams))]
    for order in sorted(grams):
        lines += ["", f"\\{order}-grams:"]
        for gram in grams[order]:
            words = " ".join(_SPACE if token == " " else token for token in gram)
            backoff = model.backoffs.get(gram)
            end = "" if backoff is None else f"\t{backoff / _LOG10:.7f}"
            lines.append(f"{model.log_probs[gram] / _LOG10:.7f}\t{words}{end}")
    write_text(path, "\n".join([*lines, "", "\\end\\", ""]))
