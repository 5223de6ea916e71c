"""Framing: which samples each frame sees, how many frames there are, what lies beyond the edges.

Every count of frames in the program comes from here. Counts are written with `//`, `+` and the
namespace's `maximum` alone, so that they hold for Python integers and for tensors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from sonogram.config import Config, choose, require

__all__ = [
    "Causal",
    "Center",
    "End",
    "HalfOverlap",
    "Padding",
    "Same",
    "StepCenter",
    "Valid",
]

Span = Literal["window", "fft"]
Mode = Literal["constant", "reflect", "symmetric"]


@dataclass(frozen=True, repr=False)
class Padding(Config):
    """Base of the conventions at the edges of a clip.

    A frame spans `span` samples; frame t begins `t * step - left` samples into the clip.
    """

    span: Span = "window"
    """A frame spans the "window" (TensorFlow, Kaldi) or the "fft", the window in its middle (torch)."""

    mode = "constant"
    last_frame = "keep"
    depends_on_length = False

    def validate(self) -> None:
        choose("span", self.span, ("window", "fft"))
        choose("mode", self.mode, ("constant", "reflect", "symmetric"))
        choose("last_frame", self.last_frame, ("keep", "drop", "zero"))

    def pad_left(self, num_samples: Any, span: int, step: int) -> Any:
        """Return the samples by which the first frame begins before the clip."""
        raise NotImplementedError

    def added(self, span: int, step: int) -> int:
        """Return `added`: a clip of n > 0 samples has `max((n + added) // step, 0)` frames."""
        raise NotImplementedError

    def num_frames(self, num_samples: Any, span: int, step: int, maximum: Any = max) -> Any:
        """Return the number of frames, for Python integers or (with their `maximum`) arrays."""
        # A clip of no samples has no frame, whatever the convention; said without a branch.
        nonempty = maximum(num_samples, 1)
        frames = maximum((nonempty + self.added(span, step)) // step, 0)
        return frames * (1 - (nonempty - num_samples))

    def num_valid_frames(self, num_samples: Any, span: int, step: int, maximum: Any = max) -> Any:
        """Return the number of frames that hold features; a "zero" last frame does not."""
        frames = self.num_frames(num_samples, span, step, maximum)
        return maximum(frames - 1, 0) if self.last_frame == "zero" else frames


@dataclass(frozen=True, repr=False)
class Valid(Padding):
    """No padding: frames that lie wholly inside the clip."""

    lookahead: int = 0
    """Samples that must follow a frame."""

    def validate(self) -> None:
        super().validate()
        require(self.lookahead >= 0, f"lookahead must not be negative; got {self.lookahead}")

    def pad_left(self, num_samples: Any, span: int, step: int) -> int:
        return 0

    def added(self, span: int, step: int) -> int:
        return step - span - self.lookahead


@dataclass(frozen=True, repr=False)
class End(Padding):
    """Zeros at the end until every step has a frame: `pad_end=True` of tf.signal."""

    def pad_left(self, num_samples: Any, span: int, step: int) -> int:
        return 0

    def added(self, span: int, step: int) -> int:
        return step - 1


@dataclass(frozen=True, repr=False)
class Center(Padding):
    """Frame t is centered on sample `t * step`: half a frame of padding on each side."""

    span: Span = "fft"
    mode: Mode = "reflect"
    """Beyond the edges: zeros ("constant"), the clip mirrored ("reflect"), its edge twice ("symmetric")."""
    last_frame: Literal["keep", "drop", "zero"] = "keep"
    """The last frame is kept, dropped, or written as zeros and left out of every statistic ("zero")."""

    def pad_left(self, num_samples: Any, span: int, step: int) -> int:
        return span // 2

    def added(self, span: int, step: int) -> int:
        return 2 * (span // 2) - span + (0 if self.last_frame == "drop" else step)


@dataclass(frozen=True, repr=False)
class HalfOverlap(Padding):
    """Half of what a frame reaches beyond its step on each side: `num_samples // step` frames."""

    span: Span = "fft"
    mode: Mode = "reflect"
    """Beyond the edges: zeros ("constant"), the clip mirrored ("reflect"), its edge twice ("symmetric")."""

    def pad_left(self, num_samples: Any, span: int, step: int) -> int:
        return (span - step) // 2

    def added(self, span: int, step: int) -> int:
        return 2 * ((span - step) // 2) - span + step


@dataclass(frozen=True, repr=False)
class Same(Padding):
    """As many frames as steps, the zeros split between both ends: "SAME" of TensorFlow's convolutions."""

    depends_on_length = True

    def pad_left(self, num_samples: Any, span: int, step: int) -> Any:
        total = ((num_samples + step - 1) // step - 1) * step + span - num_samples
        # A step longer than the frame can leave samples over: nothing is padded then.
        return (total + abs(total)) // 4

    def added(self, span: int, step: int) -> int:
        return step - 1


@dataclass(frozen=True, repr=False)
class StepCenter(Padding):
    """Kaldi without `snip_edges`: one frame for each step, rounded, centered on the middle of its step."""

    mode: Mode = "symmetric"
    """Beyond the edges: zeros ("constant"), the clip mirrored ("reflect"), its edge twice ("symmetric")."""

    def pad_left(self, num_samples: Any, span: int, step: int) -> int:
        return span // 2 - step // 2

    def added(self, span: int, step: int) -> int:
        return step // 2


@dataclass(frozen=True, repr=False)
class Causal(Padding):
    """Zeros before the clip alone: the first frame is centered on the first sample."""

    lookahead: int = 0
    """Samples that must follow a frame."""

    def validate(self) -> None:
        super().validate()
        require(self.lookahead >= 0, f"lookahead must not be negative; got {self.lookahead}")

    def pad_left(self, num_samples: Any, span: int, step: int) -> int:
        return span // 2

    def added(self, span: int, step: int) -> int:
        return span // 2 - span - self.lookahead + step


def source_index(xp: Any, position: Any, num_samples: Any, mode: str) -> Any:
    """Return the sample of the clip that stands at `position`, which may lie beyond its edges.

    Mirrors again and again where the clip is shorter than the padding, as `np.pad` does.
    """
    if mode == "symmetric":
        period = 2 * num_samples
        place = position % period
        return xp.minimum(place, period - 1 - place)
    period = xp.maximum(2 * (num_samples - 1), 1)
    place = position % period
    return xp.minimum(place, period - place)
