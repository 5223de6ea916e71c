"""Tensors and gradients of the Keras backend in use, for tests that run on all three backends.

On TensorFlow these tests run with all others. `make test-backends` runs them alone on JAX and PyTorch.
"""

import os
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

BACKEND = os.environ["KERAS_BACKEND"]

on_every_backend: Any = [] if BACKEND == "tensorflow" else [pytest.mark.backends]


def tensor(array: Any) -> Any:
    """Return the array as a tensor of the backend."""
    import keras

    return keras.ops.convert_to_tensor(array)


def array(value: Any) -> NDArray[Any]:
    """Return the tensor as an array."""
    import keras

    return np.asarray(keras.ops.convert_to_numpy(value))


def gradient(loss: Callable[[Any], Any], samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the gradient of a scalar function of samples."""
    if BACKEND == "jax":
        import jax

        return np.asarray(jax.grad(loss)(jax.numpy.asarray(samples)))
    if BACKEND == "torch":
        import torch

        x = torch.tensor(samples, requires_grad=True)
        loss(x).backward()
        return np.asarray(x.grad)
    import tensorflow as tf

    x = tf.constant(samples)
    with tf.GradientTape() as tape:
        tape.watch(x)
        value = loss(x)
    return np.asarray(tape.gradient(value, x))
