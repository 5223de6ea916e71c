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

_PARTS = 1000  # a factor is a multiple of 1/1000, so positions are exact in clips of any length
_FINER = 4  # oversampling by the Fourier transform, before interpolation by polynomials
_NODES = (-2, -1, 0, 1, 2, 3)
_MARGIN = 1024  # zeros after the clip, so that its end does not ring into its beginning
_ROLLOFF = 0.9  # share of the band with gain 1; above, the gain falls to 0


@keras.saving.register_keras_serializable("sonogram")
class Speed(Augmentation):
    """Changes the speed of each clip by resampling: tempo and pitch change together.

    A clip of `length` samples becomes `ceil(length / factor)` long. The batch keeps its size: a faster clip
    is padded with zeros, and a slower one is truncated, so pad the clips and pass their lengths.
    Resampling is band-limited: frequencies of a faster clip that would alias are removed. The upper tenth
    of the band is attenuated for every factor, including 1.

    Args:
        factor: Speed, where 1 is unchanged: a number, or a range of uniformly drawn factors, in steps of
            1/1000. 0.9 to 1.1 is usual for speech.
        **kwargs: Arguments of `Augmentation`: `probability` and `seed`.

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
        # ceil(length / factor), with products that fit into 32 bits.
        length = xp.minimum(whole * _PARTS + (rest * _PARTS + parts - 1) // parts, clips.size)
        place = xp.arange(0, clips.size, x)
        values = self._read(xp, self._finer(clips, parts), place, xp.expand(parts, -1))
        values = xp.where(place < xp.expand(length, -1), values, xp.zeros_like(values))
        return dataclasses.replace(clips, values=values, lengths=None if clips.lengths is None else length)

    def _finer(self, clips: Clips, parts: Any) -> Any:
        """Return the oversampled clips, `(rows, finer samples)`, without frequencies that would alias."""
        xp, x = clips.xp, clips.values
        size = fast_size(xp, clips.size + _MARGIN)
        real, imaginary = xp.rfft(xp.pad(x, 0, size - clips.size, -1), size)
        half = size // 2
        nyquist = xp.floats(xp.arange(0, half + 1, x)) / xp.floats(xp.arange(half, half + 1, x))
        passed = xp.minimum(_PARTS / xp.floats(xp.expand(parts, -1)), 1.0)
        slope = (nyquist / passed - _ROLLOFF) / (1 - _ROLLOFF)
        slope = xp.minimum(xp.maximum(slope, 0.0), 1.0)
        gain = (0.5 * _FINER) * (1.0 + xp.cos(slope * math.pi))
        above = half * (_FINER - 1)
        spectrum = xp.complex(xp.pad(real * gain, 0, above, -1), xp.pad(imaginary * gain, 0, above, -1))
        return xp.irfft(spectrum, size * _FINER)

    def _read(self, xp: Arrays, finer: Any, place: Any, parts: Any) -> Any:
        """Return the values at `place * parts / 1000` samples, by polynomials through six points."""
        size = xp.size(finer, -1)
        fine = (place % _PARTS) * _FINER * parts
        step = fine // _PARTS
        t = xp.floats(fine - step * _PARTS) * (1 / _PARTS)
        # Values outside the grid are discarded later; at its ends the nodes wrap around.
        index = xp.minimum((place // _PARTS) * _FINER * parts + step, size - 1)
        before, after = -_NODES[0], _NODES[-1]
        ends = xp.crop(finer, size - before, before, -1), xp.crop(finer, 0, after, -1)
        ring = xp.concatenate([ends[0], finer, ends[1]], -1)
        # Lagrange: the product of the distances to all other nodes, those before times those after.
        distances = [t - node for node in _NODES]
        following: list[Any] = [1.0]
        for distance in reversed(distances[1:]):
            following.insert(0, following[0] * distance)
        total: Any = 0.0
        product: Any = 1.0
        for node, distance, rest in zip(_NODES, distances, following, strict=True):
            share = 1 / math.prod(node - other for other in _NODES if other != node)
            total = total + (share * product * rest) * xp.take(ring, index + (node + before))
            product = product * distance
        return total
