"""librosa, torchaudio, tf.signal and Keras, and helpers for originals that call them."""

from __future__ import annotations

import importlib
import sys
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parity.loading import bare_package, import_from, stub
from parity.original import original

__all__ = ["librosa_mel", "mel_module", "tensor", "torchaudio", "transformers"]

Floats = NDArray[np.floating]


@cache
def torchaudio() -> ModuleType:
    """Return torchaudio without its compiled part, which is not needed here."""
    bare_package("torchaudio")
    stub("torchaudio._backend", "torchaudio.io", "torchaudio.backend", "torchaudio._extension")
    extension = sys.modules["torchaudio._extension"]
    extension._IS_TORCHAUDIO_EXT_AVAILABLE = False  # type: ignore[attr-defined]
    extension.fail_if_no_align = lambda function: function  # type: ignore[attr-defined]
    module = sys.modules["torchaudio"]
    for name in ("functional", "transforms", "compliance", "compliance.kaldi"):
        part = importlib.import_module(f"torchaudio.{name}")
        if "." not in name:
            setattr(module, name, part)
    return module


def transformers(module: str = "") -> ModuleType:
    """Return transformers or one of its modules."""
    torchaudio()
    return importlib.import_module(f"transformers.{module}" if module else "transformers")


def tensor(samples: NDArray[np.float32]) -> Any:
    """Return the samples as a PyTorch tensor."""
    import torch

    return torch.from_numpy(np.ascontiguousarray(samples))


@cache
def mel_module(sample_rate: int, options: tuple[tuple[str, Any], ...]) -> Any:
    """Return a `torchaudio.transforms.MelSpectrogram`."""
    return torchaudio().transforms.MelSpectrogram(sample_rate=sample_rate, **dict(options))


def librosa_mel(samples: Floats, sample_rate: int, **options: Any) -> Floats:
    """Return `librosa.feature.melspectrogram`, `(bands, frames)`."""
    import librosa

    return librosa.feature.melspectrogram(y=samples, sr=sample_rate, **options)


@original("librosa-melspectrogram", "librosa", "librosa.feature.melspectrogram(y=x)")
def _librosa_mel(samples: Floats) -> Floats:
    return librosa_mel(samples, 22050).T


@original("librosa-mfcc", "librosa", "librosa.feature.mfcc(y=x)")
def _librosa_mfcc(samples: Floats) -> Floats:
    import librosa

    return librosa.feature.mfcc(y=samples, sr=22050).T


@original("librosa-pcen", "librosa", "librosa.pcen(melspectrogram(y=x * 2**31, power=1))")
def _librosa_pcen(samples: Floats) -> Floats:
    import librosa

    mel = librosa_mel(samples * np.float32(2**31), 22050, power=1)
    return librosa.pcen(mel, sr=22050, hop_length=512).T


@original("torchaudio-melspectrogram", "torchaudio torch", "torchaudio.transforms.MelSpectrogram()(x)")
def _torchaudio_mel(samples: Floats) -> Floats:
    return mel_module(16000, ())(tensor(samples)).numpy().T


@original("torchaudio-mfcc", "torchaudio torch", "torchaudio.transforms.MFCC()(x)")
def _torchaudio_mfcc(samples: Floats) -> Floats:
    return torchaudio().transforms.MFCC()(tensor(samples)).numpy().T


@original("tf-stft", "tensorflow-cpu", "tf.abs(tf.signal.stft(x, 400, 160))")
def _tf_stft(samples: Floats) -> Floats:
    import tensorflow as tf

    return tf.abs(tf.signal.stft(samples, 400, 160)).numpy()


@original("tf-simple-audio", "tensorflow-cpu", "tf.abs(tf.signal.stft(x, frame_length=255, frame_step=128))")
def _tf_simple(samples: Floats) -> Floats:
    import tensorflow as tf

    return tf.abs(tf.signal.stft(samples, frame_length=255, frame_step=128)).numpy()


@original("tf-mfcc", "tensorflow-cpu", "the example of tf.signal.mfccs_from_log_mel_spectrograms")
def _tf_mfcc(samples: Floats) -> Floats:
    import tensorflow as tf

    spectrogram = tf.abs(tf.signal.stft(samples, frame_length=1024, frame_step=256, fft_length=1024))
    weights = tf.signal.linear_to_mel_weight_matrix(80, 513, 16000, 80.0, 7600.0)
    log_mel = tf.math.log(tf.tensordot(spectrogram, weights, 1) + 1e-6)
    return tf.signal.mfccs_from_log_mel_spectrograms(log_mel)[..., :13].numpy()


