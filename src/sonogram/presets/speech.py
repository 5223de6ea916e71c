"""Front ends of speech recognizers."""

from __future__ import annotations

from typing import Any

from sonogram.bands import Mel, SymmetricMel
from sonogram.cepstrum import Cepstrum
from sonogram.conditioning import Conditioning, Preemphasis
from sonogram.deltas import Regression
from sonogram.frontend import Frontend
from sonogram.normalize import Affine, Standardize
from sonogram.padding import Causal, Center, Valid
from sonogram.presets.kaldi import kaldi
from sonogram.presets.preset import SPEECH_FRAMES, Preset, centered
from sonogram.scaling import Decibels, Log, Scaling
from sonogram.spectrum import Magnitude, Power
from sonogram.stack import Stack
from sonogram.windows import Hamming, Hann

__all__ = ["PRESETS"]

_WHISPER_LOG = Log(base=10, floor=1e-10, dynamic_range=8)
_INT16_EMPHASIZED = Conditioning(scale=32768, preemphasis=Preemphasis())
_MULTIPLE_OF_128 = (
    "The original pads a batch to a multiple of 128 samples and masks the frames that contain padding."
)


def _whisper(num_mel_bins: int, scaling: Scaling = _WHISPER_LOG) -> Frontend:
    return centered(
        sample_rate=16000,
        fft_length=400,
        frame_step=160,
        padding=Center(last_frame="drop"),
        bands=Mel.slaney(num_mel_bins, 0, 8000),
        scaling=scaling,
        normalize=Affine(-4, 4),
    )


def _speechbrain(num_mel_bins: int, **stages: Any) -> Frontend:
    return centered(
        sample_rate=16000,
        fft_length=400,
        frame_step=160,
        padding=Center(mode="constant"),
        window=Hamming(),
        bands=SymmetricMel(num_mel_bins, 0, 8000),
        scaling=Decibels(dynamic_range=80),
        **stages,
    )


def _whisper_preset(num_mel_bins: int, models: str) -> Preset:
    return Preset(
        name=f"whisper-{num_mel_bins}",
        frontend=_whisper(num_mel_bins),
        summary=f"Log-mel, {num_mel_bins} bands of 25 ms, limited to 8 decades below the clip's peak",
        models=models,
        source="openai-whisper 20250625, whisper.audio.log_mel_spectrogram",
        notes="The model reads 30 s: pad the samples with zeros to 480000 before the front end.",
        clip_seconds=30,
    )


def _nemo(num_mel_bins: int, **stages: Any) -> Frontend:
    return Frontend(
        **SPEECH_FRAMES,
        padding=Center(mode="constant", last_frame="zero"),
        conditioning=Conditioning(preemphasis=Preemphasis(scope="clip", boundary="zero")),
        window=Hann(symmetry="symmetric"),
        spectrum=Power(),
        bands=Mel.slaney(num_mel_bins, 0, 8000),
        scaling=Log(offset=2**-24),
        **stages,
    )


def _parakeet_preset(num_mel_bins: int, models: str) -> Preset:
    return Preset(
        name=f"parakeet-{num_mel_bins}",
        frontend=_nemo(num_mel_bins, normalize=Standardize(per="band", ddof=1, epsilon=1e-5)),
        summary=f"Log-mel, {num_mel_bins} bands, each standardized over the clip",
        models=models,
        source="nemo-toolkit 3.0.0, FilterbankFeatures",
        notes="As in the original, the last frame is 0 and not part of the statistics. "
        "The original's dither, used in training only, is left out.",
    )


