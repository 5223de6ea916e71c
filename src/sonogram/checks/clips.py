"""Rules for streaming, inversion, statistics of clips, and clip lengths that models expect."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sonogram.checks.case import Case, Finding
from sonogram.normalize import Affine, Standardize
from sonogram.scaling import Log, Pcen

__all__ = ["RULES"]


def streaming(case: Case) -> Iterator[Finding]:
    """What prevents streaming."""
    for code, reason, remedy in case.definition.obstacles("stream"):
        yield Finding(code, "note", f"cannot be streamed: {reason}", f"for streaming, {remedy}")


def silence(case: Case) -> Iterator[Finding]:
    """Silent clips that look like the loudest sound."""
    scaling = case.definition.scaling
    if isinstance(scaling, Log) and scaling.reference == "peak":
        yield Finding(
            "silent-peak",
            "note",
            "levels are relative to the clip's peak, so every value of a silent clip is 0, as at the peak",
            "leave silent clips out, or use a constant reference",
        )


def statistics(case: Case) -> Iterator[Finding]:
    """Statistics over too few frames."""
    rule = case.definition.normalize
    if not isinstance(rule, Standardize) or rule.per != "band" or case.num_samples is None:
        return
    frames = case.plan.num_valid_frames(case.plan.num_conditioned(case.num_samples))
    if frames < 20:
        yield Finding(
            "few-for-statistics",
            "error" if frames < 2 else "warning",
            f"each band is standardized over {frames} frame{'' if frames == 1 else 's'} of a clip: "
            + ("every value is 0" if frames < 2 else "the statistics are unstable with so few frames"),
            "longer clips, or normalize=Affine(mean, std) with the statistics of a data set",
        )


def settling(case: Case) -> Iterator[Finding]:
    """PCEN whose smoothed energy has not settled when the clip ends."""
    scaling = case.definition.scaling
    if not isinstance(scaling, Pcen):
        return
    seconds = case.definition.frame_step / case.definition.sample_rate / scaling.smoothing
    limit = 10.0 if case.duration is None else case.duration
    if seconds > limit:
        yield Finding(
            "slow-pcen",
            "warning",
            f"PCEN smooths the energy with a time constant of {seconds:.3g} s, longer than "
            + ("most clips" if case.duration is None else f"a clip of {case.duration:g} s")
            + ": it stays near its first frame",
            f"smoothing={min(4 * seconds * scaling.smoothing / limit, 0.5):.2g}, a quarter of that",
        )


def inversion(case: Case) -> Iterator[Finding]:
    """A complex spectrum that cannot be inverted."""
    if case.definition.bands is not None or case.definition.scaling is not None:
        return
    for _, reason, remedy in case.definition.obstacles("invert"):
        yield Finding("not-invertible", "warning", f"frontend.istft cannot invert it: {reason}", remedy)


def length(case: Case) -> Iterator[Finding]:
    """Clips of another length than those the model was trained on."""
    known = case.published
    if known is None or known.clip_seconds is None or case.duration is None:
        return
    if not np.isclose(case.duration, known.clip_seconds):
        shorter = case.duration < known.clip_seconds
        yield Finding(
            "clip-length",
            "warning" if shorter else "note",
            f"{known.models} process clips of {known.clip_seconds:g} s; these have {case.duration:g} s",
            f"{'pad' if shorter else 'cut'} the samples to {known.clip_seconds:g} s"
            + (f"; see `sonogram presets {known.name}`" if known.notes else ""),
        )


def affine_shape(case: Case) -> Iterator[Finding]:
    """Normalization constants that change nothing."""
    rule = case.definition.normalize
    if isinstance(rule, Affine) and rule == Affine():
        yield Finding("idle-normalize", "note", "normalize subtracts 0 and divides by 1", "normalize=None")


RULES = (streaming, silence, statistics, settling, inversion, length, affine_shape)
