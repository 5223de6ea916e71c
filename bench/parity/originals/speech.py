"""Front ends of speech recognizers."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parity.loading import bare_package, import_from, stub
from parity.original import original
from parity.originals.libraries import tensor, torchaudio, transformers

Floats = NDArray[np.floating]
_HF = "transformers"
_HF_TORCH = "transformers torch"


def _whisper(samples: Floats, num_mel_bins: int) -> Floats:
    audio = import_from("whisper", "audio")
    return audio.log_mel_spectrogram(tensor(samples), num_mel_bins).numpy().T


@original("whisper-80", "openai-whisper torch", "whisper.audio.log_mel_spectrogram(x, 80)")
def _whisper_80(samples: Floats) -> Floats:
    return _whisper(samples, 80)


@original("whisper-128", "openai-whisper torch", "whisper.audio.log_mel_spectrogram(x, 128)")
def _whisper_128(samples: Floats) -> Floats:
    return _whisper(samples, 128)


def _whisper_hf(samples: Floats, num_mel_bins: int) -> Floats:
    extractor = transformers().WhisperFeatureExtractor(feature_size=num_mel_bins)
    return extractor._np_extract_fbank_features(samples[None], "cpu")[0].T


@original("whisper-80", _HF, "WhisperFeatureExtractor(80), NumPy", float64=True)
def _whisper_80_hf(samples: Floats) -> Floats:
    return _whisper_hf(samples, 80)


@original("whisper-128", _HF, "WhisperFeatureExtractor(128), NumPy", float64=True)
def _whisper_128_hf(samples: Floats) -> Floats:
    return _whisper_hf(samples, 128)


@original("voxtral-realtime", _HF_TORCH, "VoxtralRealtimeFeatureExtractor()")
def _voxtral(samples: Floats) -> Floats:
    return (
        transformers()
        .VoxtralRealtimeFeatureExtractor()
        ._torch_extract_fbank_features(tensor(samples))
        .numpy()
        .T
    )


@cache
def _nemo(num_mel_bins: int) -> Any:
    bare_package("nemo.collections.asr.parts.preprocessing")
    stub("nemo.utils")
    stub(
        "nemo.collections.asr.parts.preprocessing.perturb", "nemo.collections.asr.parts.preprocessing.segment"
    )
    features = import_from("nemo.collections.asr.parts.preprocessing", "features")
    module = features.FilterbankFeatures(
        sample_rate=16000,
        n_window_size=400,
        n_window_stride=160,
        window="hann",
        normalize="per_feature",
        n_fft=512,
        nfilt=num_mel_bins,
        pad_to=0,
    )
    return module.eval()


def _parakeet(samples: Floats, num_mel_bins: int) -> Floats:
    import torch

    length = torch.tensor([len(samples)])
    return _nemo(num_mel_bins)(tensor(samples)[None], length)[0][0].numpy().T


@original("parakeet-80", "nemo-toolkit torch", "FilterbankFeatures(80, per_feature, pad_to 0).eval()")
def _parakeet_80(samples: Floats) -> Floats:
    return _parakeet(samples, 80)


@original("parakeet-128", "nemo-toolkit torch", "FilterbankFeatures(128, per_feature, pad_to 0).eval()")
def _parakeet_128(samples: Floats) -> Floats:
    return _parakeet(samples, 128)


@original("parakeet-128", _HF_TORCH, "ParakeetFeatureExtractor(128)")
def _parakeet_hf(samples: Floats) -> Floats:
    extractor = transformers().ParakeetFeatureExtractor(feature_size=128)
    made = extractor(samples, sampling_rate=16000, return_tensors="pt")["input_features"][0].numpy()
    if not np.isfinite(made).all():
        raise ValueError("the original divides by zero where there are fewer than two frames")
    return made


@original("nemotron-streaming", _HF_TORCH, "NemotronAsrStreamingFeatureExtractor()")
def _nemotron(samples: Floats) -> Floats:
    extractor = transformers().NemotronAsrStreamingFeatureExtractor()
    return extractor(samples, sampling_rate=16000)["input_features"][0].numpy()


@original("gemma3n", _HF, "Gemma3nAudioFeatureExtractor(), not padded")
def _gemma3n(samples: Floats) -> Floats:
    extractor = transformers().Gemma3nAudioFeatureExtractor()
    return extractor._extract_spectrogram(samples, np.ones(len(samples), np.int64))[0].reshape(-1, 128)


@original("gemma4", _HF, "Gemma4AudioFeatureExtractor(), not padded")
def _gemma4(samples: Floats) -> Floats:
    extractor = transformers().Gemma4AudioFeatureExtractor()
    values, mask = extractor._extract_spectrogram(samples, np.ones(len(samples), np.int64))
    return (values * mask[:, None]).reshape(-1, 128)


@original("phi4-multimodal", _HF_TORCH, "Phi4MultimodalFeatureExtractor()")
def _phi4(samples: Floats) -> Floats:
    made = transformers().Phi4MultimodalFeatureExtractor()(samples, sampling_rate=16000, return_tensors="pt")
    return made["audio_input_features"][0].numpy()


@original("medasr", _HF_TORCH, "LasrFeatureExtractor()")
def _medasr(samples: Floats) -> Floats:
    made = transformers().LasrFeatureExtractor()(samples, sampling_rate=16000, return_tensors="pt")
    return made["input_features"][0].numpy()


@original("granite-speech", "transformers torchaudio torch", "GraniteSpeechFeatureExtractor()")
def _granite(samples: Floats) -> Floats:
    module = transformers("models.granite_speech.feature_extraction_granite_speech")
    extractor = object.__new__(module.GraniteSpeechFeatureExtractor)
    extractor.mel_filters = torchaudio().transforms.MelSpectrogram(
        sample_rate=16000, n_fft=512, win_length=400, hop_length=160, n_mels=80
    )
    module.requires_backends = lambda *_: None
    return extractor._extract_mel_spectrograms(tensor(samples)[None])[0].numpy()


@original("seamless-m4t", _HF, "SeamlessM4TFeatureExtractor()")
def _seamless(samples: Floats) -> Floats:
    made = transformers().SeamlessM4TFeatureExtractor()(samples, sampling_rate=16000, return_tensors="np")
    return made["input_features"][0]


@original("speech2text", _HF, "Speech2TextFeatureExtractor()")
def _speech2text(samples: Floats) -> Floats:
    module = transformers("models.speech_to_text.feature_extraction_speech_to_text")
    module.is_speech_available = lambda: False
    extractor = module.Speech2TextFeatureExtractor()
    made = extractor(samples, sampling_rate=16000, return_tensors="np")
    return made["input_features"][0]


@original("speecht5", _HF, "SpeechT5FeatureExtractor()", float64=True)
def _speecht5(samples: Floats) -> Floats:
    return transformers().SpeechT5FeatureExtractor()._extract_mel_features(samples)


@cache
def _speechbrain(name: str) -> Any:
    torchaudio()
    bare_package("speechbrain.lobes")
    stub("speechbrain.nnet.CNN", "speechbrain.nnet.normalization", "speechbrain.nnet.pooling")
    stub("speechbrain.processing.vocal_features")
    return getattr(import_from("speechbrain.lobes", "features"), name)().eval()


@original("speechbrain-fbank", "speechbrain torch", "speechbrain.lobes.features.Fbank()(x)")
def _speechbrain_fbank(samples: Floats) -> Floats:
    return _speechbrain("Fbank")(tensor(samples)[None])[0].numpy()


@original("speechbrain-mfcc", "speechbrain torch", "speechbrain.lobes.features.MFCC()(x)")
def _speechbrain_mfcc(samples: Floats) -> Floats:
    return _speechbrain("MFCC")(tensor(samples)[None])[0].numpy()


@cache
def _espnet() -> tuple[Any, Any]:
    stub("torch_complex", "torch_complex.tensor", "typeguard")
    bare_package("espnet2.layers")
    stub("espnet", "espnet.nets", "espnet.nets.pytorch_backend", "espnet.nets.pytorch_backend.nets_utils")
    stub("espnet2.enh", "espnet2.enh.layers", "espnet2.enh.layers.complex_utils")
    stft = import_from("espnet2.layers", "stft").Stft(512, 512, 128)
    return stft, import_from("espnet2.layers", "log_mel").LogMel(fs=16000)


@original("espnet", "espnet torch", "Stft(512, 512, 128), power, LogMel(16000)")
def _log_mel(samples: Floats) -> Floats:
    stft, log_mel = _espnet()
    power = (stft(tensor(samples)[None])[0] ** 2).sum(-1)
    return log_mel(power)[0][0].numpy()
