"""Front ends of models of music: tagging, transcription, beats, pitch."""

from __future__ import annotations

from typing import Any

from sonogram.bands import Bands, LogFrequency, Mel, Octaves, Rectangles
from sonogram.conditioning import Conditioning
from sonogram.deltas import PositiveDifference
from sonogram.frontend import Frontend
from sonogram.matrix import Matrix
from sonogram.normalize import UnitPeak
from sonogram.padding import Center, End, HalfOverlap
from sonogram.presets.preset import SPEECH_FRAMES, Preset, centered
from sonogram.scaling import Decibels, Log
from sonogram.spectrum import Magnitude, Power
from sonogram.transform import ConstantQ
from sonogram.windows import Hann

__all__ = ["PRESETS", "madmom_frames"]

_MUSICNN_LOG = Log(base=10, offset=1e-4, reference=1e-4)
"""log10(1 + 10000 x), written as log10((x + 1e-4) / 1e-4)."""

# Essentia accumulates the edges of its bands in float32. Edges at 8000, 7500 and 5000 Hz come out at
# these frequencies, which changes the upper bands visibly.
_ESSENTIA_8000, _ESSENTIA_7500, _ESSENTIA_5000 = 7999.9933, 7499.9865, 4999.9935


# Hertz: the critical bands of E. Zwicker, JASA 33 (1961) 248, with the two lowest halved.
_BARK_EDGES = (
    *(0, 50, 100, 150, 200, 300, 400, 510, 630, 770, 920, 1080, 1270, 1480, 1720, 2000, 2320, 2700),
    *(3150, 3700, 4400, 5300, 6400, 7700, 9500, 12000, 15500, 20500),
)


_MADMOM_LOG = Log(base=10, offset=1)


def madmom_frames(
    frame_length: int, frame_step: int, *, bands: Bands, scaling: Log = _MADMOM_LOG, lag: int = 0
) -> Frontend:
    """Return a front end with madmom's frames: centered, as many as steps begin inside the clip.

    With a `lag` the rise of each band since so many frames follows the bands.
    """
    return Frontend(
        sample_rate=44100,
        frame_length=frame_length,
        frame_step=frame_step,
        fft_length=frame_length,
        padding=Center(mode="constant", last_frame="inside"),
        conditioning=Conditioning(scale=32768 / 32767),
        window=Hann(symmetry="symmetric"),
        bands=bands,
        scaling=scaling,
        deltas=PositiveDifference(lag=lag) if lag else None,
    )


def _madmom(name: str, lower_hz: float, upper_hz: float, models: str) -> Preset:
    return Preset(
        name=f"madmom-{name}",
        frontend=madmom_frames(8192, 4410, bands=LogFrequency(24, lower_hz, upper_hz)),
        summary="log10(1 + x) of magnitudes in quarter tones, 10 frames a second",
        models=models,
        source="madmom 0.17.dev0 (27f032e), FilteredSpectrogram and LogarithmicSpectrogram",
        int16=True,
    )


def _nnaudio(num_bins: int, lower_hz: float, bins_per_octave: int) -> ConstantQ:
    return ConstantQ(num_bins, lower_hz, bins_per_octave, quality="spacing", rounding="up", scale="energy")


def _constant_q(
    name: str, *, summary: str, models: str, source: str, notes: str = "", **fields: Any
) -> Preset:
    frontend = Frontend(**{"padding": Center(), **fields})
    return Preset(name=name, frontend=frontend, summary=summary, models=models, source=source, notes=notes)


def _transcription(
    name: str, *, fft_length: int, frame_step: int, num_mel_bins: int, models: str, source: str
) -> Preset:
    return Preset(
        name=name,
        frontend=centered(
            sample_rate=16000,
            fft_length=fft_length,
            frame_step=frame_step,
            spectrum=Magnitude(),
            bands=Mel(num_mel_bins, 30, 8000, norm="slaney"),
            scaling=Log(floor=1e-5),
        ),
        summary=f"Log-mel of magnitudes, {num_mel_bins} bands on HTK's scale with Slaney's norm",
        models=models,
        source=source,
    )


