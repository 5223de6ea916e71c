"""Front ends of transcription, pitch, beats and source separation."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parity.loading import import_from
from parity.original import original
from parity.originals.events import torchlibrosa
from parity.originals.libraries import mel_module, tensor, torchaudio, transformers

Floats = NDArray[np.floating]


@cache
def _beat_this_module() -> Any:
    torchaudio()
    return import_from("beat_this", "preprocessing").LogMelSpect()


@original("beat-this", "beat-this torchaudio torch", "preprocessing.LogMelSpect()(x)")
def _beat_this(samples: Floats) -> Floats:
    return _beat_this_module()(tensor(samples)).numpy()


def _magnitude(samples: Floats, fft_length: int, step: int, **options: Any) -> Floats:
    import torch

    window = torch.hann_window(fft_length)
    return torch.stft(tensor(samples), fft_length, step, window=window, return_complex=True, **options)


def _slaney_norm_mel(samples: Floats, fft_length: int, step: int, bands: int) -> Floats:
    import librosa

    bank = librosa.filters.mel(
        sr=16000, n_fft=fft_length, n_mels=bands, fmin=30, fmax=8000, htk=True, norm="slaney"
    )
    magnitude = _magnitude(samples, fft_length, step).abs().numpy()
    return np.log(np.maximum(bank @ magnitude, 1e-5)).T


@original("onsets-and-frames", "librosa torch", "torch.stft and filters.mel, its arguments", recipe=True)
def _onsets(samples: Floats) -> Floats:
    return _slaney_norm_mel(samples, 2048, 512, 229)


@original("rmvpe", "librosa torch", "torch.stft and filters.mel with RMVPE's arguments", recipe=True)
def _rmvpe(samples: Floats) -> Floats:
    return _slaney_norm_mel(samples, 1024, 160, 128)


@original(
    "piano-transcription",
    "torchlibrosa torch",
    "LogmelFilterBank(Spectrogram(x)), its arguments",
    recipe=True,
)
def _piano(samples: Floats) -> Floats:
    return torchlibrosa(samples, 16000, 2048, 160, 229, 30, 8000)


@original("musicfm", "torchaudio torch", "AmplitudeToDB(MelSpectrogram(x)), its arguments", recipe=True)
def _musicfm(samples: Floats) -> Floats:
    options = (("n_fft", 2048), ("hop_length", 240), ("n_mels", 128))
    decibels = torchaudio().transforms.AmplitudeToDB()
    return decibels(mel_module(24000, options)(tensor(samples))).numpy().T


@original("open-unmix", "torch", "stft with Open-Unmix's arguments", recipe=True)
def _open_unmix(samples: Floats) -> Floats:
    return _magnitude(samples, 4096, 1024).abs().numpy().T


@original("mt3", "tensorflow-cpu", "tf.signal with MT3's arguments, weights in float64", recipe=True)
def _mt3(samples: Floats) -> Floats:
    import tensorflow as tf

    magnitude = tf.abs(tf.signal.stft(samples, 2048, 128, pad_end=True))
    # In float32 some weights of these narrow bands are off by 1e-2, which is more than the bounds allow.
    weights = tf.signal.linear_to_mel_weight_matrix(512, 1025, 16000, 20.0, 7600.0, dtype=tf.float64)
    mel = tf.matmul(magnitude, tf.cast(weights, tf.float32))
    return tf.math.log(tf.where(mel <= 0, 1e-5, mel)).numpy()


@original("spleeter", "tensorflow-cpu", "tf.signal with Spleeter's arguments", recipe=True)
def _spleeter(samples: Floats) -> Floats:
    import tensorflow as tf

    padded = np.concatenate([np.zeros(4096, np.float32), samples])
    return tf.abs(tf.signal.stft(padded, 4096, 1024, pad_end=True))[:, :1024].numpy()


@original("mdx-net", "audio-separator torch", "uvr_lib_v5.stft.STFT(n_fft=6144, hop_length=1024, dim_f=2048)")
def _mdx_net(samples: Floats) -> Floats:
    library = import_from("audio_separator.separator.uvr_lib_v5", "stft")
    planes = library.STFT(None, 6144, 1024, 2048, "cpu")(tensor(samples)[None, None])[0]
    return planes.reshape(4096, -1).numpy().T


@original("htdemucs", "torch", "stft with the steps of HTDemucs._spec and _magnitude", recipe=True)
def _htdemucs(samples: Floats) -> Floats:
    import torch

    count = -(-len(samples) // 1024)
    after = 1536 + count * 1024 - len(samples)
    if len(samples) <= after:
        raise ValueError("the original pads such a clip with zeros first")
    padded = torch.nn.functional.pad(tensor(samples)[None], (1536, after), mode="reflect")[0]
    bins = _magnitude(padded.numpy(), 4096, 1024, normalized=True)[:-1, 2 : 2 + count]
    return torch.cat([bins.real, bins.imag]).numpy().T


@original("pesto", "pesto-pitch torch", "data.Preprocessor(10, 16000, ...)(x)")
def _pesto(samples: Floats) -> Floats:
    import torch

    with torch.no_grad():
        return _pesto_module()(tensor(samples)[None])[0, :, 0].numpy()


@cache
def _pesto_module() -> Any:
    return import_from("pesto", "data").Preprocessor(
        10, 16000, harmonics=[1], bins_per_semitone=3, fmin=27.5 / 2 ** (2 / 36), n_bins=297
    )


@cache
def _fcpe_module() -> Any:
    torchaudio()
    return import_from("torchfcpe", "mel_extractor").MelModule(16000, 128, 1024, 1024, 160, 0, 8000, 1e-5)


@original("fcpe", "torchfcpe torch", "mel_extractor.MelModule(16000, 128, 1024, 1024, 160, 0, 8000)(x)")
def _fcpe(samples: Floats) -> Floats:
    if len(samples) <= 432:
        raise ValueError("the original pads such a clip with zeros, which is another front end")
    return _fcpe_module()(tensor(samples)[None, :, None])[0].numpy()


@cache
def _pop2piano_extractor() -> Any:
    module = transformers("models.pop2piano.feature_extraction_pop2piano")
    module.Pop2PianoFeatureExtractor.__init__.__globals__["requires_backends"] = lambda *_: None
    return module.Pop2PianoFeatureExtractor()


@original("pop2piano", "transformers", "Pop2PianoFeatureExtractor().mel_spectrogram(x), ln", float64=True)
def _pop2piano(samples: Floats) -> Floats:
    mel = _pop2piano_extractor().mel_spectrogram(samples[None])[0]
    return np.log(np.clip(mel, 1e-6, None)).T


@original("styletts2", "torchaudio torch", "MelSpectrogram with StyleTTS 2's arguments, ln", recipe=True)
def _styletts2(samples: Floats) -> Floats:
    # Made without the rate of the samples, as in the original.
    options = (("n_fft", 2048), ("win_length", 1200), ("hop_length", 300), ("n_mels", 80))
    return (((mel_module(16000, options)(tensor(samples)) + 1e-5).log() + 4) / 4).numpy().T


@original("vits-linear", "torch", "spectrogram_torch's stft", recipe=True)
def _vits(samples: Floats) -> Floats:
    import torch

    padded = torch.nn.functional.pad(tensor(samples)[None], (384, 384), mode="reflect")[0]
    bins = _magnitude(padded.numpy(), 1024, 256, center=False)
    return (bins.real**2 + bins.imag**2 + 1e-6).sqrt().numpy().T


@original("essentia-barkbands", "essentia", "BarkBands(Spectrum(Windowing(frame))), 2048 every 1024")
def _bark(samples: Floats) -> Floats:
    import essentia
    import essentia.standard as library

    essentia.log.infoActive = essentia.log.warningActive = False
    window, spectrum = library.Windowing(type="hann", size=2048), library.Spectrum(size=2048)
    bands = library.BarkBands(numberBands=27)
    starts = range(0, len(samples) - 2048 + 1, 1024)
    return np.array([bands(spectrum(window(samples[i : i + 2048]))) for i in starts]).reshape(-1, 27)
