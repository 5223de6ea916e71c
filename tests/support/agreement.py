"""The one comparison of two arrays of features, with its bounds.

The bounds are the ones of the published comparison of front ends. Float32 implementations of the same
front end differ from each other by up to 4e-4 in the logarithm of a cell that holds at least 1e-6 of its
frame's power, and by up to 2e-5 of the frame's maximum anywhere. The bounds are about twice that. They do
not depend on the machine.
"""

import dataclasses
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

import sonogram as sg
from sonogram.engines.arrays.numpy import NumPy

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Bounds:
    """The largest allowed differences."""

    linear: float = 5e-5
    """Linear features, and exponentials of log features: part of the frame's maximum. Standardized features
    may differ by ten times as much."""
    log_max: float = 1e-3
    """Log features, largest difference, in natural logarithms. Only cells count that hold at least 1e-6 of
    their frame's maximum power."""
    log_rms: float = 1e-4
    """The same, root mean square."""
    cepstra: float = 2e-4
    """Cepstra: root mean square, in natural logarithms times the square root of the number of bands."""
    pcen: float = 1e-4
    """PCEN: part of the clip's maximum, and relative root mean square."""


RECORDED = Bounds()
_ROUNDED_OTHERWISE = 0.005
"""Share of values that float32 may round to the other step: it resolves a step in 1e-3 of itself or finer."""
_LEAST = 1e-6  # part of the frame's maximum power below which a logarithm does not count


def assert_agrees(
    frontend: sg.Frontend,
    samples: ArrayLike,
    got: ArrayLike,
    want: ArrayLike,
    bounds: Bounds = RECORDED,
) -> None:
    """Fail unless `got` and `want`, `(frames, bands)`, are the same features of `samples`."""
    found = differences(frontend, samples, got, want, bounds)
    assert not found, f"{frontend}\n  " + "\n  ".join(found)


def differences(
    frontend: sg.Frontend,
    samples: ArrayLike,
    got: ArrayLike,
    want: ArrayLike,
    bounds: Bounds = RECORDED,
) -> list[str]:
    """Return one line for each bound that does not hold."""
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
    if isinstance(frontend.normalize, sg.normalize.Affine) and frontend.normalize.step:
        return _rounded(got, want, frontend.normalize.step)
    mean, deviation = _constants(frontend, samples)
    counts = np.broadcast_to(np.isfinite(deviation), got.shape)
    with np.errstate(invalid="ignore"):
        restored = (x * deviation + mean for x in (got, want))
        got, want = (x[counts].reshape(len(x), -1) for x in restored)
    return _figures(frontend, got, want, bounds) if got.size else []


def _figures(frontend: sg.Frontend, got: Floats, want: Floats, bounds: Bounds) -> list[str]:
    if frontend.deltas is not None:
        bounds = dataclasses.replace(bounds, cepstra=2 * bounds.cepstra)
    if frontend.cepstrum is not None:
        return _cepstra(frontend, got, want, bounds)
    if isinstance(frontend.scaling, sg.scaling.Pcen):
        return _pcen(got, want, bounds)
    if isinstance(frontend.normalize, sg.normalize.Standardize):
        # The band's mean brings the noise of its faint cells into its loud ones. The published bounds
        # compare standardized features by their logarithms alone; this one catches a wrong frame.
        bounds = dataclasses.replace(bounds, linear=10 * bounds.linear)
    if isinstance(frontend.scaling, sg.scaling.Log):
        return _logarithms(frontend, got, want, bounds)
    return _linear(got, want, bounds)


