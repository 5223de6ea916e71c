"""A depthwise-separable convolutional network for keywords: few weights, few operations."""

from __future__ import annotations

from typing import Any

import keras

from sonogram.models import blocks

__all__ = ["separable"]

WIDTH = 64
"""Channels throughout."""
BLOCKS = 4
"""Pairs of a depthwise and a pointwise convolution."""
PARTS = 4
"""Parts of a clip that the head tells apart."""


def separable(features: Any, valid: Any, labels: int, dropout: float) -> Any:
    """One convolution, then pairs of a depthwise one (3 x 3) and a pointwise one (1 x 1).

    Source: Y. Zhang, N. Suda, L. Lai, V. Chandra, "Hello Edge: Keyword spotting on microcontrollers",
    2017: the small DS-CNN. Time is pooled and not skipped, and the head keeps its order.
    """
    x = blocks.images(features, valid)
    layer = keras.layers.Conv2D(WIDTH, (10, 4), strides=(1, 2), padding="same", use_bias=False)
    x, valid = blocks.pooled(blocks.conv_norm(x, valid, layer), valid, 2, 2)
    for _ in range(BLOCKS):
        x = blocks.conv_norm(x, valid, keras.layers.DepthwiseConv2D(3, padding="same", use_bias=False))
        x = blocks.conv_norm(x, valid, keras.layers.Conv2D(WIDTH, 1, use_bias=False))
    x, valid = blocks.pooled(x, valid)
    return blocks.head(blocks.over_bands(x), valid, labels, PARTS, dropout)
