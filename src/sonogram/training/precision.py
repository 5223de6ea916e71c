"""Start of TensorFlow, and the precision in which networks compute."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import keras
import tensorflow as tf

__all__ = ["initialize_tensorflow", "mixed_precision", "to_float32"]


def initialize_tensorflow() -> None:
    """Make TensorFlow detect the devices now instead of at the first clip."""
    tf.constant(0.0) + 0.0


@contextmanager
def mixed_precision() -> Iterator[None]:
    """Use mixed precision on a GPU; the front end, the loss and the weights stay float32."""
    policy = keras.config.dtype_policy().name
    on_gpu = bool(tf.config.list_physical_devices("GPU")) and policy == "float32"
    with _dtype_policy("mixed_float16" if on_gpu else policy):
        yield


def to_float32(model: keras.Model, build: Callable[[], keras.Model]) -> keras.Model:
    """Return a model that computes in float32: the same model, or a new one with its weights.

    A file stores the precision of each layer. So a model from a GPU would compute in float16 on a CPU too,
    and would be exported so.

    Args:
        model: The trained model.
        build: Builds a model with the same architecture.
    """
    layers = model._flatten_layers(include_self=True, recursive=True)
    if all(layer.dtype_policy.compute_dtype in ("float32", None) for layer in layers):
        return model
    with _dtype_policy("float32"):
        copy = build()
    copy.set_weights(model.get_weights())
    return copy


@contextmanager
def _dtype_policy(name: str) -> Iterator[None]:
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
