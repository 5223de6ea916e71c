"""A small convolutional network (CNN), the default."""

from __future__ import annotations

from typing import Any

import keras

from sonogram.models import blocks

__all__ = ["cnn"]

WIDTHS = (16, 32, 64, 128)
"""Channels of each stage. After each, frames and bands are pooled by 2."""


def cnn(features: Any, valid: Any, dropout: float) -> tuple[Any, Any]:
    """Return the frames of a CNN: four stages of 3 x 3 convolutions, then a dense layer per frame."""
    x = blocks.normalize_bands(features, valid)
    for width in WIDTHS:
        layer = keras.layers.Conv2D(width, 3, padding="same", use_bias=False)
        x, valid = blocks.conv_pool(x, valid, layer, 1 if width == WIDTHS[-1] else 2)
    x = blocks.flatten_bands(x)
    x = keras.layers.Dropout(dropout)(x)
    x = keras.layers.Dense(128, activation="relu")(x)
    return x, valid
