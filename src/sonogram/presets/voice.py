"""Front ends of models of voices: speakers, speech quality, spoofing, enhancement."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonogram.bands import Filterbank, Linear, Mel, Rectangles, RoundedTriangles
from sonogram.cepstrum import Cepstrum
from sonogram.conditioning import Conditioning, Preemphasis
from sonogram.deltas import Difference
from sonogram.frontend import Frontend
from sonogram.matrix import Matrix
from sonogram.normalize import Affine, RemoveMean, RunningMean, Standardize
from sonogram.padding import Causal, Center
from sonogram.presets.kaldi import kaldi
from sonogram.presets.preset import Preset, centered
from sonogram.scaling import Decibels, Log, MaskedLog
from sonogram.spectrum import Magnitude, Power
from sonogram.windows import Hamming, Vorbis

__all__ = ["PRESETS"]

_FRAMES_48K: dict[str, Any] = {
    "sample_rate": 48000,
    "frame_length": 960,
    "frame_step": 480,
    "fft_length": 960,
    "padding": Causal(),
    "window": Vorbis(),
    "spectrum": Power(),
}
"""Windows of 20 ms every 10 ms, without a look at later frames: usual for noise suppression."""

# Bins of 50 Hz in each band: about one equivalent rectangular bandwidth.
_ERB_WIDTHS = (
    *([2] * 13),
    *(5, 5, 7, 7, 8, 10, 12, 13, 15, 18, 20, 24, 28, 31, 37, 42, 50, 56, 67),
)
_CORNERS = (
    *(0, 2, 4, 6, 8, 10, 12, 15, 18, 21, 24, 28, 32, 36, 41, 47, 53, 60, 68, 77, 87, 98, 110, 124, 140, 157),
    *(176, 198, 223, 251, 282, 317, 356, 400),
)
"""Bins of 50 Hz at which the triangles of RNNoise begin and end."""
_GAIN_22 = (32 / 22) ** 0.5


def _merged_triangles() -> NDArray[np.float64]:
    """Return RNNoise's bands, `(481, 32)`: triangles, of which both pairs at the ends are averaged."""
    bins = np.arange(481)
    triangles = np.array([np.interp(bins, _CORNERS, row) for row in np.eye(len(_CORNERS))])
    triangles[:, _CORNERS[-1] :] = 0
    first, last = (triangles[:2].sum(axis=0) * 2 / 3, triangles[-2:].sum(axis=0) * 2 / 3)
    return np.vstack([first, triangles[2:-2], last]).T


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
    Preset(
        name="asvspoof-lfcc-lcnn",
        frontend=centered(
            sample_rate=16000,
            fft_length=512,
            frame_length=320,
            frame_step=160,
            padding=Center(mode="constant"),
            conditioning=Conditioning(preemphasis=Preemphasis(scope="clip", boundary="zero")),
            window=Hamming(),
            bands=Linear(20),
            scaling=Log(base=10, offset=2.0**-23),
            cepstrum=Cepstrum(20, energy="spectrum"),
            deltas=Difference(),
        ),
        summary="Linear-frequency cepstra, 20 coefficients with the energy and two derivatives",
        models="ASVspoof LFCC-LCNN and later countermeasures",
        source="nii-yamagishilab/project-NN-Pytorch-scripts 112ec0f, LFCC(320, 160, 512, 16000, 20)",
    ),
    Preset(
        name="deepfilternet",
        frontend=Frontend(
            **_FRAMES_48K,
            conditioning=Conditioning(scale=1 / 960),
            bands=Rectangles(Matrix(50 * np.cumsum([0, *_ERB_WIDTHS])), statistic="mean"),
            scaling=Decibels(floor=None, offset=1e-10),
            normalize=RunningMean(0.01, Matrix(np.linspace(-60, -90, 32)), std=40),
        ),
        summary="Mean power in 32 ERB bands in decibels, minus its running mean",
        models="DeepFilterNet 1 to 3",
        source="deepfilterlib 0.5.6, libdf.erb and erb_norm",
    ),
    Preset(
        name="rnnoise",
        frontend=Frontend(
            **_FRAMES_48K,
            conditioning=Conditioning(scale=32768 / 960),
            bands=Filterbank(Matrix(_merged_triangles())),
            scaling=MaskedLog(base=10, offset=0.01),
            cepstrum=Cepstrum(32),
            # The original scales its cosine transform for 22 bands, and has 32.
            normalize=Affine(Matrix(np.array([12, 4, *[0] * 30]) / _GAIN_22), Matrix([1 / _GAIN_22] * 32)),
        ),
        summary="Cepstrum of 32 overlapping bands, the band features of noise suppression",
        models="RNNoise",
        source="xiph/rnnoise 70f1d25, src/denoise.c, rnn_compute_frame_features",
        notes="Without the original's high-pass filter and its features of pitch.",
        int16=True,
    ),
)
