"""The prefix beam search of the native library."""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonogram.decoding.scoring import Scoring
from sonogram.native.library import library, load

__all__ = ["available", "search"]


class _Automaton(ctypes.Structure):
    """`sonogram_automaton` of sonogram_decoding.h."""

    _fields_ = (
        *(
            (name, ctypes.c_void_p)
            for name in ("begins", "tokens", "scores", "following", "backoffs", "shorter")
        ),
        *((name, ctypes.c_int32) for name in ("start", "end", "unknown", "reserved")),
    )


class _Trie(ctypes.Structure):
    """`sonogram_trie` of sonogram_decoding.h."""

    _fields_ = tuple(
        (name, ctypes.c_void_p)
        for name in ("begins", "classes", "children", "tokens", "boosts", "potentials")
    )


class _Scoring(ctypes.Structure):
    """`sonogram_scoring` of sonogram_decoding.h."""

    _fields_ = (
        ("symbol_scores", ctypes.c_void_p),
        *((name, ctypes.c_int32) for name in ("boundary", "only_words", "per_symbol", "reserved")),
        ("bonus", ctypes.c_double),
        ("trie", _Trie),
        ("automaton", _Automaton),
    )


def available() -> bool:
    """Return whether the library is there."""
    return load()[0] is not None


@cache
def _search() -> Any:
    function = library().sonogram_beam_search
    function.restype = ctypes.c_int32
    function.argtypes = (
        *(ctypes.c_void_p, ctypes.c_int64, ctypes.c_int32),
        *(ctypes.POINTER(_Scoring), ctypes.c_int32),
        *(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p),
    )
    return function


def _struct(kind: Any, values: Any) -> Any:
    """Return a C struct with the fields of a named tuple; arrays as their addresses."""
    fields = {}
    for name, value in values._asdict().items():
        if isinstance(value, np.ndarray):
            fields[name] = value.ctypes.data
        elif isinstance(value, tuple):
            fields[name] = _struct(dict(kind._fields_)[name], value)
        else:
            fields[name] = value
    return kind(**fields)


def search(
    scores: NDArray[np.float64], scoring: Scoring, width: int
) -> list[tuple[NDArray[np.int32], float]]:
    """Return the classes and the score of the texts in the beam; see `reference.search`.

    Raises:
        MemoryError: The beam does not fit into memory.
    """
    scores = np.ascontiguousarray(scores)
    frames, classes = scores.shape
    lengths, totals = np.zeros(width, np.int32), np.zeros(width, np.float64)
    texts = np.zeros((width, frames), np.int32)
    found = _search()(
        scores.ctypes.data,
        frames,
        classes,
        _struct(_Scoring, scoring),
        width,
        lengths.ctypes.data,
        texts.ctypes.data,
        totals.ctypes.data,
    )
    if found < 0:
        raise MemoryError("the beam does not fit into memory; use a smaller width")
    return [(texts[place, : lengths[place]].copy(), float(totals[place])) for place in range(found)]
