"""Samples as callers pass them: floating point in [-1, 1], or 16-bit integers of either byte order."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonogram.errors import SonogramError

__all__ = ["MAX_CHANNELS", "check_dtype", "refuse_mask", "to_float32"]

MAX_CHANNELS = 16
"""Number of samples up to which a last axis may be one of channels: ambisonics of the third order have 16."""


def check_dtype(name: str) -> None:
    """Raise `SonogramError` unless a data type, such as "float32", holds samples of a known full scale.

    Integers of 32 bits may hold 16, 24 or 32 bits of sound, so their full scale is not known.
    """
    if not (name.startswith(("float", "bfloat")) or name == "int16"):
        raise SonogramError(
            f"samples must be floating point in [-1, 1] or 16-bit integers; got {name}. Divide by full scale"
        )


def refuse_mask(values: Any, name: str = "samples") -> None:
    """Raise `SonogramError` for a masked array: what it hides would be computed as well."""
    if isinstance(values, np.ma.MaskedArray):
        noun = name.rpartition(" ")[2]
        raise SonogramError(f"{name} must be a plain array; got a masked one. Use {noun}.filled(0)")


def to_float32(samples: Any) -> NDArray[np.float32]:
    """Return samples as float32; 16-bit integers become [-1, 1).

    Raises:
        SonogramError: They have another type.
    """
    refuse_mask(samples)
    array = np.asarray(samples)
    check_dtype(array.dtype.name)
    with np.errstate(over="ignore"):  # what float32 cannot hold is infinite
        floats: NDArray[np.float32] = array.astype(np.float32, copy=False)
    return floats / np.float32(32768) if array.dtype.kind == "i" else floats
