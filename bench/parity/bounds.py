"""The difference between two computations of the same features, and its bounds.

In the linear domain, the error is relative to the largest band of its frame: 5e-5 at most. A logarithm
counts where the band holds at least 1e-6 of the power of the largest one: 1e-3 at most and 1e-4 RMS, in
units of ln. Bands below that hold float32 noise of the loud bands. Cepstra are compared by their RMS in
frames whose bands all count, PCEN in the same bands, relative to the frame's maximum. A band that is
constant over a clip is 0 after standardization here and rounding noise in some originals, so it does
not count. Derivatives have twice the bound of what they derive. Constant-Q magnitudes
may be off by 2e-4, for engines that halve the rate; frames 60 dB below the clip's peak count as if they were
at that level.

Sometimes float32 carries something far larger than what is left in the bands: a DC offset that is removed
with the frame's mean, or a click under the edge of a window that was rounded to float32. That larger value
determines the noise of the original and of every engine, so it replaces the frame's maximum.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sonogram.engines import numpy as numpy_engine
from sonogram.engines.plan import plan
from sonogram.frontend import Frontend
from sonogram.normalize import Affine, RunningMean, Standardize, UnitPeak
from sonogram.scaling import Log, Pcen
from sonogram.spectrum import Magnitude
from sonogram.stack import Stack
from sonogram.transform import ConstantQ

__all__ = ["LINEAR", "LN_MAX", "LN_RMS", "Difference", "compare", "compare_rms"]

LINEAR = 5e-5
LN_MAX = 1e-3
LN_RMS = 1e-4
_CEPSTRUM_RMS = 2e-4
_PCEN = 1e-4
_CONSTANT_Q = 2e-4
_RARE = 1e-3  # part of the cells whose value may be rounded to the next step
_LEAST = 1e-6  # part of the frame's largest power below which a logarithm does not count

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Difference:
    """The difference between features and those of the original."""

    largest: float
    """Largest error of the cells that count, in the unit of the features."""
    rms: float
    """Root mean square of the same."""
    relative: float
    """Largest error in the linear domain, as a part of the frame's maximum; NaN for cepstra."""
    share: float
    """Largest part of its bound that any of these errors takes; above 1 the bound is broken."""
    frames: int
    """Number of frames compared."""


def compare(
    frontend: Frontend,
    features: NDArray[np.floating],
    wanted: NDArray[np.floating],
    samples: NDArray[np.float32],
) -> Difference:
    """Compare features with those of an original.

    Args:
        frontend: The definition.
        features: What an engine returned, `(frames, bands)`.
        wanted: What the original returned, of the same shape.
        samples: The clip, `(samples,)`: its bands before normalization decide which cells count.
    """
    if features.shape != wanted.shape:
        raise ValueError(
            f"features must have the shape of the original, {wanted.shape}; got {features.shape}"
        )
    if not features.size:
        return Difference(0.0, 0.0, 0.0, 0.0, 0)
    error = np.abs(features.astype(np.float64) - wanted)
    plain = dataclasses.replace(frontend, cepstrum=None, deltas=None, normalize=None, stack=None)
    bands, carried = _reference(plain, samples.astype(np.float32).tobytes())
    if frontend.padding.last_frame == "zero":
        assert not features[-1].any(), "the last frame must be 0"
        assert not wanted[-1].any(), "the last frame must be 0 in the original"
        bands, error = bands[:-1], error[:-1]
    if not bands.size:
        return Difference(0.0, 0.0, 0.0, 0.0, 0)
    if isinstance(frontend.normalize, UnitPeak):
        bands = _ratio(bands, np.abs(bands).max(axis=1, keepdims=True))
    carried = carried[: len(bands)]
    if frontend.stack is not None:
        error = _unstacked(frontend.stack, error, len(bands))
    error = _beyond_rounding(frontend, error)
    if frontend.deltas is None:
        return _judge(frontend, plain, samples, error, bands, carried)
    # A derivative adds the errors of other frames, so it counts where all of these do.
    count = error.shape[1] // (frontend.deltas.order + 1)
    derived = error[:, count:].reshape(len(error), -1, count).max(axis=1) / 2
    reach = frontend.deltas.lookback
    both = (
        _judge(frontend, plain, samples, error[:, :count], bands, carried),
        _judge(frontend, plain, samples, derived, bands, carried, reach),
    )
    return max(both, key=lambda found: found.share)


