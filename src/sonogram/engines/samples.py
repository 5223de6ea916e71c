"""The checks of samples before any engine computes them."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from typing import Any

import numpy as np

from sonogram.definition import Definition
from sonogram.engines.arrays import dtype_name, library
from sonogram.errors import SonogramError
from sonogram.samples import MAX_CHANNELS, check_dtype, refuse_mask

__all__ = ["add_offset", "check_axes", "check_channels", "check_samples", "to_array"]

_MIN_SAMPLES = 1000
"""Number of clips from which the axis before may be one of samples: no batch has so many clips of 16 samples
or fewer, less than a step, and few recordings are shorter."""


def check_samples(definition: Definition, samples: Any) -> Any:
    """Return the array or tensor of samples, checked as far as possible without computing."""
    if type(samples) is np.ndarray and samples.dtype == np.float32 and samples.ndim == 1:
        return samples  # the usual case, which needs no further check
    samples = to_array(samples, definition.sample_rate)
    if getattr(samples.shape, "rank", 0) is None:
        raise SonogramError("samples have no known rank: call set_shape first")
    if dtype_name(samples) == "string":
        raise SonogramError("samples must be an array of numbers; got strings. Use sonogram.load(path)")
    if len(samples.shape) == 0:
        raise SonogramError("samples must be (..., samples); got a single number")
    check_dtype(dtype_name(samples))
    check_axes(definition, tuple(samples.shape))
    if isinstance(samples, (np.ndarray, np.generic)):
        # A dtype in the other byte order, as files of such machines hold, is unequal to the native one.
        samples = samples.astype(samples.dtype.newbyteorder("="), copy=False)
    return samples


def to_array(samples: Any, sample_rate: float) -> Any:
    """Return samples as an array or a tensor: those of an `Audio` of this rate, or of a list of clips."""
    if isinstance(samples, tuple) and hasattr(samples, "sample_rate"):
        if samples.sample_rate != sample_rate:
            raise SonogramError(
                f"the audio must have the sample rate of the front end, {sample_rate} Hz; got "
                f"{samples.sample_rate} Hz. Load it with sample_rate={sample_rate}"
            )
        samples = samples[0]
    if isinstance(samples, str | bytes | PathLike):
        raise SonogramError(
            f"samples must be an array; got the path {str(samples)!r:.80}. Use sonogram.load(path)"
        )
    refuse_mask(samples)
    if isinstance(samples, Sequence):
        try:
            samples = np.asarray(samples)
        except ValueError:  # NumPy's own words are of inhomogeneous shapes
            raise SonogramError(
                "the clips of a list must have one length; pad them, or compute the features of each"
            ) from None
    library(samples)
    return samples


def check_axes(definition: Definition, shape: Sequence[int | None]) -> None:
    """Raise `SonogramError` for a shape that only samples with channels last can have.

    That is one of 1000 or more clips of at most 16 samples each, less than a step and less than a frame. A
    batch of a few short clips, which have no frame, remains valid.
    """
    if len(shape) < 2 or shape[-1] is None or shape[-2] is None:
        return
    size, before = shape[-1], shape[-2]
    few = 0 < size <= MAX_CHANNELS and size < min(definition.frame_step, definition.frame_length)
    if few and before >= _MIN_SAMPLES:
        remedy = (
            "drop that axis: samples[..., 0]" if size == 1 else "move it: numpy.moveaxis(samples, -1, -2)"
        )
        raise SonogramError(
            f"samples must be the last axis, (..., samples); got {tuple(shape)}: channels last; {remedy}"
        )


def check_channels(shape: Any, channels: int) -> None:
    """Raise `SonogramError` unless the axis before the samples is that of so many channels."""
    if len(shape) < 2 or shape[-2] not in (None, channels):
        raise SonogramError(
            f"samples must be (..., channels, samples) with {channels} channels; got {tuple(shape)}"
        )


def add_offset(xp: Any, samples: Any, offset: float) -> Any:
    """Return samples plus a constant, as floating point in [-1, 1]; the samples as they are if it is 0."""
    if not offset:
        return samples
    full_scale = 32768 if dtype_name(samples) == "int16" else 1
    return xp.floats(samples) * (1 / full_scale) + offset
