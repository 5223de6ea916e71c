"""Magnitudes from features, as far as the definition keeps them.

Source: D. Lee, H. Seung, "Algorithms for non-negative matrix factorization", NIPS 2000: the
multiplicative update for the divergence, from bands to bins.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sonogram.definition import Definition
from sonogram.engines.plan import Plan, plan
from sonogram.normalize import Affine
from sonogram.obstacles import require_possible
from sonogram.scaling import Log
from sonogram.spectrum import Magnitude

__all__ = ["loses_level", "magnitudes"]

Floats = NDArray[np.float64]

_UPDATES = 50
_START = 0.01  # share of its bands from which a bin starts at least
_LEAST_RESPONSE = 1e-3  # of a pre-emphasis that is divided out
_LOUDEST = 80.0  # natural logarithm; values beyond it, which a network may return, would overflow


def loses_level(definition: Definition) -> bool:
    """Return whether the features of a clip and of a louder copy are the same."""
    return isinstance(definition.scaling, Log) and definition.scaling.reference == "peak"


def magnitudes(features: Floats, definition: Definition) -> Floats:
    """Return the magnitudes of a spectrum without conditioning that has nearly these features.

    Args:
        features: Features of one clip, `(frames, bands)`.
        definition: The definition they were computed with.

    Returns:
        `(unstacked frames, bins)`, at least 0. If the features do not depend on the level of the clip,
        its largest value is taken for 1 in the unit before the logarithm.

    Raises:
        SonogramError: `definition.obstacles("magnitudes")` prevents it.
    """
    require_possible(definition, "magnitudes")
    compiled = plan(definition)
    values = np.asarray(features, np.float64)
    if definition.stack is not None:
        values = values.reshape(len(values) * definition.stack.size, -1)
    normalize = definition.normalize
    if isinstance(normalize, Affine):
        values = values * np.asarray(normalize.std, np.float64) + np.asarray(normalize.mean, np.float64)
    if compiled.cepstrum is not None:
        values = np.asarray(np.linalg.solve(compiled.cepstrum.T, values.T).T, np.float64)
    values = _linear(values, definition)
    if compiled.bands is not None:
        values = _bins(values, compiled.bands)
    spectrum = definition.spectrum
    if isinstance(spectrum, Magnitude):
        values = np.sqrt(np.maximum(values**2 - spectrum.epsilon, 0.0))
    else:
        values = np.sqrt(values)
    return values / _conditioning_response(compiled)


def _linear(values: Floats, definition: Definition) -> Floats:
    """Return values before the compression."""
    scaling = definition.scaling
    if isinstance(scaling, Log):
        reference = scaling.reference if isinstance(scaling.reference, (int, float)) else 1.0
        exponent = values / scaling.factor(definition.spectrum.db_factor) + math.log(reference)
        values = np.exp(np.minimum(exponent, _LOUDEST)) - (scaling.offset or 0.0)
    return np.maximum(values, 0.0)


def _bins(values: Floats, bands: Floats) -> Floats:
    """Return bins, at least 0, whose bands are nearly `values`, faint ones as closely as loud ones."""
    bins: Floats = values @ np.linalg.pinv(bands)
    if (bands < 0).any():
        return np.maximum(bins, 0.0)
    # The least-squares solution may be negative. It is raised to a small positive start, and then
    # changed by factors only, which are not negative, so the bins stay that way.
    tiny = np.finfo(np.float64).tiny
    sums = [np.maximum(bands.sum(axis=axis), tiny) for axis in (0, 1)]
    bins = np.where(bands.any(axis=1), np.maximum(bins, _START * (values @ (bands / sums[0]).T)), 0.0)
    for _ in range(_UPDATES):
        bins *= (values / np.maximum(bins @ bands, tiny)) @ bands.T / sums[1]
    return bins


def _conditioning_response(compiled: Plan) -> Floats:
    """Return the factor of scale and pre-emphasis on each magnitude; a removed mean stays removed."""
    rule = compiled.definition.conditioning
    response = np.full(compiled.num_bins, abs(rule.scale), np.float64)
    if rule.preemphasis is not None:
        turn = np.exp(-2j * np.pi * np.arange(compiled.num_bins) / compiled.fft_length)
        response *= np.maximum(np.abs(1 - rule.preemphasis.coefficient * turn), _LEAST_RESPONSE)
    return response
