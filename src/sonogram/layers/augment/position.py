"""Augmentations of the place in time: shift and crop."""

from __future__ import annotations

import dataclasses
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
        shift: Samples to move later: a number, or a range to draw from evenly; below 0 is earlier.
        wrap: Whether what leaves at one end comes in at the other; otherwise silence comes in.
        **kwargs: Those of `Augmentation`: `probability`, `seed`.

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
        self.shift = tuple(int(end) for end in span("shift", shift, -(2**24), 2**24))
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
    """Cuts a piece out of each clip, anywhere within its length.

    Clips that are shorter stay whole, with silence behind. In training all clips have `num_samples`
    samples; outside training they keep theirs, so what stands behind must take any length.

    Args:
        num_samples: Length of the piece, samples.
        **kwargs: Those of `Augmentation`: `seed`; every clip is cut, so there is no `probability`.

    Output shape:
        The form of the input, with `num_samples` samples in training.

    Example:
        >>> layer = RandomCrop(8000)
        >>> tuple(layer(np.zeros((2, 16000), "float32"), training=True).shape)
        (2, 8000)
    """

    keeps_lengths = False

    def __init__(self, num_samples: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._refuse(
            "probability" in kwargs and kwargs["probability"] != 1, "cuts every clip: no probability"
        )
        self._refuse(num_samples < 1, f"num_samples must be at least 1; got {num_samples}")
        self.num_samples = int(num_samples)

    def transform(self, clips: Clips, draws: Draws) -> Clips:
        xp, x = clips.xp, clips.values
        if not isinstance(clips.size, int):
            x = xp.pad(x, 0, 1, -1)  # an empty clip has a sample to point at all the same
        spare = xp.maximum(clips.valid - self.num_samples, 0)
        # The product may round up to the bound itself.
        first = xp.minimum(xp.integers(xp.floor(draws.uniform() * xp.floats(spare + 1)), x), spare)
        source = xp.expand(first, -1) + xp.arange(0, self.num_samples, x)
        inside = source < xp.expand(clips.valid, -1)
        piece = xp.take(x, xp.where(inside, source, source * 0))
        piece = xp.where(inside, piece, xp.zeros_like(piece))
        lengths = None if clips.lengths is None else xp.minimum(clips.lengths, self.num_samples)
        return dataclasses.replace(clips, values=piece, lengths=lengths)

    def compute_output_spec(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Return the shapes of the outputs: how many samples depends on whether it is training."""
        spec = super().compute_output_spec(inputs, *args, **kwargs)

        def cut(x: Any) -> Any:
            same = x.shape[-1] == self.num_samples
            return keras.KerasTensor((*x.shape[:-1], self.num_samples if same else None), x.dtype)

        if isinstance(spec, dict):
            return {**spec, self.key: cut(spec[self.key])}
        return [cut(spec[0]), spec[1]] if isinstance(spec, (list, tuple)) else cut(spec)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        config.pop("probability")
        return config
