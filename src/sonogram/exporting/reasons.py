"""What a converter complained about, in one line."""

from __future__ import annotations

import re

from sonogram.text import first_line

__all__ = ["reason"]

_LOOP = "a loop over time becomes LiteRT only if the sizes in it are known: keras.Input((samples,))"
_KNOWN = (
    ("TensorListReserve", _LOOP),
    ("TensorListSetItem", _LOOP),
    ("TensorListStack", _LOOP),
)
_NEEDED = re.compile(r"(?:Flex|Custom) ops: ([\w, ]+)|'tf\.(\w+)' op")


def reason(error: BaseException) -> str:
    """Return why a model could not be converted."""
    text = str(error)
    for sign, explanation in _KNOWN:
        if sign in text:
            return explanation
    needed = _NEEDED.search(text)
    if needed:
        return f"the format has no operator for {needed.group(1) or needed.group(2)}"
    return first_line(error)[:300]
