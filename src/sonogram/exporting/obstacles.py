"""Layers that a format cannot express, found before the model is trained."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import keras

from sonogram.errors import SonogramError
from sonogram.exporting.formats import WRITERS, conversion_error, input_options, write
from sonogram.exporting.model import ModelInput, check_model, leaf_layers
from sonogram.files.model_formats import check_model_format

__all__ = ["check_exportable", "layer_obstacles", "obstacles"]


def obstacles(model: Any, format: str) -> tuple[str, ...]:
    """Return why a model cannot be exported; nothing if it can.

    The weights do not matter, so call it before training. The whole model is converted first; only if
    that fails, each layer is tried by itself.

    Args:
        model: A Keras model.
        format: "saved-model", "litert" or "onnx".

    Returns:
        One line for each layer that the format cannot express. It begins with the name of the layer.

    Raises:
        SonogramError: There is no such format.

    Example:
        >>> import keras
        >>> front = sg.layers.Spectrogram(sg.preset("whisper-80"))
        >>> obstacles(keras.Sequential([keras.Input((None,)), front]), "saved-model")
        ()

    See Also:
        `check_exportable`, which raises an error; `sonogram.export`.
    """
    check_model_format(format)
    try:
        check_model(model)
        WRITERS[format].check_installed()
    except SonogramError as error:
        return (str(error),)
    failures = []
    for inputs in input_options(model, format):
        failure = _conversion(model, inputs, format)
        if failure is None:
            return ()
        failures.append(failure)
    return layer_obstacles(model, format) or (conversion_error(failures[0]),)


def check_exportable(model: Any, format: str) -> None:
    """Raise an error if a model cannot be exported.

    Args:
        model: A Keras model, trained or not.
        format: "saved-model", "litert" or "onnx".

    Raises:
        SonogramError: It cannot; the message names each obstacle.

    See Also:
        `obstacles`, which returns them.
    """
    if found := obstacles(model, format):
        raise SonogramError(f"the model {model.name!r} could not be exported to {format}: {'; '.join(found)}")


def layer_obstacles(model: Any, format: str) -> tuple[str, ...]:
    """Return the layers that cannot be converted by themselves, with the reason."""
    return tuple(
        f"layer {layer.name!r} ({type(layer).__name__}): {conversion_error(failure)}"
        for layer in leaf_layers(model)
        if not isinstance(layer, keras.layers.InputLayer)
        and (failure := _layer_conversion(layer, format)) is not None
    )


def _layer_conversion(layer: Any, format: str) -> Exception | None:
    """Return the error of converting a layer by itself, if any."""
    if not layer._inbound_nodes:
        return None  # a layer inside another one
    call = layer._inbound_nodes[0]
    tensors = call.input_tensors
    inputs = [keras.Input(tensor.shape[1:], dtype=tensor.dtype) for tensor in tensors]
    # The arguments of its first call, masks included.
    args, kwargs = call.arguments.fill_in(
        {id(tensor): value for tensor, value in zip(tensors, inputs, strict=True)}
    )
    single = keras.Model(inputs, layer(*args, **kwargs))
    failure = None
    for batch_size in (None, 1) if format == "litert" else (None,):
        flat = tuple(
            ModelInput(f"x{index}", (batch_size, *each.shape[1:]), each.dtype)
            for index, each in enumerate(inputs)
        )
        failure = _conversion(single, flat, format)
        if failure is None:
            return None
    return failure


def _conversion(model: Any, inputs: tuple[ModelInput, ...], format: str) -> Exception | None:
    with tempfile.TemporaryDirectory() as folder:
        return write(model, inputs, Path(folder) / "model", format)
