"""Features of four channels, from the formulas of the SELD baselines in float64, with librosa's mel bands."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from parity.original import original
from parity.originals.formulas import frames

Floats = NDArray[np.floating]
_BANDS = "numpy librosa"


def _bins(channels: Floats) -> NDArray[np.complex128]:
    """Return the bins of each channel, `(channels, frames, 513)`; the window is centered in the transform."""
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(960) / 960)
    count = channels.shape[1] // 480
    cut = np.array([frames(each.astype(np.float64) + 1e-8, 960, 480, count, first=-480) for each in channels])
    inside = frames(np.ones(channels.shape[1]), 960, 480, count, first=-480)
    return np.fft.rfft(cut * window * inside, 1024)


def _bank() -> Floats:
    import librosa

    return librosa.filters.mel(sr=24000, n_fft=1024, n_mels=64, dtype=np.float64).T


def _log_mel(bins: NDArray[np.complex128]) -> list[Floats]:
    made = [10 * np.log10(np.maximum(np.abs(each) ** 2 @ _bank(), 1e-10)) for each in bins]
    return [np.maximum(each, each.max() - 80) if each.size else each for each in made]


@original("seld-foa", _BANDS, "log-mel and intensity vectors of cls_feature_class.py", float64=True)
def _foa(channels: Floats) -> Floats:
    bins = _bins(channels)
    energy = 1e-8 + np.abs(bins[0]) ** 2 + (np.abs(bins[1:]) ** 2).sum(axis=0) / 3
    intensity = [(np.conj(bins[0]) * each).real / energy @ _bank() for each in bins[1:]]
    return np.hstack([*_log_mel(bins), *intensity])


@original("seld-mic-gcc", _BANDS, "log-mel and GCC-PHAT of cls_feature_class.py", float64=True)
def _gcc(channels: Floats) -> Floats:
    bins = _bins(channels)
    parts = _log_mel(bins)
    for a, b in combinations(range(4), 2):
        correlation = np.fft.irfft(np.exp(1j * np.angle(np.conj(bins[a]) * bins[b])))
        parts.append(np.concatenate([correlation[:, -32:], correlation[:, :32]], axis=1))
    return np.hstack(parts)


@original("seld-mic-salsalite", "numpy", "SALSA-Lite of cls_feature_class.py", float64=True)
def _salsa(channels: Floats) -> Floats:
    bins = _bins(channels)[:, :, 2:384]
    power = [10 * np.log10(np.maximum(np.abs(each) ** 2, 1e-10)) for each in bins]
    per_bin = 2 * np.pi * 24000 / (1024 * 343) * np.arange(2, 384)
    phases = [np.angle(each * np.conj(bins[0])) / per_bin for each in bins[1:]]
    for each in phases:
        each[:, 85:] = 0
    return np.hstack([*power, *phases])
