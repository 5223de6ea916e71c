"""Kaldi's filter banks and cepstra."""

from __future__ import annotations

from typing import Any

from sonogram.bands import Mel
from sonogram.cepstrum import Cepstrum
from sonogram.conditioning import Conditioning, Preemphasis
from sonogram.frontend import Frontend
from sonogram.padding import StepCenter
from sonogram.presets.preset import Preset
from sonogram.scaling import Log
from sonogram.spectrum import Power
from sonogram.windows import Povey

__all__ = ["KALDI_FLOOR", "KALDI_WINDOWING", "PRESETS", "kaldi_mel"]

KALDI_FLOOR = 2**-23
"""The spacing of float32 numbers at 1, Kaldi's least energy."""

KALDI_WINDOWING: dict[str, Any] = {
    "sample_rate": 16000,
    "frame_length": 400,
    "frame_step": 160,
    "fft_length": 512,
    "conditioning": Conditioning(scale=32768, remove_mean="frame", preemphasis=Preemphasis()),
    "window": Povey(),
    "spectrum": Power(),
}


def kaldi_mel(num_mel_bins: int, lower_hz: float, upper_hz: float | None = None) -> Mel:
    """Return Kaldi's triangles: straight on the mel axis, peaks of 1."""
    return Mel(num_mel_bins, lower_hz, upper_hz, slopes="mel")


_KNF = "kaldi-native-fbank 1.23.0"
_DITHER = "The original's dither is left out."

PRESETS = (
    Preset(
        name="kaldi-fbank-23",
        frontend=Frontend(**KALDI_WINDOWING, bands=kaldi_mel(23, 20), scaling=Log(floor=KALDI_FLOOR)),
        summary="Kaldi's default filter bank, 23 bands",
        models="Kaldi recipes",
        source=f"{_KNF}, FbankOptions()",
        notes=_DITHER,
        int16=True,
    ),
    Preset(
        name="kaldi-fbank-80",
        frontend=Frontend(**KALDI_WINDOWING, bands=kaldi_mel(80, 20), scaling=Log(floor=KALDI_FLOOR)),
        summary="Kaldi filter bank, 80 bands, frames inside the clip",
        models="WeNet, icefall, FunASR, CAM++, most Kaldi-style models",
        source=f"{_KNF}, FbankOptions(num_bins=80)",
        notes=_DITHER,
        int16=True,
    ),
    Preset(
        name="kaldi-fbank-80-nosnip",
        frontend=Frontend(
            **KALDI_WINDOWING, padding=StepCenter(), bands=kaldi_mel(80, 20), scaling=Log(floor=KALDI_FLOOR)
        ),
        summary="Kaldi filter bank, 80 bands, one frame for each step (snip_edges false)",
        models="lhotse and icefall recipes",
        source=f"{_KNF}, FbankOptions(num_bins=80, snip_edges=False)",
        notes=_DITHER,
        int16=True,
    ),
    Preset(
        name="kaldi-mfcc-13",
        frontend=Frontend(
            **KALDI_WINDOWING,
            bands=kaldi_mel(23, 20),
            scaling=Log(floor=KALDI_FLOOR),
            cepstrum=Cepstrum(13, lifter=22, energy="replace"),
        ),
        summary="Kaldi's default MFCC: 13 coefficients of 23 bands, the first one the log energy",
        models="Kaldi GMM recipes",
        source=f"{_KNF}, MfccOptions()",
        notes=_DITHER,
        int16=True,
    ),
    Preset(
        name="kaldi-mfcc-40",
        frontend=Frontend(
            **KALDI_WINDOWING,
            bands=kaldi_mel(40, 20, 7600),
            scaling=Log(floor=KALDI_FLOOR),
            cepstrum=Cepstrum(40, lifter=22),
        ),
        summary="Kaldi's high-resolution MFCC: all 40 coefficients of 40 bands",
        models="Kaldi chain recipes, Vosk",
        source=f"{_KNF}, mfcc_hires.conf",
        notes=_DITHER,
        int16=True,
    ),
)
