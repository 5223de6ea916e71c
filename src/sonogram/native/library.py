"""The shared library, next to this file: loaded once, its structs and functions declared for ctypes."""

from __future__ import annotations

import ctypes
import os
import warnings
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from sonogram.errors import SonogramError

__all__ = [
    "ABI",
    "Clips",
    "Definition",
    "Kernels",
    "Signature",
    "Tail",
    "declare",
    "isa",
    "library",
    "load",
    "warn_missing",
]

ABI = 12
_NAMES = ("libsonogram_native.so", "libsonogram_native.dylib", "libsonogram_native.dll")

Signature: TypeAlias = tuple[Any, tuple[Any, ...]]
"""Type of the result of a function, and those of its arguments."""

_float64 = ctypes.POINTER(ctypes.c_double)


class Tail(ctypes.Structure):
    """`sonogram_tail` of sonogram_native.h."""

    _fields_ = (
        *((name, ctypes.c_int64) for name in ("num_coefficients", "order", "delta_size")),
        *((name, ctypes.c_int64) for name in ("before", "minimum_frames")),
        *((name, ctypes.c_int64) for name in ("stack_size", "stack_step", "stack_before")),
        *((name, ctypes.c_int32) for name in ("reference_peak", "masked", "deltas", "normalization")),
        *((name, ctypes.c_int32) for name in ("per_band", "ddof", "epsilon_in_root", "has_matrix")),
        *((name, ctypes.c_int32) for name in ("first_frame", "stack_pads", "stack_repeats")),
        ("stack_by_bands", ctypes.c_int32),
        *((name, ctypes.c_double) for name in ("dynamic_range", "slope", "depth", "start")),
        *((name, ctypes.c_double) for name in ("epsilon", "absolute", "relative")),
        *((name, ctypes.c_double) for name in ("minimum", "maximum", "step")),
        *((name, ctypes.c_double) for name in ("smoothing", "scale", "silence")),
        *((name, _float64) for name in ("cepstrum", "weights", "mean", "gain", "kept")),
    )


class Definition(ctypes.Structure):
    """`sonogram_definition` of sonogram_native.h."""

    _fields_ = (
        *(
            (name, ctypes.c_int64)
            for name in ("frame_length", "frame_step", "fft_length", "window_offset", "num_bands")
        ),
        *(
            (name, ctypes.c_int32)
            for name in ("padding_mode", "remove_mean", "preemphasis", "preemphasis_boundary")
        ),
        *((name, ctypes.c_int32) for name in ("output", "logarithm", "energy", "reserved")),
        *((name, ctypes.c_double) for name in ("scale", "coefficient", "epsilon", "floor", "log_floor")),
        *((name, ctypes.c_double) for name in ("log_offset", "log_zero", "log_factor", "log_shift")),
        ("energy_floor", ctypes.c_double),
        *((name, _float64) for name in ("window", "bands")),
        ("tail", ctypes.POINTER(Tail)),
    )


class Kernels(ctypes.Structure):
    """`sonogram_kernels` of sonogram_native.h."""

    _fields_ = (
        ("count", ctypes.c_int64),
        *((name, ctypes.c_void_p) for name in ("halvings", "begins", "offsets", "real", "imaginary")),
    )


class Clips(ctypes.Structure):
    """`sonogram_clips` of sonogram_native.h."""

    _fields_ = (
        ("samples", ctypes.c_void_p),
        *((name, ctypes.c_int64) for name in ("count", "stride", "base", "available", "total", "pad_left")),
        *((name, ctypes.c_int64) for name in ("first_frame", "num_frames", "num_valid")),
        *((name, ctypes.c_void_p) for name in ("totals", "pad_lefts", "num_valids", "out")),
        *((name, ctypes.c_int32) for name in ("dtype", "threads")),
    )


_SIGNATURES: dict[str, Signature] = {
    "sonogram_isa": (ctypes.c_char_p, (ctypes.c_char_p,)),
    "sonogram_isas": (ctypes.c_char_p, ()),
    "sonogram_create_of_kernels": (
        ctypes.c_void_p,
        (ctypes.POINTER(Definition), ctypes.POINTER(Kernels), ctypes.c_char_p),
    ),
    "sonogram_destroy": (None, (ctypes.c_void_p,)),
    "sonogram_run": (ctypes.c_int32, (ctypes.c_void_p, ctypes.POINTER(Clips))),
    "sonogram_cepstra": (
        ctypes.c_int32,
        (
            *(ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64),
            *(ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int32),
        ),
    ),
    "sonogram_smooth": (
        None,
        (
            *(ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64, ctypes.c_double, ctypes.c_int32),
            ctypes.c_void_p,
        ),
    ),
    "sonogram_register_ops": (
        ctypes.c_int32,
        (ctypes.c_char_p, ctypes.c_char_p, ctypes.c_int32, ctypes.c_char_p, ctypes.c_int64),
    ),
}


@cache
def load() -> tuple[ctypes.CDLL | None, str]:
    """Return the library, or None and the reason why it is not available."""
    here = Path(__file__).parent
    for name in _NAMES:
        if not (here / name).exists():
            continue
        try:
            library = ctypes.CDLL(str(here / name))
        except OSError as error:
            return None, f"{name} cannot be loaded ({error})"
        if library.sonogram_abi() != ABI:
            return None, f"{name} belongs to another version of sonogram: install sonogram again"
        declare(library, _SIGNATURES)
        return library, ""
    return None, "it was not built: install a C++ compiler (g++ or clang++), then sonogram again"


def declare(library: ctypes.CDLL, signatures: Mapping[str, Signature]) -> None:
    """State the type of the result and those of the arguments of functions of the library."""
    for name, (result, arguments) in signatures.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments


def library() -> ctypes.CDLL:
    """Return the library.

    Raises:
        SonogramError: The library is not available; the message states why.
    """
    found, reason = load()
    if found is None:
        raise SonogramError(f'engine="native" is not available: {reason}')
    return found


@cache
def isa() -> str:
    """Return the instruction set in use: "avx512", "avx2", "baseline" or "neon".

    The environment variable SONOGRAM_ISA, read once, forces one.

    Raises:
        SonogramError: This processor does not have the wanted instruction set.
    """
    wanted = os.environ.get("SONOGRAM_ISA") or None
    chosen = library().sonogram_isa(wanted.encode() if wanted else None)
    if chosen is None:
        has = library().sonogram_isas().decode()
        raise SonogramError(
            f"SONOGRAM_ISA must be one of {has} on this processor; got {wanted!r}. Choose one or unset it"
        )
    return str(chosen.decode())


@cache
def warn_missing() -> None:
    """Warn once that NumPy computes the features."""
    warnings.warn(
        f"sonogram runs without its native engine, so more slowly: {load()[1]}",
        RuntimeWarning,
        stacklevel=4,
    )
