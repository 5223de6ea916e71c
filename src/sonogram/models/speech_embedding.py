"""The speech embedding: a small network of Google that was trained to distinguish spoken keywords."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from sonogram.errors import SonogramError, require_import

__all__ = ["FRAMES", "STEP", "network", "read_weights"]

FRAMES = 76
"""Number of frames that one embedding covers: 0.775 s."""
STEP = 8
"""Distance of embeddings in frames: 80 ms."""
_BANDS = 32
_WIDTHS = (24, 48, 72, 96, 96)
"""Filters of each stage: two pairs of convolutions, over the bands and over time (in the first one, one)."""
_POOLS = ((2, 2), (1, 2), (2, 2), (1, 2), (2, 2))
"""Frames and bands that are pooled after each stage."""
_SLOPE, _FLOOR = 0.2, -0.4
"""The activation: values below 0 are multiplied by the slope, and limited to the floor."""
_EPSILON = 1e-3
_PREFIX = "embeddings_apply_default/MudpuppyLite/"
Arrays = list[NDArray[np.float32]]


def network() -> keras.Model:
    """Return the network with random weights: features `(batch, frames, 32)` in, embeddings out.

    The output has the shape `(batch, (frames - 76) // 8 + 1, 96)`. Convolutions over time are not padded, so
    an embedding depends on its 76 frames alone.

    Source:
        J. Lin et al., "Training keyword spotters with limited and synthesized speech data", ICASSP 2020.
    """
    layers = keras.layers
    features = keras.Input((None, _BANDS), name="features")
    x = layers.Reshape((-1, _BANDS, 1))(features)
    x = layers.ZeroPadding2D((0, 1))(x)
    x = layers.Conv2D(_WIDTHS[0], 3, activation="relu", use_bias=False)(x)
    # Batch normalization follows the rectifier, so it cannot be part of the convolution before. A depthwise
    # convolution of size 1 is a factor and an offset for each filter.
    x = _activate(layers.DepthwiseConv2D(1, name="scale")(x))
    for stage, (width, pool) in enumerate(zip(_WIDTHS, _POOLS, strict=True)):
        for _ in range(1 if stage == 0 else 2):
            x = _activate(layers.Conv2D(width, (1, 3), padding="same")(x))
            x = _activate(layers.Conv2D(width, (3, 1))(x))
        x = layers.MaxPooling2D(pool)(x)
    x = layers.Conv2D(_WIDTHS[-1], (3, 1), use_bias=False)(x)
    return keras.Model(features, layers.Reshape((-1, _WIDTHS[-1]))(x), name="speech_embedding")


def _activate(x: Any) -> Any:
    return keras.ops.maximum(keras.layers.LeakyReLU(negative_slope=_SLOPE)(x), _FLOOR)


def read_weights(path: str | os.PathLike[str]) -> Arrays:
    """Return the weights of `network` from the initializers of an ONNX file; nothing in it is run.

    Raises:
        SonogramError: The file is not that of the speech embedding.
    """
    with require_import("the weights are in an ONNX file", 'pip install "sonogram[onnx]"'):
        import onnx
    graph = onnx.load(os.fspath(path), load_external_data=False).graph
    found = {each.name: each for each in graph.initializer if each.name.startswith(_PREFIX)}
    try:
        return [*_weights(lambda name: np.array(onnx.numpy_helper.to_array(found[_PREFIX + name])))]
    except KeyError as error:
        raise SonogramError(f"{path}: has no {error.args[0]!r}, so it is no speech embedding") from None


def _weights(values: Any) -> Iterator[NDArray[np.float32]]:
    """Yield the weights in the order of the layers; kernels become `(frames, bands, in, out)`."""
    yield values("ZeroMeanConv2d/sub:0").transpose(2, 3, 1, 0)
    norm = "BatchNorm/FusedBatchNormV3/ReadVariableOp"
    mean, variance = (values(norm + end).astype(np.float64) for end in (":0", "_1:0"))
    scale = values("BatchNorm/ReadVariableOp:0") / np.sqrt(variance + _EPSILON)
    yield scale.reshape(1, 1, -1, 1).astype(np.float32)
    yield (values("BatchNorm/ReadVariableOp_1:0") - mean * scale).astype(np.float32)
    for number in range(18):
        name = f"Conv_{number}/Conv2D" if number else "Conv/Conv2D"
        yield values(f"{name}_weights_fused_bn").transpose(2, 3, 1, 0)
        yield values(f"{name}_bias_fused_bn")
    yield values("Conv_18/Conv2D/ReadVariableOp:0").transpose(2, 3, 1, 0)
