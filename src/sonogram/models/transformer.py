"""A small audio spectrogram transformer."""

from __future__ import annotations

from typing import Any

import keras

from sonogram.layers import MaskedBatchNormalization, SelfAttention, SinusoidalPositions
from sonogram.models import blocks

__all__ = ["transformer"]

WIDTH = 96
"""Channels of a token."""
FRAMES = 4
"""Frames of one token: a patch takes all bands of them."""
BLOCKS = 3
"""Of attention and a network of two layers."""
HEADS = 4
"""Of the attention."""
PARTS = 4
"""Parts of a clip that the head tells apart."""


def transformer(features: Any, valid: Any, labels: int, dropout: float) -> Any:
    """Patches of a few frames as tokens, attention among them, and a head that keeps the order of time.

    Source: Y. Gong, Y.-A. Chung, J. Glass, "AST: Audio spectrogram transformer", Interspeech 2021; with
    patches over all bands, as A. Berg, M. O'Connor, M. Cruz, "Keyword transformer", Interspeech 2021.
    """
    layers = keras.layers
    x = MaskedBatchNormalization(name="band_scale")([features, valid])
    # A window of frames that begins at the first one whatever the length, as pooling does.
    x = layers.ZeroPadding1D((0, FRAMES - 1))(x)
    x = layers.Conv1D(WIDTH, FRAMES, strides=FRAMES, name="patches")(x)
    valid = blocks.shortened(valid, FRAMES)
    x = layers.Dropout(dropout / 2)(SinusoidalPositions()(x))
    for _ in range(BLOCKS):
        y = SelfAttention(HEADS)([layers.LayerNormalization()(x), valid])
        x = layers.Add()([x, layers.Dropout(dropout / 2)(y)])
        y = layers.Dense(2 * WIDTH, activation="gelu")(layers.LayerNormalization()(x))
        x = layers.Add()([x, layers.Dropout(dropout / 2)(layers.Dense(WIDTH)(y))])
    x = layers.LayerNormalization()(x)
    return blocks.head(blocks.kept(x, valid), valid, labels, PARTS, dropout)
