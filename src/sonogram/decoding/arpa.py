"""Language models in files: ARPA, which other programs read and write, or texts to count.

Source: the manual page `ngram-format` of SRILM.
"""

from __future__ import annotations

import gzip
import math
import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from sonogram.decoding.alphabet import Units, normalize
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
            the model is one over letters. Or texts, which are normalized and counted, 3-grams of words or
            6-grams of letters: a .txt file with one in each line, or a CSV file with the column text.
        units: What to count in texts. Letters suit a recognizer of letters that knows a few hundred texts, as
            new words have known parts.

    Raises:
        SonogramError: The file cannot be read, or is no ARPA file; the message has the number of the line.

    Example:
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "digits.arpa"
        >>> save_ngram(NGram.fit(["one two", "two"], order=2), path)
        >>> round(load_ngram(path).score("two", ["one"]), 3)
        -0.398
    """
    ending = os.path.splitext(path)[1].lower()
    if ending in (".csv", ".txt"):
        texts = filter(None, map(normalize, _texts(Path(path), ending)))
        return NGram.fit(texts, _ORDERS[units], units)
    log_probs: dict[Tokens, float] = {}
    backoffs: dict[Tokens, float] = {}
    try:
        opener = gzip.open if str(path).endswith(".gz") else open
        with opener(path, "rt", encoding="utf-8") as file:
            for gram, log_prob, backoff in _entries(file):
                log_probs[gram] = log_prob
                if backoff:
                    backoffs[gram] = backoff
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
    return NGram(log_probs, backoffs, "letters" if " " in words and max(map(len, words)) == 1 else "words")


def _texts(path: Path, ending: str) -> list[str]:
    if ending == ".csv":
        return [row.values["text"] for row in read_manifest(path, ("text",))]
    return read_text(path).splitlines()


def _entries(lines: Iterator[str]) -> Iterator[tuple[Tokens, float, float]]:
    order = 0
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if text.startswith("\\") and text.endswith("-grams:"):
            order = int(text[1:-7]) if text[1:-7].isdecimal() else 0
        elif text == "\\end\\":
            return
        elif text and order:
            cells = text.split()
            try:
                tokens = tuple(" " if token == _SPACE else token for token in cells[1 : order + 1])
                backoff = float(cells[order + 1]) if len(cells) > order + 1 else 0.0
                yield tokens, float(cells[0]) * _LOG10, backoff * _LOG10
            except (ValueError, IndexError):
                raise SonogramError(
                    f"line {number}: a {order}-gram is a number, {order} words and maybe a number; "
                    f"got {text[:80]!r}"
                ) from None
            if len(tokens) < order:
                raise SonogramError(f"line {number}: {order} words must follow the number; got {text[:80]!r}")
    raise SonogramError("no ARPA file, or a truncated one: the line \\end\\ is missing")


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
