"""Noise at a stated signal-to-noise ratio."""

from __future__ import annotations

import dataclasses
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from sonogram.layers.augment.base import Augmentation, span
from sonogram.layers.augment.clips import Clips
from sonogram.layers.augment.convolve import convolve
from sonogram.layers.augment.draws import Draws
from sonogram.layers.augment.level import ratio
from sonogram.layers.augment.recordings import Recordings

__all__ = ["Noise"]

_PINK_TAPS = 4096
_SILENT = 1e-30  # mean square below which noise cannot be scaled


@keras.saving.register_keras_serializable("sonogram")
class Noise(Augmentation):
    """Adds noise at a signal-to-noise ratio, measured over the valid samples of each clip.

    Pink noise is white noise through the filter `(1 - z^-1)^(-1/2)`, whose power falls by 3 dB per
    octave, down to 1/4000 of the sample rate. No noise is added to silence, which has no ratio.

    Args:
        snr: Signal-to-noise ratio, dB: a number, or a range of uniformly drawn ratios. Choose the range
            of your recordings: 20 dB is a quiet office, 5 dB a busy street.
        source: "white", "pink", or recordings at the rate of the clips: an array `(samples,)` or
            `(recordings, samples)`, or a list of arrays. Segments start at a random sample; short
            recordings are looped. The configuration of the layer contains the recordings.
        **kwargs: Arguments of `Augmentation`: `probability` and `seed`.

    Example:
        >>> layer = Noise(snr=20, source="pink", seed=1)
        >>> clip = np.sin(np.arange(16000, dtype="float32") / 9)[None]
        >>> added = np.asarray(layer(clip, training=True)) - clip
        >>> round(float(10 * np.log10((clip**2).mean() / (added**2).mean())), 2)
        20.0

    Source:
        N. J. Kasdin, "Discrete simulation of colored noise and stochastic processes and 1/f^a power
        law noise generation", Proceedings of the IEEE 83 (1995), for the filter.
    """

    def __init__(
        self, snr: float | tuple[float, float] = (5.0, 30.0), source: Any = "white", **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.snr = span("snr", snr, -200, 200)
        self._require_not(
            isinstance(source, str) and source not in ("white", "pink"),
            f'source must be "white", "pink" or recordings; got {source!r}',
        )
        self.source = source if isinstance(source, str) else Recordings(source)

    def transform(self, clips: Clips, draws: Draws) -> Clips:
        xp, x = clips.xp, clips.values
        noise = self._noise(clips, draws)
        signal_power = xp.masked_mean(x * x, clips.inside, (-1,), 0)
        noise_power = xp.masked_mean(noise * noise, clips.inside, (-1,), 0)
        present = noise_power > _SILENT
        share = xp.where(
            present, signal_power / xp.maximum(noise_power, _SILENT), xp.zeros_like(signal_power)
        )
        gain = xp.sqrt(share) * clips.column(ratio(clips, -draws.uniform(*self.snr)))
        return dataclasses.replace(clips, values=x + gain * noise)

    def _noise(self, clips: Clips, draws: Draws) -> Any:
        xp, size = clips.xp, clips.size
        if isinstance(self.source, Recordings):
            return self.source.segments(xp, draws.uniform(), draws.uniform(), size)
        if self.source == "white":
            return draws.normals(size)
        past = _PINK_TAPS - 1
        white = draws.normals(size + past)
        return convolve(xp, white, xp.constant(_pink()[None], white), past, size)


def _pink() -> NDArray[np.float64]:
    order = np.arange(1, _PINK_TAPS)
    return np.concatenate([[1.0], np.cumprod((order - 0.5) / order)])
