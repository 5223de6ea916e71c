"""Front ends of audio tagging, sound events, animals and wake words."""

from __future__ import annotations

from typing import Any

from sonogram.bands import Mel, RoundedTriangles
from sonogram.cepstrum import Cepstrum
from sonogram.conditioning import Conditioning, Preemphasis
from sonogram.frontend import Frontend
from sonogram.normalize import Affine
from sonogram.padding import Center, Same, Valid
from sonogram.presets.kaldi import KALDI_LOG, kaldi
from sonogram.presets.preset import SPEECH_FRAMES, Preset, centered
from sonogram.scaling import Decibels, Log, Pcen
from sonogram.spectrum import Magnitude, Power
from sonogram.stack import Stack
from sonogram.windows import Hamming, Hann, Rectangular

__all__ = ["PRESETS"]


def _vggish(name: str, *, offset: float, **texts: Any) -> Preset:
    return Preset(
        name=name,
        frontend=Frontend(
            **SPEECH_FRAMES,
            window=Hann(),
            bands=Mel(64, 125, 7500, slopes="mel"),
            scaling=Log(offset=offset),
        ),
        summary=f"Log-mel of magnitudes, 64 bands of 25 ms, offset {offset}",
        **texts,
    )


def _panns(sample_rate: int, *, fft_length: int, frame_step: int, upper_hz: float, models: str) -> Preset:
    return Preset(
        name=f"panns-{sample_rate // 1000}k",
        frontend=centered(
            sample_rate=sample_rate,
            fft_length=fft_length,
            frame_step=frame_step,
            bands=Mel.slaney(64, 50, upper_hz),
            scaling=Decibels(),
        ),
        summary=f"Log-mel in decibels, 64 bands, {sample_rate // 1000} kHz",
        models=models,
        source="torchlibrosa 0.1.0 as audioset_tagging_cnn d2f4b8c sets it",
        clip_seconds=10,
    )


def _clap(kind: str, *, bands: Mel, scale: str, filters: str) -> Preset:
    return Preset(
        name=f"clap-{kind}",
        frontend=centered(
            sample_rate=48000, fft_length=1024, frame_step=480, bands=bands, scaling=Decibels()
        ),
        summary=f"Log-mel in decibels, 64 bands, 48 kHz, {scale} scale",
        models=f"LAION CLAP, {kind}",
        source=f"transformers 5.23.0, ClapFeatureExtractor ({filters})",
        notes="The checkpoints quantize to 16 bits and repeat short clips to 10 s first. "
        "Some set the lower edge to 50 Hz: replace bands.",
        clip_seconds=10,
    )


