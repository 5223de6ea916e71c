"""The formats: who writes each, with which engine, and which inputs it takes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras

from sonogram.errors import SonogramError
from sonogram.exporting import to_litert, to_onnx, to_saved_model
from sonogram.exporting.serving import Port, as_float32, parts, ports
from sonogram.layers import MaskedGRU

__all__ = ["FORMATS", "check_installed", "choose", "operators", "shapes", "write"]

_WRITERS: dict[str, Any] = {"saved-model": to_saved_model, "litert": to_litert, "onnx": to_onnx}
_ENGINES = {"saved-model": "graph", "litert": "portable", "onnx": "portable"}

FORMATS = tuple(_WRITERS)


def check_installed(format: str) -> None:
    """Raise an error that names the extra if a library of the format is missing."""
    _WRITERS[format].check_installed()


def write(model: Any, wanted: tuple[Port, ...], path: Path, format: str) -> None:
    """Write a model, float32, without any proof."""
    with as_float32(model, _ENGINES[format]):
        _WRITERS[format].write(model, wanted, path)


def operators(path: Path, format: str) -> dict[str, int]:
    """Return how often each operator stands in a file."""
    counts: dict[str, int] = _WRITERS[format].operators(path)
    return counts


def shapes(model: Any, format: str) -> Iterator[tuple[Port, ...]]:
    """Return the inputs to try, the most open ones first."""
    inside = {id(layer.gru) for layer in parts(model) if isinstance(layer, MaskedGRU)}
    loops = any(
        isinstance(layer, keras.layers.RNN) and not layer.unroll and id(layer) not in inside
        for layer in parts(model)
    )
    if format != "litert" or not loops:
        yield ports(model, None)
    if format == "litert":
        # Loops of Keras must know how large their state is, so one clip at a time.
        yield ports(model, 1)


def choose(name: str, value: Any, known: tuple[str, ...]) -> None:
    """Raise an error that lists the right choices if `value` is none of them."""
    if value not in known:
        raise SonogramError(f"{name} must be one of {', '.join(known)}; got {value!r}")
