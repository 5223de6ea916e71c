"""Trimming of silence at both ends of a clip, and peak normalization."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from sonogram.engines.arrays import Arrays, namespace
from sonogram.errors import SonogramError
from sonogram.layers.float32 import Float32Layer

__all__ = ["TrimAndNormalize", "sound_bounds", "trim_silence"]

_BLOCK_SECONDS = 0.01
"""Energy is measured over blocks of this length: shorter than a drum hit and its decay."""
_MIN_PEAK = 1e-4
"""Clips with a lower peak (-80 dB) hold only noise and are not amplified further."""
_ROUNDING = 1e-5
"""Part of the peak (-100 dB) up to which samples about the mean may be rounding error of a float32 sum."""


@keras.saving.register_keras_serializable("sonogram")
class TrimAndNormalize(Float32Layer):
    """Layer that trims the silence at both ends of each clip and divides the clip by its peak.

    Put it first in a model, so that the exported model prepares recordings exactly as training did. A
    trimmed clip moves to the front of its row. The batch keeps its size, the lengths become shorter, and
    samples beyond them are 0. Each clip is processed by itself: other clips and padding change nothing.

    Args:
        sample_rate: Sample rate of the clips, Hz.
        trim_db: Blocks of 10 ms at either end are silence if their energy, about the mean of the clip,
            is more than this many dB below the loudest block. 40 suits speech and single sounds; use 60
            for clean recordings with faint endings; None trims nothing.
        peak_normalize: Whether to divide each clip by its peak. Turn it off where loudness carries
            information.
        pad: Number of zeros appended to each clip, and the minimum length reported for it. Set it to
            `frame_length`, so that even the shortest sound fills one frame.
        margin: Seconds to keep on both sides of the sound. A quiet beginning of a word, such as an "f" in
            noise, then stays.
        **kwargs: Arguments of `keras.layers.Layer`, except `dtype`, which is always float32.

    Input shape:
        The list `[samples, lengths]`: `(batch, samples)` and the valid samples of each clip, `(batch,)`.

    Output shape:
        `(batch, samples + pad)`, float32, and `(batch,)`, int32.

    Raises:
        SonogramError: A parameter or the input is invalid.

    Example:
        >>> clip = np.zeros((1, 16000), "float32")
        >>> clip[0, 4000:8000] = 0.5 * (-1.0) ** np.arange(4000)
        >>> samples, lengths = TrimAndNormalize(16000)([clip, np.array([16000])])
        >>> int(lengths[0]), float(samples[0, 0])
        (4000, 1.0)

    See Also:
        `Spectrogram`, which takes the output.
    """

    def __init__(
        self,
        sample_rate: float,
        trim_db: float | None = 40.0,
        peak_normalize: bool = True,
        pad: int = 0,
        margin: float = 0.0,
        **kwargs: Any,
    ) -> None:
        if not sample_rate > 0:
            raise SonogramError(f"TrimAndNormalize: sample_rate must be above 0 Hz; got {sample_rate}")
        if trim_db is not None and not trim_db > 0:
            raise SonogramError(
                f"TrimAndNormalize: trim_db must be above 0 dB, or None; got {trim_db}. Try 40"
            )
        if not margin >= 0:
            raise SonogramError(f"TrimAndNormalize: margin must be at least 0 s; got {margin}")
        super().__init__(**kwargs)
        self.margin = float(margin)
        self.sample_rate, self.trim_db = sample_rate, trim_db
        self.peak_normalize, self.pad = bool(peak_normalize), int(pad)

    def call(self, inputs: Any) -> tuple[Any, Any]:
        """Return the trimmed samples and their lengths."""
        ops = keras.ops
        if not isinstance(inputs, (list, tuple)) or len(inputs) != 2:
            raise SonogramError("TrimAndNormalize: takes the list [samples, lengths]")
        samples = ops.cast(inputs[0], "float32")
        lengths = ops.cast(inputs[1], "int32")
        samples = _zero_padding(samples, lengths)
        if self.trim_db is not None:
            xp = namespace(keras.backend.backend(), portable=True)
            start, stop = sound_bounds(xp, samples, lengths, self.sample_rate, self.trim_db)
            if self.margin:
                extra = round(self.margin * self.sample_rate)
                start = ops.maximum(start - extra, 0)
                stop = ops.where(stop > 0, ops.minimum(stop + extra, ops.cast(lengths, stop.dtype)), stop)
            lengths = ops.cast(stop - start, "int32")
            samples = _zero_padding(_shift_left(samples, ops.cast(start, "int32")), lengths)
        if self.peak_normalize:
            peak = ops.max(ops.abs(samples), axis=-1, keepdims=True, initial=0.0)
            samples = samples / ops.maximum(peak, _MIN_PEAK)
        if self.pad:
            samples = ops.pad(samples, ((0, 0), (0, self.pad)))
            lengths = ops.maximum(lengths, self.pad)
        return samples, lengths

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, Any]:
        """Return the shapes of the samples and of the lengths."""
        (batch, samples), lengths = input_shape
        return (batch, None if samples is None else samples + self.pad), tuple(lengths)

    def compute_output_spec(self, inputs: Any) -> tuple[Any, Any]:
        """Return the shapes and types of the samples and of the lengths."""
        samples, lengths = self.compute_output_shape([part.shape for part in inputs])
        return keras.KerasTensor(samples, "float32"), keras.KerasTensor(lengths, "int32")


def trim_silence(
    samples: NDArray[np.float32], sample_rate: float, trim_db: float | None = 40.0, margin: float = 0.0
) -> NDArray[np.float32]:
    """Return a clip without the silence at its ends, by the rule of `TrimAndNormalize`.

    Args:
        samples: `(samples,)`.
        sample_rate: Hz.
        trim_db: Level below the loudest 10 ms at which silence begins, dB; None trims nothing.
        margin: Seconds to keep on both sides of the sound.

    Returns:
        A view of `samples`; all of them if the clip is silent.

    Example:
        >>> clip = np.zeros(16000, "float32")
        >>> clip[4000:8000] = (-1.0) ** np.arange(4000)
        >>> trim_silence(clip, 16000).shape
        (4000,)
    """
    if trim_db is None or not len(samples):
        return samples
    clip = np.asarray(samples, np.float64)[None]
    bounds = sound_bounds(namespace("numpy"), clip, np.array([len(samples)]), sample_rate, trim_db)
    start, stop = (int(bound[0]) for bound in bounds)
    if stop == 0:
        return samples
    extra = round(margin * sample_rate)
    return samples[max(0, start - extra) : stop + extra]


def sound_bounds(
    xp: Arrays, samples: Any, lengths: Any, sample_rate: float, trim_db: float
) -> tuple[Any, Any]:
    """Return where the sound of each clip starts and stops, in samples, `(batch,)` each.

    Args:
        xp: The array namespace.
        samples: `(batch, samples)`, floating point.
        lengths: Valid samples of each clip, `(batch,)`.
        sample_rate: Hz.
        trim_db: Level below the loudest block at which silence begins, dB.

    Returns:
        The first sample of the first loud block, and the end of the last one, at most the length of the
        clip. Both are 0 for a silent clip.
    """
    block = max(1, round(_BLOCK_SECONDS * sample_rate))
    size = xp.size(samples, -1)
    valid = xp.arange(0, size, samples) < xp.expand(lengths, -1)
    # A constant offset of the recording device is not sound.
    centered = xp.where(valid, samples - xp.masked_mean(samples, valid, (-1,), 0), xp.zeros_like(samples))
    # One block more than needed: its energy is 0, and a clip without samples has a block, too.
    blocks = size // block + 1
    padded = xp.pad(centered * centered, 0, blocks * block - size, -1)
    energy = xp.asum(xp.reshape(padded, (xp.size(samples, -2), blocks, block)), (-1,))
    # Of a clip that is one repeated sample the rounding error of the mean remains.
    size_of_samples = xp.where(valid, xp.maximum(samples, -samples), xp.zeros_like(samples))
    rounding = xp.expand(xp.amax(size_of_samples, (-1,)), -1) * _ROUNDING
    is_sound = energy > rounding * rounding * block
    loud = (energy >= xp.amax(energy, (-2,)) * 10 ** (-trim_db / 10)) & is_sound
    number = xp.expand(xp.floats(xp.arange(0, blocks, samples)), -1) + xp.zeros_like(energy)
    last = xp.reshape(xp.masked_max(number, loud, (-2, -1)), (-1,))
    first = xp.reshape(xp.masked_min(number, loud, (-2, -1)), (-1,))
    silent = last < 0  # the maximum over no block is a large negative number
    # Blocks become samples as integers: float32 is exact up to 2^24 only, six minutes at 44.1 kHz.
    start = xp.integers(xp.where(silent, xp.zeros_like(first), first), samples) * block
    stop = xp.integers(xp.where(silent, xp.zeros_like(last), last + 1), samples) * block
    return start, xp.maximum(xp.minimum(stop, xp.integers(lengths, samples)), start)


def _zero_padding(samples: Any, lengths: Any) -> Any:
    """Return the samples with 0 beyond the length of each clip, even where they were NaN."""
    ops = keras.ops
    position = ops.arange(ops.shape(samples)[1], dtype="int32")
    return ops.where(position < ops.expand_dims(lengths, -1), samples, ops.zeros_like(samples))


def _shift_left(samples: Any, start: Any) -> Any:
    """Return the samples from `start` on, `(batch, samples)`; the last one fills the end."""
    ops = keras.ops
    size = ops.shape(samples)[1]
    position = ops.arange(size, dtype="int32") + ops.expand_dims(start, -1)
    return ops.take_along_axis(samples, ops.minimum(position, size - 1), axis=1)
