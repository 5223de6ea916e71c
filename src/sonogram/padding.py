"""Padding: where frames begin, how many there are, and what extends the clip beyond its edges.

Every number of frames in the package comes from here. The formulas use `//`, `+` and the namespace's
`maximum` only, so that they hold for Python integers and for tensors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from sonogram.config import Stage, require

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
class Padding(Stage, abstract=True):
    """Base of the paddings. Frame t begins `t * step - pad_left` samples into the clip.

    Args:
        span: Samples that a frame covers where frames are placed and counted. "window": those of the window
            (TensorFlow, Kaldi); "fft": the FFT, with the window in its middle (librosa, PyTorch). Both
            are the same where `fft_length` equals `frame_length`.
    """

    span: Span = "window"

    mode = "constant"
    last_frame = "keep"
    depends_on_length = False

    def pad_left(self, num_samples: Any, span: int, step: int) -> Any:
        """Return the samples by which the first frame begins before the clip."""
        raise NotImplementedError

    def added(self, span: int, step: int) -> int:
        """Return `added`: a clip of n > 0 samples has `max((n + added) // step, 0)` frames."""
        raise NotImplementedError

    def num_frames(self, num_samples: Any, span: int, step: int, maximum: Any = max) -> Any:
        """Return the number of frames, for a Python integer or (with its `maximum`) an array."""
        nonempty = maximum(num_samples, 1)
        frames = maximum((nonempty + self.added(span, step)) // step, 0)
        # An empty clip has no frame. The factor, 0 then and else 1, takes the place of a branch.
        return frames * (1 - (nonempty - num_samples))

    def num_valid_frames(self, num_samples: Any, span: int, step: int, maximum: Any = max) -> Any:
        """Return the number of frames that hold features; a "zero" last frame does not."""
        frames = self.num_frames(num_samples, span, step, maximum)
        return maximum(frames - 1, 0) if self.last_frame == "zero" else frames


@dataclass(frozen=True, repr=False)
class _Lookahead(Padding, abstract=True):
    """Paddings whose frames may wait for more samples than they cover.

    Args:
        lookahead: Samples that must follow a frame for it to be counted, at least 0; 0 is usual.
    """

    lookahead: int = 0

    def validate(self) -> None:
        require(self.lookahead >= 0, f"lookahead must not be negative; got {self.lookahead}")


@dataclass(frozen=True, repr=False)
class _Extended(Padding, abstract=True):
    """Paddings that continue the clip beyond its edges.

    Args:
        mode: Samples beyond the edges. "constant" is zeros, "reflect" the clip mirrored without the
            edge sample (librosa's and PyTorch's "reflect"), "symmetric" mirrored including it (Kaldi).
            Zeros show the edge as a click in all bands; a mirror does not.
    """

    mode: Mode = "reflect"


@dataclass(frozen=True, repr=False)
class Valid(_Lookahead):
    """No padding: frames that are entirely inside the clip. Samples after the last one are ignored.

    Example:
        >>> sg.Frontend(16000, 400, 160, padding=sg.padding.Valid()).num_frames(16000)
        98

    See Also:
        Center: one frame for each step, centered.
    """

    def pad_left(self, num_samples: Any, span: int, step: int) -> int:
        return 0

    def added(self, span: int, step: int) -> int:
        return step - span - self.lookahead


@dataclass(frozen=True, repr=False)
class End(Padding):
    """Zeros at the end until every step has a frame: `pad_end=True` of tf.signal.

    Args:
        before: Number of zeros before the clip, at least 0. A frame of zeros keeps the onset of a clip that
            starts at once.
    """

    before: int = 0

    def validate(self) -> None:
        require(self.before >= 0, f"before must not be negative; got {self.before}")

    def pad_left(self, num_samples: Any, span: int, step: int) -> int:
        return self.before

    def added(self, span: int, step: int) -> int:
        return step - 1 + self.before


@dataclass(frozen=True, repr=False)
class Center(_Extended):
    """Half a frame on each side: frame t is centered on sample `t * step`, as in librosa and PyTorch.

    Args:
        last_frame: Treatment of the frame after the last whole step. "keep" computes it; "inside" computes
            it if its center is inside the clip, as madmom does; "drop" leaves it out, as Whisper does;
            "zero" writes zeros and leaves it out of every statistic.

    Example:
        >>> sg.Frontend(16000, 400, 160, padding=sg.padding.Center()).num_frames(16000)
        101
    """

    span: Span = "fft"
    last_frame: Literal["keep", "inside", "drop", "zero"] = "keep"

    def pad_left(self, num_samples: Any, span: int, step: int) -> int:
        return span // 2

    def added(self, span: int, step: int) -> int:
        if self.last_frame == "inside":
            return step - 1
        return 2 * (span // 2) - span + (0 if self.last_frame == "drop" else step)


@dataclass(frozen=True, repr=False)
class HalfOverlap(_Extended):
    """Half of the overlap, `(span - step) // 2`, on each side: `num_samples // step` frames (HiFi-GAN).

    Args:
        remainder: Samples after the last whole step. "drop" leaves them out; "pad" completes the step, so
            that all samples are covered (HT-Demucs).
    """

    span: Span = "fft"
    remainder: Literal["drop", "pad"] = "drop"

    def pad_left(self, num_samples: Any, span: int, step: int) -> int:
        return (span - step) // 2

    def added(self, span: int, step: int) -> int:
        return step - 1 if self.remainder == "pad" else 2 * ((span - step) // 2) - span + step


@dataclass(frozen=True, repr=False)
class Same(Padding):
    """One frame for each step, the zeros split between both ends: "SAME" of TensorFlow's convolutions.

    Where the first frame begins depends on the length of the clip, so this cannot be streamed.
    """

    depends_on_length = True

    def pad_left(self, num_samples: Any, span: int, step: int) -> Any:
        total = ((num_samples + step - 1) // step - 1) * step + span - num_samples
        # A step longer than the frame can leave samples over: nothing is padded then.
        return (total + abs(total)) // 4

    def added(self, span: int, step: int) -> int:
        return step - 1


@dataclass(frozen=True, repr=False)
class StepCenter(_Extended):
    """Kaldi without `snip_edges`: one frame for each step, rounded, centered on the middle of its step."""

    mode: Mode = "symmetric"

    def pad_left(self, num_samples: Any, span: int, step: int) -> int:
        return span // 2 - step // 2

    def added(self, span: int, step: int) -> int:
        return step // 2


@dataclass(frozen=True, repr=False)
class Causal(_Lookahead):
    """Half a frame of zeros before the clip and none after: frame 0 is centered on the first sample."""

    def pad_left(self, num_samples: Any, span: int, step: int) -> int:
        return span // 2

    def added(self, span: int, step: int) -> int:
        return span // 2 - span - self.lookahead + step


def source_index(xp: Any, position: Any, num_samples: Any, mode: str) -> Any:
    """Return the sample of the clip that extends it at `position`, which may be beyond its edges.

    The mirrored clip is periodic, so clips shorter than the padding are mirrored again and again, as
    by `np.pad`: "symmetric" repeats after 2 n samples, "reflect" after 2 n - 2, because it does not
    repeat the two edges.
    """
    if mode == "symmetric":
        period = 2 * num_samples
        phase = position % period
        return xp.minimum(phase, period - 1 - phase)
    period = xp.maximum(2 * (num_samples - 1), 1)
    phase = position % period
    return xp.minimum(phase, period - phase)


def samples_at(xp: Any, x: Any, position: Any, num_samples: Any, mode: str, base: int = 0) -> Any:
    """Return the samples at `position`, which may be beyond the edges of their clip.

    Args:
        xp: Array namespace.
        x: Samples of the clip from `base` on, `(..., samples)`.
        position: Positions in the clip, `(n,)` or `(batch, n)`.
        num_samples: Length of the clip, or of each, `(batch, 1)`.
        mode: How the clip is extended; see `Center`.
        base: Position of the first sample of `x`.
    """
    if mode != "constant":
        return xp.take(x, source_index(xp, position, num_samples, mode) - base)
    inside = (position >= 0) & (position < num_samples)
    values = xp.take(x, xp.where(inside, position - base, xp.zeros_like(position)))
    return xp.where(inside, values, xp.zeros_like(values))


def extend(xp: Any, x: Any, before: Any, after: Any, mode: str) -> Any:
    """Return clips, `(batch, samples)`, with samples added at both edges; tensors may have unknown size."""
    if mode == "constant":
        return xp.pad(x, before, after, -1)
    size = xp.size(x, -1)
    total = size if isinstance(size, int) else xp.maximum(size, 1)
    parts = [x]
    if not isinstance(before, int) or before > 0:
        parts.insert(0, samples_at(xp, x, xp.arange(-before, 0, x), total, mode))
    if not isinstance(after, int) or after > 0:
        parts.append(samples_at(xp, x, xp.arange(total, total + after, x), total, mode))
    return parts[0] if len(parts) == 1 else xp.concatenate(parts, -1)
