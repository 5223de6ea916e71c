"""A `Frontend` as JSON for the JavaScript package in js/, with its constants computed in float64."""

from __future__ import annotations

import base64
import math
from typing import Any

import numpy as np

from sonogram.bands import Bins
from sonogram.config import Stage
from sonogram.definition import Definition
from sonogram.deltas import PositiveDifference, Regression, SavitzkyGolay
from sonogram.engines.halving import halved_kernels
from sonogram.engines.native import lower
from sonogram.engines.native.pack import framing
from sonogram.engines.plan import Plan, plan as plan_of
from sonogram.engines.rounding import rounding_of_bin, silent_bands, total_weights
from sonogram.errors import SonogramError
from sonogram.matrix import Matrix
from sonogram.normalize import Affine, MinMax, RemoveMean, RunningMean, SlidingMean, Standardize, UnitPeak
from sonogram.plain import to_plain
from sonogram.scaling import Decibels, Log, MaskedLog, Pcen
from sonogram.spectrum import Complex, Density, Magnitude, Power
from sonogram.web.arrays import band_weights, floats, text

__all__ = ["frontend_fields"]

_KNOWN = (
    *(Complex, Density, Magnitude, Power, Decibels, Log, MaskedLog, Pcen, Affine, MinMax, RemoveMean),
    *(RunningMean, SlidingMean, Standardize, UnitPeak),
)
_POINTERS = 24  # bytes of the three pointers at the end of the struct, which have another size in WebAssembly


def frontend_fields(definition: Definition) -> dict[str, Any]:
    """Return the fields of a definition, with its constants.

    Raises:
        SonogramError: The JavaScript package does not have one of the stages.
    """
    plan = plan_of(definition)
    tail = (definition.spectrum, definition.scaling, definition.normalize)
    for stage in filter(None, tail):
        if type(stage) not in _KNOWN:
            raise SonogramError(f"the JavaScript package has no {type(stage).__name__}; use another stage")
    return {
        "frame_length": plan.frame_length,
        "frame_step": plan.frame_step,
        "span": plan.span,
        "columns": plan.num_filters,
        "padding": {"mode": definition.padding.mode, **framing(plan)},
        "conditioning": to_plain(definition.conditioning, defaults=True),
        "struct": _struct(plan),
        "window": floats(plan.window if plan.kernels is None else np.zeros(0)),
        "filters": _filters(plan),
        "kernels": _kernels(plan),
        "spectrum": _plain(definition.spectrum),
        "parts": _parts(plan),
        "scaling": _scaling(plan),
        "silence": _silence(plan),
        "cepstrum": None if plan.cepstrum is None else floats(plan.cepstrum.T),
        "energy": plan.has_energy,
        "deltas": _deltas(plan),
        "normalize": _normalize(plan),
        "tolerance": plan.tolerance._asdict(),
        "stack": _plain(definition.stack),
    }


def _plain(stage: Stage | None) -> Any:
    return None if stage is None else {"type": type(stage).__name__, **to_plain(stage, defaults=True)}


def _struct(plan: Plan) -> str:
    """Return the struct without its pointers, for a conditioned clip."""
    definition, _ = lower.definition(plan, "conditioned")
    definition.window = definition.bands = definition.tail = None
    return base64.b64encode(bytes(definition)[:-_POINTERS]).decode("ascii")


def _filters(plan: Plan) -> dict[str, str] | None:
    """Return the weights of the bands from their first bin to their last, one band after the other."""
    if plan.bands is None or plan.limits is None:
        return None
    return band_weights(plan.bands, plan.limits)


def _kernels(plan: Plan) -> dict[str, str] | None:
    if plan.kernels is None:
        return None
    if not lower.covers_frames(plan):
        raise SonogramError(
            "the JavaScript package conditions no single frames of a constant-Q transform; condition the clip"
        )
    kernels = halved_kernels(plan)
    values = np.concatenate([kernel.values for kernel in kernels])
    return {
        "halvings": text(np.array([kernel.halvings for kernel in kernels]), "<i4"),
        "begins": text(np.array([kernel.begin for kernel in kernels]), "<i4"),
        "lengths": text(np.array([len(kernel.values) for kernel in kernels]), "<i4"),
        "real": text(values.real, "<f4"),
        "imaginary": text(values.imag, "<f4"),
    }


def _parts(plan: Plan) -> list[int] | None:
    """Return the bins of which both parts are features."""
    bands = plan.definition.bands
    if not plan.is_complex:
        return None
    return [bands.start, bands.stop] if isinstance(bands, Bins) else [0, plan.num_bins]


def _silence(plan: Plan) -> dict[str, Any] | None:
    """Return what the rounding error of a clip of one repeated sample follows from, if it matters."""
    rule = plan.definition.normalize
    if rule is None or not rule.clip_dependent:
        return None
    return {
        "bin": rounding_of_bin(plan),
        "weights": floats(total_weights(plan)),
        "bands": floats(silent_bands(plan)),
    }


def _scaling(plan: Plan) -> Any:
    scaling = plan.definition.scaling
    plain = _plain(scaling)
    if isinstance(scaling, Pcen):
        return {**plain, "root": scaling.bias**scaling.power}
    if not isinstance(scaling, Log):
        return plain
    factor = scaling.factor(plan.definition.spectrum.db_factor)
    constant = scaling.reference if isinstance(scaling.reference, (int, float)) else 1
    mask = None
    if isinstance(scaling, MaskedLog):
        mask = {"slope": scaling.slope, "depth": scaling.depth, "start": scaling.start}
    return {**plain, "type": "Log", "factor": factor, "shift": math.log(constant) * factor, "mask": mask}


def _deltas(plan: Plan) -> dict[str, Any] | None:
    """Return the rule with the weights of the frames: of each order for polynomials."""
    rule = plan.definition.deltas
    if isinstance(rule, Regression):
        weights = [rule.weights.tolist()] * rule.order
    elif isinstance(rule, SavitzkyGolay):
        weights = [rule.weights(order).tolist() for order in range(1, rule.order + 1)]
    elif isinstance(rule, PositiveDifference):
        weights = []
    elif rule is None:
        return None
    else:
        raise SonogramError(f"the JavaScript package has no {type(rule).__name__}; use another stage")
    reach = {"lookahead": rule.lookahead, "lookback": rule.lookback}
    lag = rule.lag if isinstance(rule, PositiveDifference) else None
    return {"chained": not isinstance(rule, SavitzkyGolay), **reach, "lag": lag, "weights": weights}


def _normalize(plan: Plan) -> Any:
    rule = plan.definition.normalize
    if isinstance(rule, RunningMean) and isinstance(rule.initial, Matrix):
        return {**_plain(rule), "initial": rule.initial.values.tolist()}
    if not isinstance(rule, Affine):
        return _plain(rule)
    parts = [np.asarray(each, np.float64) for each in (rule.mean, rule.std)]
    per_band = any(part.ndim for part in parts)
    mean, std = (np.broadcast_to(part, plan.definition.num_bands if per_band else 1) for part in parts)
    factors = {"mean": mean.tolist(), "gain": (1 / std).tolist()}
    limits = {"minimum": rule.minimum, "maximum": rule.maximum, "step": rule.step}
    return {"type": "Affine", "per_band": per_band, **factors, **limits}
