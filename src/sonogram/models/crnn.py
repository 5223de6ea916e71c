"""A convolutional recurrent network (CRNN)."""

from __future__ import annotations

from typing import Any

import keras

from sonogram.models import blocks

__all__ = ["crnn"]

WIDTHS = (16, 32, 64)
"""Channels of each stage."""
UNITS = 64
"""Units of the recurrent layer in each direction."""


def crnn(features: Any, valid: Any, dropout: float) -> tuple[Any, Any]:
    """Return the frames of a CRNN: three convolutional stages, then a bidirectional GRU.

    Source: K. Choi, G. Fazekas, M. Sandler, K. Cho, "Convolutional recurrent neural networks for music
    classification", ICASSP 2017.
    """
    x = blocks.normalize_bands(features, valid)
    for index, width in enumerate(WIDTHS):
        layer = keras.layers.Conv2D(width, 3, padding="same", use_bias=False)
        x, valid = blocks.conv_pool(x, valid, layer, 2 if index < 2 else 1)
    x = keras.layers.Dropout(dropout)(blocks.flatten_bands(x))
    x = keras.layers.Dense(2 * UNITS, activation="relu")(x)
    return blocks.bidirectional(x, valid, UNITS), valid
