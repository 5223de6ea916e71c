"""Conditioning: scale, mean and pre-emphasis of the samples, before the window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from sonogram.config import Stage, require

__all__ = ["Conditioning", "Preemphasis"]


@dataclass(frozen=True, repr=False)
class Preemphasis(Stage):
    """The high-pass `y[n] = x[n] - coefficient * x[n - 1]`, which lifts the faint high frequencies of speech.

    Args:
        coefficient: Weight of the previous sample; 0.95 to 0.97 is usual for speech.
        scope: Where the filter starts. "frame": at the first sample of each frame (Kaldi); "clip": at that
            of the clip (most others), which can be inverted.
        boundary: First output. "repeat" computes it with x[-1] = x[0], "zero" with x[-1] = 0, which
            leaves it as x[0]. With scope="clip" only: "reflect" computes it with x[-1] = x[1], "wrap" with
            the last sample of the clip, and "drop" removes it.
    """

    coefficient: float = 0.97
    scope: Literal["frame", "clip"] = "frame"
    boundary: Literal["repeat", "zero", "reflect", "wrap", "drop"] = "repeat"

    def validate(self) -> None:
        require(
            self.scope == "clip" or self.boundary in ("repeat", "zero"),
            f'boundary="{self.boundary}" is the start of a clip, not of a frame, so it needs scope="clip"',
        )


@dataclass(frozen=True, repr=False)
class Conditioning(Stage):
    """Scaling, removal of the mean and pre-emphasis of the samples, in this order.

    Args:
        scale: Factor on the samples, not 0. Take 32768 to reproduce software that computes on 16-bit
            integers (Kaldi); 1 otherwise.
        remove_mean: Subtract the mean of the "clip" or of each "frame", which removes a constant offset
            of the recording. The mean of a clip prevents streaming.
        preemphasis: First-order high-pass, or None. See `Preemphasis`.

    Example:
        >>> kaldi = sg.conditioning.Conditioning(32768, "frame", sg.conditioning.Preemphasis())
        >>> kaldi.preemphasis.coefficient
        0.97
    """

    scale: float = 1
    remove_mean: Literal["clip", "frame"] | None = None
    preemphasis: Preemphasis | None = None

    def validate(self) -> None:
        require(self.scale != 0, "scale must not be 0: every feature would be that of silence")
        require(
            not (self.remove_mean == "frame" and self.clip_preemphasis),
            'remove_mean="frame" comes before preemphasis, which then needs scope="frame"',
        )

    @property
    def clip_preemphasis(self) -> Preemphasis | None:
        """The pre-emphasis that runs over the whole clip, if there is one."""
        return self.preemphasis if self.preemphasis and self.preemphasis.scope == "clip" else None

    @property
    def frame_preemphasis(self) -> Preemphasis | None:
        """The pre-emphasis that starts at the first sample of each frame, if there is one."""
        return self.preemphasis if self.preemphasis and self.preemphasis.scope == "frame" else None

    @property
    def dropped(self) -> int:
        """Number of samples by which the clip becomes shorter."""
        return int(self.clip_preemphasis is not None and self.clip_preemphasis.boundary == "drop")

    def num_samples(self, num_samples: Any, maximum: Any = max) -> Any:
        """Return the number of conditioned samples, for a Python integer or (with its `maximum`) an array."""
        return maximum(num_samples - self.dropped, 0) if self.dropped else num_samples

    def apply(self, xp: Any, x: Any, lengths: Any = None, previous: Any = None) -> tuple[Any, Any]:
        """Return conditioned samples and their valid lengths; what concerns single frames follows later.

        Args:
            xp: Array namespace.
            x: Samples, `(batch, samples)`.
            lengths: Valid samples of each clip, `(batch,)`; None is all. The rest becomes 0.
            previous: Last sample before `x`, `(batch,)`, where `x` continues a clip; None at its start.
        """
        continued = previous is not None
        mask = None if lengths is None else _valid_mask(xp, x, lengths)
        # Before any arithmetic: NaN in the padding would reach every sum.
        x = _zero_invalid(xp, x, mask)
        if self.remove_mean == "clip":
            x = _zero_invalid(xp, x - xp.masked_mean(x, mask, (-1,), 0), mask)
        preemphasis = self.clip_preemphasis
        if preemphasis is not None:
            size = xp.size(x, -1)
            # A shift by padding, which also holds for a clip of unknown size that turns out empty.
            delayed = xp.crop(xp.pad(x, 1, 0, -1), 0, size, -1)
            if previous is not None:
                previous = xp.expand(previous, -1)
            elif preemphasis.boundary in ("repeat", "reflect"):
                previous = xp.crop(xp.pad(x, 0, 2, -1), int(preemphasis.boundary == "reflect"), 1, -1)
            elif preemphasis.boundary == "wrap":
                ends = size if lengths is None else xp.expand(lengths, -1)
                is_last = xp.arange(0, size, x) == ends - 1
                previous = xp.asum(xp.where(is_last, x, xp.zeros_like(x)), (-1,))
            if previous is not None:
                delayed = delayed + xp.crop(xp.pad(previous, 0, size, -1), 0, size, -1)
            x = x - preemphasis.coefficient * delayed
            if self.dropped and not continued:
                count = self.num_samples(size, max if isinstance(size, int) else xp.maximum)
                x = xp.crop(xp.pad(x, 0, 1, -1), 1, count, -1)
                lengths = None if lengths is None else self.num_samples(lengths, xp.maximum)
            if lengths is not None:
                x = _zero_invalid(xp, x, _valid_mask(xp, x, lengths))
        return (x if self.scale == 1 else x * float(self.scale)), lengths


def _valid_mask(xp: Any, x: Any, lengths: Any) -> Any:
    return xp.arange(0, xp.size(x, -1), x) < xp.expand(lengths, -1)


def _zero_invalid(xp: Any, x: Any, mask: Any) -> Any:
    return x if mask is None else xp.where(mask, x, xp.zeros_like(x))
