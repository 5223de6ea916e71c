"""Filters: band-pass, spectral tilt, lower bandwidth. Each clip has its own filter, without delay."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import keras
import numpy as np

from sonogram.layers.augment.base import Augmentation, span
from sonogram.layers.augment.clips import Clips
from sonogram.layers.augment.convolve import convolve
from sonogram.layers.augment.draws import Draws
from sonogram.layers.augment.level import ratio

__all__ = ["BandLimit", "BandPass", "Filter", "Tilt"]

Span = float | tuple[float, float]

_RESOLUTION_HZ = 16  # of the gains; the filter has the length of one to two periods of it
_LOWEST_HZ = 50.0  # a tilt is constant below: there is little signal and much rumble


class Filter(Augmentation):
    """Base of the filters: a gain over frequency for each clip, as a symmetric filter of fixed length.

    Args:
        sample_rate: Sample rate of the clips, Hz.
        **kwargs: Arguments of `Augmentation`: `probability` and `seed`.
    """

    def __init__(self, sample_rate: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._require_not(not sample_rate > 0, f"sample_rate must be above 0 Hz; got {sample_rate}")
        self.sample_rate = sample_rate

    def gains(self, clips: Clips, draws: Draws, frequencies: Any) -> Any:
        """Return amplitude factors, `(rows, frequencies)`, at `frequencies` in hertz."""
        raise NotImplementedError

    def transform(self, clips: Clips, draws: Draws) -> Clips:
        xp = clips.xp
        taps = 1 << max(math.ceil(math.log2(self.sample_rate / _RESOLUTION_HZ)), 4)
        half = taps // 2
        grid = np.arange(half + 1) * (self.sample_rate / taps)
        gains = self.gains(clips, draws, xp.constant(grid[None], clips.values))
        around = xp.irfft(xp.complex(gains, xp.zeros_like(gains)), taps)
        kernel = xp.concatenate([xp.crop(around, half, half, -1), xp.crop(around, 0, half, -1)], -1)
        kernel = kernel * xp.constant(np.sin(np.pi * np.arange(taps) / taps) ** 2, kernel)
        values = convolve(xp, clips.values, kernel, half, clips.size)
        return dataclasses.replace(clips, values=values)

    def _octaves(self, clips: Clips, draws: Draws, bounds: tuple[float, float]) -> Any:
        """Return a frequency for each row, hertz, uniformly distributed in octaves."""
        return clips.column(clips.xp.exp(draws.uniform(*(math.log(bound) for bound in bounds))))

    def _hertz(self, name: str, value: Any) -> tuple[float, float]:
        return span(name, value, 1.0, self.sample_rate / 2)


@keras.saving.register_keras_serializable("sonogram")
class BandPass(Filter):
    """Band-pass filter with the magnitude of Butterworth filters and no delay.

    Use it where recordings come from telephones or small microphones.

    Args:
        sample_rate: Sample rate of the clips, Hz.
        lower_hz: Lower cutoff frequency (3 dB), Hz: a number, a range from which it is drawn uniformly in
            octaves, or None for none.
        upper_hz: Upper cutoff frequency, the same way.
        order: Order of each end: the slope is 6 dB per octave times the order.
        **kwargs: Arguments of `Augmentation`: `probability` and `seed`.

    Example:
        >>> layer = BandPass(16000, lower_hz=300, upper_hz=3400)
        >>> high = np.sin(np.arange(16000) * (2 * np.pi * 7000 / 16000)).astype("float32")
        >>> bool(abs(np.asarray(layer(high[None], training=True))[0, 4000:12000]).max() < 0.1)
        True
    """

    def __init__(
        self,
        sample_rate: float,
        lower_hz: Span | None = (50.0, 500.0),
        upper_hz: Span | None = (2000.0, 4000.0),
        order: int = 4,
        **kwargs: Any,
    ) -> None:
        super().__init__(sample_rate, **kwargs)
        self.lower_hz = None if lower_hz is None else self._hertz("lower_hz", lower_hz)
        self.upper_hz = None if upper_hz is None else self._hertz("upper_hz", upper_hz)
        self._require_not(not 1 <= order <= 16, f"order must lie between 1 and 16; got {order}")
        self.order = int(order)
        if self.lower_hz and self.upper_hz:
            self._require_not(
                self.lower_hz[1] > self.upper_hz[0],
                f"lower_hz is up to {self.lower_hz[1]:g}, above the lowest upper_hz, {self.upper_hz[0]:g}",
            )

    def gains(self, clips: Clips, draws: Draws, frequencies: Any) -> Any:
        xp = clips.xp
        squares = xp.zeros_like(frequencies)
        positive = xp.maximum(frequencies, 1e-3)
        if self.lower_hz is not None:
            squares = squares + self._power(clips, self._octaves(clips, draws, self.lower_hz) / positive)
        if self.upper_hz is not None:
            squares = squares + self._power(clips, positive / self._octaves(clips, draws, self.upper_hz))
        # Without cutoff frequencies the gain is the same for all rows: broadcast it.
        squares = squares + xp.zeros_like(xp.crop(clips.values, 0, 1, -1))
        return 1.0 / xp.sqrt(1.0 + squares)

    def _power(self, clips: Clips, relative: Any) -> Any:
        # exp(80) is an attenuation of 350 dB, and its inverse still fits into float32.
        return clips.xp.exp(clips.xp.minimum(2 * self.order * clips.xp.log(relative), 80.0))


@keras.saving.register_keras_serializable("sonogram")
class Tilt(Filter):
    """Spectral tilt: makes each clip darker or brighter, as other microphones and acoustics do.

    Args:
        sample_rate: Sample rate of the clips, Hz.
        decibels_per_octave: Slope, dB per octave: a number, or a range of uniformly drawn slopes; above 0
            is brighter. The gain is constant below 50 Hz.
        pivot_hz: Frequency whose level stays the same, Hz.
        **kwargs: Arguments of `Augmentation`: `probability` and `seed`.

    Example:
        >>> layer = Tilt(16000, decibels_per_octave=-6)
        >>> tone = np.sin(np.arange(16000) * (2 * np.pi * 2000 / 16000)).astype("float32")
        >>> darker = np.asarray(layer(tone[None], training=True))[0, 4000:12000]
        >>> round(float(20 * np.log10(abs(darker).max())), 1)
        -6.0
    """

    def __init__(
        self,
        sample_rate: float,
        decibels_per_octave: Span = (-3.0, 3.0),
        pivot_hz: float = 1000.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(sample_rate, **kwargs)
        self.decibels_per_octave = span("decibels_per_octave", decibels_per_octave, -24, 24)
        self.pivot_hz = self._hertz("pivot_hz", pivot_hz)[0]

    def gains(self, clips: Clips, draws: Draws, frequencies: Any) -> Any:
        xp = clips.xp
        octaves = xp.log(xp.maximum(frequencies, _LOWEST_HZ) * (1 / self.pivot_hz)) * (1 / math.log(2))
        return ratio(clips, octaves * clips.column(draws.uniform(*self.decibels_per_octave)))


@keras.saving.register_keras_serializable("sonogram")
class BandLimit(Filter):
    """Low-pass filter that removes everything above a frequency, as a lower sample rate or a codec does.

    Args:
        sample_rate: Sample rate of the clips, Hz.
        upper_hz: Frequency above which nothing remains, Hz: a number, or a range from which it is drawn
            uniformly in octaves. The gain begins to fall 10 % lower.
        **kwargs: Arguments of `Augmentation`: `probability` and `seed`.

    Example:
        >>> layer = BandLimit(16000, upper_hz=4000)
        >>> tone = np.sin(np.arange(16000) * (2 * np.pi * 4100 / 16000)).astype("float32")
        >>> bool(abs(np.asarray(layer(tone[None], training=True))[0, 4000:12000]).max() < 1e-3)
        True
    """

    def __init__(self, sample_rate: float, upper_hz: Span = (2000.0, 4000.0), **kwargs: Any) -> None:
        super().__init__(sample_rate, **kwargs)
        self.upper_hz = self._hertz("upper_hz", upper_hz)

    def gains(self, clips: Clips, draws: Draws, frequencies: Any) -> Any:
        xp = clips.xp
        upper = self._octaves(clips, draws, self.upper_hz)
        fallen = xp.minimum(xp.maximum((frequencies / upper - 0.9) * 10.0, 0.0), 1.0)
        return 0.5 + 0.5 * xp.cos(fallen * math.pi)
