"""Augmentations of the level: gain, polarity, clipping."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import keras

from sonogram.layers.augment.base import Augmentation, span
from sonogram.layers.augment.clips import Clips
from sonogram.layers.augment.draws import Draws

__all__ = ["Clipping", "Gain", "PolarityInversion", "ratio"]


def ratio(clips: Clips, decibels: Any) -> Any:
    """Return the amplitude factor of a change of level in dB."""
    return clips.xp.exp(decibels * (math.log(10) / 20))


@keras.saving.register_keras_serializable("sonogram")
class Gain(Augmentation):
    """Changes the level of each clip.

    Use it where the distance to the microphone varies, unless clips are normalized later.

    Args:
        decibels: Change of level, dB: a number, or a range of uniformly drawn changes.
        **kwargs: Arguments of `Augmentation`: `probability` and `seed`.

    Example:
        >>> layer = Gain(decibels=-20)
        >>> quiet = layer(np.ones((2, 4), "float32"), training=True)
        >>> bool(np.allclose(quiet, 0.1))
        True
    """

    def __init__(self, decibels: float | tuple[float, float] = (-12.0, 12.0), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.decibels = span("decibels", decibels, -200, 200)

    def transform(self, clips: Clips, draws: Draws) -> Clips:
        factor = ratio(clips, draws.uniform(*self.decibels))
        return dataclasses.replace(clips, values=clips.values * clips.column(factor))


@keras.saving.register_keras_serializable("sonogram")
class PolarityInversion(Augmentation):
    """Inverts the polarity of clips: it sounds the same, but a network on raw samples sees a difference.

    Args:
        probability: Share of the clips that are inverted.
        **kwargs: Arguments of `Augmentation`: `seed`.

    Example:
        >>> layer = PolarityInversion(probability=1.0)
        >>> inverted = layer(np.ones((2, 4), "float32"), training=True)
        >>> float(inverted[0][0])
        -1.0
    """

    def __init__(self, probability: float = 0.5, **kwargs: Any) -> None:
        super().__init__(probability=probability, **kwargs)

    def transform(self, clips: Clips, draws: Draws) -> Clips:
        return dataclasses.replace(clips, values=-clips.values)


@keras.saving.register_keras_serializable("sonogram")
class Clipping(Augmentation):
    """Clips the peaks of each waveform, as an overdriven microphone does.

    Args:
        decibels: Clipping level relative to the peak of the clip, dB: a number of at most 0, or a range.
        **kwargs: Arguments of `Augmentation`: `probability` and `seed`.

    Example:
        >>> layer = Clipping(decibels=-20)
        >>> cut = layer(np.array([[1.0, 0.5, -0.05]], "float32"), training=True)
        >>> [round(float(sample), 3) for sample in cut[0]]
        [0.1, 0.1, -0.05]
    """

    def __init__(self, decibels: float | tuple[float, float] = (-18.0, 0.0), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.decibels = span("decibels", decibels, -200, 0)

    def transform(self, clips: Clips, draws: Draws) -> Clips:
        xp, x = clips.xp, clips.values
        peak = xp.amax(xp.maximum(x, -x), (-1,))
        limit = peak * clips.column(ratio(clips, draws.uniform(*self.decibels)))
        return dataclasses.replace(clips, values=xp.minimum(xp.maximum(x, -limit), limit))
