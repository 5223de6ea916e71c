"""A convolutional network for speech that is recognized while it arrives."""

from __future__ import annotations

from typing import Any

import keras

from sonogram.models import blocks

__all__ = ["LOOK_AHEAD", "LOOK_BACK", "STRIDE", "stream"]

WIDTH = 128
"""Channels of each layer."""
BLOCKS = ((1, 2), (1, 3), (2, 0), (2, 0), (4, 0))
"""Of each residual block, the step between the five frames that it combines, and how many of them are later
than its own."""
STRIDE = 4
LOOK_AHEAD = 3 + STRIDE * sum(step * later for step, later in BLOCKS)
"""Number of features after those of a frame: 23, or 230 ms. The strided convolutions cover six frames of
features on both sides of the first of four, and so three after the last one."""
LOOK_BACK = 6 + STRIDE * sum(step * (4 - later) for step, later in BLOCKS)
"""Number of features before those of a frame: 146."""


def stream(features: Any, valid: Any, dropout: float) -> tuple[Any, Any]:
    """Return the frames of two convolutions of stride 2, then residual blocks that look back, mostly.

    A frame depends on a limited number of features, so the network can be applied to a window that moves with
    the sound.

    Source: V. Pratap et al., "Scaling up online speech recognition using ConvNets", Interspeech 2020, for
    blocks with a limited view of what follows.
    """
    x, valid = blocks.quarter_frames(features, valid, WIDTH)
    for step, later in BLOCKS:
        layer = keras.layers.Conv1D(WIDTH, 5, dilation_rate=step, use_bias=False)
        y = keras.layers.ZeroPadding1D(((4 - later) * step, later * step))(x)
        y = keras.layers.Dropout(dropout)(blocks.conv_norm(y, valid, layer))
        x = keras.layers.Add()([x, y])
    return x, valid
