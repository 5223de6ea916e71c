"""Speed by resampling: tempo and pitch together."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import keras

from sonogram.engines.arrays import Arrays
from sonogram.layers.augment.base import Augmentation, span
from sonogram.layers.augment.clips import Clips
from sonogram.layers.augment.convolve import fast_size
from sonogram.layers.augment.draws import Draws

__all__ = ["Speed"]

_PARTS = 1000  # a factor is a whole number of thousandths: positions are exact in any long clip
_FINER = 4  # grid between the samples, made by a Fourier transform, read by polynomials
_NODES = (-2, -1, 0, 1, 2, 3)
_MARGIN = 1024  # silence behind the clip, so that its end does not ring into its beginning
_ROLLOFF = 0.9  # share of the band that keeps its level; above, the gain falls to 0


@keras.saving.register_keras_serializable("sonogram")
class Speed(Augmentation):
    """Plays each clip faster or slower, as a tape: tempo and pitch change together.

    A clip of `length` samples becomes `ceil(length / factor)` long. The batch keeps its size: a
    faster clip has silence behind, and of a slower one what does not fit is cut off, so leave room
    behind the clips and pass their lengths. Resampling is band-limited: what a faster clip would
    fold over is removed. The upper tenth of the band is damped at every factor, 1 included.

    Args:
        factor: The speed, 1 is unchanged: a number, or a range to draw from evenly; a whole number
            of thousandths.
        **kwargs: Those of `Augmentation`: `probability`, `seed`.

    Example:
        >>> layer = Speed(factor=1.25)
        >>> samples, lengths = layer([np.ones((1, 16000), "float32"), np.array([10000])], training=True)
        >>> int(lengths[0])
        8000

    Source:
        T. Ko, V. Peddinti, D. Povey, S. Khudanpur, "Audio augmentation for speech recognition",
        Interspeech 2015.
    """

    keeps_lengths = False

    def __init__(self, factor: float | tuple[float, float] = (0.9, 1.1), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.factor = span("factor", factor, 0.1, 10)

    def transform(self, clips: Clips, draws: Draws) -> Clips:
        xp, x = clips.xp, clips.values
        low, high = (round(end * _PARTS) for end in self.factor)
        drawn = xp.floor(draws.uniform(low, high + 1))
        parts = xp.integers(xp.minimum(drawn, high), x)
        whole = clips.valid // parts
        rest = clips.valid - whole * parts
        # ceil(length / factor), in numbers that stay small.
        length = xp.minimum(whole * _PARTS + (rest * _PARTS + parts - 1) // parts, clips.size)
        place = xp.arange(0, clips.size, x)
        values = self._read(xp, self._finer(clips, parts), place, xp.expand(parts, -1))
        values = xp.where(place < xp.expand(length, -1), values, xp.zeros_like(values))
        return dataclasses.replace(clips, values=values, lengths=None if clips.lengths is None else length)

    def _finer(self, clips: Clips, parts: Any) -> Any:
        """Return the clips on the finer grid, `(rows, finer samples)`, without what would fold over."""
        xp, x = clips.xp, clips.values
        size = fast_size(xp, clips.size + _MARGIN)
        real, imaginary = xp.rfft(xp.pad(x, 0, size - clips.size, -1), size)
        half = size // 2
        nyquist = xp.floats(xp.arange(0, half + 1, x)) / xp.floats(xp.arange(half, half + 1, x))
        kept = xp.minimum(_PARTS / xp.floats(xp.expand(parts, -1)), 1.0)
        fallen = (nyquist / kept - _ROLLOFF) / (1 - _ROLLOFF)
        fallen = xp.minimum(xp.maximum(fallen, 0.0), 1.0)
        gain = (0.5 * _FINER) * (1.0 + xp.cos(fallen * math.pi))
        above = half * (_FINER - 1)
        spectrum = xp.complex(xp.pad(real * gain, 0, above, -1), xp.pad(imaginary * gain, 0, above, -1))
        return xp.irfft(spectrum, size * _FINER)

    def _read(self, xp: Arrays, finer: Any, place: Any, parts: Any) -> Any:
        """Return the values at `place * parts / 1000` samples, by polynomials through six points."""
        size = xp.size(finer, -1)
        fine = (place % _PARTS) * _FINER * parts
        step = fine // _PARTS
        t = xp.floats(fine - step * _PARTS) * (1 / _PARTS)
        # What lies beyond the grid is not kept; around its ends stand the nodes of the other end.
        index = xp.minimum((place // _PARTS) * _FINER * parts + step, size - 1)
        before, after = -_NODES[0], _NODES[-1]
        ends = xp.crop(finer, size - before, before, -1), xp.crop(finer, 0, after, -1)
        ring = xp.concatenate([ends[0], finer, ends[1]], -1)
        # The product of the distances to all nodes but one: those before it, those behind it.
        distances = [t - node for node in _NODES]
        behind: list[Any] = [1.0]
        for distance in reversed(distances[1:]):
            behind.insert(0, behind[0] * distance)
        total: Any = 0.0
        product: Any = 1.0
        for node, distance, rest in zip(_NODES, distances, behind, strict=True):
            share = 1 / math.prod(node - other for other in _NODES if other != node)
            total = total + (share * product * rest) * xp.take(ring, index + (node + before))
            product = product * distance
        return total
