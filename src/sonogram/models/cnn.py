"""A small convolutional network: the default."""

from __future__ import annotations

from typing import Any

import keras

from sonogram.models import blocks

__all__ = ["cnn"]

WIDTHS = (16, 32, 64, 128)
"""Channels of the stages; after each, two frames and two bands become one."""
PARTS = 8
"""Parts of a clip that the head tells apart."""


def cnn(features: Any, valid: Any, labels: int, dropout: float) -> Any:
    """Four stages of convolutions 3 x 3, a layer over each frame, a head that keeps the order of time."""
    x = blocks.images(features, valid)
    for width in WIDTHS:
        layer = keras.layers.Conv2D(width, 3, padding="same", use_bias=False)
        x = blocks.conv_norm(x, valid, layer)
        x, valid = blocks.pooled(x, valid, 1 if width == WIDTHS[-1] else 2)
    x = blocks.sequence(x)
    x = keras.layers.Dropout(dropout)(x)
    x = keras.layers.Dense(128, activation="relu")(x)
    return blocks.head(x, valid, labels, PARTS, dropout)
