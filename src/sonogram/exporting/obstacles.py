"""What stands between a model and a format, found before the model is trained."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import keras

from sonogram.errors import SonogramError
from sonogram.exporting.formats import FORMATS, check_installed, choose, shapes, write
from sonogram.exporting.reasons import reason
from sonogram.exporting.serving import Port, check, leaves

__all__ = ["check_exportable", "named", "obstacles"]


def obstacles(model: Any, format: str) -> tuple[str, ...]:
    """Return why a model cannot be exported; nothing if it can.

    The weights do not matter, so ask before training. The model is converted as it stands; only if that
    fails, each layer is tried by itself.

    Args:
        model: A Keras model.
        format: "saved-model", "litert" or "onnx".

    Returns:
        One line for each layer that the format cannot take, which begins with its name.
    """
    choose("format", format, FORMATS)
    try:
        check(model)
        check_installed(format)
    except SonogramError as error:
        return (str(error),)
    failure: Exception | None = None
    for wanted in shapes(model, format):
        found = _tried(model, wanted, format)
        if found is None:
            return ()
        failure = failure or found
    assert failure is not None
    return named(model, format) or (reason(failure),)


def check_exportable(model: Any, format: str) -> None:
    """Raise an error if a model cannot be exported, before anybody waits for its training.

    Args:
        model: A Keras model, trained or not.
        format: "saved-model", "litert" or "onnx".

    Raises:
        SonogramError: It cannot; each obstacle is named.
    """
    found = obstacles(model, format)
    if found:
        raise SonogramError(f"the model {model.name!r} could not be exported to {format}: {'; '.join(found)}")


def named(model: Any, format: str) -> tuple[str, ...]:
    """Return the layers that cannot be converted by themselves, with the reason."""
    found = []
    for layer in leaves(model):
        if isinstance(layer, keras.layers.InputLayer):
            continue
        failure = _alone(layer, format)
        if failure is not None:
            found.append(f"layer {layer.name!r} ({type(layer).__name__}): {reason(failure)}")
    return tuple(found)


def _alone(layer: Any, format: str) -> Exception | None:
    if not layer._inbound_nodes:
        return None  # a layer inside another one
    call = layer._inbound_nodes[0]
    given = call.input_tensors
    inputs = [keras.Input(tensor.shape[1:], dtype=tensor.dtype) for tensor in given]
    # The arguments as they were, masks too.
    args, kwargs = call.arguments.fill_in(
        {id(tensor): port for tensor, port in zip(given, inputs, strict=True)}
    )
    single = keras.Model(inputs, layer(*args, **kwargs))
    failure = None
    for batch in (None, 1):
        wanted = tuple(
            Port(f"x{index}", (batch, *tensor.shape[1:]), keras.backend.standardize_dtype(tensor.dtype))
            for index, tensor in enumerate(inputs)
        )
        failure = _tried(single, wanted, format)
        if failure is None or format != "litert":
            return failure
    return failure


def _tried(model: Any, wanted: tuple[Port, ...], format: str) -> Exception | None:
    with tempfile.TemporaryDirectory() as folder:
        try:
            write(model, wanted, Path(folder) / "model", format)
        except Exception as error:
            return error
    return None
