"""Front ends of vocoders and speech synthesis."""

from __future__ import annotations

from typing import Any

import numpy as np

from sonogram.bands import Filterbank, Mel
from sonogram.frontend import Frontend
from sonogram.matrix import Matrix
from sonogram.normalize import Affine
from sonogram.padding import HalfOverlap
from sonogram.presets.preset import Preset, centered
from sonogram.scaling import Log
from sonogram.spectrum import Magnitude, Power

__all__ = ["PRESETS"]

_PEAK = "Training scales each clip to a peak of 0.95 first."
_HIFIGAN: dict[str, Any] = {"padding": HalfOverlap(), "spectrum": Magnitude(epsilon=1e-9)}
"""HiFi-GAN pads by half the overlap, so that a clip of n steps has n frames."""
_BANDS_OF_16_KHZ = np.round(Mel(80, 0, 8000).matrix(sample_rate=16000, fft_length=2048), 10)
"""Rounded, since the last digit of a logarithm depends on the processor, and a fingerprint must not."""


def _vocoder(
    *, sample_rate: int, fft_length: int, bands: Mel, floor: float = 1e-5, **stages: Any
) -> Frontend:
    return centered(
        sample_rate=sample_rate,
        fft_length=fft_length,
        frame_step=fft_length // 4,
        bands=bands,
        scaling=Log(floor=floor),
        **({"spectrum": Magnitude()} | stages),
    )


def _hifigan(
    name: str, *, sample_rate: int, fft_length: int, bands: Mel, models: str, source: str, notes: str = _PEAK
) -> Preset:
    return Preset(
        name=name,
        frontend=_vocoder(sample_rate=sample_rate, fft_length=fft_length, bands=bands, **_HIFIGAN),
        summary=f"Log-mel of magnitudes, {bands.num_mel_bins} bands, {sample_rate / 1000:g} kHz, "
        "one frame for each step",
        models=models,
        source=source,
        notes=notes,
    )


PRESETS = (
    Preset(
        name="tacotron2",
        frontend=_vocoder(sample_rate=22050, fft_length=1024, bands=Mel.slaney(80, 0, 8000)),
        summary="Log-mel of magnitudes, 80 bands, 22.05 kHz",
        models="Tacotron 2, WaveGlow",
        source="NVIDIA/tacotron2 185cd24, layers.TacotronSTFT",
    ),
    _hifigan(
        "hifigan",
        sample_rate=22050,
        fft_length=1024,
        bands=Mel.slaney(80, 0, 8000),
        models="HiFi-GAN",
        source="jik876/hifi-gan 4769534, meldataset.mel_spectrogram",
    ),
    _hifigan(
        "bigvgan-24k",
        sample_rate=24000,
        fft_length=1024,
        bands=Mel.slaney(100, 0, 12000),
        models="BigVGAN 24 kHz",
        source="bigvgan 2.4.1, meldataset.mel_spectrogram",
    ),
    _hifigan(
        "bigvgan-44k",
        sample_rate=44100,
        fft_length=2048,
        bands=Mel.slaney(128),
        models="BigVGAN v2 44 kHz",
        source="bigvgan 2.4.1, meldataset.mel_spectrogram",
    ),
    _hifigan(
        "cosyvoice2",
        sample_rate=24000,
        fft_length=1920,
        bands=Mel.slaney(80, 0, 8000),
        models="CosyVoice 2, Chatterbox",
        source="chatterbox-tts 0.1.7, s3gen.utils.mel.mel_spectrogram",
        notes="",
    ),
    Preset(
        name="vocos-24k",
        frontend=_vocoder(sample_rate=24000, fft_length=1024, bands=Mel(100, 0, 12000), floor=1e-7),
        summary="Log-mel of magnitudes, 100 bands, 24 kHz, HTK's scale",
        models="Vocos",
        source="vocos 0.1.0, MelSpectrogramFeatures()",
    ),
    Preset(
        name="f5-tts",
        frontend=_vocoder(sample_rate=24000, fft_length=1024, bands=Mel(100, 0, 12000)),
        summary="Log-mel of magnitudes, 100 bands, 24 kHz, HTK's scale, floor 1e-5",
        models="F5-TTS, E2 TTS",
        source="f5-tts 1.1.22, model.modules.get_vocos_mel_spectrogram",
        notes="Vocos, which makes the sound, was trained with a floor of 1e-7: vocos-24k.",
    ),
    _hifigan(
        "univnet",
        sample_rate=24000,
        fft_length=1024,
        bands=Mel.slaney(100, 0, 12000),
        models="UnivNet",
        source="transformers 5.23.0, UnivNetFeatureExtractor",
        notes="The extractor can scale to the range -1..1 afterwards; that is left out.",
    ),
    Preset(
        name="clvp",
        frontend=_vocoder(
            sample_rate=22050,
            fft_length=1024,
            bands=Mel(80, 0, 8000, mel_scale="htk", norm="slaney"),
            spectrum=Power(),
        ),
        summary="Log-mel, 80 bands, 22.05 kHz, HTK's scale with Slaney's norm",
        models="CLVP, Tortoise",
        source="transformers 5.23.0, ClvpFeatureExtractor",
        notes="Norms of a checkpoint: normalize=Affine(std=Matrix(norms)).",
    ),
    Preset(
        name="styletts2",
        frontend=centered(
            sample_rate=24000,
            fft_length=2048,
            frame_length=1200,
            frame_step=300,
            bands=Filterbank(Matrix(_BANDS_OF_16_KHZ)),
            scaling=Log(offset=1e-5),
            normalize=Affine(mean=-4, std=4),
        ),
        summary="Log-mel, 80 bands made for 16 kHz at 24 kHz, divided by 4",
        models="StyleTTS 2",
        source="torchaudio 2.11.0, MelSpectrogram with the arguments of StyleTTS 2",
        notes="The filters of the original are made for 16 kHz: bands to 12 kHz, on a scale of their own.",
    ),
    Preset(
        name="vits-linear",
        frontend=centered(
            sample_rate=22050,
            fft_length=1024,
            frame_step=256,
            padding=HalfOverlap(),
            spectrum=Magnitude(epsilon=1e-6),
        ),
        summary="Magnitudes, 513 bins, one frame for each step",
        models="VITS",
        source="torch 2.13.0, stft with the arguments of VITS",
    ),
)