def compare_rms(features: NDArray[np.floating], wanted: NDArray[np.floating], bound: float) -> Difference:
    """Compare with an original that is itself approximate: the RMS as a part of the clip's maximum."""
    if features.shape != wanted.shape:
        raise ValueError(
            f"features must have the shape of the original, {wanted.shape}; got {features.shape}"
        )
    if not features.size:
        return Difference(0.0, 0.0, 0.0, 0.0, 0)
    error = np.abs(features.astype(np.float64) - wanted)
    part = _ratio(error, np.full_like(error, np.abs(wanted).max()))
    return Difference(_max(error), _rms(error), _max(part), _rms(part) / bound, len(error))


def _judge(
    frontend: Frontend,
    plain: Frontend,
    samples: NDArray[np.float32],
    error: Floats,
    bands: Floats,
    carried: Floats,
    reach: int = 0,
) -> Difference:
    """Return the difference of features whose errors are `error`, one for each band or coefficient.

    A cell counts where the cells of all frames within `reach` do.
    """
    if isinstance(frontend.scaling, Log):
        judge = _logarithms if frontend.cepstrum is None else _cepstra
        return judge(frontend, frontend.scaling, error, bands, carried, reach)
    bound = LINEAR
    if isinstance(frontend.scaling, Pcen):
        linear = dataclasses.replace(plain, scaling=None)(samples, "numpy").astype(np.float64)
        error, bound = np.where(_loud(frontend, linear, carried), error, 0.0), _PCEN
    peak = np.abs(bands).max(axis=1, keepdims=True)
    if isinstance(frontend.transform, ConstantQ):
        bound, peak = _CONSTANT_Q, np.maximum(peak, 1e-3 * peak.max())
    size = np.where(np.isinf(carried), np.inf, peak * np.where(np.isinf(carried), 1, carried))
    relative = float(_ratio(error, size).max())
    return Difference(_max(error), _rms(error), relative, relative / bound, len(error))


def _unstacked(stack: Stack, error: Floats, num_frames: int) -> Floats:
    """Return the largest error of each value of a frame over the rows that hold it."""
    if stack.layout == "bands":
        error = error.reshape(len(error), -1, stack.size).swapaxes(1, 2)
    cells = error.reshape(len(error), stack.size, -1)
    frames = stack.stride * np.arange(len(error))[:, None] - stack.before + np.arange(stack.size)
    largest = np.zeros((num_frames, cells.shape[2]))
    np.maximum.at(largest, np.clip(frames, 0, num_frames - 1), cells)
    return largest


def _beyond_rounding(frontend: Frontend, error: Floats) -> Floats:
    """Return the error without single steps of features that are rounded to steps, where these are rare."""
    step = frontend.normalize.step if isinstance(frontend.normalize, Affine) else None
    if step is None or np.count_nonzero(error) > _RARE * error.size + 1:
        return error
    return np.where(error < 1.5 * step, 0.0, error)


def _loud(frontend: Frontend, linear: Floats, carried: Floats) -> NDArray[np.bool_]:
    """Return where a band holds enough of the frame's power to count."""
    part = _ratio(linear, linear.max(axis=1, keepdims=True))
    if isinstance(frontend.spectrum, Magnitude):
        return part / carried >= math.sqrt(_LEAST)
    # An error of an amplitude is one of its power times the amplitude that is left.
    return part / carried**2 >= _LEAST


@lru_cache(maxsize=8)
def _reference(plain: Frontend, samples: bytes) -> tuple[Floats, Floats]:
    """Return the bands and `_carried` of float32 samples, computed once for all engines."""
    clip = np.frombuffer(samples, np.float32)
    return plain(clip, "numpy").astype(np.float64), _carried(plain, clip)


