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
_SILENT = 1e-30  # mean square below which there is nothing to make louder


@keras.saving.register_keras_serializable("sonogram")
class Noise(Augmentation):
    """Adds noise at a signal-to-noise ratio that holds for each clip, over its valid samples.

    Pink noise is white noise through the filter `(1 - z^-1)^(-1/2)`, whose power falls by 3 dB an
    octave, down to a four-thousandth of the sample rate. To silence no noise is added: it has no ratio.

    Args:
        snr: Signal-to-noise ratio, dB: a number, or a range to draw from evenly.
        source: "white", "pink", or recordings at the clips' rate: an array `(samples,)` or
            `(recordings, samples)`, or a list of arrays. A piece begins anywhere in a recording and
            goes on from its start where it is too short. The layer's configuration holds them.
        **kwargs: Those of `Augmentation`: `probability`, `seed`.

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
        self._refuse(
            isinstance(source, str) and source not in ("white", "pink"),
            f'source must be "white", "pink" or recordings; got {source!r}',
        )
        self.source = source if isinstance(source, str) else Recordings(source)

    def transform(self, clips: Clips, draws: Draws) -> Clips:
        xp, x = clips.xp, clips.values
        noise = self._noise(clips, draws)
        signal_power = xp.masked_mean(x * x, clips.inside, (-1,), 0)
        noise_power = xp.masked_mean(noise * noise, clips.inside, (-1,), 0)
        heard = noise_power > _SILENT
        share = xp.where(heard, signal_power / xp.maximum(noise_power, _SILENT), xp.zeros_like(signal_power))
        gain = xp.sqrt(share) * clips.column(ratio(clips, -draws.uniform(*self.snr)))
        return dataclasses.replace(clips, values=x + gain * noise)

    def _noise(self, clips: Clips, draws: Draws) -> Any:
        xp, size = clips.xp, clips.size
        if isinstance(self.source, Recordings):
            return self.source.pieces(xp, draws.uniform(), draws.uniform(), size)
        if self.source == "white":
            return draws.normals(size)
        past = _PINK_TAPS - 1
        white = draws.normals(size + past)
        return convolve(xp, white, xp.constant(_pink()[None], white), past, size)


def _pink() -> NDArray[np.float64]:
    order = np.arange(1, _PINK_TAPS)
    return np.concatenate([[1.0], np.cumprod((order - 0.5) / order)])
