"""Conversion of a plan to the C struct that the library lowers further."""

from __future__ import annotations

import ctypes
import math
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sonogram.engines.halving import halved_kernels
from sonogram.engines.native.tail import tail
from sonogram.engines.plan import Plan
from sonogram.native.library import Definition, Kernels
from sonogram.scaling import Log, Pcen
from sonogram.spectrum import Magnitude, Power

__all__ = ["Kind", "covers_definition", "covers_frames", "definition", "kernels", "num_columns"]

Kind = Literal["features", "bins", "conditioned"]
"""Result of a call: features of a clip, its complex bins, or features of conditioned samples."""

_PADDING_MODES = {"constant": 0, "reflect": 1, "symmetric": 2}
_SCOPES = {None: 0, "clip": 1, "frame": 2}
_BOUNDARIES = {"repeat": 0, "zero": 1, "drop": 2, "reflect": 3, "wrap": 4}
_COMPLEX, _POWER, _MAGNITUDE = range(3)


def covers_definition(plan: Plan) -> bool:
    """Return whether the library computes the features to the end, without a tail in Python."""
    return covers_frames(plan) and not plan.is_complex and not isinstance(plan.definition.scaling, Pcen)


def covers_frames(plan: Plan) -> bool:
    """Return whether the library computes the frames: around kernels it conditions no single frame."""
    rule = plan.definition.conditioning
    conditioned = rule.remove_mean == "frame" or rule.frame_preemphasis is not None or plan.has_energy
    return plan.kernels is None or not conditioned


def kernels(plan: Plan) -> tuple[Kernels | None, tuple[NDArray[np.generic], ...]]:
    """Return the struct, and the arrays that it points to; None for the Fourier transform."""
    if plan.kernels is None:
        return None, ()
    halved = halved_kernels(plan)
    halvings = np.array([kernel.halvings for kernel in halved], np.int32)
    begins = np.array([kernel.begin for kernel in halved], np.int64)
    offsets = np.cumsum([0, *(len(kernel.values) for kernel in halved)], dtype=np.int64)
    values = np.concatenate([kernel.values for kernel in halved])
    arrays = (halvings, begins, offsets, values.real.astype(np.float32), values.imag.astype(np.float32))
    return Kernels(len(begins), *(array.ctypes.data for array in arrays)), arrays


def num_columns(plan: Plan, kind: Kind) -> int:
    """Return the number of float32 values of one row."""
    if kind == "features" and covers_definition(plan):
        return plan.definition.num_bands
    return 2 * plan.num_bins if kind == "bins" or plan.is_complex else plan.num_filters + plan.has_energy


def definition(plan: Plan, kind: Kind) -> tuple[Definition, tuple[Any, ...]]:
    """Return the struct, and the arrays that it points to: keep them as long as it is used."""
    d = Definition()
    d.frame_length, d.frame_step, d.fft_length = plan.frame_length, plan.frame_step, plan.fft_length
    # The offset of the window in the transform changes only the phase.
    d.window_offset = plan.window_offset if kind == "bins" or plan.is_complex else 0
    d.padding_mode = _PADDING_MODES[plan.definition.padding.mode]
    _set_conditioning(d, plan, conditioned=kind == "conditioned")
    window = np.ascontiguousarray(plan.window if plan.kernels is None else (), np.float64)
    d.window = window.ctypes.data_as(ctypes.POINTER(ctypes.c_double))
    if kind == "bins" or plan.is_complex:
        d.output = _COMPLEX
        return d, (window,)
    _set_spectrum(d, plan)
    _set_scaling(d, plan)
    cepstrum = plan.definition.cepstrum
    if cepstrum is not None and plan.has_energy:
        d.energy, d.energy_floor = 1, cepstrum.energy_floor
    arrays: tuple[Any, ...] = (window,)
    if plan.bands is not None:
        bands = np.ascontiguousarray(plan.bands, np.float64)
        d.num_bands = bands.shape[1]
        d.bands = bands.ctypes.data_as(ctypes.POINTER(ctypes.c_double))
        arrays = (window, bands)
    if kind == "features" and covers_definition(plan):
        lowered = tail(plan)
        if lowered is not None:
            d.tail = ctypes.pointer(lowered[0])
            arrays = (*arrays, lowered)
    return d, arrays


def _set_conditioning(d: Definition, plan: Plan, *, conditioned: bool) -> None:
    """Set the operations on samples; of `conditioned` samples only those within each frame remain."""
    rule = plan.definition.conditioning
    preemphasis = rule.frame_preemphasis if conditioned else rule.preemphasis
    d.scale = 1 if conditioned else rule.scale
    if rule.remove_mean == "frame" or not conditioned:
        d.remove_mean = _SCOPES[rule.remove_mean]
    if preemphasis is not None:
        d.preemphasis = _SCOPES[preemphasis.scope]
        d.preemphasis_boundary = _BOUNDARIES[preemphasis.boundary]
        d.coefficient = preemphasis.coefficient


def _set_spectrum(d: Definition, plan: Plan) -> None:
    spectrum = plan.definition.spectrum
    if isinstance(spectrum, Power):
        d.output = _POWER
    elif isinstance(spectrum, Magnitude):
        d.output, d.epsilon, d.floor = _MAGNITUDE, spectrum.epsilon, spectrum.floor
    else:
        raise NotImplementedError(f"the native engine has no {type(spectrum).__name__}")


def _set_scaling(d: Definition, plan: Plan) -> None:
    scaling = plan.definition.scaling
    if isinstance(scaling, Log):
        factor = scaling.factor(plan.definition.spectrum.db_factor)
        d.logarithm, d.log_factor = 1, factor
        d.log_floor, d.log_offset = scaling.floor or 0.0, scaling.offset or 0.0
        d.log_zero = scaling.zero or 0.0
        if isinstance(scaling.reference, (int, float)):
            d.log_shift = -math.log(scaling.reference) * factor
    elif scaling is not None and not isinstance(scaling, Pcen):
        raise NotImplementedError(f"the native engine has no {type(scaling).__name__}")
