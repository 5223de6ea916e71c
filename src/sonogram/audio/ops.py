"""Sound files and other rates as operations of TensorFlow, on the CPU, without Python's lock."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import tensorflow as tf

from sonogram.audio import native
from sonogram.audio.resample import check_rates, num_resampled
from sonogram.errors import SonogramError
from sonogram.native import ops

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
    source: Any, sample_rate: int | None = None, *, mono: bool = True, content: bool = False
) -> Decoded:
    """Read a sound file: in a `tf.data` function, in any number of them at a time.

    Every format that libsndfile knows. At the file's own rate the samples are those of `sonogram.load`.

    Args:
        source: string tensor, `()`: a path, or the bytes of a file.
        sample_rate: the wanted rate in hertz; None keeps the rate of the file.
        mono: mix the channels to one, their mean.
        content: whether the source is the bytes of a file.

    Returns:
        The samples and their rate.

    Raises:
        tf.errors.InvalidArgumentError: when it runs and the file is broken, missing or of another kind;
            one line, as from `sonogram.load`.
        SonogramError: The rate cannot be, or the library is missing.
    """
    if sample_rate is not None and not (1 <= sample_rate < 2**31 and sample_rate == int(sample_rate)):
        raise SonogramError(f"sample_rate must be a whole number of hertz above 0, not {sample_rate}")
    samples, rate = _ops().sonogram_decode(
        source, sample_rate=int(sample_rate or 0), mono=int(mono), content=int(content)
    )
    if not tf.executing_eagerly():
        samples.set_shape((None,) if mono else (None, None))
        rate.set_shape(())
    return Decoded(samples, rate)


def decode_files(
    paths: Any,
    draws: Any,
    sample_rate: int,
    *,
    size: int = 0,
    crop: str = "start",
    pad: str = "end",
    resamples: bool = True,
    stops: bool = False,
) -> tuple[Any, Any, Any]:
    """Read some files, one after another; those that cannot be read are left out.

    Args:
        paths: string tensor, `(files,)`.
        draws: The random number of each, int64 `(files,)`: where a random crop begins.
        sample_rate: The wanted rate in hertz.
        size: The one length of all, samples; 0 leaves them at their own length.
        crop: What is kept of longer ones: "start", "center" or "random".
        pad: Where silence goes in shorter ones: "end" or "both".
        resamples: Whether files at another rate are read; if not, they are left out too.
        stops: Whether nothing is read after a file that is left out.

    Returns:
        values: float32, the samples of one good file after another.
        lengths: int32, the samples of each good file, `(good,)`.
        good: int32, the places of the good files in `paths`, `(good,)`.
    """
    values, lengths, good = _ops().sonogram_decode_files(
        paths,
        draws,
        sample_rate=sample_rate,
        resamples=int(resamples),
        stops=int(stops),
        size=size,
        crop=crop,
        pad=pad,
    )
    if not tf.executing_eagerly():
        for tensor in (values, lengths, good):
            tensor.set_shape((None,))
    return values, lengths, good


def resample(samples: Any, from_rate: int, to_rate: int) -> Any:
    """Change the rate of sounds: see `sonogram.audio.native.resample`. Not differentiable.

    Args:
        samples: Tensor, `(..., samples)`.
        from_rate: Their rate in hertz.
        to_rate: The wanted rate in hertz.

    Returns:
        float32, `(..., ceil(samples * to_rate / from_rate))`.

    Raises:
        SonogramError: A rate cannot be, the rates are more than 256 times apart, or the library is missing.
    """
    check_rates(from_rate, to_rate)
    samples = tf.cast(samples, tf.float32)
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