PRESETS = (
    _whisper_preset(80, models="Whisper tiny to large-v2"),
    _whisper_preset(128, models="Whisper large-v3 and turbo, Qwen2-Audio, Voxtral"),
    Preset(
        name="voxtral-realtime",
        # The constant 1.5 replaces the clip's peak, so the lower limit is 10^(1.5 - 8).
        frontend=_whisper(128, Log(base=10, floor=10**-6.5)),
        summary="Whisper's log-mel with a constant floor, so that it can be streamed",
        models="Voxtral Realtime",
        source="transformers 5.23.0, VoxtralRealtimeFeatureExtractor",
    ),
    _parakeet_preset(80, models="NVIDIA NeMo Parakeet CTC and earlier Conformers"),
    _parakeet_preset(128, models="NVIDIA NeMo Parakeet TDT, Canary"),
    Preset(
        name="nemotron-streaming",
        frontend=_nemo(80),
        summary="Log-mel, 80 bands of 25 ms, not standardized, so that it can be streamed",
        models="NVIDIA Nemotron streaming, NeMo's cache-aware FastConformer",
        source="transformers 5.23.0, NemotronAsrStreamingFeatureExtractor()",
        notes="As in the original, the last frame is 0.",
    ),
    Preset(
        name="gemma3n",
        frontend=Frontend(
            sample_rate=16000,
            frame_length=512,
            frame_step=160,
            fft_length=1024,
            padding=Valid(lookahead=1),
            conditioning=Conditioning(preemphasis=Preemphasis()),
            window=Hann(),
            bands=Mel(128, 125, 7600),
            scaling=Log(floor=1e-5),
        ),
        summary="Log-mel of magnitudes, 128 bands of 32 ms, pre-emphasis in the frame",
        models="Gemma 3n audio (Universal Speech Model)",
        source="transformers 5.23.0, Gemma3nAudioFeatureExtractor",
        notes=_MULTIPLE_OF_128,
    ),
    Preset(
        name="gemma4",
        frontend=Frontend(
            sample_rate=16000,
            frame_length=320,
            frame_step=160,
            fft_length=512,
            padding=Causal(lookahead=1),
            window=Hann(),
            bands=Mel(128, 0, 8000),
            scaling=Log(offset=1e-3),
        ),
        summary="Log-mel of magnitudes, 128 bands of 20 ms, semicausal",
        models="Gemma 4 audio",
        source="transformers 5.23.0, Gemma4AudioFeatureExtractor",
        notes=_MULTIPLE_OF_128,
    ),
    Preset(
        name="phi4-multimodal",
        frontend=Frontend(
            **SPEECH_FRAMES,
            conditioning=_INT16_EMPHASIZED,
            window=Hamming(symmetry="symmetric"),
            spectrum=Power(),
            bands=Mel(80, 0, 7690, slopes="mel"),
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
            **SPEECH_FRAMES,
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
            **SPEECH_FRAMES,
            padding=Center(),
            window=Hann(),
            spectrum=Power(),
            bands=Mel(80, 0, 8000),
            scaling=_WHISPER_LOG,
            normalize=Affine(-4, 4),
            stack=Stack(2),
        ),
        summary="Log-mel, 80 bands, two consecutive frames stacked",
        models="IBM Granite Speech",
        source="transformers 5.23.0, GraniteSpeechFeatureExtractor",
    ),
    Preset(
        name="seamless-m4t",
        frontend=kaldi(
            80,
            normalize=Standardize(per="band", ddof=1, epsilon=1e-7, epsilon_added_to="variance"),
            stack=Stack(2, remainder="pad"),
        ),
        summary="Kaldi filter bank, 80 bands standardized over the clip, two consecutive frames stacked",
        models="SeamlessM4T, w2v-BERT 2.0",
        source="transformers 5.23.0, SeamlessM4TFeatureExtractor",
        int16=True,
    ),
    Preset(
        name="speech2text",
        frontend=kaldi(80, normalize=Standardize(per="band")),
        summary="Kaldi filter bank, 80 bands standardized over the clip",
        models="fairseq Speech-to-Text",
        source="transformers 5.23.0, Speech2TextFeatureExtractor",
        int16=True,
    ),
    Preset(
        name="speecht5",
        frontend=centered(
            sample_rate=16000,
            fft_length=1024,
            frame_step=256,
            spectrum=Magnitude(),
            bands=Mel.slaney(80, 80, 7600),
            scaling=Log(base=10, floor=1e-10),
        ),
        summary="Log-mel of magnitudes, 80 bands of 64 ms",
        models="SpeechT5",
        source="transformers 5.23.0, SpeechT5FeatureExtractor",
    ),
    Preset(
        name="speechbrain-fbank",
        frontend=_speechbrain(40),
        summary="Filter bank in decibels, 40 bands whose triangles are symmetric in hertz",
        models="SpeechBrain recipes (with 80 bands: ECAPA-TDNN)",
        source="speechbrain 1.1.2, speechbrain.lobes.features.Fbank",
    ),
    Preset(
        name="espnet",
        frontend=centered(
            sample_rate=16000,
            fft_length=512,
            frame_step=128,
            bands=Mel.slaney(80),
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
            **SPEECH_FRAMES,
            conditioning=_INT16_EMPHASIZED,
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
    Preset(
        name="speechbrain-mfcc",
        frontend=_speechbrain(
            23,
            cepstrum=Cepstrum(20),
            deltas=Regression(),
            stack=Stack(11, "pad", step=1, before=5, layout="bands"),
        ),
        summary="20 cepstra of 23 bands with two derivatives, and five frames of context on each side",
        models="SpeechBrain's MFCC",
        source="speechbrain 1.1.2, lobes.features.MFCC()",
    ),
    Preset(
        name="funasr-paraformer",
        frontend=kaldi(
            80,
            window=Hamming(symmetry="symmetric"),
            stack=Stack(7, "pad", step=6, before=3, edges="repeat"),
        ),
        summary="Kaldi filter bank with a Hamming window, 80 bands, seven frames every 60 ms",
        models="Paraformer, SenseVoice",
        source="torchaudio 2.11.0, compliance.kaldi.fbank and FunASR's low frame rate",
        notes="Without the original's dither. The models then apply a mean and a scale from their files.",
        int16=True,
    ),
)
