"""Front ends of music models, vocoders and speech synthesis."""

from __future__ import annotations

from typing import Any

from sonogram.bands import Mel
from sonogram.frontend import Frontend
from sonogram.padding import Center, End, HalfOverlap
from sonogram.presets.preset import SPEECH_FRAMES, Preset, centered
from sonogram.scaling import Decibels, Log
from sonogram.spectrum import Magnitude, Power
from sonogram.windows import Hann

__all__ = ["MUSIC", "VOCODERS"]

_MUSICNN_LOG = Log(base=10, offset=1e-4, reference=1e-4)
"""log10(1 + 10000 x), written as log10((x + 1e-4) / 1e-4)."""

# Essentia accumulates the edges of its bands in float32. Edges at 8000, 7500 and 5000 Hz come out at
# these frequencies, which changes the upper bands visibly.
_ESSENTIA_8000, _ESSENTIA_7500, _ESSENTIA_5000 = 7999.9933, 7499.9865, 4999.9935

_PEAK = "Training scales each clip to a peak of 0.95 first."
_HIFIGAN: dict[str, Any] = {"padding": HalfOverlap(), "spectrum": Magnitude(epsilon=1e-9)}
"""HiFi-GAN pads by half the overlap, so that a clip of n steps has n frames."""


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
        summary=f"Log-mel of magnitudes, {bands.count} bands, {sample_rate / 1000:g} kHz, "
        "one frame for each step",
        models=models,
        source=source,
        notes=notes,
    )


MUSIC = (
    Preset(
        name="gtzan-logmel-128",
        frontend=centered(
            sample_rate=22050,
            fft_length=2048,
            frame_step=512,
            padding=Center(mode="constant"),
            bands=Mel.slaney(128),
            scaling=Decibels(reference="peak", dynamic_range=80),
        ),
        summary="Log-mel in decibels below the clip's peak, 128 bands, 22.05 kHz",
        models="the usual baselines on GTZAN",
        source="librosa 0.11.0, power_to_db(melspectrogram(y), ref=np.max)",
        clip_seconds=30,
    ),
    Preset(
        name="musicnn",
        frontend=centered(
            sample_rate=16000,
            fft_length=512,
            frame_step=256,
            bands=Mel.slaney(96),
            scaling=_MUSICNN_LOG,
        ),
        summary="log10(1 + 10000 mel), 96 bands of 32 ms",
        models="MusiCNN",
        source="librosa 0.11.0 with the arguments of musicnn 0.1.0, padded by reflection as in its training",
        notes="Without the original's cast of the mel bands to float16. The model reads 187 frames.",
        clip_seconds=3,
    ),
    Preset(
        name="essentia-musicnn",
        frontend=Frontend(
            sample_rate=16000,
            frame_length=512,
            frame_step=256,
            fft_length=512,
            window=Hann(symmetry="symmetric"),
            spectrum=Power(),
            bands=Mel.slaney(96, 0, _ESSENTIA_8000),
            scaling=_MUSICNN_LOG,
        ),
        summary="log10(1 + 10000 mel), 96 bands, as Essentia computes it",
        models="Essentia's MusiCNN and Discogs-EffNet models",
        source="essentia 2.1b6.dev1389, TensorflowInputMusiCNN",
        notes="Reads frames of 512 samples every 256; pad the samples as your frame cutter does.",
    ),
    Preset(
        name="essentia-vggish",
        frontend=Frontend(
            **SPEECH_FRAMES,
            window=Hann(symmetry="symmetric"),
            bands=Mel(64, 125, _ESSENTIA_7500, slopes="mel"),
            scaling=Log(offset=0.01),
        ),
        summary="VGGish's log-mel as Essentia computes it, with a symmetric window",
        models="Essentia's VGGish models",
        source="essentia 2.1b6.dev1389, TensorflowInputVGGish",
    ),
    Preset(
        name="essentia-tempocnn",
        frontend=Frontend(
            sample_rate=11025,
            frame_length=1024,
            frame_step=512,
            fft_length=1024,
            window=Hann(symmetry="symmetric"),
            bands=Mel.slaney(40, 20, _ESSENTIA_5000),
        ),
        summary="Linear mel magnitudes, 40 bands, 11.025 kHz",
        models="TempoCNN",
        source="essentia 2.1b6.dev1389, TensorflowInputTempoCNN",
    ),
    Preset(
        name="ddsp-logmel",
        frontend=Frontend(
            sample_rate=16000,
            frame_length=2048,
            frame_step=512,
            fft_length=2048,
            padding=End(),
            bands=Mel(64, 80, 7600, slopes="mel"),
            scaling=Log(floor=1e-5),
        ),
        summary="Log-mel of magnitudes, 64 bands of 128 ms",
        models="DDSP",
        source="ddsp 3.7.0, spectral_ops.compute_logmel",
    ),
)

VOCODERS = (
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
    Preset(
        name="vocos-24k",
        frontend=_vocoder(sample_rate=24000, fft_length=1024, bands=Mel(100, 0, 12000), floor=1e-7),
        summary="Log-mel of magnitudes, 100 bands, 24 kHz, HTK's scale",
        models="Vocos",
        source="vocos 0.1.0, MelSpectrogramFeatures()",
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
)
