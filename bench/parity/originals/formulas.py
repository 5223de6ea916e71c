"""Originals that no index offers, written in float64 from their descriptions, with NumPy alone.

Nothing here calls sonogram or is called by it, so that an error in one of the two shows.
"""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from parity.original import original

__all__ = ["cosine_transform", "frames"]

Floats = NDArray[np.floating]


def frames(samples: Floats, length: int, step: int, count: int, first: int = 0) -> Floats:
    """Return `count` frames, of which the first one begins at sample `first`, with zeros beyond the clip."""
    index = first + step * np.arange(count)[:, None] + np.arange(length)
    inside = (index >= 0) & (index < len(samples))
    return np.where(inside, samples.astype(np.float64)[np.clip(index, 0, len(samples) - 1)], 0.0)


def cosine_transform(values: Floats, num_coefficients: int) -> Floats:
    """Return the orthonormal DCT-II of each row."""
    count = values.shape[1]
    k, n = np.arange(num_coefficients)[:, None], np.arange(count)
    basis = np.sqrt(2 / count) * np.cos(np.pi * k * (2 * n + 1) / (2 * count))
    basis[0] /= np.sqrt(2)
    return values @ basis.T


def _valid(samples: Floats, length: int, step: int) -> Floats:
    if len(samples) < length:
        raise ValueError("the clip is shorter than a frame")
    return frames(samples, length, step, 1 + (len(samples) - length) // step)


def _hamming(length: int, period: int) -> Floats:
    return 0.54 - 0.46 * np.cos(2 * np.pi * np.arange(length) / period)


def _to_mel(hertz: Floats | float) -> Floats:
    return 1127 * np.log1p(np.asarray(hertz, np.float64) / 700)


def _from_mel(mel: Floats) -> Floats:
    return 700 * np.expm1(mel / 1127)


def _triangles(points: Floats, edges: Floats) -> Floats:
    """Return triangles over three neighboring edges at the points, `(points, len(edges) - 2)`."""
    lower, center, upper = (edges[i : len(edges) - 2 + i] for i in range(3))
    rise = (points[:, None] - lower) / (center - lower)
    fall = (upper - points[:, None]) / (upper - center)
    return np.maximum(0, np.minimum(rise, fall))


def _bin_triangles(edges: NDArray[np.intp], bins: int) -> Floats:
    """Return triangles whose edges are whole bins, `(bins, len(edges) - 2)`."""
    made = np.zeros((bins, len(edges) - 2))
    for band in range(len(edges) - 2):
        lower, center, upper = edges[band : band + 3]
        for k in range(lower, center):
            made[k, band] = (k - lower) / (center - lower)
        for k in range(center, upper):
            made[k, band] = (upper - k) / (upper - center)
    return made


def _with_differences(values: Floats) -> Floats:
    """Return values with `x[t + 1] - x[t - 1]`, twice; the first and the last frame stand beyond the ends."""
    parts = [values]
    for _ in range(2):
        padded = np.vstack([parts[-1][:1], parts[-1], parts[-1][-1:]])
        parts.append(padded[2:] - padded[:-2])
    return np.hstack(parts)


@original("flashlight-mfsc", "numpy", "int16 values, pre-emphasis, Hamming, magnitude, ln(max(mel, 1))")
def _flashlight(samples: Floats) -> Floats:
    cut = _valid(samples * np.float32(32768), 400, 160)
    emphasized = cut - 0.97 * np.hstack([cut[:, :1], cut[:, :-1]])
    magnitude = np.abs(np.fft.rfft(emphasized * _hamming(400, 399), 512))
    edges = _from_mel(np.linspace(0, _to_mel(8000), 82))
    return np.log(np.maximum(magnitude @ _triangles(np.arange(257) * 31.25, edges), 1))


@original("edge-impulse-mfe", "numpy", "block mfe, version 4, without its overflow at 1")
def _edge_impulse(samples: Floats) -> Floats:
    whole = samples.astype(np.float64)
    cut = _valid(whole - 0.98 * np.roll(whole, 1), 320, 160)
    power = np.abs(np.fft.rfft(cut, 512)) ** 2 / 512
    hertz = _from_mel(np.linspace(0, _to_mel(8000), 42))
    hertz[-1] -= 0.001
    bank = _bin_triangles(np.floor(513 * hertz / 16000).astype(int), 257)
    energy = power @ bank
    energy = np.where(energy == 0, 2.0**-52, energy)
    decibels = 10 * np.log10(np.maximum(energy, 1e-30))
    return np.round(np.clip((decibels + 52) / 64, 0, 1) * 256) / 256


@original("asvspoof2021-lfcc", "numpy", "LFCC of the GMM baseline: 70 triangles of whole bins")
def _asvspoof_2021(samples: Floats) -> Floats:
    power = np.abs(np.fft.rfft(_valid(samples, 480, 240) * _hamming(480, 479), 1024)) ** 2
    edges = np.floor(1025 * np.linspace(0, 4000, 72) / 16000).astype(int)
    values = np.log10(power @ _bin_triangles(edges, 513) + 2.220446049250313e-16)
    return _with_differences(cosine_transform(values, 20))


@original("asvspoof-lfcc-lcnn", "numpy", "LFCC(320, 160, 512, 16000, 20) with energy")
def _asvspoof_lcnn(samples: Floats) -> Floats:
    whole = samples.astype(np.float64)
    emphasized = np.append(whole[:1], whole[1:] - 0.97 * whole[:-1])
    # torch.stft centers the window in the transform.
    cut = frames(emphasized, 320, 160, 1 + len(whole) // 160, first=-160)
    power = np.abs(np.fft.rfft(cut * _hamming(320, 320), 512)) ** 2
    bank = _triangles(np.arange(257) * 31.25, np.linspace(0, 8000, 22))
    cepstra = cosine_transform(np.log10(power @ bank + 2.0**-23), 20)
    cepstra[:, 0] = np.log10(power.sum(axis=1) / 512 + 2.0**-23)
    return _with_differences(cepstra)


_RNNOISE_CORNERS = (
    *(0, 2, 4, 6, 8, 10, 12, 15, 18, 21, 24, 28, 32, 36, 41, 47, 53, 60, 68, 77, 87, 98, 110, 124),
    *(140, 157, 176, 198, 223, 251, 282, 317, 356, 400),
)


@original("rnnoise", "numpy", "rnn_compute_frame_features, the cepstrum")
def _rnnoise(samples: Floats) -> Floats:
    cut = frames(samples * np.float32(32768), 960, 480, len(samples) // 480, first=-480)
    vorbis = np.sin(np.pi / 2 * np.sin(np.pi * (np.arange(960) + 0.5) / 960) ** 2)
    power = np.abs(np.fft.rfft(cut * vorbis) / 960) ** 2
    sums = np.zeros((len(cut), 34))
    for band, (lower, upper) in enumerate(itertools.pairwise(_RNNOISE_CORNERS)):
        part = np.arange(upper - lower) / (upper - lower)
        sums[:, band] += power[:, lower:upper] @ (1 - part)
        sums[:, band + 1] += power[:, lower:upper] @ part
    ends = (sums[:, :1] + sums[:, 1:2]) * 2 / 3, (sums[:, -2:-1] + sums[:, -1:]) * 2 / 3
    values = np.log10(np.hstack([ends[0], sums[:, 2:-2], ends[1]]) + 0.01)
    peak, before = np.full(len(values), -2.0), np.full(len(values), -2.0)
    for band in range(32):
        values[:, band] = np.maximum(np.maximum(peak - 7, before - 1.5), values[:, band])
        peak, before = np.maximum(peak, values[:, band]), np.maximum(before - 1.5, values[:, band])
    cepstra = cosine_transform(values, 32) * np.sqrt(32 / 22)
    cepstra[:, 0] -= 12
    cepstra[:, 1] -= 4
    return cepstra


@original("perch-pcen", "numpy", "SimpleMelspec with PCEN, an exact moving average")
def _perch(samples: Floats) -> Floats:
    count = -(-len(samples) // 320)
    padding = max((count - 1) * 320 + 640 - len(samples), 0)
    window = np.hanning(640)
    cut = frames(samples, 640, 320, count, first=-(padding // 2))
    power = np.abs(np.fft.rfft(cut * (window / window.sum()), 1024)) ** 2
    edges = np.linspace(_to_mel(60), _to_mel(10000), 130)
    bank = _triangles(_to_mel(np.arange(513) * 31.25), edges)
    bank[0] = 0
    mel = power @ bank
    smooth = mel.copy()
    for t in range(1, count):
        smooth[t] = 0.9 * smooth[t - 1] + 0.1 * mel[t]
    return np.sqrt(mel / np.sqrt(1e-6 + smooth) + 2) - np.sqrt(2)


def _constant_q(samples: Floats, num_bins: int, per_octave: int) -> Floats:
    """Return magnitudes, `(frames, bins)`: direct sums with windows of real length."""
    step = 2 ** (2 / per_octave)
    quality = (step + 1) / (step - 1)
    longest = int(quality * 22050 / 65)
    padded = np.pad(samples.astype(np.float64), longest)
    made = []
    for k in range(num_bins):
        hertz = 440 * 2 ** (-45 / 12 + k / per_octave)
        length = quality * 22050 / hertz
        half = int(length / 2)
        n = np.arange(-half, half + 1)
        kernel = (0.5 + 0.5 * np.cos(2 * np.pi * n / length)) * np.exp(-2j * np.pi * hertz / 22050 * n)
        cut = np.lib.stride_tricks.sliding_window_view(padded[longest - half :], len(n))[::512]
        made.append(np.abs(cut[: 1 + len(samples) // 512] @ kernel) * 2 / np.sqrt(length))
    return np.array(made).T


@original("librosa-cqt", "numpy", "the definition of librosa's constant-Q transform, without its shortcuts")
def _librosa_cqt(samples: Floats) -> Floats:
    return _constant_q(samples, 84, 12)


@original("librosa-chroma-cqt", "numpy", "chroma_cqt of these magnitudes")
def _librosa_chroma(samples: Floats) -> Floats:
    magnitude = _constant_q(samples, 252, 36)
    classes = (np.arange(252) + 1) // 3 % 12
    chroma = np.stack([magnitude[:, classes == each].sum(axis=1) for each in range(12)], axis=1)
    peak = chroma.max(axis=1, keepdims=True)
    return chroma / np.where(peak > 0, peak, 1)