@original(
    "tf-speech-commands",
    "tensorflow-cpu",
    "AudioSpectrogram(480, 320, magnitude_squared), Mfcc(40)",
    float64=True,
)
def _tf_speech_commands(samples: Floats) -> Floats:
    import tensorflow as tf

    spectrogram = tf.raw_ops.AudioSpectrogram(
        input=samples[:, None], window_size=480, stride=320, magnitude_squared=True
    )
    return tf.raw_ops.Mfcc(spectrogram=spectrogram, sample_rate=16000, dct_coefficient_count=40)[0].numpy()


@original("keras-melspectrogram", "keras tensorflow-cpu", "keras.layers.MelSpectrogram()(x)")
def _keras_mel(samples: Floats) -> Floats:
    import keras

    return np.asarray(keras.layers.MelSpectrogram()(samples[None])[0]).T


@original(
    "keras-stft-magnitude",
    "keras tensorflow-cpu",
    "keras.layers.STFTSpectrogram(mode='magnitude', frame_length=400, frame_step=160, fft_length=512)(x)",
)
def _keras_stft(samples: Floats) -> Floats:
    import keras

    layer = keras.layers.STFTSpectrogram(
        mode="magnitude", frame_length=400, frame_step=160, fft_length=512, expand_dims=False
    )
    if len(samples) < 400:
        raise ValueError("the layer returns something of another shape")
    return np.asarray(layer(samples[None, :, None])[0])


@original("librosa-chroma-stft", "librosa", "feature.chroma_stft(tuning=0)")
def _librosa_chroma(samples: Floats) -> Floats:
    import librosa

    return librosa.feature.chroma_stft(y=samples, sr=22050, tuning=0.0).T


@original("scipy-spectrogram", "scipy", "signal.spectrogram(x, 16000)")
def _scipy_spectrogram(samples: Floats) -> Floats:
    from scipy.signal import spectrogram

    if len(samples) < 256:
        raise ValueError("SciPy shortens its window to the clip, which is another front end")
    return spectrogram(samples, 16000)[2].T


@original(
    "librosa-mfcc-39", "librosa", "feature.mfcc(n_mfcc=13), feature.delta(order=1), feature.delta(order=2)"
)
def _librosa_mfcc_39(samples: Floats) -> Floats:
    import librosa

    cepstra = librosa.feature.mfcc(y=samples, sr=22050, n_mfcc=13)
    deltas = (librosa.feature.delta(cepstra, order=order) for order in (1, 2))
    return np.vstack([cepstra, *deltas]).T


@original("torchaudio-lfcc", "torchaudio torch", "torchaudio.transforms.LFCC()(x)")
def _torchaudio_lfcc(samples: Floats) -> Floats:
    return torchaudio().transforms.LFCC()(tensor(samples)).numpy().T


@original("matplotlib-specgram", "matplotlib", "mlab.specgram(x, 256, 16000, noverlap=128)", float64=True)
def _specgram(samples: Floats) -> Floats:
    from matplotlib.mlab import specgram

    if len(samples) < 256:
        raise ValueError("Matplotlib appends zeros to the only frame, which is another front end")
    return specgram(samples.astype(np.float64), 256, 16000, noverlap=128)[0].T


@cache
def _constant_q_module(**options: Any) -> Any:
    return import_from("nnAudio.features", "cqt").CQT1992v2(verbose=False, **options)


def _constant_q(samples: Floats, **options: Any) -> Floats:
    return _constant_q_module(**options)(tensor(samples)[None])[0].detach().numpy().T


@original("nnaudio-cqt", "nnaudio torch", "features.CQT1992v2(fmin=note_to_hz('C1'))(x)")
def _nnaudio(samples: Floats) -> Floats:
    return _constant_q(samples, fmin=440 * 2 ** (-45 / 12))


@original("librosa-cqt", "librosa", "abs(cqt(x))", rms=0.015)
def _librosa_cqt(samples: Floats) -> Floats:
    import librosa

    if len(samples) < 512:
        raise ValueError("the original halves the rate five times, and little is left")
    return np.abs(librosa.cqt(samples, sr=22050)).T


@original("mert-cqt", "nnaudio torch", "features.CQT1992v2 with MERT's arguments", recipe=True)
def _mert(samples: Floats) -> Floats:
    return _constant_q(
        samples, sr=24000, hop_length=480, fmin=32.7, n_bins=336, bins_per_octave=48, pad_mode="constant"
    )
