"""A small audio spectrogram transformer."""

from __future__ import annotations

from typing import Any

import keras

from sonogram.layers import MaskedBatchNormalization, SelfAttention, SinusoidalPositions
from sonogram.models import blocks

__all__ = ["transformer"]

WIDTH = 96
"""Embedding size of a token."""
FRAMES = 4
"""Frames of one token: a patch spans all bands of so many frames."""
BLOCKS = 3
"""Number of transformer blocks."""
HEADS = 4
"""Number of attention heads."""


def transformer(features: Any, valid: Any, dropout: float) -> tuple[Any, Any]:
    """Return the frames of a transformer encoder whose tokens are patches of a few frames.

    Source: Y. Gong, Y.-A. Chung, J. Glass, "AST: Audio spectrogram transformer", Interspeech 2021; with
    patches over all bands, as A. Berg, M. O'Connor, M. Cruz, "Keyword transformer", Interspeech 2021.
    """
    layers = keras.layers
    x = MaskedBatchNormalization(name="band_scale")([features, valid])
    # Patches begin at the first frame whatever the length, as pooling does.
    x = layers.ZeroPadding1D((0, FRAMES - 1))(x)
    x = layers.Conv1D(WIDTH, FRAMES, strides=FRAMES, name="patches")(x)
    valid = blocks.pool_mask(valid, FRAMES)
    x = layers.Dropout(dropout / 2)(SinusoidalPositions()(x))
    for _ in range(BLOCKS):
        y = SelfAttention(HEADS)([layers.LayerNormalization()(x), valid])
        x = layers.Add()([x, layers.Dropout(dropout / 2)(y)])
        y = layers.Dense(2 * WIDTH, activation="gelu")(layers.LayerNormalization()(x))
        x = layers.Add()([x, layers.Dropout(dropout / 2)(layers.Dense(WIDTH)(y))])
    x = layers.LayerNormalization()(x)
    return blocks.mask_frames(x, valid), valid
