"""What needs the whole clip, what cannot be undone, what a model expects."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sonogram.checks.case import Case, Finding
from sonogram.normalize import Affine, Standardize
from sonogram.scaling import Log, Pcen

__all__ = ["RULES"]


def streaming(case: Case) -> Iterator[Finding]:
    """Why pieces of a clip cannot be computed as they arrive."""
    frontend, scaling = case.frontend, case.frontend.scaling
    reasons = []
    if scaling is not None and scaling.peak_dependent:
        reasons.append(("peak-floor", "its floor or reference is the clip's own peak", "a constant floor"))
    if frontend.normalize is not None and frontend.normalize.clip_dependent:
        kind = type(frontend.normalize).__name__
        reasons.append(
            ("clip-statistics", f"{kind} needs the whole clip", "normalize=Affine(mean, deviation)")
        )
    if frontend.padding.depends_on_length:
        kind = type(frontend.padding).__name__
        reasons.append(("length-padding", f"{kind} padding depends on the clip's length", "padding=Center()"))
    if frontend.conditioning.remove_mean == "clip":
        reasons.append(("clip-mean", "the mean of the clip is removed", 'remove_mean="frame"'))
    for code, reason, remedy in reasons:
        yield Finding(code, "note", f"cannot be streamed: {reason}", f"{remedy}, if it must be streamed")


def silence(case: Case) -> Iterator[Finding]:
    """Silence that looks like the loudest sound."""
    scaling = case.frontend.scaling
    if isinstance(scaling, Log) and scaling.reference == "peak":
        yield Finding(
            "silent-peak",
            "note",
            "levels are relative to the clip's peak: in a clip of silence everything is the peak, so 0",
            "leave silent clips out, or take a constant reference",
        )


def statistics(case: Case) -> Iterator[Finding]:
    """Statistics over too little."""
    rule = case.frontend.normalize
    if not isinstance(rule, Standardize) or rule.per != "band" or case.num_samples is None:
        return
    frames = case.plan.num_valid_frames(case.plan.num_conditioned(case.num_samples))
    if frames < 20:
        yield Finding(
            "few-for-statistics",
            "error" if frames < 2 else "warning",
            f"each band is standardized over {frames} frame{'' if frames == 1 else 's'} of a clip: "
            + ("nothing but 0 is left" if frames < 2 else "one sound more or less moves all of them"),
            "longer clips, or normalize=Affine(mean, deviation) with the statistics of a data set",
        )


def settling(case: Case) -> Iterator[Finding]:
    """PCEN that has not settled when the clip ends."""
    scaling = case.frontend.scaling
    if not isinstance(scaling, Pcen):
        return
    seconds = 1 / scaling.smoothing / (case.frontend.sample_rate / case.frontend.frame_step)
    limit = 10.0 if case.duration is None else case.duration
    if seconds > limit:
        yield Finding(
            "slow-pcen",
            "warning",
            f"PCEN follows the level with a time constant of {seconds:.3g} s, longer than "
            + ("most clips" if case.duration is None else f"a clip of {case.duration:g} s")
            + ": it never gets away from its first frame",
            f"smoothing={min(4 * seconds * scaling.smoothing / limit, 0.5):.2g}, a quarter of that",
        )


def inversion(case: Case) -> Iterator[Finding]:
    """A spectrum that cannot be turned back into samples."""
    frontend, rule = case.frontend, case.frontend.conditioning
    if frontend.bands is not None or frontend.scaling is not None:
        return
    reason = None
    if rule.frame_preemphasis is not None:
        reason = "its pre-emphasis starts anew in each frame"
    elif rule.remove_mean is not None:
        reason = f"the mean of each {rule.remove_mean} is removed"
    elif rule.dropped:
        reason = "the first sample is dropped"
    if reason:
        yield Finding(
            "not-invertible",
            "warning",
            f"sonogram.inverse refuses the spectrum of this definition: {reason}",
            "conditioning=Conditioning(), or Preemphasis(scope='clip', first='keep')",
        )


def length(case: Case) -> Iterator[Finding]:
    """Clips of another length than the model was trained on."""
    known = case.preset
    if known is None or known.clip_seconds is None or case.duration is None:
        return
    if not np.isclose(case.duration, known.clip_seconds):
        shorter = case.duration < known.clip_seconds
        yield Finding(
            "clip-length",
            "warning" if shorter else "note",
            f"{known.models} read clips of {known.clip_seconds:g} s; these have {case.duration:g} s",
            f"{'pad' if shorter else 'cut'} the samples to {known.clip_seconds:g} s"
            + (" as the notes of `sonogram presets` say" if known.notes else ""),
        )


def affine_shape(case: Case) -> Iterator[Finding]:
    """Constants for each band that change nothing."""
    rule = case.frontend.normalize
    if isinstance(rule, Affine) and rule == Affine():
        yield Finding("idle-normalize", "note", "normalize subtracts 0 and divides by 1", "normalize=None")


RULES = (streaming, silence, statistics, settling, inversion, length, affine_shape)
