"""A convolutional network over time for speech recognition, without loops."""

from __future__ import annotations

from typing import Any

import keras

from sonogram.models import blocks

__all__ = ["conv"]

WIDTH = 128
"""Channels of each layer."""
DILATIONS = (1, 2, 4, 8)
"""Step between the frames that a residual block combines. Together they cover 1.2 s at 10 ms a frame."""


def conv(features: Any, valid: Any, dropout: float) -> tuple[Any, Any]:
    """Return the frames of two convolutions of stride 2, then residual blocks of dilated convolutions.

    Source: R. Collobert, C. Puhrsch, G. Synnaeve, "Wav2Letter: an end-to-end ConvNet-based speech recognition
    system", 2016; dilated as A. van den Oord et al., "WaveNet: A generative model for raw audio", 2016.
    """
    x, valid = blocks.quarter_frames(features, valid, WIDTH)
    for dilation in DILATIONS:
        layer = keras.layers.Conv1D(WIDTH, 5, padding="same", dilation_rate=dilation, use_bias=False)
        y = keras.layers.Dropout(dropout)(blocks.conv_norm(x, valid, layer))
        x = keras.layers.Add()([x, y])
    return x, valid
