"""Functions of NumPy arrays on tensors of any library: computed on the CPU, without a gradient."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from sonogram.engines.arrays import library

__all__ = ["on_host"]


def on_host(function: Callable[..., Any], arguments: Sequence[Any], shape: Sequence[int | None]) -> Any:
    """Return `function(*arguments)`, float32 of `shape`, in the library of the first argument.

    In traced code it becomes one operation that calls back: it works in functions of `tf.data`, under `jit`
    and in Keras models, but not in a model that is served without Python.

    Args:
        function: From NumPy arrays to one float32 array.
        arguments: Arrays or tensors.
        shape: Shape of the result; None where it is not known before the computation.
    """
    kind = library(arguments[0])
    if kind == "tensorflow":
        import tensorflow as tf

        result = tf.numpy_function(function, list(arguments), tf.float32, stateful=False)
        return tf.ensure_shape(result, shape)
    if kind == "jax":
        import jax

        known = jax.ShapeDtypeStruct(tuple(shape), np.float32)
        return jax.pure_callback(lambda *arrays: function(*map(np.asarray, arrays)), known, *arguments)
    if kind == "torch":
        import torch

        arrays = [np.asarray(each.detach().cpu() if hasattr(each, "detach") else each) for each in arguments]
        return torch.from_numpy(function(*arrays)).to(arguments[0].device)
    return function(*map(np.asarray, arguments))