PRESETS = (
    _vggish(
        "vggish",
        offset=0.01,
        models="VGGish",
        source="torchvggish 0.2, mel_features.log_mel_spectrogram",
        notes="The model reads examples of 96 frames (0.96 s).",
    ),
    _vggish(
        "yamnet",
        offset=0.001,
        models="YAMNet",
        source="tensorflow/models 33630ec, research/audioset/yamnet/features.py",
        notes="The model reads patches of 96 frames every 48; the original pads to whole patches.",
    ),
    _panns(16000, fft_length=512, frame_step=160, upper_hz=8000, models="PANNs CNN14 16k"),
    _panns(32000, fft_length=1024, frame_step=320, upper_hz=14000, models="PANNs CNN14, HTS-AT"),
    _clap("unfused", bands=Mel.slaney(64, 0, 14000), scale="Slaney's", filters="mel_filters_slaney"),
    _clap("fused", bands=Mel(64, 0, 14000), scale="HTK's", filters="mel_filters"),
    Preset(
        name="ast-audioset",
        # The original first subtracts the clip's mean; that of each frame makes it redundant.
        frontend=Frontend(
            **SPEECH_FRAMES,
            conditioning=Conditioning(remove_mean="frame", preemphasis=Preemphasis()),
            window=Hann(symmetry="symmetric"),
            spectrum=Power(),
            bands=Mel(128, 20, slopes="mel"),
            scaling=KALDI_LOG,
            normalize=Affine(-4.2677393, 2 * 4.5689974),
        ),
        summary="Kaldi filter bank at unit scale, 128 bands, standardized with AudioSet's constants",
        models="Audio Spectrogram Transformer",
        source="YuanGongND/ast 31088be, src/dataloader.py, on torchaudio 2.11.0",
        notes="The model reads 1024 frames; shorter clips are padded with zeros after the logarithm.",
        clip_seconds=10,
    ),
    Preset(
        name="beats",
        frontend=kaldi(128, normalize=Affine(15.41663, 2 * 6.55582)),
        summary="Kaldi filter bank, 128 bands, standardized with AudioSet's constants",
        models="BEATs, EAT",
        source="microsoft/unilm beats/BEATs.py on torchaudio 2.11.0",
        int16=True,
    ),
    Preset(
        name="efficientat-32k",
        frontend=Frontend(
            sample_rate=32000,
            frame_length=800,
            frame_step=320,
            fft_length=1024,
            padding=Center(),
            conditioning=Conditioning(preemphasis=Preemphasis(scope="clip", boundary="drop")),
            window=Hann(symmetry="symmetric"),
            spectrum=Power(),
            bands=Mel(128, 0, 15000, slopes="mel"),
            scaling=Log(offset=1e-5),
            normalize=Affine(-4.5, 5),
        ),
        summary="Log-mel, 128 bands, 32 kHz, pre-emphasis over the clip",
        models="EfficientAT, PaSST",
        source="EfficientAT a425fdc, models/preprocess.py; hear21passt 0.0.26",
        clip_seconds=10,
    ),
    Preset(
        name="perch-pcen",
        frontend=Frontend(
            sample_rate=32000,
            frame_length=640,
            frame_step=320,
            fft_length=1024,
            padding=Same(),
            window=Hann(symmetry="symmetric", norm="sum"),
            spectrum=Power(),
            bands=Mel(128, 60, 10000, slopes="mel"),
            scaling=Pcen(smoothing=0.1, gain=0.5),
        ),
        summary="Per-channel energy normalization of 128 mel bands, 32 kHz",
        models="Perch, bird song classifiers",
        source="google-research/perch b216270, chirp/models/frontend.py (SimpleMelspec)",
        notes="The original scales each clip to a peak of 0.2 or 0.25 first.",
        clip_seconds=5,
    ),
    Preset(
        name="openwakeword",
        frontend=Frontend(
            **SPEECH_FRAMES,
            padding=Valid(span="fft"),
            conditioning=Conditioning(scale=32768),
            window=Hann(),
            spectrum=Power(),
            bands=Mel.slaney(32, 60, 3800),
            scaling=Decibels(dynamic_range=80),
            normalize=Affine(-20, 10),
        ),
        summary="Log-mel in decibels, 32 bands, 16-bit scale",
        models="openWakeWord",
        source="pyopen-wakeword 1.1.0, melspectrogram.tflite, then x / 10 + 2",
        notes="The lower limit is 80 dB below the peak of each call, so features of a part of a clip differ "
        "from those of the whole.",
        int16=True,
    ),
    Preset(
        name="openl3-mel-256",
        frontend=centered(
            sample_rate=48000,
            fft_length=2048,
            frame_step=242,
            padding=Center(mode="constant"),
            spectrum=Magnitude(),
            bands=Mel.slaney(256),
            scaling=Log(base=10, multiplier=10, floor=1e-10, reference="peak", dynamic_range=80),
        ),
        summary="10 log10 of magnitudes in 256 mel bands, relative to the window's peak",
        models="OpenL3 (mel256)",
        source="marl/openl3 b0bf9b6, librosa front end",
        notes="The model reads windows of 1 s. 10 log10 of a magnitude gives half the decibels.",
        clip_seconds=1,
    ),
    Preset(
        name="dcase2024-task1",
        frontend=Frontend(
            sample_rate=32000,
            frame_length=3072,
            frame_step=500,
            fft_length=4096,
            padding=Center(),
            window=Hann(),
            spectrum=Power(),
            bands=Mel(256, 0, 16000),
            scaling=Log(offset=1e-5),
        ),
        summary="Log-mel, 256 bands of 96 ms, 32 kHz",
        models="DCASE 2024 task 1 baseline (acoustic scenes)",
        source="CPJKU/dcase2024_task1_baseline 9948d19 on torchaudio 2.11.0",
        clip_seconds=1,
    ),
    Preset(
        name="dcase-desed",
        frontend=centered(
            sample_rate=16000,
            fft_length=2048,
            frame_step=256,
            window=Hamming(symmetry="symmetric"),
            spectrum=Magnitude(),
            bands=Mel(128, 0, 8000),
            # The original clamps to -50..80 dB. Samples in [-1, 1] never reach 80.
            scaling=Decibels(floor=10**-2.5),
        ),
        summary="Mel magnitudes in decibels, 128 bands, floor -50 dB",
        models="DCASE task 4 baseline (domestic sound events)",
        source="DESED_task c6bcb45, sed_trainer.py, on torchaudio 2.11.0",
        notes="The baseline then scales each clip to the range 0..1: normalize=MinMax().",
        clip_seconds=10,
    ),
    Preset(
        name="esc50-logmel-128",
        frontend=centered(
            sample_rate=44100,
            fft_length=2048,
            frame_step=512,
            padding=Center(mode="constant"),
            bands=Mel.slaney(128),
            scaling=Decibels(dynamic_range=80),
        ),
        summary="Log-mel in decibels, 128 bands, 44.1 kHz",
        models="the usual baselines on ESC-50",
        source="librosa 0.11.0, power_to_db(melspectrogram(y, sr=44100))",
        clip_seconds=5,
    ),
    Preset(
        name="byol-a",
        frontend=centered(
            sample_rate=16000,
            fft_length=1024,
            frame_step=160,
            bands=Mel(64, 60, 7800),
            scaling=Log(offset=2**-23),
        ),
        summary="Log-mel, 64 bands of 64 ms",
        models="BYOL-A",
        source="torchaudio 2.11.0, MelSpectrogram with the arguments of BYOL-A v2",
        notes="The models then standardize with the mean and deviation of their training data.",
    ),
    Preset(
        name="mlperf-tiny-kws",
        frontend=Frontend(
            sample_rate=16000,
            frame_length=480,
            frame_step=320,
            fft_length=512,
            window=Hann(),
            bands=Mel(40, 20, 4000, slopes="mel"),
            scaling=Log(offset=1e-6),
            cepstrum=Cepstrum(10, norm="htk"),
        ),
        summary="MFCC: 10 coefficients of 40 bands of magnitudes, 20 ms apart",
        models="MLPerf Tiny keyword spotting",
        source="tensorflow-cpu 2.21.0, tf.signal with the arguments of MLPerf Tiny 1.1",
        notes="The original divides each clip by its largest sample first.",
        clip_seconds=1,
    ),
    Preset(
        name="mlperf-tiny-lfbe",
        frontend=Frontend(
            sample_rate=16000,
            frame_length=512,
            frame_step=512,
            conditioning=Conditioning(
                scale=512**-0.5,
                preemphasis=Preemphasis(0.96875, scope="clip", boundary="zero"),
            ),
            window=Hamming(symmetry="symmetric"),
            spectrum=Power(),
            bands=Mel(40, 0, 8000, slopes="mel"),
            scaling=Decibels(floor=1e-30),
            normalize=Affine(mean=-52, std=64, minimum=0, maximum=1),
        ),
        summary="Log-mel in decibels, 40 bands of 32 ms without overlap, scaled to 0..1",
        models="MLPerf Tiny streaming wake word",
        source="tensorflow-cpu 2.21.0, tf.signal with the arguments of MLPerf Tiny 1.3",
        notes="The original divides each clip by its largest sample first.",
    ),
    Preset(
        name="dcase2023-task2",
        frontend=centered(
            sample_rate=16000,
            fft_length=1024,
            frame_step=512,
            padding=Center(mode="constant"),
            bands=Mel.slaney(128),
            scaling=Decibels(floor=2.0**-52),
            stack=Stack(5, step=1),
        ),
        summary="Log-mel in decibels, 128 bands, five neighboring frames in each row",
        models="DCASE 2023 task 2 baseline (autoencoder)",
        source="librosa 0.11.0, melspectrogram with the baseline's arguments",
    ),
    Preset(
        name="edge-impulse-mfe",
        frontend=Frontend(
            sample_rate=16000,
            frame_length=320,
            frame_step=160,
            fft_length=512,
            # Power over the length of the transform.
            conditioning=Conditioning(512**-0.5, preemphasis=Preemphasis(0.98, "clip", "wrap")),
            window=Rectangular(),
            spectrum=Power(),
            bands=RoundedTriangles(40, 0, 8000, scale="htk"),
            scaling=Decibels(floor=1e-30, zero=2.220446049250313e-16),
            normalize=Affine(mean=-52, std=64, minimum=0, maximum=1, step=1 / 256),
        ),
        summary="Log-mel energies in 8 bits, 40 bands of 20 ms without a window",
        models="Edge Impulse, processing block MFE",
        source="edgeimpulse/processing-blocks 9b0ceb2, mfe/dsp.py, implementation_version 4",
        notes="In the original a value of 1 overflows to 0; here it stays 1.",
        int16=True,
    ),
    Preset(
        name="dasheng",
        frontend=centered(
            sample_rate=16000,
            fft_length=512,
            frame_step=160,
            bands=Mel(64, 0, 8000),
            scaling=Decibels(dynamic_range=120),
        ),
        summary="Log-mel in decibels, 64 bands of 32 ms, 120 dB below the clip's peak",
        models="Dasheng, CED, MiDashengLM",
        source="torchaudio 2.11.0, MelSpectrogram and AmplitudeToDB with the arguments of dasheng 0.0.9",
    ),
)
