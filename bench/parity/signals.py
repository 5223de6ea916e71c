"""The signals on which originals and presets are compared, as 16-bit integers at any rate."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sonogram.bundle import Composite
from sonogram.frontend import Frontend

__all__ = ["chirp", "composite", "has_data", "signals"]

Pcm = NDArray[np.int16]
_DATA = Path(os.environ.get("SONOGRAM_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))


def has_data() -> bool:
    """Return whether there are recordings in ../shared/data, or in SONOGRAM_DATA."""
    return (_DATA / "examples" / "speech.wav").is_file()


def _pcm(samples: NDArray[np.floating]) -> Pcm:
    return np.clip(np.round(samples * 32768), -32768, 32767).astype(np.int16)


def _noise(num_samples: int, seed: int = 0) -> NDArray[np.float64]:
    return np.random.Generator(np.random.PCG64(seed)).standard_normal(num_samples)


@cache
def chirp(sample_rate: int) -> Pcm:
    """Return 2 s of a sweep from 50 Hz to 0.45 of the rate, with quiet noise."""
    time = np.arange(2 * sample_rate) / sample_rate
    phase = 2 * np.pi * (50 * time + 0.25 * (0.45 * sample_rate - 50) * time**2)
    return _pcm(0.5 * np.sin(phase) + 0.02 * _noise(len(time)))


@cache
def composite(sample_rate: int) -> Pcm:
    """Return 0.6 s and some samples with every difficulty once.

    A voice-like tone, digital silence, a click in it, noise of one bit, a step of DC at 0.5, clipping,
    silence to the end; an odd number of samples.
    """
    num_samples = int(0.6 * sample_rate) | 1
    time = np.arange(num_samples) / sample_rate
    voice = sum(np.sin(2 * np.pi * 140 * k * time + k * k) / k for k in range(1, 24))
    samples = 0.15 * voice * (0.6 + 0.4 * np.sin(2 * np.pi * 5 * time)) + 0.002 * _noise(num_samples)
    part = np.minimum((time / 0.1).astype(int), 5)
    samples[part == 1] = 0
    samples[int(0.15 * sample_rate)] = 0.9
    samples[part == 2] = np.sign(_noise(num_samples, 1)[part == 2]) / 32768
    samples[part == 3] = 0.5 + 0.2 * samples[part == 3]
    samples[part == 4] *= 12
    samples[num_samples - int(0.05 * sample_rate) :] = 0
    return _pcm(samples)


@cache
def _recording(name: str, sample_rate: int, seconds: float = 2.0) -> Pcm:
    from sonogram.audio import load

    samples = load(_DATA / "examples" / name, sample_rate=sample_rate, duration=seconds).samples
    return _pcm(0.9 * samples / max(np.abs(samples).max(), 1e-3))


def _gaps(speech: Pcm, sample_rate: int) -> Pcm:
    """Return speech with stretches of digital silence in it and at both ends."""
    gapped = speech.copy()
    for start, end in ((0, 0.11), (0.5, 0.83), (1.21, 1.2137), (1.7, 2.1)):
        gapped[int(start * sample_rate) : int(end * sample_rate)] = 0
    return gapped


def signals(frontend: Frontend | Composite, with_data: bool = True) -> Iterator[tuple[str, Pcm]]:
    """Yield the name and the samples of each test signal for a front end."""
    rate = int(frontend.sample_rate)
    yield "chirp", chirp(rate)
    mixed = composite(rate)
    yield "composite", mixed
    if with_data:
        speech = _recording("speech.wav", rate)
        music = _recording("xylophone.mp3", rate)
        yield "speech", speech
        yield "music", music
        yield "choir", _recording("choir.flac", rate)
        yield "speech with digital silence", _gaps(speech, rate)
        yield "clipped music", _pcm(music / 32768 * 10)
        yield "speech over DC", _pcm(0.4 * speech / 32768 + 0.5)
        yield "faint speech", (speech // 4096).astype(np.int16)
        yield "15999 samples", speech[:15999]
        yield "12347 samples", music[1000:13347]
    yield "silence", np.zeros(rate, np.int16)
    click = np.zeros(rate // 2, np.int16)
    click[rate // 4] = 32767
    yield "click", click
    clicks = np.zeros(rate, np.int16)
    clicks[[0, 1, rate // 3, rate // 2 + 7, rate - 1]] = (20000, -32768, 32767, -5, 12000)
    yield "impulses", clicks
    yield "constant", np.full(rate // 2, 16384, np.int16)
    yield "constant of 0.25, odd length", np.full(rate // 3 | 1, 8192, np.int16)
    yield "full scale", _pcm(0.9999 * np.sin(2 * np.pi * 1000 * np.arange(rate // 2) / rate))
    length, step = frontend.frame_length, frontend.frame_step
    fft_length = getattr(frontend, "fft_length", None) or 1 << (length - 1).bit_length()
    tone = chirp(rate)[rate // 3 :]
    sizes = {1, 2, step - 1, step, step + 1, length - 1, length, length + 1, length + 2}
    sizes |= {fft_length // 2, fft_length // 2 + 1, fft_length - 1, fft_length, fft_length + 1}
    sizes |= {length + count * step + rest for count in (1, 2, 3) for rest in (-1, 0, 1)}
    for size in sorted(sizes):
        yield f"{size} samples", tone[:size]
