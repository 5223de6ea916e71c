"""TensorFlow operations that decode and resample, on the CPU, without Python's lock."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import tensorflow as tf

from sonogram.audio import native
from sonogram.audio.rates import RATE_RULE, check_rates, is_rate, num_resampled
from sonogram.errors import SonogramError
from sonogram.native import ops
from sonogram.samples import check_dtype

__all__ = ["Decoded", "available", "decode", "decode_files", "resample"]


class Decoded(NamedTuple):
    """A sound in tensors."""

    samples: Any
    """float32, `(samples,)`, or `(channels, samples)`."""
    sample_rate: Any
    """Hertz, int32 `()`."""


@cache
def available() -> bool:
    """Return whether TensorFlow has the operations, and libsndfile is there for them."""
    return native.available() and ops.available()


def decode(
    source: Any,
    sample_rate: int | None = None,
    *,
    mono: bool = True,
    content: bool = False,
    partial: bool = False,
) -> Decoded:
    """Decode a sound in TensorFlow, on the CPU and without Python's lock, for `tf.data` functions.

    Every format of libsndfile. At the file's own rate the samples are those of `sonogram.load`.

    Args:
        source: string tensor, `()`: a path, or the bytes of a file.
        sample_rate: the wanted rate in hertz; None keeps the rate of the file.
        mono: whether to mix the channels to one, their mean.
        content: whether the source is the bytes of a file.
        partial: whether to read what is there of a truncated sound, without a warning.

    Returns:
        The samples, `(samples,)` if mono, else `(channels, samples)`, and their rate.

    Raises:
        tf.errors.InvalidArgumentError: the file is corrupt, truncated, missing or of another kind; raised
            when the operation runs, one line, as from `sonogram.load`.
        SonogramError: the rate is invalid, or the native library is missing.

    Example:
        >>> samples, sample_rate = sg.audio.decode("examples/choir.flac")
        >>> samples.dtype.name
        'float32'

    See Also:
        `sonogram.load`, `sonogram.audio.resample`.
    """
    if sample_rate is not None and not is_rate(sample_rate):
        raise SonogramError(f"{RATE_RULE}; got {sample_rate}")
    samples, rate = _ops().sonogram_decode(
        source,
        sample_rate=int(sample_rate or 0),
        mono=int(mono),
        content=int(content),
        partial=int(partial),
    )
    if not tf.executing_eagerly():
        samples.set_shape((None,) if mono else (None, None))
        rate.set_shape(())
    return Decoded(samples, rate)


def decode_files(
    paths: Any, draws: Any, sample_rate: int, *, size: int = 0, crop: str = "start", pad: str = "end"
) -> tuple[Any, Any]:
    """Read some files, mixed to mono, up to the first one that cannot be read or has another rate.

    Args:
        paths: string tensor, `(files,)`.
        draws: a random number for each, int64 `(files,)`: where a random crop begins.
        sample_rate: the rate of the files in hertz.
        size: the one length of all, samples; 0 leaves them at their own length.
        crop: which part of longer ones is kept: "start", "center" or "random".
        pad: where silence is added to shorter ones: "end" or "both".

    Returns:
        values: float32, the samples of one file after another.
        lengths: int32, the samples of each file that was read, at most `(files,)`.
    """
    values, lengths = _ops().sonogram_decode_files(
        paths, draws, sample_rate=sample_rate, size=size, crop=crop, pad=pad
    )
    if not tf.executing_eagerly():
        values.set_shape((None,))
        lengths.set_shape((None,))
    return values, lengths


def resample(samples: Any, from_rate: int, to_rate: int) -> Any:
    """Change the sample rate of tensors: see `sonogram.audio.resample`."""
    check_rates(from_rate, to_rate)
    check_dtype(samples.dtype.name)
    is_integer = samples.dtype == tf.int16
    samples = tf.cast(samples, tf.float32)
    if is_integer:
        samples = samples / 32768.0
    values = _ops().sonogram_resample(samples, from_rate=int(from_rate), to_rate=int(to_rate))
    if not tf.executing_eagerly() and samples.shape.rank:
        size = samples.shape[-1]
        count = None if size is None else num_resampled(size, int(from_rate), int(to_rate))
        values.set_shape((*samples.shape[:-1], count))
    return values


def _ops() -> Any:
    if not native.available():
        raise SonogramError(
            "sounds cannot be decoded in TensorFlow: the native library or libsndfile is missing"
        )
    return ops.ops()
