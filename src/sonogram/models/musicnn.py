"""MusiCNN: a network that tags music, trained on the Million Song Dataset."""

from __future__ import annotations

import os
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from sonogram.errors import SonogramError

__all__ = ["BANDS", "FRAMES", "STEP", "network", "read_weights"]

FRAMES, STEP, BANDS = 187, 94, 96
"""Length of a patch in frames, 3 s, the distance of patches, and the number of mel bands."""
_TIMBRAL = ((7, 38), (7, 67))
"""Frames and bands of the filters for timbre: 0.4 and 0.7 of the bands, so that a pitch may move."""
_TEMPORAL = (128, 64, 32)
"""Frames of the filters for rhythm, one band high."""
_TIMBRAL_FILTERS, _TEMPORAL_FILTERS = 204, 51
_MIDDLE_FILTERS, _MIDDLE_FRAMES = 64, 7
_EPSILON = 1e-3
"""Term added to the variance in batch normalization."""
_FIRST_MIDDLE, _LAYERS = len(_TIMBRAL) + len(_TEMPORAL), len(_TIMBRAL) + len(_TEMPORAL) + 3
"""Number of convolutions of the spectrogram, and of all."""
Arrays = list[NDArray[np.float32]]


def network() -> keras.Model:
    """Return the network with random weights: a patch `(batch, 187, 96)` in, embedding `(batch, 1506)` out.

    Filters over many bands and few frames recognize timbre, filters over many frames of one band rhythm. The
    highest value over the bands counts, so that a pitch does not matter. Three convolutions over time follow.
    The embedding has the highest value and the mean over time of each filter. The dense layers of the
    original, from these to 50 tags, are left out: they describe genres, and distinguish other sounds worse.

    Source:
        J. Pons and X. Serra, "musicnn: pre-trained convolutional neural networks for music audio tagging",
        ISMIR 2019 late-breaking session; package musicnn 0.1.0.
    """
    layers, ops = keras.layers, keras.ops
    patch = keras.Input((FRAMES, BANDS), name="features")
    image = _normalized(layers.Reshape((FRAMES, BANDS, 1))(patch), 0)
    padded = layers.ZeroPadding2D((3, 0))(image)
    found: list[Any] = []
    for size in _TIMBRAL:
        layer = layers.Conv2D(_TIMBRAL_FILTERS, size, activation="relu", name=f"timbre_{size[1]}_bands")
        found.append(ops.max(_normalized(layer(padded), len(found) + 1), axis=2))
    for frames in _TEMPORAL:
        layer = layers.Conv2D(
            _TEMPORAL_FILTERS, (frames, 1), padding="same", activation="relu", name=f"rhythm_{frames}_frames"
        )
        found.append(ops.max(_normalized(layer(image), len(found) + 1), axis=2))
    x = layers.Concatenate()(found)
    kept = [x]
    for number in range(_LAYERS - _FIRST_MIDDLE):
        layer = layers.Conv1D(
            _MIDDLE_FILTERS, _MIDDLE_FRAMES, padding="same", activation="relu", name=f"middle_{number}"
        )
        y = _normalized(layer(x), len(found) + number + 1)
        x = y if number == 0 else layers.Add()([x, y])
        kept.append(x)
    x = layers.Concatenate()(kept)
    x = ops.stack([ops.max(x, axis=1), ops.mean(x, axis=1)], axis=-1)
    return keras.Model(patch, _normalized(layers.Flatten()(x), _LAYERS + 1), name="musicnn_patch")


def _normalized(x: Any, number: int) -> Any:
    return keras.layers.BatchNormalization(epsilon=_EPSILON, name=f"normalization_{number}")(x)


def read_weights(path: str | os.PathLike[str]) -> Arrays:
    """Return the weights of `network` from the original checkpoint.

    Its graph is not run.

    Args:
        path: The file with the variables, `.data-00000-of-00001`.

    Raises:
        SonogramError: There are no such variables.
    """
    import tensorflow as tf

    prefix = os.fspath(path).removesuffix(".data-00000-of-00001")
    try:
        found = tf.compat.v1.train.NewCheckpointReader(prefix)
    except (tf.errors.OpError, ValueError) as error:
        raise SonogramError(f"{path}: no variables of a checkpoint ({type(error).__name__})") from None
    if found.get_variable_to_shape_map().get("conv2d_5/kernel") != [7, 561, 1, 64]:
        raise SonogramError(f"{path}: has no variables of MusiCNN. Use MSD_musicnn of its package")

    def values(kind: str, number: int, *names: str) -> Arrays:
        place = f"{kind}_{number}" if number else kind
        return [np.asarray(found.get_tensor(f"{place}/{name}"), np.float32) for name in names]

    def convolution(number: int) -> Arrays:
        kernel, bias = values("conv2d", number, "kernel", "bias")
        return [kernel if number < _FIRST_MIDDLE else kernel[:, :, 0], bias]

    def normalization(number: int) -> Arrays:
        names = ("gamma", "beta", "moving_mean", "moving_variance")
        return values("batch_normalization", number, *names)

    weights = normalization(0)
    for number in range(_FIRST_MIDDLE):
        weights += convolution(number)
    for number in range(_FIRST_MIDDLE):
        weights += normalization(number + 1)
    for number in range(_FIRST_MIDDLE, _LAYERS):
        weights += convolution(number) + normalization(number + 1)
    return weights + normalization(_LAYERS + 1)
