"""Front ends of audio tagging, sound events, animals and wake words."""

from __future__ import annotations

from functools import cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parity.loading import bare_package, import_from, package_folder
from parity.original import original
from parity.originals.libraries import librosa_mel, mel_module, tensor, torchaudio, transformers

__all__ = ["torchlibrosa"]

Floats = NDArray[np.floating]


def _vggish(samples: Floats, offset: float) -> Floats:
    features = import_from("torchvggish", "mel_features")
    return features.log_mel_spectrogram(
        samples.astype(np.float64),
        audio_sample_rate=16000,
        log_offset=offset,
        window_length_secs=0.025,
        hop_length_secs=0.010,
        num_mel_bins=64,
        lower_edge_hertz=125,
        upper_edge_hertz=7500,
    )


@original("vggish", "torchvggish", "torchvggish.mel_features.log_mel_spectrogram", float64=True)
def _vggish_01(samples: Floats) -> Floats:
    return _vggish(samples, 0.01)


@original("yamnet", "torchvggish", "torchvggish.mel_features, log_offset 0.001", float64=True, recipe=True)
def _vggish_001(samples: Floats) -> Floats:
    return _vggish(samples, 0.001)


@original("yamnet", "tensorflow-cpu", "tf.signal with YAMNet's arguments", recipe=True)
def _yamnet(samples: Floats) -> Floats:
    import tensorflow as tf

    magnitude = tf.abs(tf.signal.stft(samples, 400, 160, 512))
    weights = tf.signal.linear_to_mel_weight_matrix(64, 257, 16000, 125, 7500)
    return tf.math.log(tf.matmul(magnitude, weights) + 0.001).numpy()


@cache
def _torchlibrosa(
    sample_rate: int, fft_length: int, step: int, bands: int, lower: int, upper: int
) -> tuple[Any, Any]:
    stft = import_from("torchlibrosa", "stft")
    spectrogram = stft.Spectrogram(
        n_fft=fft_length,
        hop_length=step,
        win_length=fft_length,
        window="hann",
        center=True,
        pad_mode="reflect",
    )
    mel = stft.LogmelFilterBank(
        sr=sample_rate,
        n_fft=fft_length,
        n_mels=bands,
        fmin=lower,
        fmax=upper,
        ref=1.0,
        amin=1e-10,
        top_db=None,
    )
    return spectrogram, mel


def torchlibrosa(samples: Floats, *arguments: int) -> Floats:
    """Return the logarithmic mel spectrogram of torchlibrosa, `(frames, bands)`."""
    import torch

    spectrogram, mel = _torchlibrosa(*arguments)
    with torch.no_grad():
        return mel(spectrogram(tensor(samples)[None]))[0, 0].numpy()


@original("panns-16k", "torchlibrosa torch", "LogmelFilterBank(Spectrogram(x)), PANNs' arguments")
def _panns_16k(samples: Floats) -> Floats:
    return torchlibrosa(samples, 16000, 512, 160, 64, 50, 8000)


@original("panns-32k", "torchlibrosa torch", "LogmelFilterBank(Spectrogram(x)), PANNs' arguments")
def _panns_32k(samples: Floats) -> Floats:
    return torchlibrosa(samples, 32000, 1024, 320, 64, 50, 14000)


@cache
def _clap() -> Any:
    return transformers("models.clap.feature_extraction_clap").ClapFeatureExtractor()


@original("clap-unfused", "transformers", "ClapFeatureExtractor(), mel_filters_slaney", float64=True)
def _clap_unfused(samples: Floats) -> Floats:
    return _clap()._np_extract_fbank_features(samples, _clap().mel_filters_slaney)


@original("clap-fused", "transformers", "ClapFeatureExtractor(), mel_filters", float64=True)
def _clap_fused(samples: Floats) -> Floats:
    return _clap()._np_extract_fbank_features(samples, _clap().mel_filters)


@original("ast-audioset", "torchaudio torch", "compliance.kaldi.fbank with AST's arguments", recipe=True)
def _ast(samples: Floats) -> Floats:
    waveform = tensor(samples)[None]
    features = torchaudio().compliance.kaldi.fbank(
        waveform - waveform.mean(),
        htk_compat=True,
        sample_frequency=16000,
        use_energy=False,
        window_type="hanning",
        num_mel_bins=128,
        dither=0.0,
        frame_shift=10,
    )
    return ((features + 4.2677393) / (2 * 4.5689974)).numpy()


@original("beats", "torchaudio torch", "compliance.kaldi.fbank with BEATs' arguments", recipe=True)
def _beats(samples: Floats) -> Floats:
    features = torchaudio().compliance.kaldi.fbank(
        tensor(samples)[None] * 2**15,
        num_mel_bins=128,
        sample_frequency=16000,
        frame_length=25,
        frame_shift=10,
    )
    return ((features - 15.41663) / (2 * 6.55582)).numpy()


@cache
def _passt() -> Any:
    torchaudio()
    bare_package("hear21passt.models")
    return (
        import_from("hear21passt.models", "preprocess")
        .AugmentMelSTFT(n_mels=128, sr=32000, win_length=800, hopsize=320, fmax_aug_range=2000)
        .eval()
    )


@original("efficientat-32k", "hear21passt torchaudio torch", "AugmentMelSTFT(fmax_aug_range=2000).eval()")
def _efficientat(samples: Floats) -> Floats:
    import torch

    with torch.no_grad():
        return _passt()(tensor(samples)[None])[0].numpy().T


@cache
def _wake_word() -> Any:
    import tensorflow as tf

    model = package_folder("pyopen_wakeword") / "models" / "melspectrogram.tflite"
    return tf.lite.Interpreter(str(model))


