"""What the functions share: the array library of their values, and checks against the front end."""

from __future__ import annotations

import math
import numbers
from typing import Any

import numpy as np

from sonogram.definition import Definition, require_definition
from sonogram.engines.arrays import Arrays, dtype_name, library, namespace
from sonogram.errors import SonogramError
from sonogram.samples import refuse_mask

__all__ = [
    "TINY",
    "check_bands",
    "check_linear",
    "check_positive",
    "drop_last",
    "positive_whole",
    "result",
    "to_floats",
    "to_power",
    "unit_sum",
]

TINY = float(np.finfo(np.float32).tiny)
"""Sums below this are silence: they are not divided by."""


def to_floats(values: Any, axes: str = "(..., frames, bands)") -> tuple[Arrays, Any]:
    """Return the namespace of values, and the values in the precision in which it computes."""
    values = np.asarray(values) if isinstance(values, list | tuple) else values
    if not hasattr(values, "shape"):
        raise SonogramError(f"the values must be an array {axes}; got {type(values).__name__}")
    refuse_mask(values, "the values")
    xp = namespace(library(values))
    if dtype_name(values).startswith("complex"):
        raise SonogramError("the values must be real; got complex ones. Use abs(values)")
    if len(values.shape) < axes.count(","):
        raise SonogramError(f"the values must be {axes}; got the shape {tuple(values.shape)}")
    return xp, xp.floats(values)


def result(xp: Arrays, values: Any) -> Any:
    """Return values as float32, whatever the precision in which they were computed."""
    return values.astype(np.float32) if xp.name == "numpy" else values


def drop_last(xp: Arrays, values: Any) -> Any:
    """Return values without their last axis, of size 1."""
    return xp.reshape(values, tuple(xp.size(values, axis) for axis in range(-len(values.shape), -1)))


def to_power(xp: Arrays, x: Any, exponent: float) -> Any:
    """Return powers of values of at least 0, with a finite gradient at 0."""
    if exponent == 2:
        return x * x
    if exponent == 0.5:
        return xp.safe_sqrt(x)
    positive = x > 0
    logarithm = xp.log(xp.where(positive, x, xp.ones_like(x)))
    return xp.where(positive, xp.exp(exponent * logarithm), xp.zeros_like(x))


def unit_sum(xp: Arrays, values: Any) -> Any:
    """Return values divided by their sum over the last axis; silence remains as it is."""
    total = xp.asum(values, (-1,))
    return values / xp.where(total < TINY, xp.ones_like(total), total)


def check_linear(values: Any, frontend: Definition) -> None:
    """Raise `SonogramError` unless values are magnitudes or powers over frequency of a front end."""
    require_definition(frontend)
    if frontend.frequencies is None or frontend.scaling is not None or frontend.normalize is not None:
        raise SonogramError(
            "this function needs magnitudes or powers over frequency; the front end returns "
            f"{frontend.unit!r}. Leave out its scaling, cepstrum, deltas, normalize and stack"
        )
    check_bands(values, frontend)
    if isinstance(values, np.ndarray) and values.min(initial=0) < 0:
        raise SonogramError(
            f"this function needs magnitudes or powers, of at least 0; got {values.min():g}. Leave out what "
            "scales or normalizes them"
        )


def check_bands(values: Any, frontend: Definition) -> None:
    """Raise `SonogramError` unless values have the bands of a front end."""
    if values.shape[-1] not in (None, frontend.num_bands):
        raise SonogramError(
            f"the values must have the {frontend.num_bands} bands of the front end; got {values.shape[-1]}"
        )


def positive_whole(name: str, value: Any) -> int:
    """Return a number as an integer; raise `SonogramError` unless it is a whole number above 0."""
    if not (_is_finite(value) and value > 0 and value == int(value)):
        raise SonogramError(f"{name} must be a whole number above 0; got {value!r}")
    return int(value)


def check_positive(name: str, value: Any) -> None:
    """Raise `SonogramError` unless a number is above 0 and finite."""
    if not (_is_finite(value) and value > 0):
        raise SonogramError(f"{name} must be above 0; got {value!r}")


def _is_finite(value: Any) -> bool:
    return isinstance(value, numbers.Real) and math.isfinite(value)
