"""Extraction to disk, compared with other libraries and with decoding alone. Run: make bench-extract.

From 10-second 16 kHz WAV, and from 44.1 kHz FLAC, OGG and MP3, to `whisper-80` as float32 `.npy`. Every
method writes the same features of the same files with one worker per core. Inputs and outputs are in a
folder in memory where the system has one, so that no disk is measured. Only sonogram syncs its files,
hashes its inputs and keeps an index; its times include that. Decoding alone is soundfile, soxr and
`numpy.save`, in threads. Times are the best of several runs, in turn; speeds are seconds of audio per second.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from importlib.metadata import PackageNotFoundError, version
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import soundfile
import soxr

import sonogram as sg
from sonogram.engines import native

SECONDS = 10
FRONTEND = sg.preset("whisper-80")
FORMATS = {
    "wav": (16000, "PCM_16"),
    "flac": (44100, "PCM_16"),
    "ogg": (44100, "VORBIS"),
    "mp3": (44100, None),
}
CORES = os.cpu_count() or 1
PACKAGES = ("numpy", "soundfile", "soxr", "asrfront", "librosa")


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=400)
    parser.add_argument("--repeats", type=int, default=4)
    arguments = parser.parse_args()
    python = platform.python_version()
    print(f"sonogram {sg.__version__}, {_engine()}, {platform.machine()}, {CORES} cores, Python {python}")
    print(", ".join(f"{name} {_version(name)}" for name in PACKAGES))
    shared = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="sonogram-bench-", dir=shared) as folder:
        for ending in FORMATS:
            clips = arguments.clips if ending == "wav" else max(arguments.clips // 4, 8)
            _compare(Path(folder), ending, clips, arguments.repeats)


def _engine() -> str:
    return f"native ({native.isa()})" if native.available() else "numpy"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _compare(folder: Path, ending: str, clips: int, repeats: int) -> None:
    source = folder / ending
    paths = _make(source, ending, clips)
    out = folder / "out"
    methods: dict[str, Callable[[], None]] = {
        "sonogram": lambda: _sonogram(source, out),
        "sonogram, processes": lambda: _sonogram(source, out, processes=True),
        "decode, resample, write": lambda: _pooled(_decode_and_write, paths, out, processes=False),
    }
    if ending == "wav":
        if _version("asrfront") != "not installed":
            methods["asrfront, processes"] = lambda: _pooled(_asrfront, paths, out, processes=True)
        methods["librosa, processes"] = lambda: _pooled(_librosa, paths, out, processes=True)
    best: dict[str, float] = {}
    for _ in range(repeats):
        for name, method in methods.items():
            shutil.rmtree(out, ignore_errors=True)
            out.mkdir()
            start = time.perf_counter()
            method()
            best[name] = min(time.perf_counter() - start, best.get(name, np.inf))
    print(f"\n{clips} x {SECONDS} s of {ending}, {FORMATS[ending][0]} Hz")
    for name, seconds in best.items():
        ratio = seconds / best["sonogram"]
        speed = clips * SECONDS / seconds
        print(f"  {name:26} {speed:10,.0f} x real time   sonogram: {ratio:5.2f} times as fast")
    shutil.rmtree(source)


def _make(source: Path, ending: str, clips: int) -> list[str]:
    rate, subtype = FORMATS[ending]
    source.mkdir()
    rng = np.random.default_rng(0)
    time_axis = np.arange(SECONDS * rate) / rate
    paths = []
    for index in range(clips):
        tone = np.sin(2 * np.pi * (100 + 10 * index) * time_axis * (1 + 0.1 * time_axis))
        path = source / f"{index:05d}.{ending}"
        soundfile.write(path, 0.2 * tone + 0.02 * rng.standard_normal(len(tone)), rate, subtype=subtype)
        paths.append(str(path))
    return paths


def _sonogram(source: Path, out: Path, processes: bool = False) -> None:
    report = sg.extract([source], out, FRONTEND, executor=_processes() if processes else None)
    assert not report.failed


def _pooled(work: Callable[[list[str], str], None], paths: list[str], out: Path, processes: bool) -> None:
    chunks = [paths[first : first + 16] for first in range(0, len(paths), 16)]
    pool = _processes() if processes else ThreadPoolExecutor(CORES)
    for result in [pool.submit(work, chunk, str(out)) for chunk in chunks]:
        result.result()
    if not processes:
        pool.shutdown()


_pools: list[ProcessPoolExecutor] = []


def _processes() -> ProcessPoolExecutor:
    """One pool, kept warm: starting Python is not what is compared."""
    if not _pools:
        _pools.append(ProcessPoolExecutor(CORES, mp_context=get_context("forkserver")))
        list(_pools[0].map(_warm, range(4 * CORES)))
    return _pools[0]


def _warm(_: int) -> None:
    import librosa

    librosa.feature.melspectrogram(y=np.zeros(16000, np.float32), sr=16000)


def _decode_and_write(paths: list[str], out: str) -> None:
    """What no front end can do without: read, resample, and write as many bytes as the features have."""
    blank = np.zeros((SECONDS * 100, 80), np.float32)
    for path in paths:
        samples, rate = soundfile.read(path, dtype="float32")
        if rate != 16000:
            soxr.resample(samples, rate, 16000)
        np.save(Path(out, Path(path).name + ".npy"), blank)


def _librosa(paths: list[str], out: str) -> None:
    import librosa

    for path in paths:
        samples, rate = librosa.load(path, sr=16000)
        mel = librosa.feature.melspectrogram(
            y=samples, sr=rate, n_fft=400, hop_length=160, n_mels=80, pad_mode="reflect"
        )
        log = np.log10(np.maximum(mel[:, :-1], 1e-10))
        log = (np.maximum(log, log.max() - 8) + 4) / 4
        np.save(Path(out, Path(path).name + ".npy"), log.T)


def _asrfront(paths: list[str], out: str) -> None:
    import asrfront

    for path in paths:
        features = asrfront.whisper.log_mel(asrfront.load(path), 80, pad_or_trim=False)
        np.save(Path(out, Path(path).name + ".npy"), features.T)


if __name__ == "__main__":
    main()
