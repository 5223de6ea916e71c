"""The defaults of TensorFlow, Keras, librosa and torchaudio."""

from __future__ import annotations

import math
from dataclasses import replace

from sonogram.bands import Chroma, HtkMel, Linear, Mel
from sonogram.cepstrum import Cepstrum
from sonogram.conditioning import Conditioning
from sonogram.deltas import SavitzkyGolay
from sonogram.frontend import Frontend
from sonogram.normalize import UnitPeak
from sonogram.padding import Center
from sonogram.presets.preset import SPEECH_FRAMES, Preset, centered
from sonogram.scaling import Decibels, Log, Pcen
from sonogram.spectrum import Density, Magnitude
from sonogram.windows import Hann, Tukey

__all__ = ["PRESETS"]


def _pcen_smoothing(seconds: float, frames_per_second: float) -> float:
    """Return the weight of the newest frame in a smoother with this time constant."""
    frames = seconds * frames_per_second
    return (math.sqrt(1 + 4 * frames**2) - 1) / (2 * frames**2)


_LIBROSA = centered(
    sample_rate=22050,
    fft_length=2048,
    frame_step=512,
    padding=Center(mode="constant"),
    bands=Mel.slaney(128),
)
_TORCHAUDIO = centered(sample_rate=16000, fft_length=400, frame_step=200, bands=Mel(128, 0, 8000))

