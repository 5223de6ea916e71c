"""A Keras model as a function with named inputs, from which all formats are made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from sonogram.errors import SonogramError
from sonogram.layers import Spectrogram, TrimAndNormalize

__all__ = [
    "ModelInput",
    "all_layers",
    "as_float32",
    "check_model",
    "leaf_layers",
    "model_inputs",
    "output_names",
    "sample_rate",
    "saved_model_operators",
    "spectrograms",
    "trace",
    "write_saved_model",
]


@dataclass(frozen=True)
class ModelInput:
    """An input of an exported model."""

    name: str
    """"samples", "lengths", or the name in Keras."""
    shape: tuple[int | None, ...]
    """Sizes; None is any size."""
    dtype: str

    @property
    def spec(self) -> Any:
        """The input as a `tf.TensorSpec`."""
        return tf.TensorSpec(self.shape, self.dtype, name=self.name)


def check_model(model: Any) -> None:
    """Raise an error if a model cannot be exported to any format.

    Raises:
        SonogramError: It is not a Keras model with inputs and a front end, or Keras runs on another backend.
    """
    if keras.backend.backend() != "tensorflow":
        raise SonogramError(
            f"export needs Keras on TensorFlow, it runs on {keras.backend.backend()}: save the model "
            "as a .keras file and export that with KERAS_BACKEND=tensorflow"
        )
    if not isinstance(model, keras.Model):
        remedy = f". Use sonogram.load_model({model!r})" if isinstance(model, str) else ""
        raise SonogramError(f"only a Keras model can be exported; got {type(model).__name__}{remedy}")
    if not getattr(model, "inputs", None):
        raise SonogramError(f"the model {model.name!r} has no inputs: begin it with keras.Input((None,))")
    if not _sample_layers(model):
        raise SonogramError(
            f"the model {model.name!r} has no sonogram.layers.Spectrogram: it does not take samples"
        )


def leaf_layers(model: Any) -> tuple[Any, ...]:
    """Return the layers of a model and of the models in it, without those models."""
    found: dict[int, Any] = {}
    for layer in model.layers:
        inner = leaf_layers(layer) if isinstance(layer, keras.Model) else (layer,)
        found.update((id(each), each) for each in inner)
    return tuple(found.values())


def all_layers(model: Any) -> tuple[Any, ...]:
    """Return the model and all layers in it, those inside other layers included."""
    return tuple(model._flatten_layers(include_self=True, recursive=True))


def spectrograms(model: Any) -> tuple[Spectrogram, ...]:
    """Return the front ends of a model, at any depth."""
    return tuple({id(each): each for each in all_layers(model) if isinstance(each, Spectrogram)}.values())


def sample_rate(model: Any) -> float:
    """Return the sample rate that a model takes, hertz."""
    first = _sample_layers(model)[0]
    return first.frontend.sample_rate if isinstance(first, Spectrogram) else first.sample_rate


def _sample_layers(model: Any) -> tuple[Any, ...]:
    """Return the layers that have the sample rate of the model's input."""
    return spectrograms(model) or tuple(
        layer for layer in all_layers(model) if isinstance(layer, TrimAndNormalize)
    )


def model_inputs(model: Any, batch_size: int | None) -> tuple[ModelInput, ...]:
    """Return the inputs of a model; a `batch_size` of None is any number of clips."""
    found = []
    for tensor in model.inputs:
        dtype = keras.backend.standardize_dtype(tensor.dtype)
        is_samples = dtype.startswith(("float", "bfloat"))
        name, dtype = ("samples", "float32") if is_samples else ("lengths", dtype)
        found.append(ModelInput(name, (batch_size, *tensor.shape[1:]), dtype))
    if len({each.name for each in found}) < len(found):
        names = [tensor.name.replace("/", "_") for tensor in model.inputs]
        found = [ModelInput(name, each.shape, each.dtype) for name, each in zip(names, found, strict=True)]
    return tuple(found)


def trace(model: Any, inputs: tuple[ModelInput, ...]) -> Any:
    """Return the model as a `tf.function` of its flat inputs that gives outputs by name."""
    return tf.function(
        _serving_function(model), input_signature=[each.spec for each in inputs], autograph=False
    )


def _serving_function(model: Any) -> Callable[..., dict[str, Any]]:
    # A Sequential model that was never called has inputs, but no input.
    structure = model.inputs[0] if isinstance(model, keras.Sequential) else model.input

    def serve(*tensors: Any) -> dict[str, Any]:
        inputs = keras.tree.pack_sequence_as(structure, list(tensors))
        outputs = keras.tree.flatten(model(inputs, training=False))
        return dict(zip(output_names(len(outputs)), outputs, strict=True))

    return serve


def output_names(count: int) -> tuple[str, ...]:
    """Return the names of the outputs of an exported model."""
    return ("output",) if count == 1 else tuple(f"output_{index}" for index in range(count))


@contextmanager
def as_float32(model: Any, engine: str) -> Iterator[None]:
    """Let a model compute in float32, with its front ends on `engine`, inside the context.

    Keras reads both when a model is called, so that nothing is copied. Mixed precision is for training:
    the runtimes on phones have no float16 convolutions, and a quantized file states its own precision.
    """
    layers = all_layers(model)
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
        for layer, policy, original in zip(layers, policies, engines, strict=True):
            if isinstance(layer, Spectrogram):
                layer.engine = original
            elif layer.dtype_policy != policy:
                layer.dtype_policy = policy


def write_saved_model(model: Any, inputs: tuple[ModelInput, ...], path: Path) -> None:
    """Write the model as a SavedModel folder with the signature "serving_default".

    The model is traced once. Keras's own writer traces it twice, and finds lookup tables.
    """
    function = trace(model, inputs).get_concrete_function()
    saved = tf.train.Checkpoint()  # an object whose attributes are saved
    saved.serve = function
    # The lists that Keras writes, for those who train a loaded model further.
    saved.variables = list(function.variables)
    saved.trainable_variables = list(function.trainable_variables)
    trainable = {id(each) for each in saved.trainable_variables}
    saved.non_trainable_variables = [each for each in saved.variables if id(each) not in trainable]
    try:
        tf.saved_model.save(saved, str(path), signatures={"serving_default": function})
    except AssertionError:  # it refers to something that is no variable, such as a table
        archive = keras.export.ExportArchive()
        archive.track(model)
        signature = [each.spec for each in inputs]
        archive.add_endpoint("serve", _serving_function(model), input_signature=signature)
        archive.write_out(str(path), verbose=False)


def saved_model_operators(path: Path) -> dict[str, int]:
    """Return the number of each operation in a SavedModel, in the functions of all its graphs."""
    saved = saved_model_pb2.SavedModel()
    saved.ParseFromString((path / "saved_model.pb").read_bytes())
    counts: Counter[str] = Counter()
    for meta in saved.meta_graphs:
        counts.update(node.op for node in meta.graph_def.node)
        for function in meta.graph_def.library.function:
            counts.update(node.op for node in function.node_def)
    return dict(sorted(counts.items()))
