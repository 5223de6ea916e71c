"""Reverberation: each clip in a room of its own."""

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
    """Puts each clip into a room, simulated or measured. The direct sound keeps its place and level.

    A simulated room answers with noise that decays by 60 dB in the reverberation time. Measured
    responses are divided by their largest value, which is taken for the direct sound, and what lies
    before it is left out. The clip keeps its length: what echoes beyond its end is cut off.

    Args:
        sample_rate: That of the clips, hertz.
        reverb_time: Of the simulated rooms, seconds: a number, or a range to draw from evenly.
        direct_to_reverberant: Energy of the direct sound over that of the simulated echoes, dB: a
            number, or a range.
        responses: Measured responses at the clips' rate, an array or a list of arrays, to choose
            from; None simulates. The layer's configuration holds them.
        **kwargs: Those of `Augmentation`: `probability`, `seed`.

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
        self._refuse(not sample_rate > 0, f"sample_rate must be above 0 Hz; got {sample_rate}")
        self.sample_rate = sample_rate
        self.reverb_time = span("reverb_time", reverb_time, 0.001, 60)
        self.direct_to_reverberant = span("direct_to_reverberant", direct_to_reverberant, -100, 200)
        self.responses = None if responses is None else Recordings(responses)
        if self.responses is not None:
            self._refuse(
                not all(wave.any() for wave in self.responses.waves),
                "a response that is silent has no direct sound; leave it out",
            )

    def transform(self, clips: Clips, draws: Draws) -> Clips:
        response = self._simulated(clips, draws) if self.responses is None else self._measured(clips, draws)
        values = convolve(clips.xp, clips.values, response, 0, clips.size)
        return dataclasses.replace(clips, values=values)

    def _simulated(self, clips: Clips, draws: Draws) -> Any:
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

    def _measured(self, clips: Clips, draws: Draws) -> Any:
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
