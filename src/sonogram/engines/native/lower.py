"""A plan as the C struct that the library lowers further."""

from __future__ import annotations

import ctypes
import math
from typing import Any, Literal

import numpy as np

from sonogram.engines.plan import Plan
from sonogram.matrix import Matrix
from sonogram.native.library import Definition
from sonogram.normalize import Affine
from sonogram.scaling import Log, Pcen
from sonogram.spectrum import Magnitude, Power

__all__ = ["Kind", "definition", "finishes", "has_energy", "num_channels"]

Kind = Literal["features", "bins", "conditioned"]
"""What is computed: features of a clip, its complex bins, or features of samples that are conditioned."""

_EDGES = {"constant": 0, "reflect": 1, "symmetric": 2}
_SCOPES = {None: 0, "clip": 1, "frame": 2}
_BOUNDARIES = {"repeat": 0, "zero": 1, "drop": 2}
_COMPLEX, _POWER, _MAGNITUDE = range(3)


def has_energy(plan: Plan) -> bool:
    """Return whether the log energy of each frame is asked for."""
    cepstrum = plan.definition.cepstrum
    return cepstrum is not None and cepstrum.energy is not None


def finishes(plan: Plan) -> bool:
    """Return whether the library does all that the definition asks for, to the end of the clip."""
    frontend = plan.definition
    normalize = frontend.normalize
    constant = normalize is None or (
        isinstance(normalize, Affine)
        and not isinstance(normalize.mean, Matrix)
        and not isinstance(normalize.std, Matrix)
    )
    return constant and not (frontend.cepstrum or frontend.stack or isinstance(frontend.scaling, Pcen))


def num_channels(plan: Plan, kind: Kind) -> int:
    """Return the float32 values of one frame."""
    return 2 * plan.num_bins if kind == "bins" else plan.num_filters + has_energy(plan)


def definition(plan: Plan, kind: Kind) -> tuple[Definition, tuple[Any, ...]]:
    """Return the struct, and the arrays that it points to."""
    frontend = plan.definition
    d = Definition()
    d.frame_length, d.frame_step, d.fft_length = plan.frame_length, plan.frame_step, plan.fft_length
    # Where the window stands in the transform turns the phase alone.
    d.place = plan.window_offset if kind == "bins" else 0
    d.edges = _EDGES[frontend.padding.mode]
    _condition(d, plan, kind == "conditioned")
    window = np.ascontiguousarray(plan.window, np.float64)
    d.window = window.ctypes.data_as(ctypes.POINTER(ctypes.c_double))
    keep: tuple[Any, ...] = (window,)
    if kind == "bins":
        d.output = _COMPLEX
        return d, keep
    _detect(d, plan)
    if plan.bands is not None:
        bands = np.ascontiguousarray(plan.bands, np.float64)
        d.num_bands = bands.shape[1]
        d.bands = bands.ctypes.data_as(ctypes.POINTER(ctypes.c_double))
        keep = (window, bands)
    _compress(d, plan)
    if frontend.cepstrum is not None and frontend.cepstrum.energy:
        d.energy, d.energy_floor = 1, frontend.cepstrum.energy_floor
    if kind == "features" and finishes(plan):
        _finish(d, plan)
    return d, keep


def _condition(d: Definition, plan: Plan, done: bool) -> None:
    """Set what happens to the samples; where the clip as a whole is `done`, what is left of it."""
    rule = plan.definition.conditioning
    preemphasis = rule.frame_preemphasis if done else rule.preemphasis
    d.scale = 1 if done else rule.scale
    if rule.remove_mean == "frame" or not done:
        d.remove_mean = _SCOPES[rule.remove_mean]
    if preemphasis is not None:
        d.preemphasis = _SCOPES[preemphasis.scope]
        d.preemphasis_first = _BOUNDARIES[preemphasis.boundary]
        d.coefficient = preemphasis.coefficient


def _detect(d: Definition, plan: Plan) -> None:
    spectrum = plan.definition.spectrum
    if isinstance(spectrum, Power):
        d.output = _POWER
    elif isinstance(spectrum, Magnitude):
        d.output, d.epsilon, d.floor = _MAGNITUDE, spectrum.epsilon, spectrum.floor
    else:
        raise NotImplementedError(f"the native engine has no {type(spectrum).__name__}")


def _compress(d: Definition, plan: Plan) -> None:
    scaling = plan.definition.scaling
    if isinstance(scaling, Log):
        factor = scaling.factor(plan.definition.spectrum.db_factor)
        d.logarithm, d.log_factor = 1, factor
        d.log_floor, d.log_offset = scaling.floor or 0.0, scaling.offset or 0.0
        if isinstance(scaling.reference, (int, float)):
            d.log_shift = -math.log(scaling.reference) * factor
    elif scaling is not None and not isinstance(scaling, Pcen):
        raise NotImplementedError(f"the native engine has no {type(scaling).__name__}")


def _finish(d: Definition, plan: Plan) -> None:
    scaling, normalize = plan.definition.scaling, plan.definition.normalize
    if isinstance(scaling, Log):
        d.reference_peak = scaling.reference == "peak"
        d.dynamic_range = scaling.dynamic_range or 0.0
    if isinstance(normalize, Affine):
        mean, deviation = normalize.mean, normalize.std
        assert not isinstance(mean, Matrix)
        assert not isinstance(deviation, Matrix)
        d.affine, d.mean, d.gain = 1, mean, 1 / deviation
