"""A Conformer for speech recognition: attention and convolution, for ten thousand recordings and more."""

from __future__ import annotations

from typing import Any

import keras

from sonogram.layers import SelfAttention, SinusoidalPositions
from sonogram.models import blocks

__all__ = ["conformer"]

WIDTH = 128
"""Channels of each layer."""
BLOCKS = 3
"""Number of Conformer blocks."""
HEADS = 4
"""Number of attention heads."""
KERNEL = 15
"""Frames that the convolution of a block combines."""


def conformer(features: Any, valid: Any, dropout: float) -> tuple[Any, Any]:
    """Return the frames of two convolutions of stride 2, then Conformer blocks.

    Positions are absolute sinusoids, not the relative ones of the paper.

    Source: A. Gulati et al., "Conformer: Convolution-augmented transformer for speech recognition",
    Interspeech 2020.
    """
    layers, dropout = keras.layers, dropout / 2
    x, valid = blocks.quarter_frames(features, valid, WIDTH)
    x = layers.Dropout(dropout)(SinusoidalPositions()(x))
    for _ in range(BLOCKS):
        x = layers.Add()([x, 0.5 * _feed_forward(x, dropout)])
        y = SelfAttention(HEADS)([layers.LayerNormalization()(x), valid])
        x = layers.Add()([x, layers.Dropout(dropout)(y)])
        x = layers.Add()([x, _convolution(x, valid, dropout)])
        x = layers.Add()([x, 0.5 * _feed_forward(x, dropout)])
        x = layers.LayerNormalization()(x)
    return blocks.mask_frames(x, valid), valid


def _feed_forward(x: Any, dropout: float) -> Any:
    layers = keras.layers
    x = layers.Dense(4 * WIDTH, activation="silu")(layers.LayerNormalization()(x))
    return layers.Dropout(dropout)(layers.Dense(WIDTH)(x))


def _convolution(x: Any, valid: Any, dropout: float) -> Any:
    layers = keras.layers
    x = layers.Dense(2 * WIDTH)(layers.LayerNormalization()(x))
    x = x[:, :, :WIDTH] * keras.ops.sigmoid(x[:, :, WIDTH:])
    layer = layers.DepthwiseConv1D(KERNEL, padding="same", use_bias=False)
    x = blocks.conv_norm(blocks.mask_frames(x, valid), valid, layer, "silu")
    return layers.Dropout(dropout)(layers.Dense(WIDTH)(x))
