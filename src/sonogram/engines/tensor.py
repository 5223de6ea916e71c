"""The engines `graph` and `portable`: batches of tensors of any library, on any device.

They differ in how frames are transformed: `graph` uses the FFT of the library, for training,
accelerators, compilers and gradients; `portable` products with small matrices, which LiteRT and ONNX
can hold at any length.
"""

from __future__ import annotations

from typing import Any, Protocol

from sonogram.engines import cooley_tukey, program
from sonogram.engines.arrays.base import Arrays
from sonogram.engines.plan import Floats, Plan
from sonogram.engines.rounding import silence_rounding
from sonogram.padding import extend, samples_at

__all__ = ["columns", "features", "fft", "largest_matrix", "products", "stft"]

_TERMS = 2048  # of a sum in float32


class Transform(Protocol):
    """Returns both parts of the spectrum, `(batch, frames, bins)`, of the samples that the frames cover."""

    def __call__(self, plan: Plan, xp: Arrays, samples: Any, num_frames: Any) -> tuple[Any, Any]: ...


def fft(plan: Plan, xp: Arrays, samples: Any, num_frames: Any) -> tuple[Any, Any]:
    """Transform frames with the FFT of the library: the engine `graph`."""
    if plan.kernels is not None:
        return _kernel_sums(plan, xp, samples, num_frames)
    return xp.rfft(_windowed(plan, xp, samples, num_frames), plan.fft_length)


def products(plan: Plan, xp: Arrays, samples: Any, num_frames: Any) -> tuple[Any, Any]:
    """Transform frames by products with matrices: the engine `portable`."""
    if plan.kernels is not None:
        return _kernel_sums(plan, xp, samples, num_frames)
    # In ONNX a size of 0 in a reshape stands for another one, so at least one frame is transformed.
    known = isinstance(num_frames, int)
    windowed = _windowed(plan, xp, samples, num_frames if known else xp.maximum(num_frames, 1))
    rows, leading = xp.flatten(xp.pad(windowed, 0, plan.fft_length - windowed.shape[-1], -1), 1)
    parts = cooley_tukey.rfft(xp, rows, plan.num_bins)
    real, imaginary = (xp.unflatten(part, leading) for part in parts)
    if known:
        return real, imaginary
    return xp.crop(real, 0, num_frames, -2), xp.crop(imaginary, 0, num_frames, -2)


def _windowed(plan: Plan, xp: Arrays, samples: Any, num_frames: Any) -> Any:
    """Return frames times the window, from the beginning of the transform on."""
    frames = program.emphasize(plan, xp, _frame_samples(plan, xp, samples, num_frames))
    windowed = frames * xp.constant(plan.window, frames)
    return xp.pad(windowed, plan.window_offset, 0, -1) if plan.window_offset else windowed


def largest_matrix(plan: Plan) -> int:
    """Return the number of values in the largest matrix of the transform of the engine `portable`."""
    if plan.kernels is None:
        return cooley_tukey.largest_matrix(plan.fft_length, plan.num_bins)
    most = _most_rows(plan)
    return max(kernels[:most].size for _, kernels in plan.kernel_blocks)


def _kernel_sums(plan: Plan, xp: Arrays, samples: Any, num_frames: Any) -> tuple[Any, Any]:
    """Return both parts of a transform that is given by kernels."""
    rule = plan.definition.conditioning
    if rule.remove_mean == "frame" or rule.frame_preemphasis:
        frames = program.emphasize(plan, xp, _frame_samples(plan, xp, samples, num_frames))
        rows, leading = xp.flatten(frames, 1)
        real, imaginary = (xp.reshape(part, (-1, plan.num_bins)) for part in _row_sums(plan, xp, rows, 1))
        return xp.unflatten(real, leading), xp.unflatten(imaginary, leading)
    return _row_sums(plan, xp, samples, num_frames)


