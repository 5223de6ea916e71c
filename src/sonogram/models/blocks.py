"""What the networks are made of. Every part takes the valid frames along, and padding changes nothing.

A network is given features `(batch, frames, bands)` that are 0 beyond the valid frames, and the valid
frames as 0 and 1. A convolution spreads values into the padding, so each is followed by `kept`. Pooling
begins at the first frame whatever the length, which "same" with an even window does; a convolution with
strides does not, so there is none over time.
"""

from __future__ import annotations

from typing import Any

import keras

from sonogram.layers.valid import MaskedBatchNormalization, MaskedTimePooling, MaskFrames, ValidFrames

__all__ = ["conv_norm", "head", "images", "kept", "over_bands", "pooled", "sequence", "shortened"]


def kept(values: Any, valid: Any) -> Any:
    """Return the values with 0 in the frames that are not valid."""
    return MaskFrames()([values, valid])


def images(features: Any, valid: Any) -> Any:
    """Return features of any unit as images `(batch, frames, bands, 1)`, each band brought to one scale."""
    x = MaskedBatchNormalization(name="band_scale")([features, valid])
    return keras.layers.Reshape((-1, features.shape[-1], 1))(x)


def conv_norm(x: Any, valid: Any, layer: Any, activation: str | None = "relu") -> Any:
    """Return what a convolution makes of `x`, normalized and activated, 0 beyond the valid frames.

    The activation must leave 0 as it is.
    """
    x = MaskedBatchNormalization()([layer(x), valid])
    return x if activation is None else keras.layers.Activation(activation)(x)


def pooled(x: Any, valid: Any, frames: int = 2, bands: int = 2) -> tuple[Any, Any]:
    """Return the largest of some frames and bands, and which frames are valid then.

    The values must not be negative: what lies beyond the valid frames is 0 and must not win.
    """
    if bands > 1 and x.shape[2] == 1:
        bands = 1
    x = keras.layers.MaxPooling2D((frames, bands), padding="same")(x)
    if frames > 1:
        valid = shortened(valid, frames)
    return x, valid


def shortened(valid: Any, frames: int) -> Any:
    """Return which frames are valid where some have become one."""
    return ValidFrames(frames)(valid)


def over_bands(x: Any) -> Any:
    """Return the mean and the largest over the bands of images, `(batch, frames, 2 * channels)`."""
    return keras.layers.Concatenate()([keras.ops.mean(x, axis=2), keras.ops.max(x, axis=2)])


def sequence(x: Any) -> Any:
    """Return images `(batch, frames, bands, channels)` as `(batch, frames, bands * channels)`."""
    return keras.layers.Reshape((-1, x.shape[2] * x.shape[3]))(x)


def head(x: Any, valid: Any, labels: int, parts: int, dropout: float) -> Any:
    """Return logits from `(batch, frames, channels)`: the means of parts of the clip, in their order."""
    x = keras.layers.Flatten()(MaskedTimePooling(parts)([x, valid]))
    x = keras.layers.Dropout(dropout)(x)
    # In float32 whatever the policy: what the loss takes the exponential of needs its digits.
    return keras.layers.Dense(labels, dtype="float32", name="logits")(x)
