"""Filter banks and cepstra."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator

import numpy as np

from sonogram.bands import Mel
from sonogram.checks.case import Case, Finding, count
from sonogram.frontend import Frontend

__all__ = ["RULES"]

_LONGEST = 1 << 17


def empty(case: Case) -> Iterator[Finding]:
    """Bands that lie between two bins."""
    bank = case.plan.bands
    if bank is None or bank.any(axis=0).all():
        return
    which = np.flatnonzero(~bank.any(axis=0))
    shown = ", ".join(map(str, which[:6])) + (", ..." if len(which) > 6 else "")
    resolution = case.frontend.sample_rate / case.plan.fft_length
    yield Finding(
        "empty-bands",
        "warning",
        f"{count(len(which), 'band')} of {bank.shape[1]} always empty, narrower than a bin "
        f"({resolution:.3g} Hz): {shown}",
        _filled(case.frontend, case.plan.fft_length) or "wider bands",
    )


def _filled(frontend: Frontend, fft_length: int) -> str:
    """Return how to mend empty bands: a longer transform or fewer bands, whichever there is."""
    bands = frontend.bands
    assert bands is not None
    ways = []
    longer = 1 << fft_length.bit_length()
    while longer <= _LONGEST:
        try:
            matrix = bands.matrix(frontend.sample_rate, longer)
        except ValueError:
            break  # an explicit bank has one length
        if matrix.any(axis=0).all():
            ways.append(f"fft_length={_least(frontend, fft_length, longer)}")
            break
        longer *= 2
    if isinstance(bands, Mel):
        for fewer in range(bands.num_mel_bins - 1, 0, -1):
            matrix = dataclasses.replace(bands, num_mel_bins=fewer).matrix(frontend.sample_rate, fft_length)
            if matrix.any(axis=0).all():
                ways.append(f"num_mel_bins={fewer}")
                break
    return " or ".join(ways)


def _least(frontend: Frontend, known: int, longer: int) -> int:
    """Return the smallest even FFT length between the two whose bands are all filled, to 16 samples."""
    assert frontend.bands is not None
    for length in range(known + 16 - known % 16, longer, 16):
        if frontend.bands.matrix(frontend.sample_rate, length).any(axis=0).all():
            return length
    return longer


def above_recordings(case: Case) -> Iterator[Finding]:
    """Bands above what recordings of a lower rate hold."""
    rate = case.sample_rate
    if rate is None or rate >= case.frontend.sample_rate:
        return
    centers = case.linear.frequencies
    assert centers is not None
    silent = int((centers > rate / 2).sum())
    if silent:
        yield Finding(
            "above-recordings",
            "warning",
            f"recordings of {rate:g} Hz hold nothing above {rate / 2:g} Hz: after resampling {silent} of "
            f"{len(centers)} bands stay at the floor",
            f"recordings of {case.frontend.sample_rate:g} Hz, or a definition for {rate:g} Hz",
        )


def unused(case: Case) -> Iterator[Finding]:
    """A sample rate that the bands do not use."""
    bank = case.plan.bands
    if bank is None or not bank.any():
        return
    top = np.flatnonzero(bank.any(axis=1))[-1] * case.frontend.sample_rate / case.plan.fft_length
    if top < 0.45 * case.frontend.sample_rate / 2:
        yield Finding(
            "unused-frequencies",
            "note",
            f"the bands end at {top:.0f} Hz, the samples at {case.frontend.sample_rate / 2:g} Hz",
            f"a sample rate of {1000 * math.ceil(2 * top / 1000)} Hz would hold the same and cost less",
        )


def cepstra(case: Case) -> Iterator[Finding]:
    """Cepstra of what is not logarithmic, or as many as there are bands."""
    rule = case.frontend.cepstrum
    if rule is None:
        return
    if case.frontend.scaling is None:
        yield Finding(
            "linear-cepstra",
            "warning",
            "the cosine transform is taken of linear bands: a cepstrum is one of their logarithm",
            "scaling=Log(floor=...)",
        )
    if rule.num_coefficients == case.plan.num_filters:
        yield Finding(
            "all-coefficients",
            "note",
            f"all {rule.num_coefficients} cepstral coefficients are kept: the transform only turns the axes",
            "fewer coefficients smooth the spectrum; without a cepstrum the bands keep their frequencies",
        )


RULES = (empty, above_recordings, unused, cepstra)
