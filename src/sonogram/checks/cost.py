"""Rules for memory, arithmetic and the size of exported models."""

from __future__ import annotations

import math
from collections.abc import Iterator

from sonogram.checks.case import Case, Finding
from sonogram.engines import cooley_tukey
from sonogram.engines.plan import Plan

__all__ = ["RULES"]

_LARGE = 20e6  # bytes of constants in a model for a phone
_DENSE = 32  # frames that cover the same sample


def size(case: Case) -> Iterator[Finding]:
    """Size of the features, and the arithmetic they need."""
    plan, definition = case.plan, case.definition
    frames = definition.sample_rate / definition.frame_step
    fft = frames * 2.5 / 2 * plan.fft_length * math.log2(max(plan.fft_length, 2))
    bank = 0 if plan.bands is None else frames * int((plan.bands != 0).sum())
    exported = frames * _transform(plan)[0] + (0 if plan.bands is None else frames * plan.bands.size)
    out = 4 * definition.num_bands / definition.frame_period
    clip = ""
    if case.num_samples is not None:
        shape = (definition.num_frames(case.num_samples), definition.num_bands)
        clip = f"a clip has {shape[0]} x {shape[1]} features; "
    yield Finding(
        "cost",
        "note",
        f"{clip}{out / 1e3:.4g} kB a second ({out / 4 / definition.sample_rate:.2g} of the samples); "
        f"{(fft + bank) / 1e6:.3g} million multiply-adds a second with an FFT, "
        f"{exported / 1e6:.3g} million in exported models",
        "a longer frame_step or fewer bands, if that is too much",
    )
    overlap = plan.frame_length / plan.frame_step
    if overlap > _DENSE:
        yield Finding(
            "dense-frames",
            "warning",
            f"{overlap:.0f} frames cover each sample, so neighbors are nearly equal",
            f"frame_step={plan.frame_length // 4}",
        )


def exports(case: Case) -> Iterator[Finding]:
    """How each export format computes it."""
    plan = case.plan
    constants = 4.0 * (_transform(plan)[1] + (0 if plan.bands is None else plan.bands.size))
    large = constants > _LARGE
    added = f"{constants / 1e6:.3g} MB"
    if plan.kernels is None:
        how = f"a SavedModel computes it with an FFT; LiteRT and ONNX with matrices, which add {added}"
        smaller = "fewer bands"
    else:
        how, smaller = f"exported models hold its kernels, which add {added}", "fewer octaves"
    yield Finding(
        "large-constants" if large else "exports",
        "warning" if large else "note",
        how,
        smaller if large else "nothing to do",
    )


def _transform(plan: Plan) -> tuple[int, int]:
    """Return how many products of a frame, and how many constants, the transform of exported models has."""
    if plan.kernels is not None:
        factors = sum(kernels.size for _, kernels in plan.kernel_blocks)
        return factors, factors
    sizes = plan.fft_length, plan.num_bins
    return cooley_tukey.num_products(*sizes), cooley_tukey.num_constants(*sizes)


RULES = (size, exports)
