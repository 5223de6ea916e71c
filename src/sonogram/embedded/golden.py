"""The golden pack: samples, their features by the engine `numpy`, and the bounds of float32."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sonogram import __version__
from sonogram.embedded.literals import table
from sonogram.embedded.templates import fill
from sonogram.engines.plan import plan
from sonogram.frontend import Frontend
from sonogram.normalize import Affine
from sonogram.scaling import Log, Pcen

__all__ = ["golden_header", "row_bounds", "test_signal"]

_SECONDS = 0.5
_SWEEP, _NOISE = 0.3, 0.1  # amplitude, standard deviation
_LINEAR, _LOGARITHM, _PCEN = 5e-5, 1e-3, 1e-4
"""Largest differences between float32 implementations: a part of the frame's maximum, natural logarithms, a
part of the clip's maximum. They are about twice what published implementations differ by."""


def test_signal(sample_rate: float, span: int) -> NDArray[np.int16]:
    """Return a sweep in noise as 16-bit integers: half a second, or four frames of `span` if they are longer.

    Noise reaches every band, so that no value is only the rounding error of a louder one.
    """
    count = max(int(_SECONDS * sample_rate), 4 * span) + 7
    time = np.arange(count) / count
    sweep = _SWEEP * np.sin(np.pi * 0.4 * count * time**2)
    noise = _NOISE * np.random.Generator(np.random.PCG64(0)).standard_normal(count)
    return np.clip(np.round((sweep + noise) * 32768), -32768, 32767).astype(np.int16)


def row_bounds(frontend: Frontend, samples: NDArray[np.int16]) -> NDArray[np.float32]:
    """Return the largest difference that each row of features of `samples` may have."""
    rule, scaling = frontend.normalize, frontend.scaling
    plain = replace(frontend, normalize=None)(samples, "numpy")
    if isinstance(scaling, Log):
        bounds = np.full(len(plain), _LOGARITHM * abs(scaling.factor(frontend.spectrum.db_factor)))
    elif isinstance(scaling, Pcen):
        bounds = np.full(len(plain), _PCEN * np.abs(plain).max(initial=0))
    else:
        bounds = _LINEAR * np.abs(plain).max(axis=1, initial=0)
    matrix = plan(frontend).cepstrum
    if matrix is not None:
        bounds *= np.linalg.norm(matrix, axis=0).max()
    if isinstance(rule, Affine):
        bounds /= np.abs(np.asarray(rule.std, np.float64)).min()
    elif rule is not None:
        bounds[:] = _LINEAR
    return bounds.astype(np.float32)


def golden_header(frontend: Frontend, title: str) -> str:
    """Return `golden.h`."""
    samples = test_signal(frontend.sample_rate, frontend.frame_span)
    features = frontend(samples, "numpy")
    return fill(
        "golden.h.in",
        title=title,
        version=__version__,
        num_samples=len(samples),
        num_rows=len(features),
        samples=table("int16_t", "golden_samples", samples),
        features=table("float", "golden_features", features),
        bounds=table("float", "golden_bounds", row_bounds(frontend, samples)),
    )
