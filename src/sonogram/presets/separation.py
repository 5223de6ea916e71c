"""Front ends of models that separate music into sources."""

from __future__ import annotations

from sonogram.bands import Bins
from sonogram.conditioning import Conditioning
from sonogram.frontend import Frontend
from sonogram.padding import End, HalfOverlap
from sonogram.presets.preset import Preset, centered
from sonogram.spectrum import Complex, Magnitude
from sonogram.windows import Hann

__all__ = ["PRESETS"]

PRESETS = (
    Preset(
        name="open-unmix",
        frontend=centered(sample_rate=44100, fft_length=4096, frame_step=1024, spectrum=Magnitude()),
        summary="Magnitudes, 2049 bins, 44.1 kHz",
        models="Open-Unmix",
        source="torch 2.13.0, stft with the arguments of Open-Unmix",
    ),
    Preset(
        name="htdemucs",
        frontend=Frontend(
            sample_rate=44100,
            frame_length=4096,
            frame_step=1024,
            fft_length=4096,
            padding=HalfOverlap(remainder="pad"),
            conditioning=Conditioning(scale=1 / 64),
            window=Hann(),
            spectrum=Complex(),
            bands=Bins(0, 2048),
        ),
        summary="Complex bins: the real parts of 2048 bins, then their imaginary parts",
        models="HT-Demucs",
        source="torch 2.13.0, stft with the steps of htdemucs.HTDemucs._spec and _magnitude",
        notes="The original pads clips shorter than 1536 samples with zeros first.",
    ),
    Preset(
        name="spleeter",
        frontend=Frontend(
            sample_rate=44100,
            frame_length=4096,
            frame_step=1024,
            fft_length=4096,
            padding=End(before=4096),
            bands=Bins(0, 1024),
        ),
        summary="Magnitudes of the lower 1024 of 2049 bins, 44.1 kHz",
        models="Spleeter",
        source="tensorflow-cpu 2.21.0, tf.signal with the arguments of Spleeter 2.4",
    ),
    Preset(
        name="mdx-net",
        frontend=centered(
            sample_rate=44100,
            fft_length=6144,
            frame_step=1024,
            spectrum=Complex(),
            bands=Bins(0, 2048),
        ),
        summary="Complex bins: the real parts of the lower 2048 of 3073 bins, then their imaginary parts",
        models="KUIELab MDX-Net, vocals",
        source="audio-separator 0.47.1, uvr_lib_v5.stft.STFT(n_fft=6144, hop_length=1024, dim_f=2048)",
        notes="The models read both channels of a stereo recording.",
    ),
)
