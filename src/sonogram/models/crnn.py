"""A convolutional network whose frames are read one after another by a recurrent one."""

from __future__ import annotations

from typing import Any

import keras

from sonogram.layers import MaskedGRU
from sonogram.models import blocks

__all__ = ["crnn"]

WIDTHS = (16, 32, 64)
"""Channels of the stages."""
UNITS = 64
"""Of the recurrent network in each direction."""
PARTS = 2
"""Parts of a clip that the head tells apart: the recurrent network knows the order within them."""


def crnn(features: Any, valid: Any, labels: int, dropout: float) -> Any:
    """Three stages of convolutions, then gated recurrent units that read forward and backward.

    Source: K. Choi, G. Fazekas, M. Sandler, K. Cho, "Convolutional recurrent neural networks for music
    classification", ICASSP 2017.
    """
    x = blocks.images(features, valid)
    for index, width in enumerate(WIDTHS):
        layer = keras.layers.Conv2D(width, 3, padding="same", use_bias=False)
        x, valid = blocks.pooled(blocks.conv_norm(x, valid, layer), valid, 2 if index < 2 else 1)
    x = keras.layers.Dropout(dropout)(blocks.sequence(x))
    x = keras.layers.Dense(2 * UNITS, activation="relu")(x)
    forward = MaskedGRU(UNITS)([x, valid])
    backward = MaskedGRU(UNITS, backward=True)([x, valid])
    x = keras.layers.Concatenate()([forward, backward])
    return blocks.head(x, valid, labels, PARTS, dropout)
