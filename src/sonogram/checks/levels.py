"""Rules for scales, floors and units, measured on noise of a known level."""

from __future__ import annotations

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
_LOUD = 0.1  # RMS, -20 dB of full scale: loud speech
_FAINT = 1 / _INT16  # RMS of noise in the last of 16 bits
_FAR, _TOO_FAR = 60.0, 200.0  # decibels from the faintest noise down to digital silence
_OFF_SCALE = 10.0


def integers(case: Case) -> Iterator[Finding]:
    """Definitions that scale samples to the range of 16-bit integers."""
    scale = case.definition.conditioning.scale
    if abs(scale) >= _INT16:
        yield Finding(
            "integer-scale",
            "note",
            f"the front end multiplies samples by {scale:g}: pass floats in [-1, 1] or int16 arrays",
            "do not multiply by 32768 yourself; int16 arrays are divided by 32768 first",
        )


def _bands(case: Case, level: float) -> NDArray[np.float64]:
    """Return the linear median of each band that is not empty, for noise of that level."""
    features = case.noise_features(
        level, scaling=None, cepstrum=None, deltas=None, normalize=None, stack=None
    )
    # A cepstrum with the energy of the spectrum adds that as a band, the last one.
    bands = case.plan.bands
    used = slice(None) if bands is None else bands[:, : features.shape[-1]].any(axis=0)
    median: NDArray[np.float64] = np.median(features[1:-1].astype(np.float64), axis=0)[used]
    return median


def floors(case: Case) -> Iterator[Finding]:
    """A floor above the signal, or far below all of it."""
    scaling = case.definition.scaling
    if not isinstance(scaling, Log) or not len(_bands(case, _LOUD)):
        return
    floor = max(scaling.floor or 0.0, scaling.offset or 0.0, scaling.zero or 0.0)
    loud, faint = _bands(case, _LOUD), _bands(case, _FAINT)
    per_decade = case.definition.spectrum.db_factor
    quantity = case.definition.spectrum.unit
    below = int((loud < floor).sum())
    if below > len(loud) / 2:
        scaled = np.median(loud) * _INT16 ** (1 if isinstance(case.definition.spectrum, Magnitude) else 2)
        made_for_integers = case.definition.conditioning.scale == 1 and scaled > floor
        yield Finding(
            "floor-swallows",
            "warning",
            f"in {below} of {len(loud)} bands the floor {floor:g} is above noise at -20 dB of full scale "
            f"(median {quantity} {np.median(loud):.1e}): most features will be constant",
            "conditioning=Conditioning(scale=32768), for which this floor was chosen"
            if made_for_integers
            else f"a floor of about {_round(1e-6 * np.median(loud))}",
        )
        return
    gap = per_decade * math.log10(np.median(faint) / floor)
    if gap > _FAR and scaling.dynamic_range is None:
        yield Finding(
            "floor-far-below",
            "warning" if gap > _TOO_FAR else "note",
            f"digital silence is {gap:.0f} dB below noise of the last bit: runs of exact zeros stand out "
            "more than any sound and shift every mean",
            f"a floor of about {_round(0.1 * np.median(faint))}, or add noise of the last bit",
        )


def _round(value: float) -> str:
    return f"1e{round(math.log10(value))}"


def decibels(case: Case) -> Iterator[Finding]:
    """A factor of 10 on magnitudes, or of 20 on power."""
    scaling = case.definition.scaling
    if not isinstance(scaling, Log) or isinstance(scaling, Decibels) or scaling.base != 10:
        return
    right, wrong = case.definition.spectrum.db_factor, 30 - case.definition.spectrum.db_factor
    if scaling.multiplier == wrong:
        yield Finding(
            "not-decibels",
            "warning",
            f"{wrong:g} log10 of {case.definition.spectrum.unit} gives {wrong / right:g} per decibel: "
            "floors and ranges are not in dB",
            "scaling=Decibels(...), which uses the factor of the spectrum",
        )


def compression(case: Case) -> Iterator[Finding]:
    """Bands without any compression."""
    definition = case.definition
    if definition.bands is not None and definition.scaling is None and definition.cepstrum is None:
        yield Finding(
            "linear-features",
            "note",
            f"the bands stay linear ({definition.unit}): loud sounds are thousands of times faint ones",
            "scaling=Log(...), Decibels(...) or Pcen(...) unless a linear scale is wanted",
        )


def constants(case: Case) -> Iterator[Finding]:
    """Normalization constants that belong to another scale."""
    if not isinstance(case.definition.normalize, Affine) or case.definition.cepstrum is not None:
        return
    middle = float(np.median(case.noise_features(_LOUD, stack=None)))
    if abs(middle) > _OFF_SCALE:
        yield Finding(
            "off-scale",
            "warning",
            f"noise at -20 dB of full scale becomes {middle:.3g} after normalize: its mean or std belongs to "
            "another scale or unit",
            "constants computed from these features; check conditioning.scale and scaling too",
        )


RULES = (integers, floors, decibels, compression, constants)
