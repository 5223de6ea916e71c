"""Building blocks of the networks. Every block takes the mask along, and padding changes nothing.

A network takes features `(batch, frames, bands)` that are 0 in the padding, and the mask `valid`, 1 or 0 for
each frame. A convolution spreads values into the padding, so `mask_frames` follows each. Pooling must begin
at the first frame whatever the length. "same" pooling with an even window does; a strided "same" convolution
does not, so no network has one over time.
"""

from __future__ import annotations

from typing import Any

import keras

from sonogram.layers import MaskedGRU
from sonogram.layers.valid import MaskedBatchNormalization, MaskFrames, ValidFrames

__all__ = [
    "bidirectional",
    "conv_norm",
    "flatten_bands",
    "mask_frames",
    "normalize_bands",
    "pool",
    "pool_bands",
    "pool_mask",
    "quarter_frames",
    "strided_image",
]


def mask_frames(values: Any, valid: Any) -> Any:
    """Return the values with 0 in the padding."""
    return MaskFrames()([values, valid])


def normalize_bands(features: Any, valid: Any, affine: bool = False) -> Any:
    """Return features of any unit, each band batch-normalized, as images `(batch, frames, bands, 1)`.

    `affine` gives each band a learned scale and offset.
    """
    x = MaskedBatchNormalization(center=affine, scale=affine, name="band_scale")([features, valid])
    return keras.layers.Reshape((-1, features.shape[-1], 1))(x)


def conv_norm(x: Any, valid: Any, layer: Any, activation: str | None = "relu") -> Any:
    """Return a convolution of `x`, batch-normalized and activated, 0 in the padding.

    The activation must map 0 to 0.
    """
    x = MaskedBatchNormalization()([layer(x), valid])
    return x if activation is None else keras.layers.Activation(activation)(x)


def conv_pool(x: Any, valid: Any, layer: Any, frames: int = 2) -> tuple[Any, Any]:
    """Return a convolution of `x`, pooled by 2 over bands, normalized, activated, and pooled over frames.

    Bands have no padding, so they can be pooled first, whatever the sign of the values: what follows has half
    the work.
    """
    x = layer(x)
    if x.shape[2] > 1:
        x = keras.layers.MaxPooling2D((1, 2), padding="same")(x)
    x = MaskedBatchNormalization()([x, valid])
    return pool(keras.layers.Activation("relu")(x), valid, frames, bands=1)


def pool(x: Any, valid: Any, frames: int = 2, bands: int = 2) -> tuple[Any, Any]:
    """Return the maximum over groups of frames and bands, and the mask of the result.

    The values must not be negative: the padding is 0 and must not become the maximum.
    """
    if bands > 1 and x.shape[2] == 1:
        bands = 1
    if frames > 1 or bands > 1:
        x = keras.layers.MaxPooling2D((frames, bands), padding="same")(x)
    if frames > 1:
        valid = pool_mask(valid, frames)
    return x, valid


def pool_mask(valid: Any, frames: int) -> Any:
    """Return the mask after pooling over groups of `frames` frames."""
    return ValidFrames(frames)(valid)


def pool_bands(x: Any) -> Any:
    """Return the mean and the maximum over the bands of images, `(batch, frames, 2 * channels)`."""
    return keras.layers.Concatenate()([keras.ops.mean(x, axis=2), keras.ops.max(x, axis=2)])


def flatten_bands(x: Any) -> Any:
    """Return images `(batch, frames, bands, channels)` as `(batch, frames, bands * channels)`."""
    return keras.layers.Reshape((-1, x.shape[2] * x.shape[3]))(x)


def quarter_frames(features: Any, valid: Any, width: int) -> tuple[Any, Any]:
    """Return normalized features after two convolutions of stride 2 over time, and their mask.

    The first frame out is centered on the first frame in, whatever the length.
    """
    x = MaskedBatchNormalization(name="band_scale")([features, valid])
    for _ in range(2):
        x = keras.layers.ZeroPadding1D(2)(x)
        layer = keras.layers.Conv1D(width, 5, strides=2, use_bias=False)
        valid = pool_mask(valid, 2)
        x = conv_norm(x, valid, layer)
    return x, valid


def strided_image(x: Any, valid: Any, width: int) -> tuple[Any, Any]:
    """Return images `(batch, frames, bands, channels)` after a convolution that halves frames and bands.

    The first frame out is centered on the first frame in, as in `quarter_frames`.
    """
    x = keras.layers.ZeroPadding2D(2)(x)
    layer = keras.layers.Conv2D(width, 5, strides=2, use_bias=False)
    valid = pool_mask(valid, 2)
    return conv_norm(x, valid, layer), valid


def bidirectional(x: Any, valid: Any, units: int) -> Any:
    """Return the frames of a GRU forward and of one backward, `(batch, frames, 2 * units)`."""
    both = [MaskedGRU(units, backward=backward)([x, valid]) for backward in (False, True)]
    return keras.layers.Concatenate()(both)