@original("openwakeword", "pyopen-wakeword tensorflow-cpu", "melspectrogram.tflite, then x / 10 + 2")
def _openwakeword(samples: Floats) -> Floats:
    if len(samples) < 512:
        raise ValueError("the model crashes on less than a frame")
    interpreter = _wake_word()
    entry, outcome = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    interpreter.resize_tensor_input(entry["index"], (1, len(samples)))
    interpreter.allocate_tensors()
    interpreter.set_tensor(entry["index"], (samples * 32768)[None])
    interpreter.invoke()
    return interpreter.get_tensor(outcome["index"]).reshape(-1, 32) / 10 + 2


@original("openl3-mel-256", "librosa", "melspectrogram with OpenL3's arguments, 10 log10", recipe=True)
def _openl3(samples: Floats) -> Floats:
    mel = librosa_mel(samples, 48000, n_fft=2048, hop_length=242, n_mels=256, power=1)
    values = 10 * np.log10(np.maximum(mel, 1e-10))
    return np.maximum(values - values.max(), -80).T


@original("dcase2024-task1", "torchaudio torch", "MelSpectrogram with the baseline's arguments", recipe=True)
def _dcase_scenes(samples: Floats) -> Floats:
    options = (
        ("n_fft", 4096),
        ("win_length", 3072),
        ("hop_length", 500),
        ("n_mels", 256),
        ("f_max", 16000.0),
    )
    return (mel_module(32000, options)(tensor(samples)) + 1e-5).log().numpy().T


@original("dcase-desed", "torchaudio torch", "MelSpectrogram and AmplitudeToDB as the baseline", recipe=True)
def _desed(samples: Floats) -> Floats:
    import torch

    options: tuple[tuple[str, Any], ...] = (
        ("n_fft", 2048),
        ("win_length", 2048),
        ("hop_length", 256),
        ("n_mels", 128),
        ("f_min", 0.0),
        ("f_max", 8000.0),
        ("window_fn", torch.hamming_window),
        ("wkwargs", _HashableOptions(periodic=False)),
        ("power", 1.0),
    )
    decibels = torchaudio().transforms.AmplitudeToDB(stype="amplitude")
    decibels.amin = 1e-5
    return decibels(mel_module(16000, options)(tensor(samples))).clamp(-50, 80).numpy().T


class _HashableOptions(dict):  # type: ignore[type-arg]
    def __hash__(self) -> int:  # type: ignore[override]
        return hash(tuple(self.items()))


@original("esc50-logmel-128", "librosa", "power_to_db(melspectrogram(y, sr=44100))", recipe=True)
def _esc50(samples: Floats) -> Floats:
    import librosa

    return librosa.power_to_db(librosa_mel(samples, 44100)).T


@original("dasheng", "torchaudio torch", "AmplitudeToDB(MelSpectrogram(x)), its arguments", recipe=True)
def _dasheng(samples: Floats) -> Floats:
    options = (("n_fft", 512), ("win_length", 512), ("hop_length", 160), ("n_mels", 64), ("f_max", 8000))
    decibels = torchaudio().transforms.AmplitudeToDB(top_db=120)
    return decibels(mel_module(16000, options)(tensor(samples))).numpy().T


@original("byol-a", "torchaudio torch", "MelSpectrogram with BYOL-A's arguments, ln", recipe=True)
def _byol_a(samples: Floats) -> Floats:
    options = (("n_fft", 1024), ("hop_length", 160), ("n_mels", 64), ("f_min", 60.0), ("f_max", 7800.0))
    return (mel_module(16000, options)(tensor(samples)) + 2**-23).log().numpy().T


def _tf_mel(frames: Any, *arguments: float) -> Any:
    import tensorflow as tf

    return tf.matmul(frames, tf.signal.linear_to_mel_weight_matrix(40, 257, 16000, *arguments))


@original("mlperf-tiny-kws", "tensorflow-cpu", "tf.signal with MLPerf Tiny's arguments", recipe=True)
def _mlperf_words(samples: Floats) -> Floats:
    import tensorflow as tf

    log_mel = tf.math.log(_tf_mel(tf.abs(tf.signal.stft(samples, 480, 320, 512)), 20.0, 4000.0) + 1e-6)
    return tf.signal.mfccs_from_log_mel_spectrograms(log_mel)[..., :10].numpy()


@original("mlperf-tiny-lfbe", "tensorflow-cpu", "tf.signal with MLPerf Tiny's arguments", recipe=True)
def _mlperf_wake_word(samples: Floats) -> Floats:
    import tensorflow as tf

    emphasized = np.append(samples[:1], samples[1:] - np.float32(0.96875) * samples[:-1])
    window = partial(tf.signal.hamming_window, periodic=False)
    power = tf.abs(tf.signal.stft(emphasized, 512, 512, window_fn=window)) ** 2 / 512
    mel = _tf_mel(tf.maximum(power, 1e-30), 0.0, 8000.0)
    decibels = 10 * tf.math.log(tf.maximum(mel, 1e-30)) / np.log(10)
    return tf.clip_by_value((decibels + 52) / 64, 0, 1).numpy()


@original("dcase2023-task2", "librosa", "melspectrogram, 10 log10, 5 frames concatenated", recipe=True)
def _dcase_machines(samples: Floats) -> Floats:
    mel = librosa_mel(samples, 16000, n_fft=1024, hop_length=512, n_mels=128)
    values = 10 * np.log10(np.maximum(mel, 2.0**-52)).T
    count = max(len(values) - 4, 0)
    return np.hstack([values[shift : shift + count] for shift in range(5)])