def _carried(plain: Frontend, samples: NDArray[np.float32]) -> Floats:
    """Return the largest amplitude in float32, relative to that in the bands, `(frames, 1)`.

    It is at least 1, and infinite where nothing of the signal reaches the bands: a click under the
    first sample of a window, for example.
    """
    used = plan(dataclasses.replace(plain, bands=None, scaling=None, spectrum=Magnitude()))
    rule = plain.conditioning
    clip = rule.clip_preemphasis
    silent = None if clip is None else dataclasses.replace(clip, coefficient=0)
    untouched = dataclasses.replace(rule, remove_mean=None, preemphasis=silent)
    raw = plan(dataclasses.replace(used.definition, conditioning=untouched))
    bank = None if plain.bands is None else plan(plain).bands
    seen = slice(None) if bank is None else np.flatnonzero(bank.any(axis=1))
    count = raw.num_valid_frames(raw.num_conditioned(len(samples)))
    if not count:
        return np.ones((0, 1))
    whole = numpy_engine.condition(raw, samples.astype(np.float64))
    frames = numpy_engine.frame_samples(raw, whole, 0, count)
    bins = np.abs(numpy_engine.stft(raw, frames))
    largest = np.maximum(bins.max(axis=1), np.abs(frames).max(axis=1))
    if isinstance(plain.transform, ConstantQ):
        # The kernels remove an offset: what they add up before it cancels is the offset times their sum.
        gain = math.sqrt(plain.frame_length) if plain.transform.scale == "energy" else 1.0
        largest = np.maximum(largest, gain * np.abs(frames.mean(axis=1)))
    if used is not raw:
        kept = numpy_engine.condition(used, samples.astype(np.float64))
        bins = np.abs(numpy_engine.stft(used, numpy_engine.frame_samples(used, kept, 0, count)))
    left = bins[:, seen].max(axis=1)
    return np.maximum(_ratio(largest, left), 1.0)[:, None]


def _within(counts: NDArray[np.bool_], reach: int) -> NDArray[np.bool_]:
    """Return where all frames within `reach` count, of those inside the clip."""
    padded = np.pad(counts, [(reach, reach)] + [(0, 0)] * (counts.ndim - 1), constant_values=True)
    return np.logical_and.reduce([padded[k : k + len(counts)] for k in range(2 * reach + 1)])


def _cepstra(
    frontend: Frontend, scaling: Log, error: Floats, bands: Floats, carried: Floats, reach: int
) -> Difference:
    unit = abs(scaling.factor(frontend.spectrum.db_factor))
    counts = _loud(frontend, np.exp(bands / scaling.factor(frontend.spectrum.db_factor)), carried)
    error = error[_within(counts.all(axis=1), reach)]
    rms = _rms(error)
    share = rms / (_CEPSTRUM_RMS * unit * math.sqrt(bands.shape[1]))
    return Difference(_max(error), rms, math.nan, share, len(bands))


def _logarithms(
    frontend: Frontend, scaling: Log, error: Floats, bands: Floats, carried: Floats, reach: int
) -> Difference:
    linear = np.exp(bands / scaling.factor(frontend.spectrum.db_factor))
    counts = _within(_loud(frontend, linear, carried), reach)
    part = linear / linear.max(axis=1, keepdims=True) / carried
    deviation = np.ones(1)
    standardized = isinstance(frontend.normalize, Standardize)
    if isinstance(frontend.normalize, Affine):
        deviation = np.asarray(frontend.normalize.std, np.float64).reshape(-1)
    elif isinstance(frontend.normalize, RunningMean):
        deviation = np.full(1, frontend.normalize.std)
    elif isinstance(frontend.normalize, Standardize):
        valid = bands
        std = valid.std(axis=0, ddof=min(frontend.normalize.ddof, len(valid) - 1))
        constant = np.ptp(valid, axis=0) <= 0
        counts = counts & ~constant
        error = np.where(constant, 0.0, error)
        deviation = np.where(constant, 1.0, std + frontend.normalize.epsilon)
    in_ln = error * deviation / abs(scaling.factor(frontend.spectrum.db_factor))
    relative = float((np.expm1(in_ln) * part).max())
    counted, natural = error[counts], in_ln[counts]
    share = max(_max(natural) / LN_MAX, _rms(natural) / LN_RMS)
    # The statistics of a band carry the noise of its silent frames into the loud ones.
    share = share if standardized else max(share, relative / LINEAR)
    return Difference(_max(counted), _rms(counted), relative, share, len(error))


def _ratio(error: Floats, size: Floats) -> Floats:
    return np.where(size > 0, error / np.where(size > 0, size, 1), np.where(error > 0, np.inf, 0.0))


def _max(values: Floats) -> float:
    return float(values.max()) if values.size else 0.0


def _rms(values: Floats) -> float:
    return float(np.sqrt((values**2).mean())) if values.size else 0.0
