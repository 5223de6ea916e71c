"""Time of reading sound files, next to soundfile and librosa. Run: make bench-load.

A minute at 44.1 kHz, mono and stereo, in four formats, from a path and from bytes. All readers take turns in
many short rounds, and the least processor time of each counts: other programs hardly change it. Next to the
times stands the largest difference of the samples from those of soundfile, or of librosa at another rate.
"""

from __future__ import annotations

import argparse
import io
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import librosa
import numpy as np
import soundfile
from compare import machine, record

import sonogram as sg

SAMPLE_RATE, OTHER_RATE, SECONDS = 44_100, 16_000, 60
FORMATS = {
    "wav": ("WAV", "PCM_16"),
    "flac": ("FLAC", "PCM_16"),
    "ogg": ("OGG", "VORBIS"),
    "mp3": ("MP3", "MPEG_LAYER_III"),
}
BUDGET = 1.8
"""Seconds for the rounds of one row."""
PACKAGES = ("numpy", "soundfile", "librosa", "soxr")

Read = Callable[[], np.ndarray]


def sound(channels: int, seconds: int = SECONDS) -> np.ndarray:
    """A sweep with noise, `(samples, channels)`: what codecs find neither trivial nor impossible."""
    rng = np.random.default_rng(0)
    time_s = np.arange(seconds * SAMPLE_RATE) / SAMPLE_RATE
    sweep = 0.3 * np.sin(2 * np.pi * (200 + 50 * (time_s % SECONDS)) * time_s)
    noise = 0.05 * rng.standard_normal((len(time_s), channels))
    return (sweep[:, None] + noise).astype(np.float32)


def write(path: Path, samples: np.ndarray, kind: str, coding: str) -> None:
    with soundfile.SoundFile(path, "w", SAMPLE_RATE, samples.shape[1], coding, format=kind) as file:
        for start in range(0, len(samples), 1 << 14):  # libvorbis overflows the stack with a minute at once
            file.write(samples[start : start + (1 << 14)])


def readers(path: Path) -> dict[str, tuple[Read, Read]]:
    """Pairs of readers by the name of the comparison: ours, and the one that it is measured by."""
    content, name = path.read_bytes(), os.fspath(path)
    return {
        "path, channels": (
            lambda: sg.load(name, mono=False).samples,
            lambda: soundfile.read(name, dtype="float32", always_2d=True)[0].T,
        ),
        "path, mono": (
            lambda: sg.load(name).samples,
            lambda: soundfile.read(name, dtype="float32", always_2d=True)[0].T,
        ),
        "bytes, channels": (
            lambda: sg.load(content, mono=False).samples,
            lambda: soundfile.read(io.BytesIO(content), dtype="float32", always_2d=True)[0].T,
        ),
        "path, mono, librosa": (
            lambda: sg.load(name).samples,
            lambda: librosa.load(name, sr=None)[0],
        ),
        f"path, mono, {OTHER_RATE} Hz, librosa": (
            lambda: sg.load(name, OTHER_RATE).samples,
            lambda: librosa.load(name, sr=OTHER_RATE, res_type="soxr_hq")[0],
        ),
    }


def least(reads: tuple[Read, Read], budget: float) -> list[float]:
    """The least milliseconds of each reader, in turns until the time is over."""
    best = [np.inf] * len(reads)
    end = time.perf_counter() + budget
    while time.perf_counter() < end or np.inf in best:
        for place, read in enumerate(reads):
            start = time.process_time()
            read()
            best[place] = min(best[place], 1e3 * (time.process_time() - start))
    return best


def difference(ours: np.ndarray, theirs: np.ndarray) -> float:
    """The largest difference of the samples that both have."""
    if theirs.ndim > ours.ndim:
        theirs = theirs.mean(axis=0)
    count = min(ours.shape[-1], theirs.shape[-1])
    return float(np.abs(ours[..., :count] - theirs[..., :count]).max())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=BUDGET, help="time for the rounds of one row")
    budget = parser.parse_args().seconds
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES)
    sys.stdout.write(f"Python {platform.python_version()}, {versions}, ")
    sys.stdout.write(f"libsndfile {soundfile.__libsndfile_version__}, {machine()}\n\n")
    sys.stdout.write("| file | comparison | ours (ms) | other (ms) | ours / other | difference |\n")
    sys.stdout.write("| --- | --- | --- | --- | --- | --- |\n")
    with tempfile.TemporaryDirectory() as folder:
        for ending, (kind, coding) in FORMATS.items():
            for channels, word in ((1, "mono"), (2, "stereo")):
                path = Path(folder) / f"{word}.{ending}"
                write(path, sound(channels), kind, coding)
                for name, reads in readers(path).items():
                    gap = difference(*(read() for read in reads))
                    ours, other = least(reads, budget)
                    record([(f"load {word} {ending}, {name}", 1e3 * ours)])
                    figures = f"{ours:.1f} | {other:.1f} | {ours / other:.2f} | {gap:.1e}"
                    sys.stdout.write(f"| {word} {ending} | {name} | {figures} |\n")
                    sys.stdout.flush()


if __name__ == "__main__":
    main()
