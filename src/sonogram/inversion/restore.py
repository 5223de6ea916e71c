"""From features back to the magnitudes they were made of, as far as a definition lets one go.

Source: D. Lee, H. Seung, "Algorithms for non-negative matrix factorization", NIPS 2000, for bands to
bins: the multiplicative update for the divergence.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sonogram.engines.plan import Plan, plan
from sonogram.errors import SonogramError
from sonogram.frontend import Frontend
from sonogram.normalize import Affine
from sonogram.scaling import Log
from sonogram.spectrum import Magnitude

__all__ = ["check_restorable", "loses_level", "magnitudes"]

Floats = NDArray[np.float64]

_UPDATES = 50
_LIFT = 0.01  # share of its bands below which no bin begins
_QUIET = 1e-3  # least response of a pre-emphasis that is divided out


def check_restorable(frontend: Frontend) -> None:
    """Raise `SonogramError` where features have lost what their magnitudes were; the message says why."""
    scaling, cepstrum, normalize = frontend.scaling, frontend.cepstrum, frontend.normalize
    reason = None
    if normalize is not None and not isinstance(normalize, Affine):
        reason = f"{type(normalize).__name__} took off what each clip had of its own: level and contrast"
    elif cepstrum is not None and cepstrum.energy is not None:
        reason = "the energy stands in place of the first cepstral coefficient"
    elif cepstrum is not None and cepstrum.num_coefficients < plan(frontend).num_filters:
        reason = (
            f"{cepstrum.num_coefficients} cepstral coefficients of {plan(frontend).num_filters} bands "
            "leave the fine structure out"
        )
    elif cepstrum is not None and np.linalg.cond(_transform(plan(frontend))) > 1e6:
        reason = "the lifter took coefficients away"
    elif scaling is not None and not isinstance(scaling, Log):
        reason = f"{type(scaling).__name__} took off the level that each band had before"
    if reason is not None:
        raise SonogramError(
            f"these features cannot be turned back into sound: {reason}; take them before that stage"
        )


def loses_level(frontend: Frontend) -> bool:
    """Return whether the features of a clip and of a louder copy are the same."""
    return isinstance(frontend.scaling, Log) and frontend.scaling.reference == "peak"


def magnitudes(features: Floats, frontend: Frontend) -> Floats:
    """Return the magnitudes of a spectrum without conditioning that has nearly these features.

    Args:
        features: Those of one clip, `(frames, bands)`.
        frontend: The definition that made them.

    Returns:
        `(unstacked frames, bins)`, at least 0. Where the level was lost the largest value of the
        clip is taken for 1 in the unit before the logarithm.

    Raises:
        SonogramError: The features have lost what their magnitudes were.
    """
    check_restorable(frontend)
    compiled = plan(frontend)
    values = np.asarray(features, np.float64)
    if frontend.stack is not None:
        values = values.reshape(len(values) * frontend.stack.size, -1)
    if isinstance(frontend.normalize, Affine):
        mean, deviation = (
            np.asarray(part, np.float64) for part in (frontend.normalize.mean, frontend.normalize.std)
        )
        values = values * deviation + mean
    if compiled.cepstrum is not None:
        values = np.asarray(np.linalg.solve(_transform(compiled).T, values.T).T, np.float64)
    values = _linear(values, frontend)
    if compiled.bands is not None:
        values = _spread(values, compiled.bands)
    spectrum = frontend.spectrum
    if isinstance(spectrum, Magnitude):
        values = np.sqrt(np.maximum(values**2 - spectrum.epsilon, 0.0))
    else:
        values = np.sqrt(values)
    return values / _conditioned(compiled)


def _transform(compiled: Plan) -> Floats:
    assert compiled.cepstrum is not None
    return compiled.cepstrum


def _linear(values: Floats, frontend: Frontend) -> Floats:
    """Return values before the compression."""
    scaling = frontend.scaling
    if isinstance(scaling, Log):
        reference = scaling.reference if isinstance(scaling.reference, (int, float)) else 1.0
        exponent = values / scaling.factor(frontend.spectrum.db_factor) + math.log(reference)
        # What a network made up may lie anywhere: no sound is louder than e^80.
        values = np.exp(np.minimum(exponent, 80.0)) - (scaling.offset or 0.0)
    return np.maximum(values, 0.0)


def _spread(values: Floats, bands: Floats) -> Floats:
    """Return bins, at least 0, that have nearly the bands `values`, quiet ones as nearly as loud ones."""
    bins: Floats = values @ np.linalg.pinv(bands)
    if (bands < 0).any():
        return np.maximum(bins, 0.0)
    # The flattest solution, lifted where it falls below 0; then steps that never leave the positive.
    sums = [np.maximum(bands.sum(axis=axis), np.finfo(np.float64).tiny) for axis in (0, 1)]
    bins = np.where(bands.any(axis=1), np.maximum(bins, _LIFT * (values @ (bands / sums[0]).T)), 0.0)
    for _ in range(_UPDATES):
        bins *= (values / np.maximum(bins @ bands, np.finfo(np.float64).tiny)) @ bands.T / sums[1]
    return bins


def _conditioned(compiled: Plan) -> Floats:
    """Return what scale and pre-emphasis do to the magnitude of each bin; means are left alone."""
    rule = compiled.definition.conditioning
    response = np.full(compiled.num_bins, abs(rule.scale), np.float64)
    if rule.preemphasis is not None:
        turn = np.exp(-2j * np.pi * np.arange(compiled.num_bins) / compiled.fft_length)
        response *= np.maximum(np.abs(1 - rule.preemphasis.coefficient * turn), _QUIET)
    return response
