"""What prevents a use of a definition: a reason and a remedy for each obstacle."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

import numpy as np

from sonogram.errors import SonogramError
from sonogram.normalize import Affine, RunningMean, SlidingMean
from sonogram.parameters import Parameters
from sonogram.scaling import Log, MaskedLog
from sonogram.spectrum import Complex
from sonogram.transform import ConstantQ

__all__ = ["Obstacle", "Purpose", "find_obstacles", "require_possible"]

_IMPOSSIBLE = {
    "stream": "this front end cannot be streamed",
    "invert": "the spectrum of this front end cannot be inverted",
    "magnitudes": "these features cannot be turned back into sound",
    "c": "this front end cannot be exported to C",
}
_LATER_SAMPLE = ("reflect", "wrap")
"""Boundaries of a pre-emphasis that need more than the first sample."""
_INVERTIBLE = 1e6  # condition number above which a cepstrum is not inverted

Purpose = Literal["stream", "invert", "magnitudes", "c"]


class Obstacle(NamedTuple):
    """A reason why a definition cannot serve a purpose, and what to change."""

    code: str
    """Name that is the same in every release."""
    reason: str
    remedy: str


def find_obstacles(definition: Parameters, purpose: Purpose) -> tuple[Obstacle, ...]:
    """Return what prevents a use of a definition; see `Definition.obstacles`."""
    found = {"stream": _stream, "invert": _invert, "magnitudes": _magnitudes, "c": _c}
    if purpose not in found:
        raise SonogramError(f"purpose must be one of {', '.join(map(repr, found))}; got {purpose!r}")
    return tuple(found[purpose](definition))


def require_possible(definition: Parameters, purpose: Purpose) -> None:
    """Raise `SonogramError` with the reason and the remedy if `definition.obstacles(purpose)` names one."""
    for obstacle in find_obstacles(definition, purpose):
        raise SonogramError(f"{_IMPOSSIBLE[purpose]}: {obstacle.reason}. Use {obstacle.remedy}")


def _stream(definition: Parameters) -> Iterator[Obstacle]:
    padding, scaling, normalize = definition.padding, definition.scaling, definition.normalize
    if padding.depends_on_length:
        reason = f"padding={padding!r} depends on the length of the clip"
        yield Obstacle("length-padding", reason, "padding=Center() or Valid()")
    preemphasis = definition.conditioning.clip_preemphasis
    if preemphasis is not None and preemphasis.boundary in _LATER_SAMPLE:
        reason = f'boundary="{preemphasis.boundary}" computes the first sample from a later one'
        yield Obstacle("reflected-preemphasis", reason, 'boundary="repeat" or "zero"')
    if definition.conditioning.remove_mean == "clip":
        reason = 'remove_mean="clip" needs the mean of the whole clip'
        yield Obstacle("clip-mean", reason, 'remove_mean="frame" or None')
    if scaling is not None and scaling.peak_dependent:
        reason = f"scaling={scaling!r} depends on the clip's peak"
        yield Obstacle("peak-floor", reason, "a constant floor and reference, without dynamic_range")
    if normalize is not None and normalize.clip_dependent:
        reason = f"normalize={normalize!r} needs the statistics of the whole clip"
        yield Obstacle("clip-statistics", reason, "normalize=Affine(mean, std) with constants")


def _c(definition: Parameters) -> Iterator[Obstacle]:
    yield from _stream(definition)
    if isinstance(definition.transform, ConstantQ):
        size = 8 * definition.transform.lengths(definition.sample_rate).sum() / 1e6
        reason = f"the kernels of a constant-Q transform take {size:.1f} MB of memory"
        yield Obstacle("constant-q", reason, "transform=Fourier() with bands=LogFrequency()")
    elif definition.fft_size < 5:
        reason = f"a transform of {definition.fft_size} samples has no passes"
        yield Obstacle("short-transform", reason, "fft_length=5 or more")
    yield from _missing_in_c(definition)
    if definition.deltas is not None:
        yield Obstacle("deltas", "the C front end has no derivatives", "deltas=None, and compute them later")
    if definition.stack is not None:
        yield Obstacle("stack", "the C front end returns single frames", "stack=None, and stack rows later")


def _missing_in_c(definition: Parameters) -> Iterator[Obstacle]:
    normalize, cepstrum = definition.normalize, definition.cepstrum
    if isinstance(normalize, (RunningMean, SlidingMean)):
        reason = f"the C front end has no {type(normalize).__name__}"
        yield Obstacle("means-over-time", reason, "normalize=None, and subtract means later")
    if isinstance(normalize, Affine) and normalize.step is not None:
        yield Obstacle("rounded-values", "the C front end rounds no values", "step=None, and round later")
    if isinstance(definition.scaling, MaskedLog):
        yield Obstacle("masked-bands", "the C front end has no MaskedLog", "scaling=Log(...)")
    if isinstance(definition.spectrum, Complex):
        yield Obstacle("complex", "the C front end returns real bins", "spectrum=Power()")
    if cepstrum is not None and cepstrum.energy == "spectrum":
        reason = "the C front end has no energy of the spectrum"
        yield Obstacle("spectrum-energy", reason, 'energy="replace" or None')


def _invert(definition: Parameters) -> Iterator[Obstacle]:
    yield from _constant_q(definition)
    rule, over_clip = definition.conditioning, 'Preemphasis(scope="clip", boundary="zero")'
    if rule.frame_preemphasis is not None:
        yield Obstacle("frame-preemphasis", "the pre-emphasis starts again in each frame", over_clip)
    if rule.remove_mean is not None:
        yield Obstacle("removed-mean", f"the mean of each {rule.remove_mean} is removed", "remove_mean=None")
    if rule.dropped:
        yield Obstacle("dropped-sample", "the first sample is dropped", over_clip)
    elif rule.clip_preemphasis is not None and rule.clip_preemphasis.boundary in _LATER_SAMPLE:
        reason = "the pre-emphasis of the first sample depends on a later one"
        yield Obstacle("reflected-preemphasis", reason, over_clip)


def _constant_q(definition: Parameters) -> Iterator[Obstacle]:
    if isinstance(definition.transform, ConstantQ):
        reason = "the bins of a constant-Q transform overlap and have no exact inverse"
        yield Obstacle("constant-q", reason, "transform=Fourier()")


def _magnitudes(definition: Parameters) -> Iterator[Obstacle]:
    yield from _constant_q(definition)
    if isinstance(definition.spectrum, Complex):
        yield Obstacle("complex", "the features are complex bins, not magnitudes", "istft")
    normalize, cepstrum, scaling = definition.normalize, definition.cepstrum, definition.scaling
    if normalize is not None and not isinstance(normalize, Affine):
        reason = f"{type(normalize).__name__} removes the level and contrast of each clip"
        yield Obstacle("clip-statistics", reason, "normalize=None or Affine(mean, std)")
    if definition.deltas is not None:
        yield Obstacle("deltas", "the derivatives repeat what the frames hold", "deltas=None")
    elif definition.rows_share_frames or (definition.stack and definition.stack.layout == "bands"):
        yield Obstacle("overlapping-stack", f"stack={definition.stack!r} repeats frames", "stack=None")
    if cepstrum is not None and cepstrum.energy is not None:
        reason = "the energy replaces the first cepstral coefficient"
        yield Obstacle("energy", reason, "energy=None")
    if cepstrum is not None and cepstrum.num_coefficients < definition.num_filters:
        count = f"{cepstrum.num_coefficients} cepstral coefficients of {definition.num_filters} bands"
        yield Obstacle("truncated-cepstrum", f"{count} leave out the fine structure", "cepstrum=None")
    elif cepstrum is not None and np.linalg.cond(cepstrum.matrix(definition.num_filters)) > _INVERTIBLE:
        yield Obstacle("lifter", "the lifter removes coefficients", "lifter=None")
    if scaling is not None and not isinstance(scaling, Log):
        reason = f"{type(scaling).__name__} removes the level that each band had before"
        yield Obstacle("adaptive-level", reason, "scaling=Log(...) or Decibels(...)")
