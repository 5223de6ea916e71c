"""Front ends of several resolutions, and of several microphones."""

from __future__ import annotations

from typing import Any

from sonogram.bands import Bins, LogFrequency, Mel, RoundedTriangles
from sonogram.bundle import Bundle, Spatial
from sonogram.frontend import Frontend
from sonogram.padding import Center
from sonogram.presets.music import madmom_frames
from sonogram.presets.preset import Preset
from sonogram.scaling import Decibels, Log
from sonogram.spatial import CrossCorrelation, Intensity, PhaseDifference
from sonogram.spectrum import Complex, Power
from sonogram.windows import Hann

__all__ = ["PRESETS"]


def _onset_bands(frame_length: int) -> Frontend:
    return madmom_frames(
        frame_length,
        441,
        bands=RoundedTriangles(80, 27.5, 16000, scale="htk", rounding="nearest", norm="sum"),
        scaling=Log(offset=2.0**-52),
    )


def _beat_bands(frame_length: int, lag: int) -> Frontend:
    # Half a window must have passed for a difference to show an onset.
    return madmom_frames(frame_length, 441, bands=LogFrequency(6, 30, 17000), lag=lag)


_FRAMES: dict[str, Any] = {
    "sample_rate": 24000,
    "frame_length": 960,
    "frame_step": 480,
    "fft_length": 1024,
    "padding": Center(mode="constant", last_frame="drop"),
    "window": Hann(),
}
_BINS = Frontend(**_FRAMES, spectrum=Complex())
_LOG_MEL = Frontend(**_FRAMES, spectrum=Power(), bands=Mel.slaney(64), scaling=Decibels(dynamic_range=80))
_OFFSET = 1e-8  # on all samples, so that silence is not 0
_CHANNELS = Spatial(_LOG_MEL, offset=_OFFSET)
_LINEAR = Bins(2, 384)  # 47 to 8977 Hz
_SELD = "sharathadavanne/seld-dcase2023 24d14c9, cls_feature_class.py, on librosa 0.11.0"

PRESETS = (
    Preset(
        name="madmom-rnn-beat",
        frontend=Bundle((_beat_bands(1024, 1), _beat_bands(2048, 1), _beat_bands(4096, 2))),
        summary="log10(1 + x) of magnitudes in 6 bands per octave at three resolutions, with their rises",
        models="madmom's beat and downbeat tracking",
        source="madmom 0.17.dev0 (27f032e), processors of RNNBeatProcessor",
        int16=True,
    ),
    Preset(
        name="madmom-onset-cnn",
        frontend=Bundle(tuple(map(_onset_bands, (2048, 1024, 4096))), along="channels"),
        summary="Log-mel of magnitudes, 80 bands at three resolutions",
        models="madmom's onset detection",
        source="madmom 0.17.dev0 (27f032e), processors of CNNOnsetProcessor",
        int16=True,
    ),
    Preset(
        name="seld-foa",
        frontend=Bundle((_CHANNELS, Spatial(_BINS, Intensity(), offset=_OFFSET))),
        summary="Log-mel of 4 ambisonic channels and 3 intensities, 64 bands each",
        models="SELDnet, DCASE's baselines of sound event localization (FOA)",
        source=_SELD,
        notes="Samples are (4, samples): the channels W, Y, Z, X.",
    ),
    Preset(
        name="seld-mic-gcc",
        frontend=Bundle((_CHANNELS, Spatial(_BINS, CrossCorrelation(), offset=_OFFSET))),
        summary="Log-mel of 4 microphones, and GCC-PHAT of their 6 pairs, 64 lags each",
        models="SELDnet, DCASE's baselines of sound event localization (MIC)",
        source=_SELD,
        notes="Samples are (4, samples).",
    ),
    Preset(
        name="seld-mic-salsalite",
        frontend=Bundle(
            (
                Spatial(
                    Frontend(**_FRAMES, spectrum=Power(), bands=_LINEAR, scaling=Decibels()), offset=_OFFSET
                ),
                # The original counts the bin of its limit, 2000 Hz, from the first one that it keeps.
                Spatial(
                    _BINS.replace(bands=_LINEAR),
                    PhaseDifference(upper_hz=(85 + 2) * 24000 / 1024),
                    offset=_OFFSET,
                ),
            )
        ),
        summary="Log power of 4 microphones and 3 phase differences, 382 bins each (SALSA-Lite)",
        models="SALSA-Lite, DCASE's baselines of sound event localization (MIC)",
        source=_SELD,
        notes="Samples are (4, samples).",
    ),
)
