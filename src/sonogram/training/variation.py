"""Variation of speech for training: voices, reverberation, microphones and noise, by one transform of a clip.

The layers in `sonogram.layers.augment` do the same on tensors, each with its own transform. Here the
utterances are new in each step, so that their cost limits the training.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Noises", "vary_bands", "vary_speech", "vary_tempo"]

Floats = NDArray[np.float32]

_SPEED = (0.8, 1.25)
"""Range of the factor of speed, and so of pitch and formants: from a child to a deep voice."""
_TEMPO = (0.8, 1.25)
"""Range of the factor of tempo alone."""
_BANDS = (0.92, 1.08)
"""Range of the factor of frequency alone, as of the length of a vocal tract, at the same pitch."""
_TILT_DB, _EQUALIZER_DB = 4.0, 4.0
"""Largest tilt per octave, and standard deviation of the gain at each octave, dB."""
_LOW_CUT, _HIGH_CUT, _CUT_PROBABILITY = (50.0, 350.0), (2500.0, 8000.0), 0.3
"""Edges of the band of a telephone or a small loudspeaker, Hz, and the share of clips with each."""
_REVERB_PROBABILITY, _DECAY, _DIRECT_DB = 0.35, (0.1, 0.6), (0.0, 15.0)
"""Share of clips with reverberation, its time in seconds, and the level of the direct sound over the
reverberation, dB."""
_NOISE_PROBABILITY, _SNR_DB = 0.85, (3.0, 40.0)
_RESPONSE_POINTS = 1025
"""Frequencies at which a response is computed; it is interpolated between them."""
_BLOCK = 4096
"""Sizes of the transforms are multiples of it: those with large prime factors take long."""


class Noises:
    """Stationary noise of several spectra, computed once.

    Args:
        sample_rate: Hz.
        seed: Seed of the random numbers.
    """

    _SECONDS = 30
    _SLOPES = (0.0, -3.0, -6.0)
    """Slopes of white, pink and brown noise, dB per octave."""

    def __init__(self, sample_rate: int, seed: int) -> None:
        size = self._SECONDS * sample_rate
        rng = np.random.default_rng([seed, 1])
        octaves = np.log2(np.maximum(np.fft.rfftfreq(size, 1 / sample_rate), 50.0) / 1000)
        self._noises = []
        for slope in self._SLOPES:
            white = rng.standard_normal(size, np.float32)
            noise = np.fft.irfft(np.fft.rfft(white) * 10 ** (slope * octaves / 20), size)
            self._noises.append((noise / noise.std()).astype(np.float32))

    def draw(self, size: int, rng: np.random.Generator) -> Floats:
        """Return noise of standard deviation 1, `(size,)`, of a random spectrum between two of the colors."""
        first, second = (self._noises[int(rng.integers(len(self._noises)))] for _ in range(2))
        starts = rng.integers(len(first), size=2)
        one, other = (
            np.take(noise, np.arange(size) + start, mode="wrap")
            for noise, start in zip((first, second), starts, strict=True)
        )
        share = rng.random()
        mixed: Floats = one * np.float32(share**0.5) + other * np.float32((1 - share) ** 0.5)
        return mixed


def vary_speech(samples: Floats, sample_rate: int, noises: Noises, rng: np.random.Generator) -> Floats:
    """Return a clip with another speed, frequency response, reverberation and noise; its length changes.

    Args:
        samples: `(samples,)`.
        sample_rate: Hz.
        noises: Noise to add.
        rng: Random numbers.
    """
    speed = _draw_factor(_SPEED, rng)
    tail = round(_DECAY[1] * sample_rate)
    size = -(-(len(samples) + tail) // _BLOCK) * _BLOCK
    spectrum = np.fft.rfft(samples, size)
    spectrum = spectrum * _response(len(spectrum), sample_rate, rng)
    if rng.random() < _REVERB_PROBABILITY:
        spectrum = spectrum * _reverberation(size, tail, sample_rate, rng)
    # Fewer or more samples for the same spectrum: a band-limited change of speed.
    resampled = 2 * round(size / speed / 512) * 256
    bins = min(len(spectrum), resampled // 2 + 1)
    longer = np.fft.irfft(spectrum[:bins], resampled) * (resampled / size)
    varied: Floats = longer[: math.ceil(len(samples) * resampled / size)].astype(np.float32)
    if rng.random() < _NOISE_PROBABILITY:
        # The level of speech is that of its louder parts: pauses would make it depend on their length.
        level = float(np.sqrt(np.mean(np.square(varied)))) or 1.0
        varied += noises.draw(len(varied), rng) * np.float32(level * 10 ** (-rng.uniform(*_SNR_DB) / 20))
    return varied


def vary_tempo(features: Floats, slowest: float, rng: np.random.Generator) -> Floats:
    """Return features stretched or compressed in time, by interpolation of the frames.

    Args:
        features: `(frames, bands)`.
        slowest: Upper limit of the factor, so that enough frames remain for the text.
        rng: Random numbers.
    """
    factor = min(_draw_factor(_TEMPO, rng), slowest)
    place = np.minimum(np.arange(math.ceil(len(features) / factor)) * factor, len(features) - 1)
    return _interpolate(features, place)


def vary_bands(features: Floats, rng: np.random.Generator) -> Floats:
    """Return features stretched or compressed in frequency, by interpolation of the bands.

    Args:
        features: `(frames, bands)`, a spectrum rather than a cepstrum.
        rng: Random numbers.
    """
    bands = features.shape[1]
    place = np.minimum(np.arange(bands) * _draw_factor(_BANDS, rng), bands - 1)
    return _interpolate(features.T, place).T


def _draw_factor(limits: tuple[float, float], rng: np.random.Generator) -> float:
    low, high = limits
    return float(low * (high / low) ** rng.random())


def _interpolate(rows: Floats, place: NDArray[np.float64]) -> Floats:
    """Return the rows at places between them."""
    lower = place.astype(int)
    upper = np.minimum(lower + 1, len(rows) - 1)
    share = (place - lower).astype(np.float32)[:, None]
    found: Floats = rows[lower] * (1 - share) + rows[upper] * share
    return found


def _response(bins: int, sample_rate: int, rng: np.random.Generator) -> Floats:
    """Return the gain of a microphone at each bin: a tilt, an equalizer of octaves, band limits."""
    frequencies = np.linspace(0, sample_rate / 2, _RESPONSE_POINTS)
    octaves = np.log2(np.maximum(frequencies, 20.0) / 1000)
    knots = np.arange(-5, 6)
    decibels = octaves * rng.uniform(-_TILT_DB, _TILT_DB)
    decibels += np.interp(octaves, knots, rng.normal(0, _EQUALIZER_DB, len(knots)))
    if rng.random() < _CUT_PROBABILITY:
        edge = _draw_factor(_LOW_CUT, rng)
        decibels -= 24 * np.maximum(math.log2(edge / 1000) - octaves, 0)
    if rng.random() < _CUT_PROBABILITY:
        edge = _draw_factor(_HIGH_CUT, rng)
        decibels -= 48 * np.maximum(octaves - math.log2(edge / 1000), 0)
    gain = 10 ** (np.clip(decibels, -60, 40) / 20)
    return np.interp(np.linspace(0, sample_rate / 2, bins), frequencies, gain).astype(np.float32)


def _reverberation(
    size: int, tail: int, sample_rate: int, rng: np.random.Generator
) -> NDArray[np.complexfloating[Any, Any]]:
    """Return the transfer function of reverberation: the direct sound, then noise that decays exponentially.

    Source: J. A. Moorer, "About this reverberation business", Computer Music Journal 3 (1979).
    """
    time = np.arange(tail) / sample_rate
    decay = rng.standard_normal(tail, np.float32) * np.exp(-6.9 * time / rng.uniform(*_DECAY))
    decay *= 10 ** (-rng.uniform(*_DIRECT_DB) / 20) / max(float(np.sqrt(np.sum(decay**2))), 1e-9)
    # In float32, as the rest, so that no transform is computed in double precision.
    return 1 + np.fft.rfft(decay.astype(np.float32), size)
