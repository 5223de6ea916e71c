"""The functions that the stages need of an array library, the same for all libraries."""

from __future__ import annotations

import math
from typing import Any, ClassVar

__all__ = ["MAX_SLICES", "Arrays"]

# float32 cannot represent terms below this share of the sum.
_NEGLIGIBLE = 1e-10
MAX_SLICES = 64
"""Blocks of one step in a frame up to which slices cost less than a gather."""

_SHARED = (
    *("maximum", "minimum", "where", "log", "log1p", "exp", "expm1", "sqrt", "sin", "cos", "floor", "atan2"),
    *("zeros_like", "reshape", "concatenate", "expand"),
)


class Arrays:
    """Base of the namespaces. Samples are `(batch, samples)`, values `(batch, frames, bands)`.

    A subclass provides the functions of its library; this class builds further ones from them.
    """

    name: ClassVar[str]
    library: ClassVar[Any]

    # Functions that most libraries have under the same name.
    maximum: Any
    minimum: Any
    where: Any
    log: Any
    log1p: Any
    exp: Any
    expm1: Any
    sqrt: Any
    sin: Any
    cos: Any
    floor: Any
    atan2: Any
    zeros_like: Any
    reshape: Any
    concatenate: Any
    expand: Any
    """Return an array with a new axis of size 1, `(x, axis)`."""
    matmul: Any
    """Return `x` times a NumPy matrix; `limits` are the rows of each column that are not 0."""
    amax: Any
    asum: Any

    def __init_subclass__(cls, library: Any = None, **others: Any) -> None:
        """Take the functions of `library`, and `others` in place of those that it names otherwise."""
        super().__init_subclass__()
        if library is not None:
            cls.library = library
            for name in _SHARED:
                setattr(cls, name, staticmethod(others.get(name) or getattr(library, name)))

    # Provided by each library. Axes are counted from the end, -1 being the last.

    def samples(self, x: Any) -> Any:
        """Return `x` in the precision the engine computes in; 16-bit integers become [-1, 1)."""
        raise NotImplementedError

    def constant(self, value: Any, like: Any) -> Any:
        """Return a NumPy constant with the library, dtype and device of `like`."""
        raise NotImplementedError

    def tensor(self, array: Any) -> Any:
        """Return a NumPy array as an array of the library."""
        raise NotImplementedError

    def integers(self, value: Any, like: Any) -> Any:
        """Return whole numbers as an array on the device of `like`."""
        raise NotImplementedError

    def size(self, x: Any, axis: int) -> Any:
        """Return the size of an axis: an int if it is known, otherwise a scalar tensor."""
        raise NotImplementedError

    def arange(self, start: Any, stop: Any, like: Any) -> Any:
        """Return the integers from `start` up to `stop`."""
        raise NotImplementedError

    def pad(self, x: Any, before: Any, after: Any, axis: int) -> Any:
        """Return `x` with zeros at both ends of an axis."""
        raise NotImplementedError

    def crop(self, x: Any, start: Any, size: Any, axis: int) -> Any:
        """Return `size` entries of an axis from `start`."""
        raise NotImplementedError

    def take(self, x: Any, index: Any) -> Any:
        """Return the samples at `index`, `(n,)` for all clips or `(batch, n)` for each clip."""
        raise NotImplementedError

    def rfft(self, frames: Any, fft_length: int) -> tuple[Any, Any]:
        """Return the real and the imaginary part of the transform of the last axis."""
        raise NotImplementedError

    def irfft(self, spectrum: Any, fft_length: int) -> Any:
        """Return the real inverse transform of the last axis."""
        raise NotImplementedError

    def complex(self, real: Any, imaginary: Any) -> Any:
        """Return complex64 bins."""
        raise NotImplementedError

    def correlate(self, x: Any, kernels: Any, step: int) -> Any:
        """Return frames of `x`, `(batch, size, channels)`, times NumPy `kernels`, `(length, channels, n)`.

        The result is `(batch, frames, n)`.
        """
        raise NotImplementedError

    def rows(self, x: Any, index: Any) -> Any:
        """Return the entries of the first axis at `index`, `(n,)`."""
        raise NotImplementedError

    def pick(self, x: Any, index: Any, axis: int) -> Any:
        """Return the entries of an axis at the positions of a NumPy `index`, `(n,)`."""
        raise NotImplementedError

    def transpose(self, x: Any) -> Any:
        """Return `x` with its last two axes exchanged."""
        raise NotImplementedError

    def sort(self, x: Any) -> Any:
        """Return the last axis in ascending order."""
        raise NotImplementedError

    def cumsum(self, x: Any) -> Any:
        """Return the running sums of the last axis."""
        raise NotImplementedError

    def cast(self, x: Any, like: Any) -> Any:
        """Return `x` in the data type of `like`."""
        raise NotImplementedError

    def stop_gradient(self, x: Any) -> Any:
        """Return `x` as a constant for the gradient."""
        return x

    def floats(self, x: Any) -> Any:
        """Return whole numbers in the precision the engine computes in."""
        raise NotImplementedError

    # Built from the functions above.

    def flatten(self, x: Any, inner: int) -> tuple[Any, list[Any]]:
        """Return `x` with one axis in place of all but its last `inner` ones, and the sizes of those."""
        leading = [self.size(x, axis) for axis in range(-len(x.shape), -inner)]
        if len(leading) < 2:
            return (x if leading else self.expand(x, 0)), leading
        # -1 is ambiguous where another size is 0, so a known count is stated.
        count = math.prod(leading) if all(isinstance(size, int) for size in leading) else -1
        return self.reshape(x, (count, *(self.size(x, axis) for axis in range(-inner, 0)))), leading

    def unflatten(self, x: Any, leading: list[Any]) -> Any:
        """Return `x` with these axes in place of its first one."""
        if len(leading) == 1:
            return x
        return self.reshape(x, (*leading, *(self.size(x, axis) for axis in range(1 - len(x.shape), 0))))

    def ones_like(self, x: Any) -> Any:
        """Return ones of the same shape."""
        return x * 0 + 1

    def safe_sqrt(self, x: Any) -> Any:
        """Return the root of values of at least 0, with a finite gradient, 0, at 0; that of NaN is NaN."""
        # Not `x > 0`, which is false for NaN too and would turn it into 0.
        zero = x <= 0
        # Guarded before and after the root. With the outer `where` alone the gradient of the branch that is
        # not taken would be infinite, and infinity times 0 is NaN.
        root = self.sqrt(self.where(zero, self.ones_like(x), x))
        return self.where(zero, self.zeros_like(x), root)

    def masked_max(self, x: Any, mask: Any, axes: tuple[int, ...]) -> Any:
        """Return the maximum over `axes`, which keep size 1, where `mask` is true; finite if it never is."""
        return self.amax(x if mask is None else self.where(mask, x, self.zeros_like(x) - 3e38), axes)

    def masked_min(self, x: Any, mask: Any, axes: tuple[int, ...]) -> Any:
        """Return the minimum over `axes` where `mask` is true."""
        return -self.masked_max(-x, mask, axes)

    def masked_mean(self, x: Any, mask: Any, axes: tuple[int, ...], ddof: int) -> Any:
        """Return the sum over `axes` where `mask` is true, divided by the count minus `ddof`; 0 if empty."""
        weight = (
            self.ones_like(x) if mask is None else self.where(mask, self.ones_like(x), self.zeros_like(x))
        )
        total = self.asum(x if mask is None else self.where(mask, x, self.zeros_like(x)), axes)
        return total / self.maximum(self.asum(weight, axes) - ddof, 1)

    def extend_frames(self, values: Any, before: int, after: int, valid: Any, *, repeat: bool) -> Any:
        """Return `values`, `(batch, frames, bands)`, with frames added at both ends of each clip.

        Args:
            values: Frames, 0 after the valid ones.
            before: Frames added before the clip.
            after: Frames added after the last frame of the array.
            valid: Number of frames of each clip, `(batch,)`; None is all.
            repeat: Whether the added frames, and those after the valid ones, repeat the first and the last
                valid frame; otherwise they are 0.
        """
        if not repeat:
            return self.pad(values, before, after, -2)
        frames = self.size(values, -2)
        index = self.expand(self.arange(0, frames, values), -1)
        count = frames if valid is None else self.expand(self.expand(valid, -1), -1)
        zeros = self.zeros_like(values)
        # A sum in which all terms but one are 0, because each clip has its own last frame.
        last = self.asum(self.where(index == count - 1, values, zeros), (-2,))
        first = self.crop(self.pad(values, 0, 1, -2), 0, 1, -2)
        body = values if valid is None else self.where(index < count, values, last + zeros)
        return self.concatenate([*[first] * before, body, *[last] * after], -2)

    def frame(self, x: Any, length: int, step: int, num_frames: Any) -> Any:
        """Return `(batch, frames, length)` from the samples that these frames cover, at least one frame."""
        shifts = -(-length // step)
        if shifts > MAX_SLICES:
            # A step far below the length: one gather costs less than hundreds of slices.
            first = self.expand(self.arange(0, num_frames, x) * step, -1)
            index = first + self.arange(0, length, x)
            flat = self.take(x, self.reshape(index, (-1,)))
            return self.reshape(flat, (-1, num_frames, length))
        # Cut into blocks of one step, frame t is the concatenation of blocks t, t + 1, and so on, which
        # takes slices instead of a gather.
        blocks = self.pad(x, 0, shifts * step - length, -1)
        if not isinstance(num_frames, int):
            blocks = self.crop(blocks, 0, (num_frames + (shifts - 1)) * step, -1)
        blocks = self.reshape(blocks, (self.size(x, 0), num_frames + (shifts - 1), step))
        pieces = [self.crop(blocks, shift, num_frames, -2) for shift in range(shifts)]
        if shifts * step != length:
            pieces[-1] = self.crop(pieces[-1], 0, length - (shifts - 1) * step, -1)
        return pieces[0] if shifts == 1 else self.concatenate(pieces, -1)

    def overlap_add(self, frames: Any, length: int, step: int, num_frames: Any) -> Any:
        """Return the sum of frames placed `step` apart, `(batch, (frames - 1) * step + length)`."""
        shifts = -(-length // step)
        padded = self.pad(frames, 0, shifts * step - length, -1)
        total = None
        for shift in range(shifts):
            piece = self.crop(padded, shift * step, step, -1)
            piece = self.pad(piece, shift, shifts - 1 - shift, -2)
            total = piece if total is None else total + piece
        flat = self.reshape(total, (-1, (num_frames + (shifts - 1)) * step))
        return self.crop(flat, 0, (num_frames - 1) * step + length, -1)

    def smooth(self, x: Any, smoothing: float, initial: float | str) -> Any:
        """Return the exponential moving average over the frames.

        In place of a loop the tail of the filter is doubled until what it lacks is negligible:
        `1 + a z^-1`, then times `1 + a^2 z^-2`, `1 + a^4 z^-4` and so on. All terms are positive.
        """
        decay = 1.0 - smoothing
        frames = self.size(x, -2)
        first = self.crop(x, 0, min(frames, 1) if isinstance(frames, int) else self.minimum(frames, 1), -2)
        before = first if isinstance(initial, str) else self.zeros_like(first) + initial
        start = self.crop(self.pad(before * (decay / smoothing), 0, frames, -2), 0, frames, -2)
        y = (x + start) * smoothing
        reach = math.log(_NEGLIGIBLE) / math.log(decay)
        shift = 1
        while shift < reach and (not isinstance(frames, int) or shift < frames):
            y = y + decay**shift * self.crop(self.pad(y, shift, 0, -2), 0, frames, -2)
            shift *= 2
        return y
