"""Front ends of models of voices: speakers, speech quality, spoofing, enhancement."""

from __future__ import annotations

from sonogram.bands import Mel, RoundedTriangles
from sonogram.cepstrum import Cepstrum
from sonogram.conditioning import Conditioning, Preemphasis
from sonogram.deltas import Difference
from sonogram.frontend import Frontend
from sonogram.normalize import Affine, RemoveMean, Standardize
from sonogram.padding import Center
from sonogram.presets.kaldi import kaldi
from sonogram.presets.preset import Preset, centered
from sonogram.scaling import Decibels, Log
from sonogram.spectrum import Magnitude, Power
from sonogram.windows import Hamming

__all__ = ["PRESETS"]

PRESETS = (
    Preset(
        name="resemblyzer",
        frontend=centered(
            sample_rate=16000,
            fft_length=400,
            frame_step=160,
            padding=Center(mode="constant"),
            bands=Mel.slaney(40, 0, 8000),
        ),
        summary="Linear mel power, 40 bands of 25 ms",
        models="Resemblyzer, GE2E speaker encoders",
        source="librosa 0.11.0, melspectrogram with the arguments of Resemblyzer 0.1.4",
        notes="Training scales each utterance to -30 dBFS first.",
    ),
    Preset(
        name="nisqa",
        frontend=centered(
            sample_rate=48000,
            fft_length=4096,
            frame_length=960,
            frame_step=480,
            spectrum=Magnitude(),
            bands=Mel.slaney(48, 0, 20000),
            scaling=Decibels(floor=1e-4, dynamic_range=80),
        ),
        summary="Mel magnitudes in decibels, 48 bands to 20 kHz, 80 dB below the clip's peak",
        models="NISQA",
        source="librosa 0.11.0, melspectrogram with the arguments of NISQA 2.0",
    ),
    Preset(
        name="dnsmos-p808",
        frontend=centered(
            sample_rate=16000,
            fft_length=321,
            frame_step=160,
            padding=Center(mode="constant"),
            bands=Mel.slaney(120),
            scaling=Decibels(reference="peak", dynamic_range=80),
            normalize=Affine(mean=-40, std=40),
        ),
        summary="Log-mel in decibels below the clip's peak, 120 bands, scaled to -1..1",
        models="DNSMOS P.808",
        source="librosa 0.11.0, melspectrogram with the arguments of DNSMOS",
        clip_seconds=9.01,
    ),
    Preset(
        name="wespeaker",
        frontend=kaldi(80, window=Hamming(symmetry="symmetric"), normalize=RemoveMean()),
        summary="Kaldi filter bank with a Hamming window, 80 bands, without the mean of each band",
        models="WeSpeaker, 3D-Speaker",
        source="torchaudio 2.11.0, compliance.kaldi.fbank with the arguments of WeSpeaker",
        notes="Without the original's dither.",
        int16=True,
    ),
    Preset(
        name="voxceleb-trainer",
        frontend=centered(
            sample_rate=16000,
            fft_length=512,
            frame_length=400,
            frame_step=160,
            conditioning=Conditioning(preemphasis=Preemphasis(scope="clip", boundary="reflect")),
            window=Hamming(),
            bands=Mel(64),
            scaling=Log(offset=1e-6),
            normalize=Standardize(per="band", epsilon=1e-5, epsilon_added_to="variance"),
        ),
        summary="Log-mel of pre-emphasized samples, 64 bands, mean 0 and deviation 1 in each band",
        models="voxceleb_trainer, RawNet's and ResNet's baselines",
        source="torchaudio 2.11.0 with the arguments of clovaai/voxceleb_trainer",
    ),
    Preset(
        name="asvspoof2021-lfcc",
        frontend=Frontend(
            sample_rate=16000,
            frame_length=480,
            frame_step=240,
            fft_length=1024,
            window=Hamming(symmetry="symmetric"),
            spectrum=Power(),
            bands=RoundedTriangles(70, 0, 4000),
            scaling=Log(base=10, offset=2.0**-52),
            cepstrum=Cepstrum(20),
            deltas=Difference(),
        ),
        summary="Linear-frequency cepstra to 4 kHz, 20 coefficients and two derivatives",
        models="ASVspoof 2021 baseline LFCC-GMM",
        source="asvspoof-challenge/2021 9b33f5e with spafe 0.1.2",
    ),
)
