"""Whether two arrays of features are the same front end's: the one place where that is decided.

The bounds are those that float32 implementations of the published front ends keep among themselves
(measured: errors of a log cell up to 4e-4 where it holds at least 1e-6 of its frame's power, and
2e-5 of the frame's maximum anywhere), with some room above.
"""

import dataclasses
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

import sonogram as sg

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Bounds:
    """How far two results may differ."""

    linear: float = 5e-5
    """Linear outputs, and logarithms turned back: of the frame's maximum (ten times standardized)."""
    log_max: float = 1e-3
    """Log outputs, cells of at least 1e-6 of their frame's maximum power: natural logarithms."""
    log_rms: float = 1e-4
    """The same, root of the mean square."""
    cepstra: float = 2e-4
    """Cepstra: root of the mean square, natural logarithms times the root of the bands."""
    pcen: float = 1e-4
    """PCEN: of the clip's maximum, and in root mean square."""


RECORDED = Bounds()
_AUDIBLE = 1e-6  # least share of the frame's maximum power whose logarithm is judged


def assert_agrees(
    frontend: sg.Frontend,
    samples: ArrayLike,
    got: ArrayLike,
    want: ArrayLike,
    bounds: Bounds = RECORDED,
) -> None:
    """Fail unless `got` and `want`, `(frames, bands)`, are the same features of `samples`."""
    found = complaints(frontend, samples, got, want, bounds)
    assert not found, f"{frontend}\n  " + "\n  ".join(found)


def complaints(
    frontend: sg.Frontend,
    samples: ArrayLike,
    got: ArrayLike,
    want: ArrayLike,
    bounds: Bounds = RECORDED,
) -> list[str]:
    """What is wrong, one line for each bound that does not hold."""
    got, want = np.asarray(got, np.float64), np.asarray(want, np.float64)
    if got.shape != want.shape:
        return [f"shape {got.shape}, not {want.shape}"]
    if not np.isfinite(got).all():
        return [f"{np.count_nonzero(~np.isfinite(got))} values are not finite"]
    got, want = (_single(frontend, x) for x in (got, want))
    valid = _valid_frames(frontend, len(np.asarray(samples)))
    if got[valid:].any():
        return ["the frames that hold no features are not 0"]
    got, want = got[:valid], want[:valid]
    if not got.size:
        return []
    mean, deviation = _constants(frontend, samples)
    judged = np.broadcast_to(np.isfinite(deviation), got.shape)
    with np.errstate(invalid="ignore"):
        restored = (x * deviation + mean for x in (got, want))
        got, want = (x[judged].reshape(len(x), -1) for x in restored)
    return _figures(frontend, got, want, bounds) if got.size else []


def _figures(frontend: sg.Frontend, got: Floats, want: Floats, bounds: Bounds) -> list[str]:
    if frontend.cepstrum is not None:
        return _cepstra(frontend, got, want, bounds)
    if isinstance(frontend.scaling, sg.scaling.Pcen):
        return _pcen(got, want, bounds)
    if isinstance(frontend.normalize, sg.normalize.Standardize):
        # The band's mean brings the noise of its faint cells into its loud ones. The published bounds
        # judge standardized features by their logarithms alone; this one catches a wrong frame.
        bounds = dataclasses.replace(bounds, linear=10 * bounds.linear)
    if isinstance(frontend.scaling, sg.scaling.Log):
        return _logarithms(frontend, got, want, bounds)
    return _linear(got, want, bounds)


