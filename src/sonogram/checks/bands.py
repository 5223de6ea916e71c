"""Rules for filter banks and cepstra."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from sonogram.bands import Mel
from sonogram.checks.case import Case, Finding
from sonogram.definition import Definition
from sonogram.spectrum import Complex, Magnitude
from sonogram.text import numbered

__all__ = ["RULES"]

_LONGEST = 1 << 17


def empty(case: Case) -> Iterator[Finding]:
    """Bands that are narrower than a bin and contain none."""
    bank = case.plan.bands
    if bank is None or bank.any(axis=0).all():
        return
    which = np.flatnonzero(~bank.any(axis=0))
    shown = ", ".join(map(str, which[:6])) + (", ..." if len(which) > 6 else "")
    resolution = case.definition.sample_rate / case.plan.fft_length
    yield Finding(
        "empty-bands",
        "warning",
        f"{numbered(len(which), 'band')} of {bank.shape[1]} always empty, because narrower than a "
        f"bin ({resolution:.3g} Hz): {shown}",
        _remedies(case.definition, case.plan.fft_length) or "wider bands",
    )


def _remedies(definition: Definition, fft_length: int) -> str:
    """Return the changes that fill all bands: a longer transform, fewer bands, or both as alternatives."""
    bands = definition.bands
    assert bands is not None
    ways = []
    longer = 1 << fft_length.bit_length()
    while longer <= _LONGEST:
        try:
            matrix = bands.matrix(definition.sample_rate, longer)
        except ValueError:
            break  # an explicit bank has one length
        if matrix.any(axis=0).all():
            ways.append(f"fft_length={_least(definition, fft_length, longer)}")
            break
        longer *= 2
    if isinstance(bands, Mel):
        for fewer in range(bands.num_mel_bins - 1, 0, -1):
            matrix = dataclasses.replace(bands, num_mel_bins=fewer).matrix(definition.sample_rate, fft_length)
            if matrix.any(axis=0).all():
                ways.append(f"num_mel_bins={fewer}")
                break
    return " or ".join(ways)


def _least(definition: Definition, known: int, longer: int) -> int:
    """Return the smallest even FFT length between the two whose bands are all filled, to 16 samples."""
    assert definition.bands is not None
    for length in range(known + 16 - known % 16, longer, 16):
        if definition.bands.matrix(definition.sample_rate, length).any(axis=0).all():
            return length
    return longer


def above_recordings(case: Case) -> Iterator[Finding]:
    """Bands above the highest frequency of recordings with a lower sample rate."""
    rate = case.sample_rate
    if rate is None or rate >= case.definition.sample_rate:
        return
    real: dict[str, Any] = {"spectrum": Magnitude()} if isinstance(case.definition.spectrum, Complex) else {}
    centers = dataclasses.replace(
        case.definition, cepstrum=None, deltas=None, normalize=None, stack=None, **real
    ).frequencies
    assert centers is not None
    silent = int((centers > rate / 2).sum())
    if silent:
        yield Finding(
            "above-recordings",
            "warning",
            f"recordings of {rate:g} Hz contain nothing above {rate / 2:g} Hz: after resampling {silent} of "
            f"{len(centers)} bands stay at the floor",
            f"recordings of {case.definition.sample_rate:g} Hz, or a definition for {rate:g} Hz",
        )


def unused(case: Case) -> Iterator[Finding]:
    """A sample rate that is far higher than the bands need."""
    bank = case.plan.bands
    if bank is None or not bank.any():
        return
    top = np.flatnonzero(bank.any(axis=1))[-1] * case.definition.sample_rate / case.plan.fft_length
    if top < 0.45 * case.definition.sample_rate / 2:
        yield Finding(
            "unused-frequencies",
            "note",
            f"the bands end at {top:.0f} Hz, the samples at {case.definition.sample_rate / 2:g} Hz",
            f"a sample rate of {1000 * math.ceil(2 * top / 1000)} Hz contains the same and costs less",
        )


def cepstra(case: Case) -> Iterator[Finding]:
    """Cepstra of linear bands, or as many coefficients as bands."""
    rule = case.definition.cepstrum
    if rule is None:
        return
    if case.definition.scaling is None:
        yield Finding(
            "linear-cepstra",
            "warning",
            "the cosine transform is applied to linear bands; a cepstrum is defined on their logarithm",
            "scaling=Log(floor=...)",
        )
    if rule.num_coefficients == case.definition.num_filters:
        yield Finding(
            "all-coefficients",
            "note",
            f"all {rule.num_coefficients} coefficients are kept: the transform only rotates the bands",
            "fewer coefficients smooth the spectrum; without a cepstrum the bands keep their frequencies",
        )


RULES = (empty, above_recordings, unused, cepstra)
