"""SpecAugment: masks over features."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar, Literal

import keras

from sonogram.layers.augment.base import Augmentation
from sonogram.layers.augment.clips import Clips
from sonogram.layers.augment.draws import Draws

__all__ = ["SpecAugment"]


@keras.saving.register_keras_serializable("sonogram")
class SpecAugment(Augmentation):
    """Masks spans of frames and of bands, different ones in each example, within its valid frames.

    Widths are uniformly distributed from 0 to the largest, then positions where the whole span fits. The
    time warp of the paper, which it found to matter least, is not implemented.

    Args:
        time_masks: Number of spans of frames.
        time_width: Largest width of such a span, frames.
        time_share: Largest share of the valid frames in one span, from 0 to 1. It protects short clips.
        frequency_masks: Number of spans of bands.
        frequency_width: Largest width of such a span, bands. A third of the bands is usual.
        fill: Value inside the spans: a number, or "mean" for the mean of the example.
        **kwargs: Arguments of `Augmentation`: `probability` and `seed`.

    Input shape:
        Features `(batch, frames, bands)`, `(batch, channels, frames, bands)` or `(frames, bands)`,
        with or without the mask that `Spectrogram` passes on; or `[features, lengths]` with the
        valid frames, `(batch,)`; or a dictionary with "features" and optionally "lengths",
        "labels" and "seeds".

    Example:
        >>> layer = SpecAugment(time_masks=1, frequency_masks=0, fill=0.0, seed=3)
        >>> masked = np.asarray(layer(np.ones((1, 100, 80), "float32"), training=True))[0]
        >>> bool(((masked == 0).all(axis=1) | (masked == 1).all(axis=1)).all())
        True

    Source:
        D. Park et al., "SpecAugment: A simple data augmentation method for automatic speech
        recognition", Interspeech 2019.
    """

    key: ClassVar[str] = "features"
    inner_rank: ClassVar[int] = 2

    def __init__(
        self,
        time_masks: int = 2,
        time_width: int = 100,
        time_share: float = 0.2,
        frequency_masks: int = 2,
        frequency_width: int = 27,
        fill: float | Literal["mean"] = "mean",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        for name, value in (("time_masks", time_masks), ("frequency_masks", frequency_masks)):
            self._require_not(not 0 <= value <= 100, f"{name} must be between 0 and 100; got {value}")
        for name, value in (("time_width", time_width), ("frequency_width", frequency_width)):
            self._require_not(value < 0, f"{name} must not be negative; got {value}")
        self._require_not(not 0 <= time_share <= 1, f"time_share must be between 0 and 1; got {time_share}")
        self._require_not(
            isinstance(fill, str) and fill != "mean", f'fill must be a number or "mean"; got {fill!r}'
        )
        self.time_masks, self.time_width, self.time_share = (
            int(time_masks),
            int(time_width),
            float(time_share),
        )
        self.frequency_masks, self.frequency_width = int(frequency_masks), int(frequency_width)
        self.fill = fill

    def transform(self, clips: Clips, draws: Draws) -> Clips:
        xp, x = clips.xp, clips.values
        frames = xp.floats(clips.valid)
        bands = frames * 0 + float(x.shape[-1])
        fill: Any = self.fill
        if fill == "mean":
            fill = xp.masked_mean(x + xp.zeros_like(x), self._valid_values(clips), (-2, -1), 0)
        fill = xp.zeros_like(x) + fill
        for _ in range(self.time_masks):
            most = xp.floor(xp.minimum(frames * self.time_share, float(self.time_width)))
            masked = _span(xp, draws, most, frames, xp.arange(0, clips.size, x))
            x = xp.where(xp.expand(masked, -1), fill, x)
        for _ in range(self.frequency_masks):
            most = xp.minimum(bands, float(self.frequency_width))
            masked = _span(xp, draws, most, bands, xp.arange(0, x.shape[-1], x))
            x = xp.where(xp.expand(masked, -2), fill, x)
        return dataclasses.replace(clips, values=x)

    def _valid_values(self, clips: Clips) -> Any:
        """Return the mask of the valid values, with all axes: a mean counts what it sums."""
        return None if clips.inside is None else clips.inside & (clips.xp.zeros_like(clips.values) == 0)


def _span(xp: Any, draws: Draws, most: Any, whole: Any, place: Any) -> Any:
    """Return the mask of a random span of up to `most` out of `whole`, `(rows, positions)`."""
    width = xp.minimum(xp.floor(draws.uniform() * (most + 1)), most)
    first = xp.minimum(xp.floor(draws.uniform() * (whole - width + 1)), whole - width)
    place = xp.floats(place)
    first, width = xp.expand(first, -1), xp.expand(width, -1)
    return (place >= first) & (place < first + width)