def _single(frontend: sg.Frontend, features: Floats) -> Floats:
    """Stacked frames one below the other."""
    size = frontend.stack.size if frontend.stack else 1
    return features.reshape(-1, frontend.num_bands // size)


def _valid_frames(frontend: sg.Frontend, num_samples: int) -> int:
    """Frames, unstacked, that hold features."""
    frames = dataclasses.replace(frontend, stack=None).num_frames(num_samples)
    valid = max(frames - (frontend.padding.last_frame == "zero"), 0)
    if frontend.stack is not None and frontend.stack.remainder == "drop":
        valid -= valid % frontend.stack.size
    return valid


def _constants(frontend: sg.Frontend, samples: ArrayLike) -> tuple[Floats, Floats]:
    """What a normalization subtracted and divided by; infinite where it was given a constant."""
    rule = frontend.normalize
    if rule is None:
        return np.zeros(1), np.ones(1)
    if isinstance(rule, sg.normalize.Affine):
        return np.asarray(rule.mean, np.float64), np.asarray(rule.std, np.float64)
    plain = dataclasses.replace(frontend, normalize=None, stack=None)
    raw = np.asarray(plain(np.asarray(samples), "numpy"), np.float64)
    raw = raw[:-1] if frontend.padding.last_frame == "zero" else raw
    if isinstance(rule, sg.normalize.MinMax):
        return raw.min(keepdims=True)[0], np.ptp(raw, keepdims=True)[0] + rule.epsilon
    axis = 0 if rule.per == "band" else None
    spread = np.ptp(raw, axis=axis)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.nan_to_num(raw.var(axis=axis, ddof=min(rule.ddof, len(raw) - 1)))
    deviation = np.sqrt(variance) + rule.epsilon
    # A band that hardly changes holds rounding noise, which nobody's value is right for.
    return raw.mean(axis=axis), np.where(spread > 1e-5, deviation, np.inf)


def _linear(got: Floats, want: Floats, bounds: Bounds) -> list[str]:
    error = np.abs(got - want).max(axis=1)
    limit = bounds.linear * np.abs(want).max(axis=1)
    worst = int(np.argmax(error - limit))
    if error[worst] <= limit[worst]:
        return []
    share = error[worst] / max(np.abs(want[worst]).max(), 1e-300)
    return [f"frame {worst}: {share:.1e} of its maximum; at most {bounds.linear:.0e}"]


def _logarithms(frontend: sg.Frontend, got: Floats, want: Floats, bounds: Bounds) -> list[str]:
    scaling = frontend.scaling
    assert isinstance(scaling, sg.scaling.Log)
    factor = natural(frontend)
    error = np.abs(got - want) / factor
    top = want.max() / factor  # the level is taken off: no exponential overflows
    linear_got, linear_want = np.exp(got / factor - top), np.exp(want / factor - top)
    found = _linear(linear_got, linear_want, bounds)
    reference = scaling.reference if isinstance(scaling.reference, (int, float)) else 1.0
    offset = (scaling.offset or 0.0) * math.exp(-top) / reference
    level = linear_want - offset
    share = _AUDIBLE if isinstance(frontend.spectrum, sg.spectrum.Power) else math.sqrt(_AUDIBLE)
    peak = level.max(axis=1, keepdims=True)
    audible = (level >= share * peak) & (peak > 0)
    if not audible.any():
        return found
    largest, rms = error[audible].max(), math.sqrt((error[audible] ** 2).mean())
    if largest > bounds.log_max:
        found.append(f"logarithms differ by {largest:.1e} ln; at most {bounds.log_max:.0e}")
    if rms > bounds.log_rms:
        found.append(f"logarithms differ by {rms:.1e} ln RMS; at most {bounds.log_rms:.0e}")
    return found


def _cepstra(frontend: sg.Frontend, got: Floats, want: Floats, bounds: Bounds) -> list[str]:
    bands = dataclasses.replace(frontend, cepstrum=None, normalize=None, stack=None).num_bands
    rms = math.sqrt(((got - want) ** 2).mean()) / natural(frontend)
    limit = bounds.cepstra * math.sqrt(bands)
    return [] if rms <= limit else [f"cepstra differ by {rms:.1e} ln RMS; at most {limit:.1e}"]


def _pcen(got: Floats, want: Floats, bounds: Bounds) -> list[str]:
    # Not of each cell: one near 0 is what float32 leaves of two roots that are almost equal.
    error = np.abs(got - want)
    largest = error.max() / max(np.abs(want).max(), 1e-300)
    rms = math.sqrt((error**2).mean() / max((want**2).mean(), 1e-300))
    found = {"of the maximum": largest, "in RMS": rms}
    return [f"PCEN {x:.1e} {how}; at most {bounds.pcen}" for how, x in found.items() if x > bounds.pcen]


def natural(frontend: sg.Frontend) -> float:
    """What the natural logarithm was multiplied with."""
    scaling = frontend.scaling
    power = isinstance(frontend.spectrum, sg.spectrum.Power)
    if isinstance(scaling, sg.scaling.Decibels):
        return (10 if power else 20) / math.log(10)
    if isinstance(scaling, sg.scaling.Log):
        return abs(scaling.multiplier) / (math.log(10) if scaling.base == 10 else 1)
    return 1.0
