"""Reverberation: each clip with its own impulse response."""

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
from sonogram.layers.augment.recordings import Recordings

__all__ = ["Reverb"]

_DECAY = 3 * math.log(10)  # 60 dB in amplitude, as a natural logarithm


@keras.saving.register_keras_serializable("sonogram")
class Reverb(Augmentation):
    """Adds reverberation, simulated or measured. The direct sound keeps its position and level.

    A simulated impulse response is noise that decays by 60 dB in the reverberation time. A measured response
    is divided by its largest value, the direct sound, and samples before it are dropped. The clip keeps its
    length: reverberation after its end is cut off.

    Args:
        sample_rate: Sample rate of the clips, Hz.
        reverb_time: Reverberation time of simulated responses, seconds: a number, or a range of uniformly
            drawn times. 0.2 to 0.6 suits homes and offices, 1 to 3 halls.
        direct_to_reverberant: Energy ratio of direct and simulated reverberant sound, dB: a number, or a
            range. Lower values are farther away.
        responses: Measured impulse responses at the rate of the clips, an array or a list of arrays; one
            is drawn for each clip. None simulates. The configuration of the layer contains them.
        **kwargs: Arguments of `Augmentation`: `probability` and `seed`.

    Example:
        >>> layer = Reverb(16000, responses=[[0.0, 1.0, 0.5]])
        >>> echo = layer(np.array([[1.0, 0.0, 0.0]], "float32"), training=True)
        >>> [round(float(sample), 3) + 0.0 for sample in echo[0]]
        [1.0, 0.5, 0.0]

    Source:
        J.-M. Jot, L. Cerveau, O. Warusfel, "Analysis and synthesis of room reverberation based on a
        statistical time-frequency model", AES 103 (1997), for noise with an exponential decay.
    """

    def __init__(
        self,
        sample_rate: float,
        reverb_time: float | tuple[float, float] = (0.1, 0.5),
        direct_to_reverberant: float | tuple[float, float] = (0.0, 12.0),
        responses: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._require_not(not sample_rate > 0, f"sample_rate must be above 0 Hz; got {sample_rate}")
        self.sample_rate = sample_rate
        self.reverb_time = span("reverb_time", reverb_time, 0.001, 60)
        self.direct_to_reverberant = span("direct_to_reverberant", direct_to_reverberant, -100, 200)
        self.responses = None if responses is None else Recordings(responses)
        if self.responses is not None:
            self._require_not(
                not all(wave.any() for wave in self.responses.waves),
                "a silent response has no direct sound; leave it out",
            )

    def transform(self, clips: Clips, draws: Draws) -> Clips:
        response = self._simulate(clips, draws) if self.responses is None else self._measure(clips, draws)
        values = convolve(clips.xp, clips.values, response, 0, clips.size)
        return dataclasses.replace(clips, values=values)

    def _simulate(self, clips: Clips, draws: Draws) -> Any:
        xp = clips.xp
        taps = max(math.ceil(self.reverb_time[1] * self.sample_rate), 1)
        seconds = xp.constant(np.arange(1, taps + 1) / self.sample_rate, clips.values)
        decay = clips.column(draws.uniform(*self.reverb_time))
        tail = draws.normals(taps) * xp.exp(-_DECAY * seconds / decay)
        energy = xp.maximum(xp.asum(tail * tail, (-1,)), 1e-30)
        level = clips.column(ratio(clips, -draws.uniform(*self.direct_to_reverberant)))
        tail = tail * (level / xp.sqrt(energy))
        direct = xp.ones_like(xp.crop(tail, 0, 1, -1))
        return xp.concatenate([direct, tail], -1)

    def _measure(self, clips: Clips, draws: Draws) -> Any:
        assert self.responses is not None
        xp = clips.xp
        waves = [
            wave[np.abs(wave).argmax() :] / np.float64(wave[np.abs(wave).argmax()])
            for wave in self.responses.waves
        ]
        table = np.zeros((len(waves), max(map(len, waves))))
        for row, wave in zip(table, waves, strict=True):
            row[: len(wave)] = wave
        return xp.rows(xp.constant(table, clips.values), self.responses.choose(xp, draws.uniform()))
