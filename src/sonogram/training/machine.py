"""The machine that trains: TensorFlow's start, and the precision in which networks compute."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import keras
import tensorflow as tf

__all__ = ["in_float32", "mixed_precision", "start"]


def start() -> None:
    """Let TensorFlow look at the machine now, and not when the first clip comes."""
    tf.constant(0.0) + 0.0


@contextmanager
def mixed_precision() -> Iterator[None]:
    """Mixed precision where a GPU is; the front end, the loss and the weights stay float32."""
    kept = keras.config.dtype_policy()
    on_gpu = bool(tf.config.list_physical_devices("GPU")) and kept.name == "float32"
    with _policy("mixed_float16" if on_gpu else kept.name):
        yield


def in_float32(model: keras.Model, build: Callable[[], keras.Model]) -> keras.Model:
    """Return a model that computes in float32: itself, or one that is built anew and has its weights.

    A file keeps the precision of each layer: one that was trained on a GPU would compute in float16 on a
    processor too, and be exported so.

    Args:
        model: What was trained.
        build: Makes a model of the same weights.
    """
    layers = model._flatten_layers(include_self=True, recursive=True)
    if all(layer.dtype_policy.compute_dtype in ("float32", None) for layer in layers):
        return model
    with _policy("float32"):
        copy = build()
    copy.set_weights(model.get_weights())
    return copy


@contextmanager
def _policy(name: str) -> Iterator[None]:
    kept = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(kept)
