"""The methods of sonogram that the benchmark measures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

import sonogram as sg
from sonogram.engines import native
from sonogram.engines.native import call as native_call
from sonogram.native.library import library

__all__ = ["Floats", "Method", "instruction_sets", "ours"]

Floats = NDArray[np.floating]


@dataclass(frozen=True)
class Method:
    """One way to compute the features of a clip."""

    name: str
    prepare: Callable[[Floats], Any]
    """Conversion of the samples to the library's input; not timed."""
    call: Callable[[Any], Any]
    """The timed call."""
    array: Callable[[Any], Floats]
    """Conversion of the result to `(frames, bands)`; not timed."""
    frontend: sg.Frontend
    """The definition that it computes."""


def instruction_sets() -> list[str]:
    """Return those that the native engine can use on this processor, the fastest first."""
    if not native.available():
        return []
    return [native.isa(), *(name for name in _all_sets() if name != native.isa())]


def _all_sets() -> list[str]:
    names: str = library().sonogram_isas().decode()
    return names.replace(",", " ").split()


def ours(frontend: sg.Frontend) -> Iterator[Method]:
    """Yield the engines that can compute a definition, and the native one by each set of instructions."""
    import tensorflow as tf

    yield Method("sonogram", np.asarray, frontend, np.asarray, frontend)
    for isa in instruction_sets()[1:]:
        yield Method(f"sonogram, {isa}", np.asarray, _forced(frontend, isa), np.asarray, frontend)
    if _has_op():
        yield Method("sonogram, TensorFlow op", tf.constant, frontend, np.asarray, frontend)
    graph = tf.function(lambda samples: frontend(samples, "graph"))
    yield Method("sonogram, graph", tf.constant, graph, np.asarray, frontend)
    compiled = tf.function(lambda samples: frontend(samples, "graph"), jit_compile=True)
    yield Method("sonogram, graph, XLA", tf.constant, compiled, np.asarray, frontend)


def _forced(frontend: sg.Frontend, isa: str) -> Callable[[Floats], Floats]:
    """Return `frontend` with another instruction set, as SONOGRAM_ISA forces one in a process of its own."""
    chosen = native_call._program
    lowered = lru_cache(chosen.__wrapped__)

    def with_set(samples: Floats) -> Floats:
        native_call._program, native_call.isa = lowered, lambda: isa
        try:
            return frontend(samples)
        finally:
            native_call._program, native_call.isa = chosen, native.isa

    return with_set


def _has_op() -> bool:
    try:
        return bool(import_module("sonogram.engines.native.op").available())
    except ImportError:
        return False
