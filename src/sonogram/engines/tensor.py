"""What `graph` and `portable` share: batches of tensors, whole, on any library and device."""

from __future__ import annotations

from typing import Any, Protocol

from sonogram.engines import program
from sonogram.engines.arrays.base import Arrays
from sonogram.engines.plan import Plan
from sonogram.padding import source_index

__all__ = ["Transform", "bins", "columns", "features", "frame_samples", "framed"]


class Transform(Protocol):
    """How an engine frames and transforms: samples that hold just the frames, to parts of the spectrum."""

    def __call__(self, plan: Plan, xp: Arrays, samples: Any, num_frames: Any) -> tuple[Any, Any]: ...


def features(plan: Plan, xp: Arrays, samples: Any, lengths: Any, transform: Transform) -> Any:
    """Return float32 features, `(batch, frames, bands)`, of `(batch, samples)`."""
    pieces, num_frames, valid = framed(plan, xp, samples, lengths)
    if isinstance(num_frames, int) and 0 in (num_frames, _known(xp.size(pieces, 0))):
        return _nothing(plan, xp, pieces, num_frames)
    values, energy = _local(plan, xp, pieces, num_frames, transform)
    return program.tail(plan, xp, values, energy, valid)


def columns(plan: Plan, xp: Arrays, samples: Any, lengths: Any, transform: Transform) -> Any:
    """Return compressed bands, log energies behind them where they are asked for; before the tail.

    As the native engine returns them: `(batch, frames, channels)`, 0 beyond the valid frames.
    """
    pieces, num_frames, valid = framed(plan, xp, samples, lengths)
    if isinstance(num_frames, int) and num_frames == 0:
        energies = int(plan.definition.cepstrum is not None and plan.definition.cepstrum.energy is not None)
        shape = (xp.size(pieces, 0), 0, plan.num_filters + energies)
        return xp.reshape(xp.crop(pieces, 0, 0, -1), shape)
    values, energy = _local(plan, xp, pieces, num_frames, transform)
    values = values if energy is None else xp.concatenate([values, energy], -1)
    return values if valid is None else program.zero_invalid(xp, values, valid)


def _local(plan: Plan, xp: Arrays, pieces: Any, num_frames: Any, transform: Transform) -> tuple[Any, Any]:
    """Return compressed bands, and log energies where they are asked for."""
    real, imaginary = transform(plan, xp, pieces, num_frames)
    values = program.local(plan, xp, real, imaginary)
    energy = None
    if plan.definition.cepstrum is not None and plan.definition.cepstrum.energy:
        energy = program.log_energy(plan, xp, frame_samples(plan, xp, pieces, num_frames))
    return values, energy


def bins(plan: Plan, xp: Arrays, samples: Any, transform: Transform) -> Any:
    """Return complex64 bins, `(batch, frames, bins)`."""
    pieces, num_frames, _ = framed(plan, xp, samples, None)
    if isinstance(num_frames, int) and num_frames == 0:
        none = xp.zeros_like(xp.crop(pieces, 0, 0, -1))
        none = xp.reshape(none, (xp.size(pieces, 0), 0, plan.num_bins))
        return xp.complex(none, none)
    return xp.complex(*transform(plan, xp, pieces, num_frames))


def framed(plan: Plan, xp: Arrays, samples: Any, lengths: Any) -> tuple[Any, Any, Any]:
    """Return conditioned samples that hold just the frames, how many, and how many are valid."""
    x, lengths = _condition(plan, xp, xp.samples(samples), lengths)
    kept = xp.size(x, -1)
    known = isinstance(kept, int)
    maximum = max if known else xp.maximum
    num_frames = plan.num_frames(kept, maximum)
    valid = None
    if lengths is not None:
        valid = plan.num_valid_frames(lengths, xp.maximum)
    elif plan.definition.padding.last_frame == "zero":
        valid = xp.arange(0, 1, x) * 0 + plan.num_valid_frames(kept, maximum)
    if known and num_frames == 0:
        return x, 0, valid
    held = (num_frames - 1) * plan.frame_step + plan.frame_length
    if not known:
        # A clip without a frame holds one all the same, which is cropped away: no operation meets nothing.
        held = xp.maximum(held, plan.frame_length)
    return _extend(plan, xp, x, lengths, held), num_frames, valid


def frame_samples(plan: Plan, xp: Arrays, pieces: Any, num_frames: Any) -> Any:
    """Return frames before pre-emphasis and window, `(batch, frames, frame_length)`."""
    frames = xp.frame(pieces, plan.frame_length, plan.frame_step, num_frames)
    if plan.definition.conditioning.remove_mean == "frame":
        # Twice: the first time rounds to the offset's digits, the second to those of the sound over it.
        frames = frames - xp.asum(frames, (-1,)) * (1.0 / plan.frame_length)
        frames = frames - xp.asum(frames, (-1,)) * (1.0 / plan.frame_length)
    return frames


