"""Front ends of music models, vocoders and speech synthesis."""

from __future__ import annotations

from sonogram.bands import Mel
from sonogram.frontend import Frontend
from sonogram.padding import Center, End, HalfOverlap, Padding
from sonogram.presets.libraries import librosa_mel
from sonogram.presets.preset import Preset
from sonogram.scaling import Decibels, Log
from sonogram.spectrum import Magnitude, Power, Spectrum
from sonogram.windows import Hann

__all__ = ["MUSIC", "VOCODERS"]

_MUSICNN_LOG = Log(base=10, offset=1e-4, reference=1e-4)
"""log10(1 + 10000 x), written as log10((x + 1e-4) / 1e-4)."""

# Essentia adds up the edges of its bands in float32: what is meant to end at 8000, 7500 and 5000 Hz
# ends this much lower, which the upper bands show.
_ESSENTIA_8000, _ESSENTIA_7500, _ESSENTIA_5000 = 7999.9933, 7499.9865, 4999.9935

_MAGNITUDE = Magnitude()
_HIFIGAN_MAGNITUDE = Magnitude(epsilon=1e-9)
_HIFIGAN = "Training scales each clip to a peak of 0.95 first."


def _vocoder(
    sample_rate: int, fft_length: int, bands: Mel, floor: float, padding: Padding, spectrum: Spectrum
) -> Frontend:
    return Frontend(
        sample_rate,
        fft_length,
        fft_length // 4,
        fft_length,
        padding=padding,
        window=Hann(),
        spectrum=spectrum,
        bands=bands,
        scaling=Log(floor=floor),
    )


MUSIC = (
    Preset(
        name="gtzan-logmel-128",
        frontend=Frontend(
            22050,
            2048,
            512,
            2048,
            padding=Center(mode="constant"),
            window=Hann(),
            spectrum=Power(),
            bands=librosa_mel(128),
            scaling=Decibels(reference="peak", dynamic_range=80),
        ),
        summary="Log-mel in decibels below the clip's peak, 128 bands, 22.05 kHz",
        models="the usual baselines on GTZAN",
        source="librosa 0.11.0, power_to_db(melspectrogram(y), ref=np.max)",
        clip_seconds=30,
    ),
    Preset(
        name="musicnn",
        frontend=Frontend(
            16000,
            512,
            256,
            512,
            padding=Center(),
            window=Hann(),
            spectrum=Power(),
            bands=librosa_mel(96),
            scaling=_MUSICNN_LOG,
        ),
        summary="log10(1 + 10000 mel), 96 bands of 32 ms",
        models="MusiCNN",
        source="librosa 0.11.0 with the arguments of musicnn 0.1.0, mirrored edges as in its training",
        notes="The original casts the mel bands to float16, which is left out. The model reads 187 frames.",
        clip_seconds=3,
    ),
    Preset(
        name="essentia-musicnn",
        frontend=Frontend(
            16000,
            512,
            256,
            512,
            window=Hann(symmetry="symmetric"),
            spectrum=Power(),
            bands=librosa_mel(96, 0, _ESSENTIA_8000),
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
            16000,
            400,
            160,
            512,
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
            11025,
            1024,
            512,
            1024,
            window=Hann(symmetry="symmetric"),
            bands=librosa_mel(40, 20, _ESSENTIA_5000),
        ),
        summary="Linear mel magnitudes, 40 bands, 11.025 kHz",
        models="TempoCNN",
        source="essentia 2.1b6.dev1389, TensorflowInputTempoCNN",
    ),
    Preset(
        name="ddsp-logmel",
        frontend=Frontend(
            16000,
            2048,
            512,
            2048,
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
        frontend=_vocoder(22050, 1024, librosa_mel(80, 0, 8000), 1e-5, Center(), _MAGNITUDE),
        summary="Log-mel of magnitudes, 80 bands, 22.05 kHz",
        models="Tacotron 2, WaveGlow",
        source="NVIDIA/tacotron2 185cd24, layers.TacotronSTFT",
    ),
    Preset(
        name="hifigan",
        frontend=_vocoder(22050, 1024, librosa_mel(80, 0, 8000), 1e-5, HalfOverlap(), _HIFIGAN_MAGNITUDE),
        summary="Log-mel of magnitudes, 80 bands, 22.05 kHz, one frame for each step",
        models="HiFi-GAN",
        source="jik876/hifi-gan 4769534, meldataset.mel_spectrogram",
        notes=_HIFIGAN,
    ),
    Preset(
        name="bigvgan-24k",
        frontend=_vocoder(24000, 1024, librosa_mel(100, 0, 12000), 1e-5, HalfOverlap(), _HIFIGAN_MAGNITUDE),
        summary="Log-mel of magnitudes, 100 bands, 24 kHz, one frame for each step",
        models="BigVGAN 24 kHz",
        source="bigvgan 2.4.1, meldataset.mel_spectrogram",
        notes=_HIFIGAN,
    ),
    Preset(
        name="bigvgan-44k",
        frontend=_vocoder(44100, 2048, librosa_mel(128), 1e-5, HalfOverlap(), _HIFIGAN_MAGNITUDE),
        summary="Log-mel of magnitudes, 128 bands, 44.1 kHz, one frame for each step",
        models="BigVGAN v2 44 kHz",
        source="bigvgan 2.4.1, meldataset.mel_spectrogram",
        notes=_HIFIGAN,
    ),
    Preset(
        name="vocos-24k",
        frontend=_vocoder(24000, 1024, Mel(100, 0, 12000), 1e-7, Center(), _MAGNITUDE),
        summary="Log-mel of magnitudes, 100 bands, 24 kHz, HTK's scale",
        models="Vocos",
        source="vocos 0.1.0, MelSpectrogramFeatures()",
    ),
    Preset(
        name="univnet",
        frontend=_vocoder(24000, 1024, librosa_mel(100, 0, 12000), 1e-5, HalfOverlap(), _HIFIGAN_MAGNITUDE),
        summary="Log-mel of magnitudes, 100 bands, 24 kHz, one frame for each step",
        models="UnivNet",
        source="transformers 5.23.0, UnivNetFeatureExtractor",
        notes="The extractor can scale to the range -1..1 afterwards; that is left out.",
    ),
    Preset(
        name="clvp",
        frontend=_vocoder(
            22050, 1024, Mel(80, 0, 8000, mel_scale="htk", norm="slaney"), 1e-5, Center(), Power()
        ),
        summary="Log-mel, 80 bands, 22.05 kHz, HTK's scale with Slaney's norm",
        models="CLVP, Tortoise",
        source="transformers 5.23.0, ClvpFeatureExtractor",
        notes="Norms of a checkpoint: normalize=Affine(std=Matrix(norms)).",
    ),
)
