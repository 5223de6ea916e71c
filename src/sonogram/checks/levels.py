"""Scales, floors and units, tried on noise of a known level."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from sonogram.checks.case import Case, Finding
from sonogram.normalize import Affine
from sonogram.scaling import Decibels, Log
from sonogram.spectrum import Magnitude

__all__ = ["RULES"]

_INT16 = 2**15
_LOUD = 0.1  # RMS: speech that fills the scale
_FAINT = 1 / _INT16  # RMS: the last bit
_FAR, _TOO_FAR = 60.0, 200.0  # decibels from the faintest noise down to silence
_OFF_SCALE = 10.0


def integers(case: Case) -> Iterator[Finding]:
    """Definitions at the scale of 16-bit integers."""
    scale = case.frontend.conditioning.scale
    if abs(scale) >= _INT16:
        yield Finding(
            "integer-scale",
            "note",
            f"samples are multiplied by {scale:g} inside: pass floats in [-1, 1] or int16 arrays",
            "never multiply by 32768 yourself; samples of an int16 array are divided first",
        )


def _bands(case: Case, level: float) -> NDArray[np.float64]:
    """Return the median of each band that is not empty, for noise of that level."""
    features = case.linear(case.noise(level), "numpy").astype(np.float64)
    used = slice(None) if case.plan.bands is None else case.plan.bands.any(axis=0)
    median: NDArray[np.float64] = np.median(features[1:-1], axis=0)[used]
    return median


def floors(case: Case) -> Iterator[Finding]:
    """A floor that swallows the signal, or that lies far below all of it."""
    scaling = case.frontend.scaling
    if not isinstance(scaling, Log) or not len(_bands(case, _LOUD)):
        return
    floor = max(scaling.floor or 0.0, scaling.offset or 0.0)
    loud, faint = _bands(case, _LOUD), _bands(case, _FAINT)
    per_decade = case.frontend.spectrum.db_factor
    quantity = case.frontend.spectrum.unit
    below = int((loud < floor).sum())
    if below > len(loud) / 2:
        scaled = np.median(loud) * _INT16 ** (1 if isinstance(case.frontend.spectrum, Magnitude) else 2)
        made_for_integers = case.frontend.conditioning.scale == 1 and scaled > floor
        yield Finding(
            "floor-swallows",
            "warning",
            f"in {below} of {len(loud)} bands the floor {floor:g} lies above noise at -20 dB of full scale "
            f"(median {quantity} {np.median(loud):.1e}): most features will be constant",
            "conditioning=Conditioning(scale=32768), which this floor was made for"
            if made_for_integers
            else f"a floor of about {_round(1e-6 * np.median(loud))}",
        )
        return
    gap = per_decade * math.log10(np.median(faint) / floor)
    if gap > _FAR and scaling.dynamic_range is None:
        yield Finding(
            "floor-far-below",
            "warning" if gap > _TOO_FAR else "note",
            f"digital silence lies {gap:.0f} dB below noise of the last bit: stretches of exact zeros will "
            "stand out more than any sound and pull every mean",
            f"a floor of about {_round(0.1 * np.median(faint))}, or noise of the last bit in the samples",
        )


def _round(value: float) -> str:
    return f"1e{round(math.log10(value))}"


def decibels(case: Case) -> Iterator[Finding]:
    """A factor of 10 on magnitudes, or of 20 on power."""
    scaling = case.frontend.scaling
    if not isinstance(scaling, Log) or isinstance(scaling, Decibels) or scaling.base != 10:
        return
    right, wrong = case.frontend.spectrum.db_factor, 30 - case.frontend.spectrum.db_factor
    if scaling.multiplier == wrong:
        yield Finding(
            "not-decibels",
            "warning",
            f"{wrong:g} log10 of {case.frontend.spectrum.unit} counts {wrong / right:g} for each decibel: "
            "floors and ranges in dB mean something else",
            "scaling=Decibels(...), which takes the factor from the spectrum",
        )


def compression(case: Case) -> Iterator[Finding]:
    """Bands without any compression."""
    frontend = case.frontend
    if frontend.bands is not None and frontend.scaling is None and frontend.cepstrum is None:
        yield Finding(
            "linear-features",
            "note",
            f"the bands stay linear ({frontend.unit}): loud sounds are thousands of times faint ones",
            "scaling=Log(...), Decibels(...) or Pcen(...) unless a linear scale is wanted",
        )


def constants(case: Case) -> Iterator[Finding]:
    """Normalization with constants that belong to another scale."""
    if not isinstance(case.frontend.normalize, Affine) or case.frontend.cepstrum is not None:
        return
    single = dataclasses.replace(case.frontend, stack=None)
    middle = float(np.median(single(case.noise(_LOUD), "numpy")))
    if abs(middle) > _OFF_SCALE:
        yield Finding(
            "off-scale",
            "warning",
            f"noise at -20 dB of full scale becomes {middle:.3g} after normalize: the mean or the deviation "
            "belongs to another scale or unit",
            "constants of these very features; look at conditioning.scale and at scaling too",
        )


RULES = (integers, floors, decibels, compression, constants)
