"""Bundles of front ends and features of several channels, compared part by part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from parity.bounds import Difference, compare
from sonogram.bands import Mel
from sonogram.bundle import Bundle, Composite, Spatial
from sonogram.frontend import Frontend
from sonogram.spatial import CrossCorrelation, PhaseDifference

__all__ = ["compare_composite", "spread"]

Floats = NDArray[np.floating]
_SPATIAL = 2e-3  # of the largest value in a frame: phases of bins at the rounding of float32 are noise
_DELAYS = ((1, 0), (0.5, 3), (-0.25, 7), (0.75, 12))  # gain and delay of each channel in samples


@dataclass(frozen=True)
class _Part:
    member: Frontend | Spatial
    frontend: Frontend | None
    """Front end of this part; None for what is computed from several channels."""
    channel: int | None
    values: tuple[slice, ...]
    """Place of the part in the features of a frame."""


def spread(definition: Frontend | Composite, samples: NDArray[np.int16]) -> NDArray[np.int16]:
    """Return the samples, or delayed copies of them as the channels that a definition needs."""
    count = definition.channels if isinstance(definition, Composite) else None
    if count is None:
        return samples
    delayed = (np.pad(gain * samples, (delay, 0))[: len(samples)] for gain, delay in _DELAYS[:count])
    return np.round(np.stack(list(delayed))).astype(np.int16)


def compare_composite(
    definition: Composite, features: Floats, wanted: Floats, samples: NDArray[np.float32]
) -> Difference:
    """Compare features with those of an original, and return the difference of the worst part."""
    found = []
    for part in _parts(definition):
        got, want = features[(slice(None), *part.values)], wanted[(slice(None), *part.values)]
        if part.frontend is None:
            assert isinstance(part.member, Spatial)
            found.append(_spatial(part.member, got, want, samples))
        else:
            clip = samples if part.channel is None else samples[part.channel]
            found.append(compare(part.frontend, got, want, clip))
    return max(found, key=lambda each: each.share)


def _parts(definition: Composite) -> Iterator[_Part]:
    assert isinstance(definition, Bundle)
    start = 0
    for index, member in enumerate(definition.members):
        width = int(np.prod(member.shape)) if isinstance(member, Spatial) else member.num_bands
        if definition.along == "channels":
            assert isinstance(member, Frontend)
            yield _Part(member, member, None, (slice(None), index))  # type: ignore[arg-type]
        elif isinstance(member, Frontend):
            yield _Part(member, member, None, (slice(start, start + width),))
        elif member.feature is not None:
            yield _Part(member, None, None, (slice(start, start + width),))
        else:
            bands = member.frontend.num_bands
            for channel in range(member.num_channels):
                first = start + channel * bands
                yield _Part(member, member.frontend, channel, (slice(first, first + bands),))
        start += width


def _spatial(member: Spatial, features: Floats, wanted: Floats, samples: NDArray[np.float32]) -> Difference:
    """Compare features of several channels, whose bins near the rounding of float32 can have any phase."""
    if features.shape != wanted.shape:
        raise ValueError(
            f"features must have the shape of the original, {wanted.shape}; got {features.shape}"
        )
    if not features.size:
        return Difference(0.0, 0.0, 0.0, 0.0, 0)
    weak = _weak(member.frontend, samples.astype(np.float64) + member.offset)
    if isinstance(member.feature, PhaseDifference):
        noise = np.where(weak, np.inf, 0.0)
    elif isinstance(member.feature, CrossCorrelation):
        noise = np.repeat(weak.sum(axis=1, keepdims=True) * 4.0 / member.frontend.fft_size, 64, axis=1)
    else:
        noise = weak @ (3 * Mel.slaney(64).matrix(member.sample_rate, member.frontend.fft_size))
    error = np.abs(features.astype(np.float64) - wanted)
    if isinstance(member.feature, PhaseDifference):
        # Half a turn and minus half a turn are one phase.
        turn = 343 * member.frontend.fft_size / member.sample_rate / np.arange(2, 384)
        error = np.minimum(error, np.abs(np.tile(turn, 3) - error))
    error = np.maximum(error - np.tile(noise, error.shape[1] // noise.shape[1]), 0)
    peak = np.abs(wanted).max(axis=1, keepdims=True)
    relative = float((error / np.maximum(peak, 1e-6)).max())
    rms = float(np.sqrt((error**2).mean()))
    return Difference(float(error.max()), rms, relative, relative / _SPATIAL, len(error))


def _weak(frontend: Frontend, samples: Floats) -> NDArray[np.bool_]:
    """Return where a channel has less than 1e-4 of its frame's maximum, `(frames, bins)`."""
    bins = frontend(samples, "numpy")
    count = bins.shape[-1] // 2
    size = np.hypot(bins[..., :count], bins[..., count:])
    return (size <= 1e-4 * size.max(axis=-1, keepdims=True)).any(axis=0)
