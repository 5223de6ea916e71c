"""Rules for memory, arithmetic and the size of exported models."""

from __future__ import annotations

import math
from collections.abc import Iterator

from sonogram.checks.case import Case, Finding

__all__ = ["RULES"]

_HEAVY = 20e6  # bytes of constants in a model for a phone
_DENSE = 32  # frames that cover the same sample


def size(case: Case) -> Iterator[Finding]:
    """Size of the features, and the arithmetic they need."""
    plan, definition = case.plan, case.definition
    frames = definition.sample_rate / definition.frame_step
    fft = frames * 2.5 / 2 * plan.fft_length * math.log2(max(plan.fft_length, 2))
    bank = 0 if plan.bands is None else frames * int((plan.bands != 0).sum())
    convolution = frames * 2 * plan.num_bins * plan.frame_length
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
        f"{(convolution + bank) / 1e6:.3g} million as the convolution of exported models",
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
    kernel = 4.0 * plan.frame_length * 2 * plan.num_bins
    heavy = kernel > _HEAVY
    yield Finding(
        "large-kernel" if heavy else "exports",
        "warning" if heavy else "note",
        "a SavedModel computes it with an FFT; LiteRT and ONNX with built-in operators, as a convolution "
        f"whose kernel adds {kernel / 1e6:.3g} MB",
        "a shorter frame_length or fft_length; half as much after float16 quantization"
        if heavy
        else "nothing to do",
    )


RULES = (size, exports)
