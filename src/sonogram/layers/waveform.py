"""Front ends of filters that are applied to the samples and trained: LEAF and SincNet."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from sonogram.bands import Mel
from sonogram.bands.mel import hertz_to_mel, mel_to_hertz
from sonogram.errors import SonogramError
from sonogram.frontend import Frontend
from sonogram.layers.float32 import Float32Layer, to_frontend
from sonogram.scaling import Pcen

__all__ = ["Leaf", "SincConv"]

_MAX_FRAMES = 4096  # over which smoothing reaches back where the number of frames is not known
_FLOOR = 1e-5  # of energies, before they are compressed


class _SampleFilters(Float32Layer):
    """Base: filters as long as a frame, with one row of values for each step, `ceil(samples / step)`."""

    frontend: Frontend

    def _check(self, frontend: Frontend | Mapping[str, Any]) -> None:
        self.frontend = to_frontend(frontend)
        self.supports_masking = True
        if not isinstance(self.frontend.bands, Mel):
            raise SonogramError(
                f"{type(self).__name__} begins as mel bands; got bands={self.frontend.bands!r}"
            )
        if self.frontend.frame_length % 2 == 0:
            remedy = f"use {self.frontend.frame_length + 1}"
            raise SonogramError(
                f"filters have an odd frame_length; got {self.frontend.frame_length}: {remedy}"
            )

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """Return the filtered samples; with lengths, 0 after the valid frames."""
        ops = keras.ops
        samples, lengths = inputs if isinstance(inputs, (list, tuple)) else (inputs, None)
        x = ops.cast(samples, "float32")
        if keras.backend.standardize_dtype(samples.dtype) == "int16":
            x = x / 32768.0
        if lengths is None:
            return self._filtered(ops.expand_dims(x, -1), None)
        lengths = ops.expand_dims(ops.cast(lengths, "int32"), -1)
        inside = ops.arange(ops.shape(x)[-1]) < lengths
        x = ops.where(inside, x, 0.0)
        values = self._filtered(ops.expand_dims(x, -1), ops.expand_dims(inside, -1))
        valid = ops.arange(ops.shape(values)[1]) < self._num_frames(lengths)
        return ops.where(ops.expand_dims(valid, -1), values, 0.0)

    def _filtered(self, x: Any, inside: Any) -> Any:
        """Return values, `(batch, frames, bands)`, of samples, `(batch, samples, 1)`.

        Args:
            x: Samples, 0 after the clip.
            inside: Whether each sample is in the clip; None is all.
        """
        raise NotImplementedError

    def _num_frames(self, num_samples: Any) -> Any:
        return (num_samples + self.frontend.frame_step - 1) // self.frontend.frame_step

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Return which frames are valid, `(batch, frames)`; None without lengths."""
        if not isinstance(inputs, (list, tuple)):
            return None
        ops = keras.ops
        lengths = ops.expand_dims(ops.cast(inputs[1], "int32"), -1)
        return ops.arange(self._num_frames(ops.shape(inputs[0])[-1])) < self._num_frames(lengths)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        """Return the shape of the values."""
        shape = input_shape[0] if isinstance(input_shape[0], (list, tuple)) else input_shape
        frames = None if shape[-1] is None else self._num_frames(shape[-1])
        return (shape[0], frames, self.frontend.num_filters)

    def _weight(self, name: str, first: NDArray[Any]) -> Any:
        array = np.asarray(first, np.float32)
        return self.add_weight(shape=array.shape, initializer=lambda *_, **__: array, name=name)


