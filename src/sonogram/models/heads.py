"""Heads of the networks: from the frames of a body to logits, one kind for each kind of target."""

from __future__ import annotations

from typing import Any

import keras

from sonogram.layers.valid import MaskedTimePooling
from sonogram.models.blocks import mask_frames

__all__ = ["clip_logits", "frame_logits"]


def clip_logits(frames: Any, valid: Any, labels: int, parts: int, dropout: float) -> Any:
    """Return the logits of each clip, `(batch, labels)`, from the means of its parts in time order.

    Args:
        frames: Frames of a body, `(batch, frames, channels)`, 0 in the padding.
        valid: 1 or 0 for each frame, `(batch, frames)`.
        labels: Number of labels.
        parts: Number of parts of a clip; see `Body.parts`.
        dropout: Dropout rate of the means.
    """
    x = keras.layers.Flatten()(MaskedTimePooling(parts)([frames, valid]))
    x = keras.layers.Dropout(dropout)(x)
    # Logits stay float32 under mixed precision: the loss exponentiates them.
    return keras.layers.Dense(labels, dtype="float32", name="logits")(x)


def frame_logits(frames: Any, valid: Any, classes: int, dropout: float) -> Any:
    """Return the logits of each frame, `(batch, frames, classes)`, for a sequence of symbols or for events.

    Args:
        frames: Frames of a body, `(batch, frames, channels)`.
        valid: 1 or 0 for each frame, `(batch, frames)`.
        classes: Number of classes.
        dropout: Dropout rate of the frames.
    """
    x = keras.layers.Dropout(dropout)(frames)
    return mask_frames(keras.layers.Dense(classes, dtype="float32", name="logits")(x), valid)
