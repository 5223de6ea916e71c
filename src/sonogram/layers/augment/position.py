"""Augmentations of the position in time: shift and crop."""

from __future__ import annotations

import dataclasses
import numbers
from typing import Any

import keras

from sonogram.layers.augment.base import Augmentation, span
from sonogram.layers.augment.clips import Clips
from sonogram.layers.augment.draws import Draws

__all__ = ["RandomCrop", "TimeShift"]


@keras.saving.register_keras_serializable("sonogram")
class TimeShift(Augmentation):
    """Moves each clip in time, within its own length.

    Args:
        shift: Delay in samples: a number, or a range of uniformly drawn delays; below 0 is earlier.
        wrap: Whether samples that leave at one end enter at the other; otherwise zeros enter.
        **kwargs: Arguments of `Augmentation`: `probability` and `seed`.

    Example:
        >>> layer = TimeShift(shift=1)
        >>> later = layer(np.array([[1.0, 2.0, 3.0]], "float32"), training=True)
        >>> [float(sample) for sample in later[0]]
        [0.0, 1.0, 2.0]
    """

    def __init__(
        self, shift: int | tuple[int, int] = (-1600, 1600), wrap: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        ends = span("shift", shift, -(2**24), 2**24)
        self._require_not(
            any(end != int(end) for end in ends),
            f"shift must be in whole samples, not in seconds; got {shift}",
        )
        self._require_not(wrap not in (True, False), f"wrap must be True or False; got {wrap!r}")
        self.shift = tuple(map(int, ends))
        self.wrap = bool(wrap)

    def transform(self, clips: Clips, draws: Draws) -> Clips:
        xp, x = clips.xp, clips.values
        low, high = self.shift
        # The product may round up to the bound itself.
        shift = xp.integers(xp.minimum(xp.floor(draws.uniform(low, high + 1)), high), x)
        source = xp.arange(0, clips.size, x) - xp.expand(shift, -1)
        valid = xp.expand(clips.valid, -1)
        wrapped = source % xp.maximum(valid, 1)
        moved = xp.take(x, wrapped)
        if not self.wrap:
            moved = xp.where((source >= 0) & (source < valid), moved, xp.zeros_like(moved))
        return dataclasses.replace(clips, values=moved)


@keras.saving.register_keras_serializable("sonogram")
class RandomCrop(Augmentation):
    """Crops a random segment out of each clip.

    Shorter clips stay whole and are padded with zeros. In training all clips become `num_samples` long;
    outside training they keep their length, so the following layers must accept any length.

    Args:
        num_samples: Length of the segment, samples.
        **kwargs: Arguments of `Augmentation`: `seed`. Every clip is cropped: there is no `probability`.

    Output shape:
        The structure of the input, with `num_samples` samples in training.

    Example:
        >>> layer = RandomCrop(8000)
        >>> tuple(layer(np.zeros((2, 16000), "float32"), training=True).shape)
        (2, 8000)
    """

    keeps_lengths = False

    def __init__(self, num_samples: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._require_not(
            "probability" in kwargs and kwargs["probability"] != 1,
            "crops every clip: it takes no probability",
        )
        fits = isinstance(num_samples, numbers.Real) and num_samples >= 1 and num_samples % 1 == 0
        self._require_not(not fits, f"num_samples must be a whole number, at least 1; got {num_samples!r}")
        self.num_samples = int(num_samples)

    def transform(self, clips: Clips, draws: Draws) -> Clips:
        xp, x = clips.xp, clips.values
        if not isinstance(clips.size, int):
            x = xp.pad(x, 0, 1, -1)  # an index needs at least one sample, even in an empty clip
        spare = xp.maximum(clips.valid - self.num_samples, 0)
        # The product may round up to the bound itself.
        first = xp.minimum(xp.integers(xp.floor(draws.uniform() * xp.floats(spare + 1)), x), spare)
        source = xp.expand(first, -1) + xp.arange(0, self.num_samples, x)
        inside = source < xp.expand(clips.valid, -1)
        segment = xp.take(x, xp.where(inside, source, source * 0))
        segment = xp.where(inside, segment, xp.zeros_like(segment))
        lengths = None if clips.lengths is None else xp.minimum(clips.lengths, self.num_samples)
        return dataclasses.replace(clips, values=segment, lengths=lengths)

    def compute_output_spec(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Return the shapes of the outputs; the number of samples differs between training and inference."""
        spec = super().compute_output_spec(inputs, *args, **kwargs)

        def crop(x: Any) -> Any:
            same = x.shape[-1] == self.num_samples
            return keras.KerasTensor((*x.shape[:-1], self.num_samples if same else None), x.dtype)

        if isinstance(spec, dict):
            return {**spec, self.key: crop(spec[self.key])}
        return [crop(spec[0]), spec[1]] if isinstance(spec, (list, tuple)) else crop(spec)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        config.pop("probability")
        return config
