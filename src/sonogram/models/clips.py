"""Probabilities of clips of any lengths."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

import keras
import numpy as np
from numpy.typing import NDArray

from sonogram.errors import SonogramError

__all__ = ["called", "padded", "scores"]

_FUNCTIONS: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()
"""Each model as a function that TensorFlow has traced; it goes with the model."""


def padded(clips: Sequence[Any]) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Return clips `(samples,)` as one batch: samples padded with 0, `(clips, samples)`, and lengths.

    Raises:
        SonogramError: A clip has more than one axis.
    """
    arrays = [np.asarray(clip, np.float32) for clip in clips]
    if wrong := next((array.shape for array in arrays if array.ndim != 1), None):
        raise SonogramError(f"a clip must have the shape (samples,); got {wrong}: mix its channels first")
    lengths = np.array([len(array) for array in arrays], np.int32)
    samples = np.zeros((len(arrays), max(1, lengths.max(initial=0))), np.float32)
    for row, array in zip(samples, arrays, strict=True):
        row[: len(array)] = array
    return samples, lengths


def scores(model: keras.Model, clips: Sequence[Any], batch_size: int = 32) -> NDArray[np.float32]:
    """Return the probabilities of clips, `(clips, labels)`.

    Args:
        model: One that takes `[samples, lengths]`, as `build` makes it.
        clips: Samples `(samples,)` each, at the model's rate, of any lengths.
        batch_size: Clips that are computed together.

    Raises:
        SonogramError: A clip has more than one axis.
    """
    width = model.output_shape[-1]
    found = np.zeros((len(clips), width), np.float32)
    # Clips of like length together: less padding to compute.
    order = np.argsort([len(clip) for clip in clips], kind="stable")
    for first in range(0, len(order), batch_size):
        chosen = order[first : first + batch_size]
        samples, lengths = padded([clips[index] for index in chosen])
        found[chosen] = called(model, [samples, lengths])
    return found


def called(model: keras.Model, inputs: list[NDArray[Any]]) -> NDArray[np.float32]:
    """Return what a model answers outside training, whatever the size of the inputs.

    In the scope of a strategy too it is computed once: `predict` would give each replica the whole.

    Args:
        model: One output.
        inputs: Arrays, in the model's order.
    """
    if keras.backend.backend() != "tensorflow":
        return np.asarray(model.predict_on_batch(inputs))
    import tensorflow as tf

    if model not in _FUNCTIONS:
        # The function must not hold the model, or the dictionary would hold it for ever.
        itself = weakref.ref(model)
        specs = [tf.TensorSpec((None, *tensor.shape[1:]), tensor.dtype) for tensor in model.inputs]

        def call(*tensors: Any) -> Any:
            alive = itself()
            assert alive is not None
            return alive(list(tensors), training=False)

        traced = tf.function(call, input_signature=specs, autograph=False)
        traced.get_concrete_function()  # many models, each traced once: traced in a call, TensorFlow warns
        _FUNCTIONS[model] = traced
    return np.asarray(_FUNCTIONS[model](*inputs))
