"""YAMNet: a network of Google that classifies everyday sounds, trained on AudioSet."""

from __future__ import annotations

import os

import keras
import numpy as np
from numpy.typing import NDArray

from sonogram.errors import SonogramError

__all__ = ["STEP", "class_layer", "network", "read_weights"]

STEP = 48
"""Distance of patches in frames. A patch has twice as many, 96 (0.96 s)."""
_BANDS = 64
_CLASSES = 521
_LAYERS = (
    *((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)),
    *((512, 1),) * 5,
    *((1024, 2), (1024, 1)),
)
"""Filters and stride of each separable convolution."""
_EPSILON = 1e-4
"""Term added to the variance in batch normalization."""
_SUFFIX = "/.ATTRIBUTES/VARIABLE_VALUE"
Arrays = list[NDArray[np.float32]]


def network() -> keras.Model:
    """Return the network with random weights: a patch `(batch, 96, 64)` in, embedding `(batch, 1024)` out.

    It is MobileNet (version 1) over log-mel features as an image. Batch normalization is part of the
    convolutions, as it is linear once the network is trained.

    Source:
        A. Howard et al., "MobileNets", arXiv 1704.04861; M. Plakal and D. Ellis, "YAMNet",
        tensorflow/models 33630ec, research/audioset/yamnet.
    """
    layers = keras.layers
    patch = keras.Input((2 * STEP, _BANDS), name="features")
    x = layers.Reshape((2 * STEP, _BANDS, 1))(patch)
    x = layers.Conv2D(32, 3, 2, "same", activation="relu", name="layer_1")(x)
    for number, (filters, stride) in enumerate(_LAYERS, 2):
        name = f"layer_{number}"
        x = layers.DepthwiseConv2D(3, stride, "same", activation="relu", name=f"{name}_depthwise")(x)
        x = layers.Conv2D(filters, 1, activation="relu", name=f"{name}_pointwise")(x)
    return keras.Model(patch, layers.GlobalAveragePooling2D()(x), name="yamnet_patch")


def class_layer() -> keras.layers.Layer:
    """Return the layer from embeddings to the logits of the 521 classes of AudioSet, with random weights."""
    return keras.layers.Dense(_CLASSES, name="audioset_classes")


def read_weights(path: str | os.PathLike[str]) -> Arrays:
    """Return the weights of `network`, and then those of `class_layer`, from the variables of a SavedModel.

    Its graph is not run.

    Args:
        path: The file with the variables, `variables.data-00000-of-00001`.

    Raises:
        SonogramError: There are no such variables.
    """
    import tensorflow as tf

    prefix = os.fspath(path).removesuffix(".data-00000-of-00001")
    try:
        found = tf.train.load_checkpoint(prefix)
    except (tf.errors.OpError, ValueError) as error:
        raise SonogramError(f"{prefix}: no variables of a SavedModel ({type(error).__name__})") from None
    first = f"layer_with_weights-0/kernel{_SUFFIX}"
    shapes = found.get_variable_to_shape_map()
    root = next((key.removesuffix(first) for key in sorted(shapes) if key.endswith(first)), None)
    if root is None or shapes[root + first] != [3, 3, 1, 32]:
        raise SonogramError(f"{prefix}: has no variables of YAMNet. Use the SavedModel of TensorFlow Hub")

    def values(layer: int, name: str) -> NDArray[np.float64]:
        return np.asarray(found.get_tensor(f"{root}layer_with_weights-{layer}/{name}{_SUFFIX}"), np.float64)

    weights: Arrays = []
    for layer in range(0, 2 + 4 * len(_LAYERS), 2):
        depthwise = layer % 4 == 2
        kernel = values(layer, "depthwise_kernel" if depthwise else "kernel")
        scale = 1 / np.sqrt(values(layer + 1, "moving_variance") + _EPSILON)
        bias = values(layer + 1, "beta") - values(layer + 1, "moving_mean") * scale
        kernel = kernel * (scale[:, None] if depthwise else scale)
        weights += [kernel.astype(np.float32), bias.astype(np.float32)]
    last = 2 + 4 * len(_LAYERS)
    return [*weights, *(values(last, name).astype(np.float32) for name in ("kernel", "bias"))]
