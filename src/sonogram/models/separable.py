"""A depthwise separable convolutional network for keyword spotting: few weights, few operations."""

from __future__ import annotations

from typing import Any

import keras

from sonogram.models import blocks

__all__ = ["separable"]

WIDTH = 64
"""Channels of every layer."""
BLOCKS = 4
"""Number of pairs of a depthwise and a pointwise convolution."""


def separable(features: Any, valid: Any, dropout: float) -> tuple[Any, Any]:
    """Return the frames of a convolution, then pairs of a depthwise (3 x 3) and a pointwise (1 x 1) one.

    Source: Y. Zhang, N. Suda, L. Lai, V. Chandra, "Hello Edge: Keyword spotting on microcontrollers",
    2017: the small DS-CNN. Here time is pooled instead of strided.
    """
    x = blocks.normalize_bands(features, valid)
    layer = keras.layers.Conv2D(WIDTH, (10, 4), strides=(1, 2), padding="same", use_bias=False)
    x, valid = blocks.pool(blocks.conv_norm(x, valid, layer), valid, 2, 2)
    for _ in range(BLOCKS):
        x = blocks.conv_norm(x, valid, keras.layers.DepthwiseConv2D(3, padding="same", use_bias=False))
        x = blocks.conv_norm(x, valid, keras.layers.Conv2D(WIDTH, 1, use_bias=False))
    x, valid = blocks.pool(x, valid)
    return blocks.pool_bands(x), valid
