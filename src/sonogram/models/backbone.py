"""A trained model of any origin as a frozen layer that computes embeddings."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import keras

from sonogram.errors import SonogramError
from sonogram.layers import load_model
from sonogram.models.saved_model import SavedModelLayer, saved_model_layer, select_output

__all__ = ["Backbone", "frozen_layer"]


@keras.saving.register_keras_serializable("sonogram")
class Backbone(keras.layers.Layer):
    """Layer that computes one embedding for each clip with a frozen, trained model.

    A model with an input of fixed length gets clips cropped or zero-padded to that length, all at once. A
    model that takes any length gets each clip by itself and without its padding. So neither padding nor
    other clips change the result. The embeddings of several parts of a clip are averaged.

    Use `backbone` to make one.

    Args:
        inner: A Keras layer or model.
        **kwargs: Arguments of `keras.layers.Layer`, except `dtype`, which is always float32.

    Input shape:
        Samples and their lengths, `[(batch, samples), (batch,)]`; or features, `(batch, frames, bands)`,
        with or without the mask that `Spectrogram` passes on.

    Output shape:
        `(batch, embedding)`.
    """

    def __init__(self, inner: Any, **kwargs: Any) -> None:
        kwargs.pop("dtype", None)
        super().__init__(dtype="float32", **kwargs)
        self.inner = inner
        self.trainable = False
        self.supports_masking = True

    def fixed_length(self, rank: int) -> int | None:
        """Return the number of samples or frames that the model takes; None for any number.

        Args:
            rank: Number of axes of a batch: 2 for samples, 3 for features.
        """
        shape = _input_shape(self.inner)
        return shape[0 if self._takes_one_clip(rank) else 1] if shape else None

    @property
    def crops(self) -> bool:
        """Whether the model ignores what a clip holds beyond a fixed length."""
        values = self.input[0] if isinstance(self.input, (list, tuple)) else self.input
        return self.fixed_length(len(values.shape)) is not None

    def _takes_one_clip(self, rank: int) -> bool:
        """Return whether the model takes one clip without a batch axis."""
        return isinstance(self.inner, SavedModelLayer) and len(self.inner.shape) < rank

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """Return the embeddings."""
        ops = keras.ops
        if isinstance(inputs, (list, tuple)):
            values, counts = inputs
        else:
            values, counts = inputs, ops.full((ops.shape(inputs)[0],), ops.shape(inputs)[1], "int32")
            if mask is not None and not isinstance(mask, (list, tuple)):
                counts = ops.sum(ops.cast(mask, "int32"), axis=-1)
        counts = ops.maximum(ops.cast(counts, "int32"), 1)
        fixed = self.fixed_length(len(values.shape))
        if fixed is not None:
            values, counts = _crop_or_pad(values, counts, fixed), ops.full_like(counts, fixed)
        if fixed is not None and not self._takes_one_clip(len(values.shape)):
            return _mean(self._run(values))
        return self._one_by_one(values, counts)

    def _one_by_one(self, values: Any, counts: Any) -> Any:
        import tensorflow as tf

        def embedding(each: Any) -> Any:
            clip, count = each
            return _mean(self._run(clip[None, :count]))[0]

        size = _size(self.inner, values.shape)
        return tf.map_fn(embedding, (values, counts), fn_output_signature=tf.TensorSpec((size,), tf.float32))

    def _run(self, values: Any) -> Any:
        """Return the output of the model for a batch, with the axes that it takes and with a batch axis."""
        if self._takes_one_clip(len(values.shape)):
            return keras.ops.expand_dims(self.inner(values[0]), 0)
        if len(_input_shape(self.inner)) == len(values.shape) + 1:
            values = keras.ops.expand_dims(values, -1)  # an image of one channel
        return (
            self.inner(values)
            if isinstance(self.inner, SavedModelLayer)
            else self.inner(values, training=False)
        )

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return None: an embedding has no frames."""
        return None

    def compute_output_spec(self, inputs: Any, mask: Any = None) -> Any:
        """Return the shape of the embeddings."""
        values = inputs[0] if isinstance(inputs, (list, tuple)) else inputs
        return keras.KerasTensor((values.shape[0], _size(self.inner, values.shape)), "float32")

    def get_config(self) -> dict[str, Any]:
        """Return the configuration."""
        config: dict[str, Any] = super().get_config()
        config.pop("dtype", None)
        return {**config, "inner": keras.saving.serialize_keras_object(self.inner)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Backbone:
        """Return the layer; a SavedModel in it is loaded when the weights are."""
        inner = keras.saving.deserialize_keras_object(config.pop("inner"))
        return cls(inner, **config)


def frozen_layer(source: Any, endpoint: str, output: str | int | None) -> Backbone:
    """Return a frozen layer of a SavedModel folder, a `.keras` file, or a Keras model or layer.

    Args:
        source: The model.
        endpoint: The signature of a SavedModel to call.
        output: Which output is the embedding; see `backbone`.

    Raises:
        SonogramError: The source is no such model, takes several inputs, or `output` is none of its.
    """
    if isinstance(source, (str, os.PathLike)) and os.path.isdir(source):
        return Backbone(saved_model_layer(source, endpoint, output))
    if isinstance(source, (str, os.PathLike)):
        source = load_model(source)
    if not isinstance(source, keras.layers.Layer):
        raise SonogramError(
            "source must be a SavedModel folder, a .keras file, or a Keras model or layer; "
            f"got {type(source).__name__}"
        )
    if isinstance(source, keras.Model):
        source = _with_one_output(source, output)
    source.trainable = False
    made = Backbone(source)
    if made.fixed_length(2) is None and keras.backend.backend() != "tensorflow":
        raise SonogramError(
            f"the model {source.name!r} takes clips of any length, which needs Keras on TensorFlow; it runs "
            f"on {keras.backend.backend()}. Use a model with an input of fixed length"
        )
    return made


def _with_one_output(model: Any, output: str | int | None) -> Any:
    if not getattr(model, "inputs", None) or len(model.inputs) != 1:
        raise SonogramError(f"the model {model.name!r} must take one input, samples or features")
    if output is None and len(model.outputs) == 1:
        return model
    if isinstance(output, str) and output in {layer.name for layer in model.layers}:
        return keras.Model(model.inputs[0], model.get_layer(output).output, name=model.name)
    names = list(model.output_names)
    key = select_output(names, output, f"the model {model.name!r}")
    return keras.Model(model.inputs[0], model.outputs[names.index(key)], name=model.name)


def _input_shape(inner: Any) -> tuple[int | None, ...]:
    """Return the input shape of a model; empty if unknown."""
    if isinstance(inner, SavedModelLayer):
        return inner.shape
    inputs = getattr(inner, "inputs", None)
    return tuple(inputs[0].shape) if inputs else ()


def _size(inner: Any, given: Sequence[int | None]) -> int:
    if isinstance(inner, SavedModelLayer):
        return inner.size
    shape = _input_shape(inner) or tuple(given)
    size = inner.compute_output_spec(keras.KerasTensor(shape, "float32")).shape[-1]
    if size is None:
        raise SonogramError(f"the embedding size of {inner.name!r} is unknown. End it with a dense layer")
    return int(size)


def _crop_or_pad(values: Any, counts: Any, size: int) -> Any:
    """Return the values cropped or padded to one length, with 0 in the padding."""
    ops = keras.ops
    place = ops.arange(ops.shape(values)[1], dtype="int32")
    valid = place < ops.expand_dims(counts, -1)
    if len(values.shape) == 3:
        valid = ops.expand_dims(valid, -1)
    values = ops.where(valid, values, ops.zeros_like(values))
    rest = ((0, 0),) * (len(values.shape) - 2)
    return ops.pad(values, ((0, 0), (0, size), *rest))[:, :size]


def _mean(values: Any) -> Any:
    """Return the mean over the parts of each clip, `(batch, embedding)`."""
    axes = tuple(range(1, len(values.shape) - 1))
    return keras.ops.mean(values, axis=axes) if axes else values
