"""Front ends of speech recognizers."""

from __future__ import annotations

from sonogram.bands import Mel, SymmetricMel
from sonogram.conditioning import Conditioning, Preemphasis
from sonogram.frontend import Frontend
from sonogram.normalize import Affine, Standardize
from sonogram.padding import Causal, Center, Valid
from sonogram.presets.kaldi import KALDI_FLOOR, KALDI_WINDOWING, kaldi_mel
from sonogram.presets.preset import Preset
from sonogram.scaling import Decibels, Log
from sonogram.spectrum import Power
from sonogram.stack import Stack
from sonogram.windows import Hamming, Hann

__all__ = ["PRESETS"]


def _slaney(num_mel_bins: int, lower_hz: float = 0, upper_hz: float | None = None) -> Mel:
    return Mel(num_mel_bins, lower_hz, upper_hz, mel_scale="slaney", norm="slaney")


def _whisper(num_mel_bins: int, scaling: Log) -> Frontend:
    return Frontend(
        16000,
        400,
        160,
        400,
        padding=Center(last_frame="drop"),
        window=Hann(),
        spectrum=Power(),
        bands=_slaney(num_mel_bins, 0, 8000),
        scaling=scaling,
        normalize=Affine(-4, 4),
    )


def _parakeet(num_mel_bins: int) -> Frontend:
    return Frontend(
        16000,
        400,
        160,
        512,
        padding=Center(mode="constant", last_frame="zero"),
        conditioning=Conditioning(preemphasis=Preemphasis(scope="clip", boundary="zero")),
        window=Hann(symmetry="symmetric"),
        spectrum=Power(),
        bands=_slaney(num_mel_bins, 0, 8000),
        scaling=Log(offset=2**-24),
        normalize=Standardize(per="band", ddof=1, epsilon=1e-5),
    )


_WHISPER_LOG = Log(base=10, floor=1e-10, dynamic_range=8)
_THIRTY = "The model reads 30 s: pad the samples with zeros to 480000 before the front end."
_NEMO = (
    "The last frame is left out of the statistics and written as 0, as the original does. "
    "Dither, used in training only, is left out."
)

