"""The export formats: for each its writer, its engine, and the inputs that it takes."""

from __future__ import annotations

import errno
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import keras

from sonogram.errors import SonogramError
from sonogram.exporting import to_litert, to_onnx
from sonogram.exporting.description import ModelDescription, describe_saved_model
from sonogram.exporting.model import (
    ModelInput,
    all_layers,
    as_float32,
    model_inputs,
    saved_model_operators,
    write_saved_model,
)
from sonogram.files import is_disk_full
from sonogram.layers import MaskedGRU
from sonogram.text import first_line

__all__ = ["WRITERS", "check_choice", "conversion_error", "input_options", "write"]


class Writer(NamedTuple):
    """What writes an export format."""

    engine: str
    """Engine of the front ends in the file."""
    write: Callable[[Any, tuple[ModelInput, ...], Path], None]
    """Writes a model in float32."""
    describe: Callable[[Path, ModelDescription], None]
    """Adds the description to a file."""
    operators: Callable[[Path], dict[str, int]]
    """Returns the number of each operator in a file."""
    check_installed: Callable[[], Any] = lambda: None
    """Raises an error that names the extra if a library is missing."""


WRITERS: dict[str, Writer] = {
    "saved-model": Writer("graph", write_saved_model, describe_saved_model, saved_model_operators),
    "litert": Writer(
        "portable", to_litert.write, to_litert.describe, to_litert.operators, to_litert.flatbuffer_tools
    ),
    "onnx": Writer("portable", to_onnx.write, to_onnx.describe, to_onnx.operators, to_onnx.check_installed),
}
"""Writers by format, one for each of `files.model_formats`."""

_LOOP_OPERATORS = ("TensorListReserve", "TensorListSetItem", "TensorListStack")
_MISSING_OPERATORS = re.compile(r"(?:Flex|Custom) ops: ([\w, ]+)|'tf\.(\w+)' op")


def write(model: Any, inputs: tuple[ModelInput, ...], path: Path, format: str) -> Exception | None:
    """Write a model in float32, without verification; return the error of the converter, if any."""
    try:
        with as_float32(model, WRITERS[format].engine):
            WRITERS[format].write(model, inputs, path)
    except Exception as error:  # converters raise errors of many types
        if is_disk_full(error):
            raise
        if "No space left on device" in str(error):  # TensorFlow's own type of error
            raise OSError(errno.ENOSPC, "No space left on device") from error
        return error
    return None


def input_options(model: Any, format: str) -> Iterator[tuple[ModelInput, ...]]:
    """Yield the inputs to try, those with the most open sizes first."""
    layers = all_layers(model)
    inside = {id(layer.gru) for layer in layers if isinstance(layer, MaskedGRU)}
    has_loops = any(
        isinstance(layer, keras.layers.RNN) and not layer.unroll and id(layer) not in inside
        for layer in layers
    )
    if format != "litert" or not has_loops:
        yield model_inputs(model, None)
    if format == "litert":
        # In LiteRT, loops of Keras need a state of known size: one clip at a time.
        yield model_inputs(model, 1)


def check_choice(name: str, value: Any, choices: tuple[str, ...]) -> None:
    """Raise an error that lists the choices if `value` is not among them."""
    if value not in choices:
        raise SonogramError(f"{name} must be one of {', '.join(choices)}; got {value!r}")


def conversion_error(error: BaseException) -> str:
    """Return the reason for a converter's error in one line."""
    text = str(error)
    if any(operator in text for operator in _LOOP_OPERATORS):
        return "a loop over time becomes LiteRT only if its sizes are known: use keras.Input((samples,))"
    if missing := _MISSING_OPERATORS.search(text):
        return f"the format has no operator for {missing.group(1) or missing.group(2)}"
    return first_line(error)[:300]
