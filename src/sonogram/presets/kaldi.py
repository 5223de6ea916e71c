"""Kaldi's filter banks and cepstra."""

from __future__ import annotations

from typing import Any

from sonogram.bands import Mel
from sonogram.cepstrum import Cepstrum
from sonogram.conditioning import Conditioning, Preemphasis
from sonogram.deltas import Regression
from sonogram.frontend import Frontend
from sonogram.normalize import SlidingMean
from sonogram.padding import StepCenter
from sonogram.presets.preset import SPEECH_FRAMES, Preset
from sonogram.scaling import Log
from sonogram.spectrum import Power
from sonogram.windows import Povey

__all__ = ["KALDI_LOG", "PRESETS", "kaldi"]

KALDI_LOG = Log(floor=2**-23)
"""Kaldi's logarithm: its least energy is the spacing of float32 numbers at 1."""


def kaldi(num_mel_bins: int, lower_hz: float = 20, upper_hz: float | None = None, **stages: Any) -> Frontend:
    """Return a Kaldi filter bank: 25 ms Povey windows, mel triangles straight on the mel axis."""
    defaults: dict[str, Any] = {
        "conditioning": Conditioning(scale=32768, remove_mean="frame", preemphasis=Preemphasis()),
        "window": Povey(),
        "spectrum": Power(),
        "bands": Mel(num_mel_bins, lower_hz, upper_hz, slopes="mel"),
        "scaling": KALDI_LOG,
    }
    return Frontend(**SPEECH_FRAMES, **(defaults | stages))


def _preset(name: str, frontend: Frontend, summary: str, models: str, options: str) -> Preset:
    return Preset(
        name=name,
        frontend=frontend,
        summary=summary,
        models=models,
        source=f"kaldi-native-fbank 1.23.0, {options}",
        notes="Without the original's dither.",
        int16=True,
    )


PRESETS = (
    _preset(
        name="kaldi-fbank-23",
        frontend=kaldi(23),
        summary="Kaldi's default filter bank, 23 bands",
        models="Kaldi recipes",
        options="FbankOptions()",
    ),
    _preset(
        name="kaldi-fbank-80",
        frontend=kaldi(80),
        summary="Kaldi filter bank, 80 bands, frames inside the clip",
        models="WeNet, icefall, FunASR, CAM++, most Kaldi-style models",
        options="FbankOptions(num_bins=80)",
    ),
    _preset(
        name="kaldi-fbank-80-nosnip",
        frontend=kaldi(80, padding=StepCenter()),
        summary="Kaldi filter bank, 80 bands, one frame for each step (snip_edges false)",
        models="lhotse and icefall recipes",
        options="FbankOptions(num_bins=80, snip_edges=False)",
    ),
    _preset(
        name="kaldi-mfcc-13",
        frontend=kaldi(23, cepstrum=Cepstrum(13, lifter=22, energy="replace")),
        summary="Kaldi's default MFCC: 13 coefficients of 23 bands, the first one the log energy",
        models="Kaldi GMM recipes",
        options="MfccOptions()",
    ),
    _preset(
        name="kaldi-mfcc-40",
        frontend=kaldi(40, 20, 7600, cepstrum=Cepstrum(40, lifter=22)),
        summary="Kaldi's high-resolution MFCC: all 40 coefficients of 40 bands",
        models="Kaldi chain recipes, Vosk",
        options="mfcc_hires.conf",
    ),
    _preset(
        name="kaldi-mfcc-39",
        frontend=kaldi(23, cepstrum=Cepstrum(13, lifter=22, energy="replace"), deltas=Regression()),
        summary="Kaldi's default MFCC with their first and second derivatives",
        models="Kaldi GMM recipes",
        options="MfccOptions(); torchaudio 2.11.0, functional.compute_deltas",
    ),
    _preset(
        name="kaldi-mfcc-13-sliding",
        frontend=kaldi(
            23,
            cepstrum=Cepstrum(13, lifter=22, energy="replace"),
            normalize=SlidingMean(before=60, minimum=10),
        ),
        summary="Kaldi's default MFCC without the mean of the last 61 frames",
        models="Kaldi speaker recipes",
        options="MfccOptions(); torchaudio 2.11.0, sliding_window_cmn(cmn_window=60, min_cmn_window=10)",
    ),
)
