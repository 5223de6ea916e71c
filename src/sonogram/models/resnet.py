"""A residual convolutional network: deeper, for more data."""

from __future__ import annotations

from typing import Any

import keras

from sonogram.models import blocks

__all__ = ["resnet"]

WIDTHS = (24, 48, 96, 128)
"""Channels of the stages."""
PARTS = 4
"""Parts of a clip that the head tells apart."""


def resnet(features: Any, valid: Any, labels: int, dropout: float) -> Any:
    """Stages of one residual block each, of two convolutions 3 x 3; between them, pooling.

    Source: K. He, X. Zhang, S. Ren, J. Sun, "Deep residual learning for image recognition", CVPR 2016.
    """
    x = blocks.images(features, valid)
    x = blocks.conv_norm(x, valid, _convolution(WIDTHS[0], 3))
    for index, width in enumerate(WIDTHS):
        if index:
            x, valid = blocks.pooled(x, valid, 2 if index < 3 else 1)
        beside = x if x.shape[-1] == width else blocks.conv_norm(x, valid, _convolution(width, 1), None)
        x = blocks.conv_norm(x, valid, _convolution(width, 3))
        x = blocks.conv_norm(x, valid, _convolution(width, 3), None)
        x = keras.layers.Activation("relu")(keras.layers.Add()([x, beside]))
    x = keras.layers.Dropout(dropout)(x)
    return blocks.head(blocks.over_bands(x), valid, labels, PARTS, dropout)


def _convolution(width: int, size: int) -> Any:
    return keras.layers.Conv2D(width, size, padding="same", use_bias=False)
