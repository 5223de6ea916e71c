"""Front ends of music models, vocoders and speech synthesis."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parity.loading import import_from, stub
from parity.original import original
from parity.originals.libraries import librosa_mel, tensor, torchaudio, transformers

Floats = NDArray[np.floating]


@original("gtzan-logmel-128", "librosa", "power_to_db(melspectrogram(y), ref=np.max)", recipe=True)
def _gtzan(samples: Floats) -> Floats:
    import librosa

    return librosa.power_to_db(librosa_mel(samples, 22050), ref=np.max).T


@original("musicnn", "librosa", "melspectrogram with MusiCNN's arguments, mirrored edges", recipe=True)
def _musicnn(samples: Floats) -> Floats:
    mel = librosa_mel(samples, 16000, n_fft=512, hop_length=256, n_mels=96, pad_mode="reflect")
    return np.log10(10000 * mel + 1).T


def _essentia(name: str, samples: Floats, length: int, step: int) -> Floats:
    import essentia
    import essentia.standard

    essentia.log.infoActive = essentia.log.warningActive = False
    compute = getattr(essentia.standard, name)()
    starts = range(0, len(samples) - length + 1, step)
    return np.array([compute(samples[start : start + length]) for start in starts])


@original("essentia-musicnn", "essentia", "TensorflowInputMusiCNN on frames of 512 every 256")
def _essentia_musicnn(samples: Floats) -> Floats:
    return _essentia("TensorflowInputMusiCNN", samples, 512, 256).reshape(-1, 96)


@original("essentia-vggish", "essentia", "TensorflowInputVGGish on frames of 400 every 160")
def _essentia_vggish(samples: Floats) -> Floats:
    return _essentia("TensorflowInputVGGish", samples, 400, 160).reshape(-1, 64)


@original("essentia-tempocnn", "essentia", "TensorflowInputTempoCNN on frames of 1024 every 512")
def _essentia_tempocnn(samples: Floats) -> Floats:
    return _essentia("TensorflowInputTempoCNN", samples, 1024, 512).reshape(-1, 40)


@cache
def _ddsp() -> Any:
    stub("crepe", "gin", "tensorflow_probability")
    stub("ddsp.core", tf_float32=_float32, safe_log=_safe_log, DB_RANGE=80.0, safe_divide=None)
    return import_from("ddsp", "spectral_ops")


def _float32(values: Any) -> Any:
    import tensorflow as tf

    return tf.cast(values, tf.float32)


def _safe_log(values: Any, epsilon: float = 1e-5) -> Any:
    import tensorflow as tf

    return tf.math.log(tf.where(values <= epsilon, epsilon, values))


@original("ddsp-logmel", "ddsp tensorflow-cpu", "ddsp.spectral_ops.compute_logmel(x)")
def _ddsp_logmel(samples: Floats) -> Floats:
    return np.asarray(_ddsp().compute_logmel(samples[None]))[0]


@original("tacotron2", "librosa", "melspectrogram with Tacotron 2's arguments, ln", recipe=True)
def _tacotron2(samples: Floats) -> Floats:
    mel = librosa_mel(
        samples, 22050, n_fft=1024, hop_length=256, n_mels=80, fmax=8000, power=1, pad_mode="reflect"
    )
    return np.log(np.maximum(mel, 1e-5)).T


def _bigvgan(samples: Floats, rate: int, fft_length: int, bands: int, upper: float | None) -> Floats:
    stub("pesq")
    module = import_from("bigvgan", "meldataset")
    arguments = (fft_length, bands, rate, fft_length // 4, fft_length, 0, upper)
    return module.mel_spectrogram(tensor(samples)[None], *arguments)[0].numpy().T


@original("hifigan", "bigvgan torch", "bigvgan.meldataset.mel_spectrogram, which is HiFi-GAN's", recipe=True)
def _hifigan(samples: Floats) -> Floats:
    return _bigvgan(samples, 22050, 1024, 80, 8000)


@original("bigvgan-24k", "bigvgan torch", "bigvgan.meldataset.mel_spectrogram")
def _bigvgan_24k(samples: Floats) -> Floats:
    return _bigvgan(samples, 24000, 1024, 100, 12000)


@original("bigvgan-44k", "bigvgan torch", "bigvgan.meldataset.mel_spectrogram")
def _bigvgan_44k(samples: Floats) -> Floats:
    return _bigvgan(samples, 44100, 2048, 128, None)


@original("cosyvoice2", "chatterbox-tts torch", "s3gen.utils.mel.mel_spectrogram(x)")
def _cosyvoice2(samples: Floats) -> Floats:
    module = import_from("chatterbox.models.s3gen.utils", "mel")
    return module.mel_spectrogram(tensor(samples)[None])[0].numpy().T


@original("f5-tts", "f5-tts torchaudio torch", "model.modules.get_vocos_mel_spectrogram(x)")
def _f5_tts(samples: Floats) -> Floats:
    torchaudio()
    stub("x_transformers", "x_transformers.x_transformers", "f5_tts.model.utils", "flash_attn")
    stub("flash_attn.bert_padding")
    module = import_from("f5_tts.model", "modules")
    return module.get_vocos_mel_spectrogram(tensor(samples)[None])[0].numpy().T


@cache
def _vocos_features() -> Any:
    torchaudio()
    stub("encodec")
    return import_from("vocos", "feature_extractors").MelSpectrogramFeatures()


@original("vocos-24k", "vocos torch", "MelSpectrogramFeatures()(x)")
def _vocos(samples: Floats) -> Floats:
    return _vocos_features()(tensor(samples)[None])[0].numpy().T


@original("univnet", "transformers", "UnivNetFeatureExtractor().mel_spectrogram(x)", float64=True)
def _univnet(samples: Floats) -> Floats:
    return transformers().UnivNetFeatureExtractor().mel_spectrogram(samples)


@original("clvp", "transformers", "ClvpFeatureExtractor(), without mel norms", float64=True)
def _clvp(samples: Floats) -> Floats:
    return transformers().ClvpFeatureExtractor()._np_extract_fbank_features(samples).T
