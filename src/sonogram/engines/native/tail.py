"""Conversion of what follows the bands to the C struct of the library."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonogram.deltas import Deltas, PositiveDifference, Regression, SavitzkyGolay
from sonogram.engines.plan import Plan
from sonogram.engines.rounding import rounding_of_bin
from sonogram.matrix import Matrix
from sonogram.native.library import Tail
from sonogram.normalize import (
    Affine,
    MinMax,
    Normalize,
    RemoveMean,
    RunningMean,
    SlidingMean,
    Standardize,
    UnitPeak,
)
from sonogram.scaling import Log, MaskedLog
from sonogram.stack import Stack

__all__ = ["TABLES", "tail"]

TABLES = ("cepstrum", "weights", "mean", "gain", "kept")
"""Fields of the struct that point to float64 arrays."""

Floats = NDArray[np.float64]
_REGRESSION, _SAVITZKY_GOLAY, _POSITIVE_DIFFERENCE = 1, 2, 3
_NORMALIZATIONS: dict[type[Normalize], int] = {
    Affine: 1,
    UnitPeak: 2,
    Standardize: 3,
    RemoveMean: 4,
    MinMax: 5,
    RunningMean: 6,
    SlidingMean: 7,
}


def tail(plan: Plan) -> tuple[Tail, dict[str, Floats]] | None:
    """Return the struct and its arrays, to keep as long as it is used; None if nothing follows the bands."""
    definition, struct = plan.definition, Tail()
    tables: dict[str, Floats] = {}
    scaling = definition.scaling
    if isinstance(scaling, Log) and (scaling.peak_dependent or isinstance(scaling, MaskedLog)):
        _set_scaling(struct, scaling)
    elif not (definition.cepstrum or definition.deltas or definition.normalize or definition.stack):
        return None
    if plan.cepstrum is not None:
        struct.num_coefficients = plan.cepstrum.shape[1]
        tables["cepstrum"] = plan.cepstrum.T
    if definition.deltas is not None:
        _set_deltas(struct, tables, definition.deltas)
    if definition.normalize is not None:
        _set_normalization(struct, tables, plan, definition.normalize)
    if definition.stack is not None:
        _set_stack(struct, definition.stack)
    arrays = {name: np.ascontiguousarray(table, np.float64) for name, table in tables.items()}
    for name, array in arrays.items():
        setattr(struct, name, array.ctypes.data_as(ctypes.POINTER(ctypes.c_double)))
    return struct, arrays


def _set_scaling(struct: Tail, scaling: Log) -> None:
    struct.reference_peak = scaling.reference == "peak"
    struct.dynamic_range = scaling.dynamic_range or 0.0
    if isinstance(scaling, MaskedLog):
        struct.masked = 1
        struct.slope, struct.depth, struct.start = scaling.slope, scaling.depth, scaling.start


def _set_deltas(struct: Tail, tables: dict[str, Floats], rule: Deltas) -> None:
    struct.order = rule.order
    orders = range(1, rule.order + 1)
    if isinstance(rule, Regression):
        struct.deltas = _REGRESSION
        tables["weights"] = np.array([rule.weights for _ in orders])
    elif isinstance(rule, SavitzkyGolay):
        struct.deltas = _SAVITZKY_GOLAY
        tables["weights"] = np.array([rule.weights(order) for order in orders])
    elif isinstance(rule, PositiveDifference):
        struct.deltas, struct.delta_size = _POSITIVE_DIFFERENCE, rule.lag
        return
    else:
        raise NotImplementedError(f"the native engine has no {type(rule).__name__}")
    struct.delta_size = tables["weights"].shape[1]


def _set_normalization(struct: Tail, tables: dict[str, Floats], plan: Plan, rule: Normalize) -> None:
    if type(rule) not in _NORMALIZATIONS:
        raise NotImplementedError(f"the native engine has no {type(rule).__name__}")
    struct.normalization = _NORMALIZATIONS[type(rule)]
    struct.absolute, struct.relative = plan.tolerance
    struct.silence = rounding_of_bin(plan) if rule.clip_dependent else 0.0
    struct.per_band = getattr(rule, "per", "clip") == "band"
    if isinstance(rule, (Standardize, MinMax)):
        struct.epsilon = rule.epsilon
    if isinstance(rule, Standardize):
        struct.ddof, struct.epsilon_in_root = rule.ddof, rule.epsilon_added_to == "variance"
    if isinstance(rule, SlidingMean):
        struct.before, struct.minimum_frames = rule.before, rule.minimum
    if isinstance(rule, Affine):
        _set_affine(struct, tables, plan, rule)
    if isinstance(rule, RunningMean):
        _set_running_mean(struct, tables, plan, rule)


def _set_affine(struct: Tail, tables: dict[str, Floats], plan: Plan, rule: Affine) -> None:
    struct.has_matrix = isinstance(rule.mean, Matrix) or isinstance(rule.std, Matrix)
    struct.minimum = -np.inf if rule.minimum is None else rule.minimum
    struct.maximum = np.inf if rule.maximum is None else rule.maximum
    struct.step = rule.step or 0.0
    count = _num_features(plan) if struct.has_matrix else 1
    for name, value in (("mean", rule.mean), ("gain", 1 / np.asarray(rule.std, np.float64))):
        tables[name] = np.broadcast_to(np.asarray(value, np.float64), (count,))


def _set_running_mean(struct: Tail, tables: dict[str, Floats], plan: Plan, rule: RunningMean) -> None:
    struct.smoothing, struct.scale = rule.smoothing, 1 / rule.std
    if isinstance(rule.initial, str):
        struct.first_frame = 1
        return
    keep = 1 - rule.smoothing
    if isinstance(rule.initial, Matrix):
        # As NumPy multiplies float32 numbers: each factor is rounded, then the product.
        kept: Any = np.float32(keep) * rule.initial.values.astype(np.float32)
    else:
        kept = keep * rule.initial
    tables["kept"] = np.broadcast_to(np.asarray(kept, np.float64), (_num_features(plan),))


def _num_features(plan: Plan) -> int:
    """Return the number of features of one frame, unstacked."""
    width = plan.num_filters if plan.cepstrum is None else plan.cepstrum.shape[1]
    deltas = plan.definition.deltas
    return width if deltas is None else (deltas.order + 1) * width


def _set_stack(struct: Tail, rule: Stack) -> None:
    struct.stack_size, struct.stack_step, struct.stack_before = rule.size, rule.stride, rule.before
    struct.stack_pads, struct.stack_repeats = rule.remainder == "pad", rule.edges == "repeat"
    struct.stack_by_bands = rule.layout == "bands"