def _row_sums(plan: Plan, xp: Arrays, samples: Any, num_frames: Any) -> tuple[Any, Any]:
    """Sum by a convolution for each octave, over samples in rows of one step.

    A kernel's sum is almost 0, so it leaves little of a constant, and the rounding of the terms would show.
    Only the distances of the samples from the mean of their row are convolved, which are 0 for a constant.
    What the means themselves add is a product of one value for each row. The rounding error of a sum grows
    with its number of terms, so each convolution takes only some rows of the kernels.
    """
    rows, sizes = _rows(plan, xp, samples)
    means = xp.asum(rows, (-1,)) / sizes
    distances = rows - means
    rows_of_frame = -(-plan.frame_length // plan.frame_step)
    levels = xp.frame(xp.reshape(means, (-1, xp.size(rows, 1))), rows_of_frame, 1, num_frames)
    center = xp.crop(levels, plan.frame_length // 2 // plan.frame_step, 1, -1)
    most = _most_rows(plan)
    parts = []
    for begin, kernels in plan.kernel_blocks:
        length, _, columns = kernels.shape
        weights = kernels.sum(axis=1)
        total = xp.matmul(xp.crop(levels - center, begin, length, -1), weights)
        total = total + center * xp.constant(weights.sum(axis=0), center)
        for first in range(0, length, most):
            total = total + _correlate(
                xp, distances, begin + first, kernels[first : first + most], num_frames
            )
        parts.append((xp.crop(total, 0, columns // 2, -1), xp.crop(total, columns // 2, columns // 2, -1)))
    real, imaginary = zip(*parts, strict=True)
    return xp.concatenate(real, -1), xp.concatenate(imaginary, -1)


def _most_rows(plan: Plan) -> int:
    """Return the number of rows of a step whose samples one sum may have."""
    return max(1, _TERMS // plan.frame_step)


def _correlate(xp: Arrays, rows: Any, begin: int, kernels: Floats, num_frames: Any) -> Any:
    """Return the sums over some rows of each frame, from `begin` on."""
    size = num_frames - 1 + len(kernels)
    if isinstance(num_frames, int):
        return xp.correlate(xp.crop(rows, begin, size, -2), kernels, 1)
    parts = xp.correlate(xp.crop(rows, begin, xp.maximum(size, len(kernels)), -2), kernels, 1)
    return xp.crop(parts, 0, num_frames, -2)


def _rows(plan: Plan, xp: Arrays, samples: Any) -> tuple[Any, Any]:
    """Return rows of one step, `(batch, rows, frame_step)`, and how many samples each has, `(rows, 1)`.

    After the last sample come zeros.
    """
    size, step = xp.size(samples, -1), plan.frame_step
    count = (size + step - 1) // step
    stop = xp.expand(xp.arange(1, count + 1, samples) * step, -1)
    sizes = xp.cast(step - xp.maximum(stop - size, 0), samples)
    return xp.reshape(xp.pad(samples, 0, count * step - size, -1), (-1, count, step)), sizes


def features(plan: Plan, xp: Arrays, samples: Any, lengths: Any, transform: Transform) -> Any:
    """Return float32 features, `(batch, frames, bands)`, of `(batch, samples)`."""
    covered, num_frames, valid = _covered_samples(plan, xp, samples, lengths)
    if isinstance(num_frames, int) and 0 in (num_frames, _known_size(xp, covered, 0)):
        rule = plan.definition.stack
        stacked = rule.num_frames(num_frames) if rule else num_frames
        return _empty(xp, covered, stacked, plan.definition.num_bands)
    values, energy = _per_frame(plan, xp, covered, num_frames, transform)
    values = silence_rounding(plan, xp, values, samples, lengths)
    return program.over_clip(plan, xp, values, energy, valid)


def columns(plan: Plan, xp: Arrays, samples: Any, lengths: Any, transform: Transform) -> Any:
    """Return what the native engine returns before `over_clip`: `(batch, frames, columns)`.

    The columns are the compressed bands, followed by the log energy if the cepstrum needs it; 0 after
    the valid frames.
    """
    covered, num_frames, valid = _covered_samples(plan, xp, samples, lengths)
    if isinstance(num_frames, int) and num_frames == 0:
        return _empty(xp, covered, 0, plan.num_filters + plan.has_energy)
    values, energy = _per_frame(plan, xp, covered, num_frames, transform)
    values = values if energy is None else xp.concatenate([values, energy], -1)
    return values if valid is None else program.zero_invalid(xp, values, valid)


def stft(plan: Plan, xp: Arrays, samples: Any) -> Any:
    """Return complex64 bins, `(batch, frames, bins)`, of `(batch, samples)`."""
    covered, num_frames, _ = _covered_samples(plan, xp, samples, None)
    if isinstance(num_frames, int) and num_frames == 0:
        empty = _empty(xp, covered, 0, plan.num_bins)
        return xp.complex(empty, empty)
    return xp.complex(*fft(plan, xp, covered, num_frames))


def _per_frame(
    plan: Plan, xp: Arrays, covered: Any, num_frames: Any, transform: Transform
) -> tuple[Any, Any]:
    """Return compressed bands, and log energies if the cepstrum needs them."""
    values = program.per_frame(plan, xp, *transform(plan, xp, covered, num_frames))
    if not plan.has_energy:
        return values, None
    return values, program.log_energy(plan, xp, _frame_samples(plan, xp, covered, num_frames))


def _covered_samples(plan: Plan, xp: Arrays, samples: Any, lengths: Any) -> tuple[Any, Any, Any]:
    """Return the conditioned samples that the frames cover, and how many frames there are and are valid."""
    x, lengths = plan.definition.conditioning.apply(xp, xp.samples(samples), lengths)
    size = xp.size(x, -1)
    known = isinstance(size, int)
    maximum = max if known else xp.maximum
    num_frames = plan.num_frames(size, maximum)
    valid = None
    if lengths is not None:
        valid = plan.num_valid_frames(lengths, xp.maximum)
    elif plan.definition.padding.last_frame == "zero":
        valid = xp.arange(0, 1, x) * 0 + plan.num_valid_frames(size, maximum)
    if known and num_frames == 0:
        return x, 0, valid
    count = (num_frames - 1) * plan.frame_step + plan.frame_length
    if not known:
        # A clip without a frame gets one that is cropped away: no operation needs to take an empty tensor.
        count = xp.maximum(count, plan.frame_length)
    return _extend(plan, xp, x, lengths, count), num_frames, valid


def _frame_samples(plan: Plan, xp: Arrays, covered: Any, num_frames: Any) -> Any:
    """Return frames before pre-emphasis and window, `(batch, frames, frame_length)`."""
    frames = xp.frame(covered, plan.frame_length, plan.frame_step, num_frames)
    if plan.definition.conditioning.remove_mean == "frame":
        # Twice, because the first mean is rounded to the digits of the offset, which may be far larger
        # than the sound; the second removes what that left.
        frames = frames - xp.asum(frames, (-1,)) * (1.0 / plan.frame_length)
        frames = frames - xp.asum(frames, (-1,)) * (1.0 / plan.frame_length)
    return frames


def _extend(plan: Plan, xp: Arrays, x: Any, lengths: Any, count: Any) -> Any:
    """Return `count` samples of each clip from the first window on, extended beyond its edges."""
    size = xp.size(x, -1)
    mode = plan.definition.padding.mode
    if lengths is not None and (mode != "constant" or plan.definition.padding.depends_on_length):
        # Each clip has its own edges.
        own = xp.expand(xp.maximum(lengths, 1), -1)
        return samples_at(xp, x, xp.arange(0, count, x) - plan.pad_left(own), own, mode)
    pad_left, skip = plan.pad_left(size), 0
    if isinstance(pad_left, int):
        pad_left, skip = max(pad_left, 0), max(-pad_left, 0)
    elif plan.window_offset:
        pad_left, skip = xp.maximum(pad_left, 0), xp.maximum(-pad_left, 0)
    # The first window may begin inside the clip. The samples it skips are still part of the mirror.
    after = count + skip - pad_left - size
    if isinstance(size, int):
        extended = extend(xp, x, pad_left, max(after, 0), mode)
        return extended if not skip and after >= 0 else xp.crop(extended, skip, count, -1)
    x = xp.pad(x, 0, xp.maximum(1 - size, 0), -1)
    return xp.crop(extend(xp, x, pad_left, xp.maximum(after, 0), mode), skip, count, -1)


def _known_size(xp: Arrays, x: Any, axis: int) -> int | None:
    size = xp.size(x, axis)
    return size if isinstance(size, int) else None


def _empty(xp: Arrays, x: Any, num_frames: int, width: int) -> Any:
    """Return `(batch, num_frames, width)` for clips without frames, or for no clips."""
    return xp.reshape(xp.crop(x, 0, 0, -1), (xp.size(x, 0), num_frames, width))
