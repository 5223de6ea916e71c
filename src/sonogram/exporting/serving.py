"""A Keras model as a function with named inputs: what all formats are made from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf

from sonogram.errors import SonogramError
from sonogram.layers import Spectrogram, TrimAndNormalize

__all__ = [
    "Port",
    "as_float32",
    "check",
    "leaves",
    "parts",
    "ports",
    "sample_rate",
    "serving",
    "spectrograms",
]


@dataclass(frozen=True)
class Port:
    """An input of an exported model."""

    name: str
    """"samples", "lengths", or what Keras calls it."""
    shape: tuple[int | None, ...]
    """None where any size will do."""
    dtype: str

    @property
    def spec(self) -> Any:
        """The input as TensorFlow writes it."""
        return tf.TensorSpec(self.shape, self.dtype, name=self.name)


def check(model: Any) -> None:
    """Raise an error if `model` is nothing that can be exported, whatever the format.

    Raises:
        SonogramError: It is no Keras model with inputs and a front end, or Keras runs on another backend.
    """
    if keras.backend.backend() != "tensorflow":
        raise SonogramError(
            f"export needs Keras on TensorFlow, it runs on {keras.backend.backend()}: save the model "
            "as a .keras file and export that with KERAS_BACKEND=tensorflow"
        )
    if not isinstance(model, keras.Model):
        raise SonogramError(f"only a Keras model can be exported; got {type(model).__name__}")
    if not getattr(model, "inputs", None):
        raise SonogramError(
            f"the model {model.name!r} does not say what it takes: begin it with keras.Input((None,))"
        )
    if not _hearing(model):
        raise SonogramError(
            f"the model {model.name!r} has no sonogram.layers.Spectrogram: it does not take samples"
        )


def leaves(model: Any) -> tuple[Any, ...]:
    """Return the layers of a model and of the models in it, without those models."""
    found: dict[int, Any] = {}
    for layer in model.layers:
        inner = leaves(layer) if isinstance(layer, keras.Model) else (layer,)
        found.update((id(each), each) for each in inner)
    return tuple(found.values())


def parts(model: Any) -> tuple[Any, ...]:
    """Return the model and all layers in it, those inside other layers included."""
    return tuple(model._flatten_layers(include_self=True, recursive=True))


def spectrograms(model: Any) -> tuple[Spectrogram, ...]:
    """Return the front ends of a model, wherever in it they stand."""
    found = {id(layer): layer for layer in parts(model) if isinstance(layer, Spectrogram)}
    return tuple(found.values())


def sample_rate(model: Any) -> float:
    """Return the rate of the samples that a model takes, hertz."""
    first = _hearing(model)[0]
    return first.frontend.sample_rate if isinstance(first, Spectrogram) else first.sample_rate


def _hearing(model: Any) -> tuple[Any, ...]:
    """The layers that know what samples the model takes."""
    return spectrograms(model) or tuple(
        layer for layer in parts(model) if isinstance(layer, TrimAndNormalize)
    )


def ports(model: Any, batch: int | None) -> tuple[Port, ...]:
    """Return the inputs of a model.

    Args:
        model: The model.
        batch: Clips in a batch; None is any number.
    """
    found = []
    for tensor in model.inputs:
        dtype = keras.backend.standardize_dtype(tensor.dtype)
        is_samples = dtype.startswith(("float", "bfloat"))
        name = "samples" if is_samples else "lengths"
        shape = (batch, *tensor.shape[1:])
        found.append(Port(name, shape, "float32" if is_samples else dtype))
    if len({port.name for port in found}) < len(found):
        names = [tensor.name.replace("/", "_") for tensor in model.inputs]
        found = [Port(name, port.shape, port.dtype) for name, port in zip(names, found, strict=True)]
    return tuple(found)


def serving(model: Any) -> Callable[..., dict[str, Any]]:
    """Return the function of flat inputs, in the order of `ports`, to named outputs."""
    # A Sequential model that was never called has inputs, but no input.
    structure = model.inputs[0] if isinstance(model, keras.Sequential) else model.input

    def serve(*tensors: Any) -> dict[str, Any]:
        inputs = keras.tree.pack_sequence_as(structure, list(tensors))
        outputs = keras.tree.flatten(model(inputs, training=False))
        if len(outputs) == 1:
            return {"output": outputs[0]}
        return {f"output_{index}": output for index, output in enumerate(outputs)}

    return serve


@contextmanager
def as_float32(model: Any, engine: str) -> Iterator[None]:
    """Let a model compute in float32, its front ends on `engine`, for as long as the context lasts.

    Keras reads both when a model is called, so that nothing is copied. Mixed precision is for training:
    the runtimes on phones have no float16 convolutions, and a quantized file says itself what it rounds.
    """
    layers = parts(model)
    policies = [layer.dtype_policy for layer in layers]
    engines = [layer.engine if isinstance(layer, Spectrogram) else None for layer in layers]
    try:
        for layer, policy in zip(layers, policies, strict=True):
            if isinstance(layer, Spectrogram):
                layer.engine = engine
            elif policy.compute_dtype != "float32":
                layer.dtype_policy = keras.DTypePolicy("float32")
        yield
    finally:
        for layer, policy, before in zip(layers, policies, engines, strict=True):
            if isinstance(layer, Spectrogram):
                layer.engine = before
            elif layer.dtype_policy != policy:
                layer.dtype_policy = policy