PRESETS = (
    Preset(
        name="gtzan-logmel-128",
        frontend=centered(
            sample_rate=22050,
            fft_length=2048,
            frame_step=512,
            padding=Center(mode="constant"),
            bands=Mel.slaney(128),
            scaling=Decibels(reference="peak", dynamic_range=80),
        ),
        summary="Log-mel in decibels below the clip's peak, 128 bands, 22.05 kHz",
        models="the usual baselines on GTZAN",
        source="librosa 0.11.0, power_to_db(melspectrogram(y), ref=np.max)",
        clip_seconds=30,
    ),
    Preset(
        name="musicnn",
        frontend=centered(
            sample_rate=16000,
            fft_length=512,
            frame_step=256,
            bands=Mel.slaney(96),
            scaling=_MUSICNN_LOG,
        ),
        summary="log10(1 + 10000 mel), 96 bands of 32 ms",
        models="MusiCNN",
        source="librosa 0.11.0 with the arguments of musicnn 0.1.0, padded by reflection as in its training",
        notes="Without the original's cast of the mel bands to float16. The model reads 187 frames.",
        clip_seconds=3,
    ),
    Preset(
        name="essentia-musicnn",
        frontend=Frontend(
            sample_rate=16000,
            frame_length=512,
            frame_step=256,
            fft_length=512,
            window=Hann(symmetry="symmetric"),
            spectrum=Power(),
            bands=Mel.slaney(96, 0, _ESSENTIA_8000),
            scaling=_MUSICNN_LOG,
        ),
        summary="log10(1 + 10000 mel), 96 bands, as Essentia computes it",
        models="Essentia's MusiCNN and Discogs-EffNet models",
        source="essentia 2.1b6.dev1389, TensorflowInputMusiCNN",
        notes="Reads frames of 512 samples every 256; pad the samples as your frame cutter does.",
    ),
    Preset(
        name="essentia-vggish",
        frontend=Frontend(
            **SPEECH_FRAMES,
            window=Hann(symmetry="symmetric"),
            bands=Mel(64, 125, _ESSENTIA_7500, slopes="mel"),
            scaling=Log(offset=0.01),
        ),
        summary="VGGish's log-mel as Essentia computes it, with a symmetric window",
        models="Essentia's VGGish models",
        source="essentia 2.1b6.dev1389, TensorflowInputVGGish",
    ),
    Preset(
        name="essentia-tempocnn",
        frontend=Frontend(
            sample_rate=11025,
            frame_length=1024,
            frame_step=512,
            fft_length=1024,
            window=Hann(symmetry="symmetric"),
            bands=Mel.slaney(40, 20, _ESSENTIA_5000),
        ),
        summary="Linear mel magnitudes, 40 bands, 11.025 kHz",
        models="TempoCNN",
        source="essentia 2.1b6.dev1389, TensorflowInputTempoCNN",
    ),
    Preset(
        name="ddsp-logmel",
        frontend=Frontend(
            sample_rate=16000,
            frame_length=2048,
            frame_step=512,
            fft_length=2048,
            padding=End(),
            bands=Mel(64, 80, 7600, slopes="mel"),
            scaling=Log(floor=1e-5),
        ),
        summary="Log-mel of magnitudes, 64 bands of 128 ms",
        models="DDSP",
        source="ddsp 3.7.0, spectral_ops.compute_logmel",
    ),
    Preset(
        name="beat-this",
        frontend=centered(
            sample_rate=22050,
            fft_length=1024,
            frame_step=441,
            spectrum=Magnitude(),
            bands=Mel(128, 30, 11000, mel_scale="slaney"),
            scaling=Log(offset=0.032, reference=0.032),
        ),
        summary="ln(1 + 1000 mel) of magnitudes, 128 bands, 50 frames a second",
        models="Beat This",
        source="beat-this 1.1.0, preprocessing.LogMelSpect",
        notes="The original divides magnitudes by 32, the root of the frame length; here the logarithm does.",
    ),
    _transcription(
        "onsets-and-frames",
        fft_length=2048,
        frame_step=512,
        num_mel_bins=229,
        models="Onsets and Frames (PyTorch)",
        source="torchaudio 2.11.0 with the arguments of onsets-and-frames",
    ),
    Preset(
        name="piano-transcription",
        frontend=centered(
            sample_rate=16000,
            fft_length=2048,
            frame_step=160,
            bands=Mel.slaney(229, 30, 8000),
            scaling=Decibels(),
        ),
        summary="Log-mel in decibels, 229 bands of 128 ms",
        models="ByteDance piano transcription",
        source="torchlibrosa 0.1.0 with the arguments of piano_transcription_inference",
        clip_seconds=10,
    ),
    _transcription(
        "rmvpe",
        fft_length=1024,
        frame_step=160,
        num_mel_bins=128,
        models="RMVPE",
        source="librosa 0.11.0 and torch 2.13.0 with the arguments of RMVPE",
    ),
    Preset(
        name="fcpe",
        frontend=centered(
            sample_rate=16000,
            fft_length=1024,
            frame_step=160,
            padding=HalfOverlap(),
            spectrum=Magnitude(epsilon=1e-9),
            bands=Mel.slaney(128, 0, 8000),
            scaling=Log(floor=1e-5),
        ),
        summary="Log-mel of magnitudes, 128 bands of 64 ms, one frame for each step",
        models="FCPE",
        source="torchfcpe 0.0.4, mel_extractor.MelModule(16000, 128, 1024, 1024, 160, 0, 8000)",
        notes="The original repeats the last frame once, and pads clips shorter than 433 samples with zeros.",
    ),
    Preset(
        name="musicfm",
        frontend=centered(
            sample_rate=24000,
            fft_length=2048,
            frame_step=240,
            bands=Mel(128, 0, 12000),
            scaling=Decibels(),
        ),
        summary="Log-mel in decibels, 128 bands, 24 kHz",
        models="MusicFM, MuQ",
        source="torchaudio 2.11.0, MelSpectrogram and AmplitudeToDB with the arguments of MusicFM",
        notes="The models then subtract 6.768444971712967 and divide by 18.417922652295623.",
    ),
    Preset(
        name="pop2piano",
        frontend=centered(
            sample_rate=22050,
            fft_length=4096,
            frame_step=1024,
            bands=Mel(512, 10, 11025),
            scaling=Log(floor=1e-6),
        ),
        summary="Log-mel, 512 bands of 186 ms, 22.05 kHz",
        models="Pop2Piano",
        source="transformers 5.23.0, Pop2PianoFeatureExtractor.mel_spectrogram and its logarithm",
        notes="The model reads segments between beats, which the original finds with Essentia.",
    ),
    Preset(
        name="mt3",
        frontend=Frontend(
            sample_rate=16000,
            frame_length=2048,
            frame_step=128,
            fft_length=2048,
            padding=End(),
            bands=Mel(512, 20, 7600, slopes="mel"),
            scaling=Log(zero=1e-5),
        ),
        summary="Log-mel of magnitudes, 512 bands, 8 ms apart",
        models="MT3",
        source="tensorflow-cpu 2.21.0, tf.signal with the arguments of magenta/mt3",
        notes="Most low bands are narrower than a bin and empty: ln(1e-5) in every frame.",
    ),
    _madmom("chord", 60, 2600, "madmom's chord recognition"),
    _madmom("deep-chroma", 65, 2100, "madmom's deep chroma"),
    Preset(
        name="madmom-rnn-beat-online",
        frontend=madmom_frames(2048, 441, bands=LogFrequency(12, 30, 17000), lag=1),
        summary="log10(1 + x) of magnitudes in semitones and their rise, 100 frames a second",
        models="madmom's beat tracking online",
        source="madmom 0.17.dev0 (27f032e), processors of RNNBeatProcessor(online=True)",
        int16=True,
    ),
    Preset(
        name="essentia-barkbands",
        frontend=Frontend(
            sample_rate=44100,
            frame_length=2048,
            frame_step=1024,
            fft_length=2048,
            # Essentia divides its window by half its sum.
            conditioning=Conditioning(scale=2),
            window=Hann(symmetry="symmetric", norm="sum"),
            spectrum=Power(),
            bands=Rectangles(Matrix(_BARK_EDGES)),
        ),
        summary="Power in 27 critical bands (Bark)",
        models="Essentia's descriptors",
        source="essentia 2.1b6.dev1389, BarkBands",
    ),
    _constant_q(
        "nnaudio-cqt",
        sample_rate=22050,
        frame_length=16384,
        frame_step=512,
        transform=_nnaudio(84, 32.70319566257483, 12),
        summary="Constant-Q magnitudes, 84 semitones from C1",
        models="nnAudio",
        source="nnaudio 0.3.4, features.CQT1992v2(fmin=32.70319566257483)",
    ),
    _constant_q(
        "mert-cqt",
        sample_rate=24000,
        frame_length=65536,
        frame_step=480,
        padding=Center(mode="constant"),
        transform=_nnaudio(336, 32.7, 48),
        summary="Constant-Q magnitudes, 336 bins, 48 in an octave",
        models="MERT (the target of its training)",
        source="nnaudio 0.3.4, features.CQT1992v2 with MERT's arguments",
    ),
    _constant_q(
        "pesto",
        sample_rate=16000,
        frame_length=32768,
        frame_step=160,
        # The original centers its first bin twice, by a third of a bin and by half of that.
        transform=_nnaudio(297, 27.5 / 2 ** (2 / 36) / 2 ** (2 / 72), 36),
        scaling=Decibels(floor=2.0**-23),
        summary="Constant-Q magnitudes in decibels, 297 bins, 36 in an octave",
        models="PESTO",
        source="pesto-pitch 2.0, data.Preprocessor",
    ),
    _constant_q(
        "librosa-cqt",
        sample_rate=22050,
        frame_length=11686,
        frame_step=512,
        padding=Center(mode="constant"),
        transform=ConstantQ(scale="energy"),
        summary="Constant-Q magnitudes, 84 semitones from C1, as librosa defines them",
        models="librosa's cqt",
        source="the definition of librosa 0.11.0, cqt(), within an RMS of 1e-2 of each frame's maximum",
        notes="librosa halves the rate, rounds window lengths and drops small factors; this is exact.",
    ),
    _constant_q(
        "librosa-chroma-cqt",
        sample_rate=22050,
        frame_length=35024,
        frame_step=512,
        padding=Center(mode="constant"),
        transform=ConstantQ(252, bins_per_octave=36, scale="energy"),
        bands=Octaves(bins_per_class=3),
        normalize=UnitPeak(),
        summary="Chroma of constant-Q magnitudes, 12 classes of 7 octaves, each frame with a peak of 1",
        models="chord and key recognition",
        source="the definition of librosa 0.11.0, chroma_cqt(tuning=0), within an RMS of 1e-2",
        notes="The transform is exact, as in librosa-cqt. The original estimates the tuning of each clip "
        "unless it is given.",
    ),
)
