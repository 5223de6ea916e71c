"""A recurrent network (RNN) for speech recognition."""

from __future__ import annotations

from typing import Any

import keras

from sonogram.models import blocks

__all__ = ["rnn"]

WIDTHS = (16, 32)
"""Channels of each convolution. Each halves frames and bands."""
UNITS = 128
"""Units of the recurrent layer in each direction."""


def rnn(features: Any, valid: Any, dropout: float) -> tuple[Any, Any]:
    """Return the frames of two convolutions over time and frequency, then a bidirectional GRU.

    A convolution over frequency recognizes a vowel at the formants of any voice.

    Source: D. Amodei et al., "Deep Speech 2: End-to-end speech recognition in English and Mandarin", ICML
    2016; in small.
    """
    x = blocks.normalize_bands(features, valid, affine=True)
    for width in WIDTHS:
        x, valid = blocks.strided_image(x, valid, width)
    x = blocks.conv_norm(blocks.flatten_bands(x), valid, keras.layers.Conv1D(UNITS, 1, use_bias=False))
    x = keras.layers.Dropout(dropout)(x)
    return blocks.bidirectional(x, valid, UNITS), valid