PRESETS = (
    Preset(
        name="tf-stft",
        frontend=Frontend(sample_rate=16000, frame_length=400, frame_step=160),
        summary="Magnitude of tf.signal.stft(x, 400, 160)",
        models="anything written with tf.signal",
        source="tensorflow 2.21.0, tf.abs(tf.signal.stft(x, 400, 160))",
    ),
    Preset(
        name="tf-mfcc",
        frontend=Frontend(
            sample_rate=16000,
            frame_length=1024,
            frame_step=256,
            fft_length=1024,
            bands=Mel(80, 80, 7600, slopes="mel"),
            scaling=Log(offset=1e-6),
            cepstrum=Cepstrum(13, norm="htk"),
        ),
        summary="The MFCC of TensorFlow's own example: 13 coefficients of 80 bands",
        models="anything that follows tf.signal.mfccs_from_log_mel_spectrograms",
        source="tensorflow 2.21.0, the example of tf.signal.mfccs_from_log_mel_spectrograms",
    ),
    Preset(
        name="keras-melspectrogram",
        frontend=centered(
            sample_rate=16000,
            fft_length=2048,
            frame_step=512,
            bands=Mel(128, 20, 8000, slopes="mel"),
            scaling=Decibels(dynamic_range=80),
        ),
        summary="keras.layers.MelSpectrogram with its defaults, one clip at a time",
        models="Keras models with that layer",
        source="keras 3.15.1, keras.layers.MelSpectrogram()",
        notes="The original's floor depends on the loudest clip of the batch, here on the clip alone.",
    ),
    Preset(
        name="keras-stft-magnitude",
        frontend=Frontend(
            **SPEECH_FRAMES,
            window=Hann(symmetry="symmetric", norm="energy"),
            spectrum=Magnitude(floor=1e-7),
        ),
        summary="keras.layers.STFTSpectrogram in magnitude mode, frames of 25 ms",
        models="Keras models with that layer",
        source="keras 3.15.1, STFTSpectrogram('magnitude', 400, 160, 512)",
    ),
    Preset(
        name="librosa-melspectrogram",
        frontend=_LIBROSA,
        summary="librosa.feature.melspectrogram with its defaults: power, 128 bands",
        models="anything written with librosa 0.10 or later",
        source="librosa 0.11.0, librosa.feature.melspectrogram",
        notes="librosa before 0.10 padded by reflection: padding=Center().",
    ),
    Preset(
        name="librosa-mfcc",
        frontend=replace(_LIBROSA, scaling=Decibels(dynamic_range=80), cepstrum=Cepstrum(20)),
        summary="librosa.feature.mfcc with its defaults: 20 coefficients of 128 bands",
        models="anything written with librosa 0.10 or later",
        source="librosa 0.11.0, librosa.feature.mfcc",
    ),
    Preset(
        name="librosa-pcen",
        frontend=replace(
            _LIBROSA,
            conditioning=Conditioning(scale=2**31),
            spectrum=Magnitude(),
            scaling=Pcen(smoothing=_pcen_smoothing(0.4, 22050 / 512), initial=1),
        ),
        summary="librosa.pcen of a magnitude mel spectrogram at 32-bit scale",
        models="bird and far-field detectors",
        source="librosa 0.11.0, librosa.pcen(melspectrogram(y * 2**31, power=1))",
    ),
    Preset(
        name="torchaudio-melspectrogram",
        frontend=_TORCHAUDIO,
        summary="torchaudio.transforms.MelSpectrogram with its defaults: power, 128 bands",
        models="anything written with torchaudio",
        source="torchaudio 2.11.0, torchaudio.transforms.MelSpectrogram()",
        notes="Some of the 128 bands are narrower than a bin and stay empty, as in the original.",
    ),
    Preset(
        name="torchaudio-mfcc",
        frontend=replace(_TORCHAUDIO, scaling=Decibels(dynamic_range=80), cepstrum=Cepstrum(40)),
        summary="torchaudio.transforms.MFCC with its defaults: 40 coefficients of 128 bands",
        models="anything written with torchaudio",
        source="torchaudio 2.11.0, torchaudio.transforms.MFCC()",
    ),
    Preset(
        name="tf-simple-audio",
        frontend=Frontend(sample_rate=16000, frame_length=255, frame_step=128, fft_length=256),
        summary="The spectrogram of TensorFlow's simple audio tutorial: 129 bins, 124 frames a second",
        models="TensorFlow's tutorial on simple audio recognition",
        source="tensorflow 2.21.0, tf.abs(tf.signal.stft(x, frame_length=255, frame_step=128))",
        notes="tf.signal's Hann window is symmetric at this odd length.",
        clip_seconds=1,
    ),
    Preset(
        name="tf-speech-commands",
        frontend=Frontend(
            sample_rate=16000,
            frame_length=480,
            frame_step=320,
            fft_length=512,
            window=Hann(),
            bands=HtkMel(40, 20, 4000),
            scaling=Log(floor=1e-12),
            cepstrum=Cepstrum(40, norm="htk"),
        ),
        summary="The MFCC of TensorFlow's speech commands example: 40 coefficients, 49 frames a second",
        models="speech_commands and its keyword spotters",
        source="tensorflow 2.21.0, AudioSpectrogram(480, 320, magnitude_squared) and Mfcc(40)",
        clip_seconds=1,
    ),
    Preset(
        name="torchaudio-lfcc",
        frontend=centered(
            sample_rate=16000,
            fft_length=400,
            frame_step=200,
            bands=Linear(128),
            scaling=Decibels(dynamic_range=80),
            cepstrum=Cepstrum(40),
        ),
        summary="Linear-frequency cepstra: 40 coefficients of 128 bands",
        models="torchaudio's LFCC",
        source="torchaudio 2.11.0, transforms.LFCC()",
        notes="Many of the 128 triangles contain no bin of an FFT of 400.",
    ),
    Preset(
        name="librosa-chroma-stft",
        frontend=centered(
            sample_rate=22050,
            fft_length=2048,
            frame_step=512,
            padding=Center(mode="constant"),
            bands=Chroma(),
            normalize=UnitPeak(),
        ),
        summary="Power of 12 pitch classes, each frame divided by its maximum",
        models="librosa's chroma_stft",
        source="librosa 0.11.0, feature.chroma_stft(tuning=0)",
        notes="The original estimates the tuning of each clip unless it is given.",
    ),
    Preset(
        name="scipy-spectrogram",
        frontend=Frontend(
            sample_rate=16000,
            frame_length=256,
            frame_step=224,
            conditioning=Conditioning(remove_mean="frame"),
            window=Tukey(taper=0.25),
            spectrum=Density(),
        ),
        summary="Power spectral density, 129 bins, SciPy's defaults at 16 kHz",
        models="scipy.signal.spectrogram",
        source="SciPy 1.17, signal.spectrogram(x, 16000)",
        notes="SciPy returns the frequencies as the first axis.",
    ),
    Preset(
        name="matplotlib-specgram",
        frontend=Frontend(
            sample_rate=16000,
            frame_length=256,
            frame_step=128,
            window=Hann(symmetry="symmetric"),
            spectrum=Density(),
        ),
        summary="Power spectral density, 129 bins, Matplotlib's defaults at 16 kHz",
        models="matplotlib.mlab.specgram",
        source="Matplotlib 3.10, mlab.specgram(x, 256, 16000, noverlap=128)",
        notes="`pyplot.specgram` draws 10 log10 of these values.",
    ),
    Preset(
        name="librosa-mfcc-39",
        frontend=replace(
            _LIBROSA, scaling=Decibels(dynamic_range=80), cepstrum=Cepstrum(13), deltas=SavitzkyGolay()
        ),
        summary="librosa's MFCC, 13 coefficients, with their first and second derivatives",
        models="the usual recipes with librosa",
        source="librosa 0.11.0, feature.mfcc(n_mfcc=13), feature.delta(order=1), feature.delta(order=2)",
    ),
)