def _condition(plan: Plan, xp: Arrays, x: Any, lengths: Any) -> tuple[Any, Any]:
    rule = plan.definition.conditioning
    x = _silence_beyond(xp, x, lengths)
    if rule.remove_mean == "clip":
        if lengths is None:
            x = x - xp.masked_mean(x, None, (-1,), 0)
        else:
            mask = _inside(xp, x, lengths)
            x = xp.where(mask, x - xp.masked_mean(x, mask, (-1,), 0), xp.zeros_like(x))
    preemphasis = rule.clip_preemphasis
    if preemphasis is not None:
        size = xp.size(x, -1)
        if not isinstance(size, int) or size > 0:
            # Padding with a sample first lets a clip of unknown size be empty.
            delayed = xp.crop(xp.pad(x, 1, 0, -1), 0, size, -1)
            if preemphasis.boundary == "repeat":
                first = xp.crop(xp.pad(x, 0, 1, -1), 0, 1, -1)
                delayed = delayed + xp.crop(xp.pad(first, 0, size, -1), 0, size, -1)
            x = x - preemphasis.coefficient * delayed
            if rule.dropped:
                kept = plan.num_conditioned(size, max if isinstance(size, int) else xp.maximum)
                x = xp.crop(xp.pad(x, 0, 1, -1), 1, kept, -1)
                lengths = lengths if lengths is None else plan.num_conditioned(lengths, xp.maximum)
            x = _silence_beyond(xp, x, lengths)
    return (x if rule.scale == 1 else x * float(rule.scale)), lengths


def _inside(xp: Arrays, x: Any, lengths: Any) -> Any:
    return xp.arange(0, xp.size(x, -1), x) < xp.expand(lengths, -1)


def _silence_beyond(xp: Arrays, x: Any, lengths: Any) -> Any:
    """Return `x` with zeros in its padding, whatever stood there: NaN would come back through a product."""
    return x if lengths is None else xp.where(_inside(xp, x, lengths), x, xp.zeros_like(x))


def _extend(plan: Plan, xp: Arrays, x: Any, lengths: Any, held: Any) -> Any:
    """Return the `held` samples of each clip that its frames see, edges included, from the first one on."""
    size = xp.size(x, -1)
    known = isinstance(size, int)
    mode = plan.definition.padding.mode
    if lengths is not None and (mode != "constant" or plan.definition.padding.depends_on_length):
        # Each clip has edges of its own.
        own = xp.expand(xp.maximum(lengths, 1), -1)
        position = xp.arange(0, held, x) - plan.pad_left(own)
        if mode == "constant":
            inside = (position >= 0) & (position < own)
            index = xp.where(inside, position, xp.zeros_like(position))
            return xp.where(inside, xp.take(x, index), xp.zeros_like(xp.take(x, index)))
        return xp.take(x, source_index(xp, position, own, mode))
    left, skip = plan.pad_left(size), 0
    if isinstance(left, int):
        left, skip = max(left, 0), max(-left, 0)
    elif plan.window_offset:
        left, skip = xp.maximum(left, 0), xp.maximum(-left, 0)
    # The first window may begin inside the clip: what it skips is still seen in the mirror.
    after = held + skip - left - size
    if known:
        extended = _edges(xp, x, size, left, max(after, 0), mode)
        return extended if not skip and after >= 0 else xp.crop(extended, skip, held, -1)
    x = xp.pad(x, 0, xp.maximum(1 - size, 0), -1)
    extended = _edges(xp, x, size, left, xp.maximum(after, 0), mode)
    return xp.crop(extended, skip, held, -1)


def _edges(xp: Arrays, x: Any, size: Any, before: Any, after: Any, mode: str) -> Any:
    if mode == "constant":
        return xp.pad(x, before, after, -1)
    total = size if isinstance(size, int) else xp.maximum(size, 1)
    parts = [x]
    if not isinstance(before, int) or before > 0:
        parts.insert(0, xp.take(x, source_index(xp, xp.arange(-before, 0, x), total, mode)))
    if not isinstance(after, int) or after > 0:
        parts.append(xp.take(x, source_index(xp, xp.arange(total, total + after, x), total, mode)))
    return parts[0] if len(parts) == 1 else xp.concatenate(parts, -1)


def _known(size: Any) -> int | None:
    return size if isinstance(size, int) else None


def _nothing(plan: Plan, xp: Arrays, x: Any, num_frames: int) -> Any:
    """Return the features of clips without frames, or of no clips."""
    rule = plan.definition.stack
    stacked = rule.num_frames(num_frames) if rule else num_frames
    return xp.reshape(xp.crop(x, 0, 0, -1), (xp.size(x, 0), stacked, plan.definition.num_bands))