PRESETS = (
    Preset(
        name="whisper-80",
        frontend=_whisper(80, _WHISPER_LOG),
        summary="Log-mel, 80 bands of 25 ms, floored 8 decades below the clip's peak",
        models="Whisper tiny to large-v2",
        source="openai-whisper 20250625, whisper.audio.log_mel_spectrogram",
        notes=_THIRTY,
        clip_seconds=30,
    ),
    Preset(
        name="whisper-128",
        frontend=_whisper(128, _WHISPER_LOG),
        summary="Log-mel, 128 bands of 25 ms, floored 8 decades below the clip's peak",
        models="Whisper large-v3 and turbo, Qwen2-Audio, Voxtral",
        source="openai-whisper 20250625, whisper.audio.log_mel_spectrogram",
        notes=_THIRTY,
        clip_seconds=30,
    ),
    Preset(
        name="voxtral-realtime",
        # The clip's peak is replaced by the constant 1.5: nothing lies below 10^(1.5 - 8).
        frontend=_whisper(128, Log(base=10, floor=10**-6.5)),
        summary="Whisper's log-mel with a constant floor, so that it can be streamed",
        models="Voxtral Realtime",
        source="transformers 5.23.0, VoxtralRealtimeFeatureExtractor",
    ),
    Preset(
        name="parakeet-80",
        frontend=_parakeet(80),
        summary="Log-mel, 80 bands, each standardized over the clip",
        models="NVIDIA NeMo Parakeet CTC and earlier Conformers",
        source="nemo-toolkit 3.0.0, FilterbankFeatures",
        notes=_NEMO,
    ),
    Preset(
        name="parakeet-128",
        frontend=_parakeet(128),
        summary="Log-mel, 128 bands, each standardized over the clip",
        models="NVIDIA NeMo Parakeet TDT, Canary",
        source="nemo-toolkit 3.0.0, FilterbankFeatures",
        notes=_NEMO,
    ),
    Preset(
        name="gemma3n",
        frontend=Frontend(
            16000,
            512,
            160,
            1024,
            padding=Valid(lookahead=1),
            conditioning=Conditioning(preemphasis=Preemphasis()),
            window=Hann(),
            bands=Mel(128, 125, 7600),
            scaling=Log(floor=1e-5),
        ),
        summary="Log-mel of magnitudes, 128 bands of 32 ms, pre-emphasis in the frame",
        models="Gemma 3n audio (Universal Speech Model)",
        source="transformers 5.23.0, Gemma3nAudioFeatureExtractor",
        notes="The original pads a batch to a multiple of 128 samples and masks what sees the padding.",
    ),
    Preset(
        name="gemma4",
        frontend=Frontend(
            16000,
            320,
            160,
            512,
            padding=Causal(lookahead=1),
            window=Hann(),
            bands=Mel(128, 0, 8000),
            scaling=Log(offset=1e-3),
        ),
        summary="Log-mel of magnitudes, 128 bands of 20 ms, semicausal",
        models="Gemma 4 audio",
        source="transformers 5.23.0, Gemma4AudioFeatureExtractor",
        notes="The original pads a batch to a multiple of 128 samples and masks what sees the padding.",
    ),
    Preset(
        name="phi4-multimodal",
        frontend=Frontend(
            16000,
            400,
            160,
            512,
            conditioning=Conditioning(scale=32768, preemphasis=Preemphasis()),
            window=Hamming(symmetry="symmetric"),
            spectrum=Power(),
            bands=kaldi_mel(80, 0, 7690),
            scaling=Log(floor=1),
        ),
        summary="Log-mel, 80 bands, 16-bit scale, floor 1",
        models="Phi-4 multimodal",
        source="transformers 5.23.0, Phi4MultimodalFeatureExtractor",
        int16=True,
    ),
    Preset(
        name="medasr",
        frontend=Frontend(
            16000,
            400,
            160,
            512,
            window=Hann(symmetry="symmetric"),
            spectrum=Power(),
            bands=Mel(128, 125, 7500, slopes="mel"),
            scaling=Log(floor=1e-5),
        ),
        summary="Log-mel, 128 bands of 25 ms, symmetric window",
        models="Google MedASR (LASR)",
        source="transformers 5.23.0, LasrFeatureExtractor",
    ),
    Preset(
        name="granite-speech",
        frontend=Frontend(
            16000,
            400,
            160,
            512,
            padding=Center(),
            window=Hann(),
            spectrum=Power(),
            bands=Mel(80, 0, 8000),
            scaling=_WHISPER_LOG,
            normalize=Affine(-4, 4),
            stack=Stack(2),
        ),
        summary="Log-mel, 80 bands, two frames side by side",
        models="IBM Granite Speech",
        source="transformers 5.23.0, GraniteSpeechFeatureExtractor",
    ),
    Preset(
        name="seamless-m4t",
        frontend=Frontend(
            **KALDI_WINDOWING,
            bands=kaldi_mel(80, 20),
            scaling=Log(floor=KALDI_FLOOR),
            normalize=Standardize(per="band", ddof=1, epsilon=1e-7, epsilon_added_to="variance"),
            stack=Stack(2, remainder="pad"),
        ),
        summary="Kaldi filter bank, 80 bands standardized over the clip, two frames side by side",
        models="SeamlessM4T, w2v-BERT 2.0",
        source="transformers 5.23.0, SeamlessM4TFeatureExtractor",
        int16=True,
    ),
    Preset(
        name="speech2text",
        frontend=Frontend(
            **KALDI_WINDOWING,
            bands=kaldi_mel(80, 20),
            scaling=Log(floor=KALDI_FLOOR),
            normalize=Standardize(per="band"),
        ),
        summary="Kaldi filter bank, 80 bands standardized over the clip",
        models="fairseq Speech-to-Text",
        source="transformers 5.23.0, Speech2TextFeatureExtractor",
        int16=True,
    ),
    Preset(
        name="speecht5",
        frontend=Frontend(
            16000,
            1024,
            256,
            1024,
            padding=Center(),
            window=Hann(),
            bands=_slaney(80, 80, 7600),
            scaling=Log(base=10, floor=1e-10),
        ),
        summary="Log-mel of magnitudes, 80 bands of 64 ms",
        models="SpeechT5",
        source="transformers 5.23.0, SpeechT5FeatureExtractor",
    ),
    Preset(
        name="speechbrain-fbank",
        frontend=Frontend(
            16000,
            400,
            160,
            400,
            padding=Center(mode="constant"),
            window=Hamming(),
            spectrum=Power(),
            bands=SymmetricMel(40, 0, 8000),
            scaling=Decibels(dynamic_range=80),
        ),
        summary="Filter bank in decibels, 40 bands whose triangles are symmetric in hertz",
        models="SpeechBrain recipes (with 80 bands: ECAPA-TDNN)",
        source="speechbrain 1.1.2, speechbrain.lobes.features.Fbank",
    ),
    Preset(
        name="espnet",
        frontend=Frontend(
            16000,
            512,
            128,
            512,
            padding=Center(),
            window=Hann(),
            spectrum=Power(),
            bands=_slaney(80),
            scaling=Log(floor=1e-10),
        ),
        summary="Log-mel, 80 bands of 32 ms",
        models="ESPnet2 (DefaultFrontend)",
        source="espnet 202511, espnet2.layers.log_mel.LogMel",
        notes="The recipes then subtract the mean of the utterance or of the training set.",
    ),
    Preset(
        name="flashlight-mfsc",
        frontend=Frontend(
            16000,
            400,
            160,
            512,
            conditioning=Conditioning(scale=32768, preemphasis=Preemphasis()),
            window=Hamming(symmetry="symmetric"),
            bands=Mel(80, 0, 8000),
            scaling=Log(floor=1),
        ),
        summary="Log-mel of magnitudes, 80 bands, 16-bit scale, floor 1",
        models="wav2letter, flashlight",
        source="flashlight f5f717f, pkg/speech/audio/feature (Mfsc as app/asr sets it)",
        notes="The recipes then standardize the utterance.",
        int16=True,
    ),
)
