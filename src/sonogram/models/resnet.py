"""A residual convolutional network (ResNet): deeper, for more data."""

from __future__ import annotations

from typing import Any

import keras

from sonogram.models import blocks

__all__ = ["resnet"]

WIDTHS = (24, 48, 96, 128)
"""Channels of each stage."""


def resnet(features: Any, valid: Any, dropout: float) -> tuple[Any, Any]:
    """Return the frames of a ResNet: four stages of a residual block of two 3 x 3 convolutions, with pooling.

    Source: K. He, X. Zhang, S. Ren, J. Sun, "Deep residual learning for image recognition", CVPR 2016.
    """
    x = blocks.normalize_bands(features, valid)
    x = blocks.conv_norm(x, valid, _convolution(WIDTHS[0], 3))
    for index, width in enumerate(WIDTHS):
        if index:
            x, valid = blocks.pool(x, valid, 2 if index < 3 else 1)
        shortcut = x if x.shape[-1] == width else blocks.conv_norm(x, valid, _convolution(width, 1), None)
        x = blocks.conv_norm(x, valid, _convolution(width, 3))
        x = blocks.conv_norm(x, valid, _convolution(width, 3), None)
        x = keras.layers.Activation("relu")(keras.layers.Add()([x, shortcut]))
    x = keras.layers.Dropout(dropout)(x)
    return blocks.pool_bands(x), valid


def _convolution(width: int, size: int) -> Any:
    return keras.layers.Conv2D(width, size, padding="same", use_bias=False)