def _single(frontend: sg.Frontend, features: Floats) -> Floats:
    """Return stacked frames one below the other."""
    size = frontend.stack_size
    if frontend.stack is None or size == 1:
        return features
    if frontend.stack.layout == "bands":
        features = features.reshape(len(features), frontend.num_bands // size, size).swapaxes(1, 2)
    return features.reshape(-1, frontend.num_bands // size)


def _valid_frames(frontend: sg.Frontend, num_samples: int) -> int:
    """Return the number of frames, one below the other, that hold features."""
    frames = dataclasses.replace(frontend, stack=None).num_frames(num_samples)
    valid = max(frames - (frontend.padding.last_frame == "zero"), 0)
    if frontend.stack is None:
        return valid
    return int(frontend.stack.num_frames(valid)) * frontend.stack_size


def _constants(frontend: sg.Frontend, samples: ArrayLike) -> tuple[Floats, Floats]:
    """Return what a normalization subtracted and divided by; infinite where its input was constant."""
    rule = frontend.normalize
    if rule is None or isinstance(rule, sg.normalize.UnitPeak):
        return np.zeros(1), np.ones(1)
    if isinstance(rule, sg.normalize.Affine):
        return np.asarray(rule.mean, np.float64), np.asarray(rule.std, np.float64)
    plain = dataclasses.replace(frontend, normalize=None, stack=None)
    raw = np.asarray(plain(np.asarray(samples), "numpy"), np.float64)
    raw = raw[:-1] if frontend.padding.last_frame == "zero" else raw
    if isinstance(rule, sg.normalize.MinMax):
        return raw.min(keepdims=True)[0], np.ptp(raw, keepdims=True)[0] + rule.epsilon
    if isinstance(rule, (sg.normalize.RunningMean, sg.normalize.SlidingMean)):
        # Each frame has its own mean.
        std = getattr(rule, "std", 1.0)
        done = np.asarray(dataclasses.replace(frontend, stack=None)(np.asarray(samples), "numpy"), np.float64)
        means = raw - std * done[: len(raw)]
        if frontend.stack is not None:
            means = _single(frontend, frontend.stack.apply(NumPy(), means[None])[0])
        return means, np.full(1, std)
    axis = 0 if rule.per == "band" else None
    if isinstance(rule, sg.normalize.RemoveMean):
        return raw.mean(axis=axis), np.ones(1)
    extent = np.ptp(raw, axis=axis)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.nan_to_num(raw.var(axis=axis, ddof=min(rule.ddof, len(raw) - 1)))
    deviation = np.sqrt(variance) + rule.epsilon
    # A band that hardly changes holds rounding noise: no value of it is more right than another. Up to 1e-4
    # natural logarithms it counts as constant, at the limit perhaps in one engine alone.
    size = 1 if isinstance(frontend.scaling, sg.scaling.Log) else np.abs(raw).max(axis=axis)
    varies = extent > np.maximum(2e-4 * natural(frontend) * size, 1e-12)
    return raw.mean(axis=axis), np.where(varies, deviation, np.inf)


def _rounded(got: Floats, want: Floats, step: float) -> list[str]:
    """Compare values that were rounded: those next to the middle of two steps may go to either."""
    steps = np.abs(got - want) / step
    share = (steps > 0.01).mean()
    if steps.max() < 1.01 and share <= _ROUNDED_OTHERWISE:
        return []
    return [f"values differ by {steps.max():.2f} steps, {share:.1%} of them; at most 1 step"]


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
    top = want.max() / factor  # subtracted, so that no exponential overflows
    linear_got, linear_want = np.exp(got / factor - top), np.exp(want / factor - top)
    found = _linear(linear_got, linear_want, bounds)
    reference = scaling.reference if isinstance(scaling.reference, (int, float)) else 1.0
    offset = (scaling.offset or 0.0) * math.exp(-top) / reference
    level = linear_want - offset
    share = _LEAST if isinstance(frontend.spectrum, sg.spectrum.Power) else math.sqrt(_LEAST)
    peak = level.max(axis=1, keepdims=True)
    counts = (level >= share * peak) & (peak > 0)
    if not counts.any():
        return found
    largest, rms = error[counts].max(), math.sqrt((error[counts] ** 2).mean())
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
    # Not relative to each cell: a cell near 0 is the rounding error of two almost equal roots.
    error = np.abs(got - want)
    largest = error.max() / max(np.abs(want).max(), 1e-300)
    rms = math.sqrt((error**2).mean() / max((want**2).mean(), 1e-300))
    found = {"of the maximum": largest, "in RMS": rms}
    return [f"PCEN {x:.1e} {how}; at most {bounds.pcen}" for how, x in found.items() if x > bounds.pcen]


def natural(frontend: sg.Frontend) -> float:
    """Return the factor of the natural logarithm."""
    scaling = frontend.scaling
    power = isinstance(frontend.spectrum, sg.spectrum.Power)
    if isinstance(scaling, sg.scaling.Decibels):
        return (10 if power else 20) / math.log(10)
    if isinstance(scaling, sg.scaling.Log):
        return abs(scaling.multiplier) / (math.log(10) if scaling.base == 10 else 1)
    return 1.0
