"""Batches of clips of unequal length, and models called once traced."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import keras
import numpy as np
from numpy.typing import NDArray

from sonogram.errors import SonogramError

__all__ = ["batches_by_length", "call_model", "pad_batch", "require_mono", "scores", "traced_model"]

Floats = NDArray[np.float32]
_FUNCTIONS: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()
"""The traced function of each model; an entry lives as long as its model."""


def pad_batch(arrays: Sequence[Any], length: int | None = None) -> tuple[Floats, NDArray[np.int32]]:
    """Return arrays of unequal length as one batch, and their lengths.

    Args:
        arrays: Samples `(samples,)` or features `(frames, bands)` of each clip.
        length: Length of the batch; None takes the longest array, at least 1.

    Returns:
        The batch, float32 `(clips, length, ...)`, padded with 0, and the lengths, int32 `(clips,)`.

    Example:
        >>> samples, lengths = pad_batch([np.ones(2), np.ones(3)])
        >>> samples.tolist(), lengths.tolist()
        ([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0]], [2, 3])
    """
    lengths = np.array([len(array) for array in arrays], np.int32)
    size = max(1, lengths.max(initial=0)) if length is None else length
    batch = np.zeros((len(arrays), size, *np.shape(arrays[0])[1:]), np.float32)
    for row, array in zip(batch, arrays, strict=True):
        row[: len(array)] = array
    return batch, lengths


def batches_by_length(arrays: Sequence[Any], batch_size: int) -> list[NDArray[np.intp]]:
    """Return the indices of each batch, so that arrays of similar length share a batch."""
    order = np.argsort([len(array) for array in arrays], kind="stable")
    return [order[first : first + batch_size] for first in range(0, len(order), batch_size)]


def scores(model: keras.Model, clips: Sequence[Any], batch_size: int = 32) -> Floats:
    """Return the probabilities of clips of any lengths.

    Args:
        model: A model that takes `[samples, lengths]`, as `build` makes it.
        clips: Samples of each clip, `(samples,)`, at the model's sample rate.
        batch_size: Number of clips computed together.

    Returns:
        float32 `(clips, labels)`.

    Raises:
        SonogramError: A clip has more than one axis, or the model is a speech recognizer.

    Example:
        >>> model = sg.models.build(sg.Frontend(16000, 400, 160), ["cat", "dog"])
        >>> sg.models.scores(model, [np.zeros(8000), np.zeros(16000)]).shape
        (2, 2)

    See Also:
        `sonogram.predict`, for files and recordings of any length.
    """
    if not isinstance(model, keras.Model):
        raise SonogramError(
            f"the model must be a Keras model; got {model!r:.80}. Use sonogram.load_model(path)"
        )
    if len(model.outputs) > 1:
        events = hasattr(model.layers[-1], "rule")
        gives, use = ("events", "predict") if events else ("text", "transcribe")
        raise SonogramError(f"the model {model.name!r} gives {gives}, not labels. Use sonogram.{use}")
    require_mono(clips)
    found = np.zeros((len(clips), model.output_shape[-1]), np.float32)
    for chosen in batches_by_length(clips, batch_size):
        found[chosen] = call_model(model, *pad_batch([clips[index] for index in chosen]))
    return found


def require_mono(clips: Sequence[Any]) -> None:
    """Raise a `SonogramError` if a clip has more than one axis."""
    if wrong := next((np.shape(clip) for clip in clips if np.ndim(clip) != 1), None):
        raise SonogramError(f"a clip must have the shape (samples,); got {wrong}. Mix its channels first")


def call_model(model: keras.Model, *inputs: NDArray[Any]) -> Floats:
    """Return the output of a model with one output in inference mode, as NumPy.

    In the scope of a `tf.distribute` strategy, too, it is computed once: `predict` would give each
    replica the whole batch.
    """
    return np.asarray(traced_model(model)(*inputs))


def traced_model(model: keras.Model) -> Callable[..., Any]:
    """Return a model as a function of its inputs that TensorFlow traces once, for all sizes."""
    if keras.backend.backend() != "tensorflow":
        return lambda *inputs: model.predict_on_batch(list(inputs) if len(inputs) > 1 else inputs[0])
    import tensorflow as tf

    if model not in _FUNCTIONS:
        # A function that held the model would keep its entry in the dictionary alive forever.
        reference = weakref.ref(model)
        specs = [tf.TensorSpec((None, *tensor.shape[1:]), tensor.dtype) for tensor in model.inputs]

        def call(*tensors: Any) -> Any:
            alive = reference()
            assert alive is not None
            return alive(list(tensors) if len(tensors) > 1 else tensors[0], training=False)

        traced = tf.function(call, input_signature=specs, autograph=False)
        traced.get_concrete_function()  # now, because threads that trace at the same time would race
        _FUNCTIONS[model] = traced
    traced_once: Callable[..., Any] = _FUNCTIONS[model]
    return traced_once