@keras.saving.register_keras_serializable("sonogram")
class Leaf(_SampleFilters):
    """LEAF: Gabor filters, a Gaussian low-pass and PCEN, all of them trained.

    Before training, its features resemble a mel spectrogram with PCEN. It costs about 200 times as much as
    one: each filter is applied at each sample.

    Args:
        frontend: Definition that it begins as: `sample_rate`, `frame_length` (length of the filters, odd),
            `frame_step`, `bands` (mel) and `scaling` (`Pcen`). Its other fields have no effect. The
            example is the published layer.
        **kwargs: Arguments of `keras.layers.Layer`, except `dtype`, which is always float32.

    Input shape:
        `(batch, samples)`; or the list `[samples, lengths]` with the valid samples of each clip, `(batch,)`.

    Output shape:
        `(batch, frames, bands)` with `ceil(samples / frame_step)` frames; with lengths also a mask.

    Raises:
        SonogramError: `bands` is no `Mel`, `scaling` no `Pcen`, or `frame_length` is even.

    Example:
        >>> definition = sg.Frontend(
        ...     16000,
        ...     401,
        ...     160,
        ...     bands=sg.bands.Mel(40, 60, 7800, slopes="mel"),
        ...     scaling=sg.scaling.Pcen(0.04, 0.96, 2, 0.5, 1e-12),
        ... )
        >>> tuple(Leaf(definition)(np.zeros((1, 4000), "float32")).shape)
        (1, 25, 40)

    See Also:
        TrainableBands: a trained filter bank at the cost of a mel spectrogram.

    Source:
        N. Zeghidour et al., "LEAF: a learnable frontend for audio classification", ICLR 2021.
    """

    def __init__(self, frontend: Frontend | Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._check(frontend)
        if not isinstance(self.frontend.scaling, Pcen):
            raise SonogramError(f"Leaf begins with scaling=Pcen(...); got {self.frontend.scaling!r}")

    def build(self, input_shape: Any) -> None:
        scaling, bands = self.frontend.scaling, self.frontend.num_filters
        assert isinstance(scaling, Pcen)
        centers, widths = _gabor(self.frontend)
        self.centers, self.widths = self._weight("centers", centers), self._weight("widths", widths)
        self.pooling = self._weight("pooling", np.full(bands, 0.4))
        for name in ("smoothing", "gain", "bias", "power"):
            setattr(self, name, self._weight(name, np.full(bands, getattr(scaling, name))))
        super().build(input_shape)

    def _filtered(self, x: Any, inside: Any) -> Any:
        ops, bands = keras.ops, self.frontend.num_filters
        parts = ops.conv(x, self._kernels(), strides=1, padding="same")
        energy = ops.square(parts[..., :bands]) + ops.square(parts[..., bands:])
        if inside is not None:
            energy = ops.where(inside, energy, 0.0)  # the filters resound after the clip
        length = self.frontend.frame_length
        half = (length - 1) / 2
        position = ops.convert_to_tensor((np.arange(length, dtype=np.float32) - half)[:, None] / half)
        width = ops.clip(self.pooling, 2 / length, 0.5)
        window = ops.exp(-0.5 * ops.square(position / width))
        step = self.frontend.frame_step
        # TensorFlow's "same" at whole steps. There the zeros in front depend on the length otherwise, and a
        # clip would have other features in a batch of longer clips.
        before = (length - step) // 2 if length > step else 0
        extended = ops.pad(energy, [[0, 0], [before, length - 1 - before], [0, 0]])
        pooled = ops.depthwise_conv(extended, ops.expand_dims(window, -1), strides=step, padding="valid")
        return self._compressed(ops.maximum(pooled, _FLOOR))

    def _kernels(self) -> Any:
        """Return the real and the imaginary parts of the Gabor filters, `(length, 1, 2 bands)`."""
        ops, length = keras.ops, self.frontend.frame_length
        position = ops.convert_to_tensor((np.arange(length, dtype=np.float32) - length // 2)[:, None])
        low, high = _width_limits(length)
        width = ops.clip(self.widths, low, high)
        envelope = ops.exp(-ops.square(position / width) / 2) / (math.sqrt(2 * math.pi) * width)
        angle = position * ops.clip(self.centers, 0.0, math.pi)
        return ops.expand_dims(ops.concatenate([envelope * ops.cos(angle), envelope * ops.sin(angle)], -1), 1)

    def _compressed(self, energy: Any) -> Any:
        """Return PCEN with a smoothing, gain, bias and power of each band."""
        ops, scaling = keras.ops, self.frontend.scaling
        assert isinstance(scaling, Pcen)
        smoothed = _smooth(energy, ops.clip(self.smoothing, 1e-3, 1.0), scaling.initial)
        gain, power = ops.clip(self.gain, 0.0, 1.0), ops.clip(self.power, 1e-3, 1.0)
        bias = ops.maximum(self.bias, 1e-3)
        level = energy * ops.exp(-gain * ops.log(smoothed + scaling.epsilon))
        return ops.power(bias, power) * ops.expm1(power * ops.log1p(level / bias))


@keras.saving.register_keras_serializable("sonogram")
class SincConv(_SampleFilters):
    """SincNet's first layer: band-pass filters of the samples whose two edges are trained.

    It returns filtered sound, not energies: follow it with a nonlinearity and pooling, as SincNet does.

    Args:
        frontend: Definition that it begins as: `sample_rate`, `frame_length` (length of the filters, odd),
            `frame_step` and `bands` (mel), between whose edges the filters are placed next to one another.
            Its other fields have no effect.
        min_low_hz: Frequency above which every filter begins, hertz.
        min_band_hz: Least width of a filter, hertz.
        **kwargs: Arguments of `keras.layers.Layer`, except `dtype`, which is always float32.

    Input shape:
        `(batch, samples)`; or the list `[samples, lengths]` with the valid samples of each clip, `(batch,)`.

    Output shape:
        `(batch, frames, bands)` with `ceil(samples / frame_step)` frames; with lengths also a mask.

    Raises:
        SonogramError: `bands` is no `Mel`, or `frame_length` is even.

    Example:
        >>> definition = sg.Frontend(16000, 129, 10, bands=sg.bands.Mel(80, 50, 7900))
        >>> tuple(SincConv(definition)(np.zeros((1, 4000), "float32")).shape)
        (1, 400, 80)

    See Also:
        Leaf: energies of trained filters.

    Source:
        M. Ravanelli and Y. Bengio, "Speaker recognition from raw waveform with SincNet", SLT 2018.
    """

    def __init__(
        self,
        frontend: Frontend | Mapping[str, Any],
        min_low_hz: float = 50,
        min_band_hz: float = 50,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._check(frontend)
        self.min_low_hz, self.min_band_hz = min_low_hz, min_band_hz

    def build(self, input_shape: Any) -> None:
        bands = self.frontend.bands
        assert isinstance(bands, Mel)
        limits = np.array([bands.lower_hz, bands.upper_hz or self.frontend.sample_rate / 2])
        first, last = hertz_to_mel(limits, bands.mel_scale)
        mel = np.linspace(first, last, bands.num_mel_bins + 1)
        edges = mel_to_hertz(mel, bands.mel_scale)
        # As shares of the sample rate: a step of an optimizer is small in hertz.
        rate = self.frontend.sample_rate
        self.low = self._weight("low", np.maximum(edges[:-1] - self.min_low_hz, 0) / rate)
        self.band = self._weight("band", np.maximum(np.diff(edges) - self.min_band_hz, 0) / rate)
        super().build(input_shape)

    def _filtered(self, x: Any, inside: Any) -> Any:
        half = self.frontend.frame_length // 2
        extended = keras.ops.pad(x, [[0, 0], [half, half], [0, 0]])
        return keras.ops.conv(extended, self._kernels(), strides=self.frontend.frame_step, padding="valid")

    def _kernels(self) -> Any:
        """Return Hamming-windowed differences of two sinc functions, `(length, 1, bands)`, of peak 1."""
        ops, length = keras.ops, self.frontend.frame_length
        rate = self.frontend.sample_rate
        low = self.min_low_hz + rate * ops.abs(self.low)
        high = ops.clip(low + self.min_band_hz + rate * ops.abs(self.band), self.min_low_hz, rate / 2)
        half = length // 2
        time = ops.convert_to_tensor(
            np.float32(2 * np.pi / rate) * np.arange(-half, 0, dtype=np.float32)[:, None]
        )
        # The window rises over the first half in steps that end one before its middle, as the original's.
        rise = np.linspace(0, length / 2 - 1, half, dtype=np.float32)[:, None]
        window = ops.convert_to_tensor(0.54 - 0.46 * np.cos(np.float32(2 * np.pi / length) * rise))
        left = (ops.sin(high * time) - ops.sin(low * time)) / (time / 2) * window / (2 * (high - low))
        middle = ops.ones_like(left[:1])
        return ops.expand_dims(ops.concatenate([left, middle, ops.flip(left, 0)], 0), 1)


def _width_limits(length: int) -> tuple[float, float]:
    unit = math.sqrt(2 * math.log(2)) / math.pi
    return 4 * unit, length * unit


def _gabor(frontend: Frontend) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the centers, radians per sample, and the widths, samples, of filters like the mel bands."""
    assert frontend.bands is not None
    size = frontend.fft_size
    weights = np.sqrt(frontend.bands.matrix(frontend.sample_rate, size))
    centers = 2 * np.pi * np.argmax(weights, axis=0) / size
    bins = np.sum(weights >= weights.max(axis=0) / 2, axis=0)
    widths = math.sqrt(2 * math.log(2)) * size / (np.pi * bins)
    return centers, np.clip(widths, *_width_limits(frontend.frame_length))


def _smooth(values: Any, smoothing: Any, initial: float | str) -> Any:
    """Return the exponential moving average over the frames, with a weight of the newest for each band.

    In place of a loop the tail of the filter is doubled: `1 + a z^-1`, then times `1 + a^2 z^-2` and so on.
    """
    ops = keras.ops
    decay = 1 - smoothing
    frames = values.shape[1]
    before = values[:, :1] if initial == "first" else ops.zeros_like(values[:, :1]) + initial
    first = values[:, :1] * smoothing + before * decay
    smoothed = ops.concatenate([first, values[:, 1:] * smoothing], 1)
    shift = 1
    while shift < (frames or _MAX_FRAMES):
        earlier = ops.pad(smoothed, [[0, 0], [shift, 0], [0, 0]])[:, : ops.shape(values)[1]]
        smoothed, decay = smoothed + decay * earlier, decay * decay
        shift *= 2
    return smoothed
