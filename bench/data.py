"""From waveforms in memory, and from files on disk, to training batches of features. Run: make bench-data.

For each way it prints clips per second by the clock (the best of some epochs, the first one left out) and the
processor's milliseconds per clip, which other programs on the machine disturb less. The sounds are made in a
temporary place. `decode alone` is what no pipeline can pass that decodes with libsndfile.
"""

from __future__ import annotations

import argparse
import functools
import json
import multiprocessing
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any
from unittest import mock

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import soundfile
from definitions import LOG_MEL, TUTORIAL

import sonogram as sg
from sonogram.audio import load
from sonogram.dataset import Clips, Fixed, batches, clips

BATCH = 32
MEMORY = 1024
"""One-second clips in memory."""
JOBS = os.cpu_count() or 1
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
PACKAGES = ("numpy", "soundfile", "soxr", "librosa", "keras", "tensorflow-cpu", "tensorflow")


@dataclass(frozen=True)
class Corpus:
    """A kind of recordings, and the log-mel features that are wanted of it."""

    name: str
    ending: str
    sample_rate: int
    seconds: int
    count: int
    fft_length: int
    frame_step: int
    num_mel_bins: int

    @property
    def frontend(self) -> sg.Frontend:
        """Log-mel power as the Keras layer and librosa can be configured to compute it."""
        return sg.Frontend(
            self.sample_rate,
            self.fft_length,
            self.frame_step,
            self.fft_length,
            padding=sg.padding.Center(),
            window=sg.windows.Hann(),
            spectrum=sg.spectrum.Power(),
            bands=sg.bands.Mel(self.num_mel_bins, 0, self.sample_rate / 2, mel_scale="slaney", norm="slaney"),
            scaling=sg.scaling.Log(floor=1e-10),
        )

    @property
    def num_samples(self) -> int:
        """Samples of a clip."""
        return self.sample_rate * self.seconds


CORPORA = (
    Corpus("1 s WAV, 16 kHz", "wav", 16_000, 1, 1024, 400, 160, 80),
    Corpus("5 s FLAC, 44.1 kHz", "flac", 44_100, 5, 256, 2048, 512, 128),
    Corpus("5 s MP3, 44.1 kHz", "mp3", 44_100, 5, 256, 2048, 512, 128),
)


@dataclass(frozen=True)
class Row:
    """One measurement."""

    corpus: str
    method: str
    clips_per_second: float
    cpu_milliseconds: float


class Pipeline:
    """One way: an epoch gives the clips it has handled and the processor's seconds of other processes."""

    def __init__(self, name: str, epoch: Callable[[], tuple[int, float]]) -> None:
        self.name = name
        self.epoch = epoch

    def row(self, title: str, wanted: int, epochs: int) -> Row:
        """Measures some epochs of so many clips after one that warms caches, pools and graphs."""
        self.epoch()
        clock, cpu = [], []
        for _ in range(epochs):
            start, start_cpu = time.perf_counter(), time.process_time()
            handled, elsewhere = self.epoch()
            clock.append(time.perf_counter() - start)
            cpu.append(time.process_time() - start_cpu + elsewhere)
            assert handled == wanted, f"{self.name}: {handled} of {wanted} clips"
        return Row(title, self.name, wanted / min(clock), min(cpu) / wanted * 1e3)


def write(corpus: Corpus, folder: Path) -> Clips:
    """Makes the sounds: a sweep in pink-like noise, so that FLAC finds something to predict."""
    rng = np.random.default_rng(0)
    time_ = np.arange(corpus.num_samples) / corpus.sample_rate
    for index in range(corpus.count):
        noise = np.convolve(rng.standard_normal(corpus.num_samples), np.ones(8) / 8, "same")
        sweep = np.sin(2 * np.pi * (200 + 20 * index) * time_ * (1 + time_ / 10))
        path = folder / f"class{index % 4}" / f"{index}.{corpus.ending}"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, 0.3 * sweep + 0.05 * noise, corpus.sample_rate)
    return clips(folder)


def count(data: Any) -> tuple[int, float]:
    """Runs an epoch of a `tf.data.Dataset`."""
    return sum(int(numbers.shape[0]) for _, numbers in data), 0.0


def sonogram_ways(corpus: Corpus, data: Clips, cache: Path) -> Iterator[Pipeline]:
    cut = Fixed(corpus.seconds)
    yield Pipeline("decode alone: sonogram.load, threads", functools.partial(_decode, data, load))
    yield Pipeline(
        "decode alone: soundfile, threads",
        functools.partial(_decode, data, lambda path: soundfile.read(path, dtype="float32")),
    )
    if corpus.sample_rate != 16_000:
        yield Pipeline(
            "decode and resample alone: load at 16 kHz, threads",
            functools.partial(_decode, data, lambda path: load(path, 16_000)),
        )
    ways = {
        "sonogram, whisper-80": ({"features": sg.preset("whisper-80")}, None),
        "sonogram, waveforms": ({"sample_rate": corpus.sample_rate}, None),
        "sonogram, features": ({"features": corpus.frontend}, None),
        "sonogram, features, cached": ({"features": corpus.frontend}, cache),
    }
    if corpus.sample_rate != 16_000:
        ways["sonogram, waveforms at 16 kHz"] = ({"sample_rate": 16_000}, None)
    for name, (output, folder) in ways.items():
        made = batches(data, cut=cut, batch_size=BATCH, seed=0, cache=folder, **output)
        yield Pipeline(name, functools.partial(count, made))


def _decode(data: Clips, read: Callable[[str], Any]) -> tuple[int, float]:
    with ThreadPoolExecutor(JOBS) as pool:
        return sum(1 for _ in pool.map(read, data.paths)), 0.0


def keras_way(corpus: Corpus, folder: Path) -> Iterator[Pipeline]:
    """Keras reads 16-bit WAV and nothing else."""
    import keras
    import tensorflow as tf

    if corpus.ending != "wav":
        return
    made = keras.utils.audio_dataset_from_directory(
        folder, batch_size=BATCH, output_sequence_length=corpus.num_samples, seed=0, verbose=False
    )
    layer = keras.layers.MelSpectrogram(
        corpus.fft_length,
        corpus.frame_step,
        sampling_rate=corpus.sample_rate,
        num_mel_bins=corpus.num_mel_bins,
        max_freq=corpus.sample_rate / 2,
        mag_exp=2,
    )
    featured = made.map(lambda x, y: (layer(x[..., 0]), y), tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)
    yield Pipeline("keras audio_dataset_from_directory + MelSpectrogram", functools.partial(count, featured))


def tensorflow_way(corpus: Corpus, data: Clips) -> Iterator[Pipeline]:
    """As the tutorials write it, with what they leave out to be fast: parallel maps, whole batches."""
    import tensorflow as tf

    if corpus.ending != "wav":
        return
    mel = tf.signal.linear_to_mel_weight_matrix(
        corpus.num_mel_bins, corpus.fft_length // 2 + 1, corpus.sample_rate, 0, corpus.sample_rate / 2
    )

    def read(path: Any, number: Any) -> Any:
        samples, _ = tf.audio.decode_wav(tf.io.read_file(path), 1, corpus.num_samples)
        return samples[:, 0], number

    def features(samples: Any, number: Any) -> Any:
        spectrum = tf.signal.stft(samples, corpus.fft_length, corpus.frame_step, corpus.fft_length)
        return tf.math.log(tf.square(tf.abs(spectrum)) @ mel + 1e-10), number

    made = tf.data.Dataset.from_tensor_slices((list(data.paths), data.numbers)).shuffle(len(data), seed=0)
    made = made.map(read, tf.data.AUTOTUNE).batch(BATCH).map(features, tf.data.AUTOTUNE)
    yield Pipeline(
        "tf.audio.decode_wav + tf.signal", functools.partial(count, made.prefetch(tf.data.AUTOTUNE))
    )


def memory_ways(frontend: sg.Frontend) -> Iterator[Pipeline]:
    """Batches of waveforms that are in memory already, two of them at a time."""
    import tensorflow as tf

    rate, size, step = int(frontend.sample_rate), frontend.fft_length, frontend.frame_step
    samples = np.random.default_rng(0).standard_normal((MEMORY, rate), np.float32)
    waveforms = tf.data.Dataset.from_tensor_slices(samples).batch(BATCH).cache()
    bands = frontend.bands
    mel = None if bands is None else tf.constant(bands.matrix(rate, size), tf.float32)

    def signal(batch: Any) -> Any:
        if mel is None:
            return tf.abs(tf.signal.stft(batch, size, step))
        padded = tf.pad(batch, [[0, 0], [size // 2, size // 2]], "REFLECT")
        power = tf.square(tf.abs(tf.signal.stft(padded, size, step, size)))
        return tf.math.log(tf.maximum(power @ mel, 1e-10))

    np.testing.assert_allclose(frontend(samples[:2]), signal(samples[:2]), atol=1e-3, rtol=1e-4)
    for name, function in (("sonogram", frontend), ("tf.signal", signal)):
        made = waveforms.map(tf.autograph.experimental.do_not_convert(function), 2).prefetch(2)
        yield Pipeline(f"{name}, waveforms in memory", functools.partial(count_in_memory, made))


def count_in_memory(data: Any) -> tuple[int, float]:
    """Runs an epoch of a `tf.data.Dataset` without labels."""
    return sum(int(features.shape[0]) for features in data), 0.0


def librosa_way(corpus: Corpus, data: Clips, pool: ProcessPoolExecutor) -> Iterator[Pipeline]:
    """Features of clips in other processes, gathered into batches here."""
    work = functools.partial(_librosa, corpus)

    def epoch() -> tuple[int, float]:
        handled, elsewhere, held = 0, 0.0, []
        for features, seconds in pool.map(work, data.paths, chunksize=8):
            held.append(features)
            elsewhere += seconds
            if len(held) == BATCH:
                handled, held = handled + len(np.stack(held)), []
        return handled + len(held), elsewhere

    yield Pipeline(f"librosa, {JOBS} processes", epoch)


def _librosa(corpus: Corpus, path: str) -> tuple[Any, float]:
    import librosa

    start = time.process_time()
    samples, rate = librosa.load(path, sr=None)
    power = librosa.feature.melspectrogram(
        y=samples,
        sr=rate,
        n_fft=corpus.fft_length,
        hop_length=corpus.frame_step,
        n_mels=corpus.num_mel_bins,
    )
    return np.log(np.maximum(power, 1e-10)).T, time.process_time() - start


def measure(corpus: Corpus, folder: Path, epochs: int, pool: ProcessPoolExecutor) -> Iterator[Row]:
    """Measures every way that can read a corpus."""
    data = write(corpus, folder / "sounds")
    for ways in (
        sonogram_ways(corpus, data, folder / "cache"),
        keras_way(corpus, folder / "sounds"),
        tensorflow_way(corpus, data),
        librosa_way(corpus, data, pool),
    ):
        for way in ways:
            yield way.row(corpus.name, corpus.count, epochs)


def measure_memory(title: str, frontend: sg.Frontend, epochs: int) -> Iterator[Row]:
    """Measures both ways from memory."""
    for way in memory_ways(frontend):
        yield way.row(title, MEMORY, epochs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--epochs", type=int, default=5, help="timed epochs of each way")
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    arguments = parser.parse_args()
    print(f"Python {platform.python_version()}, {JOBS} cores, {', '.join(_versions())}")
    rows: list[Row] = []

    def show(found: Iterator[Row], title: str) -> None:
        print(f"\n{title}\n  {'':<52} {'clips/s':>9} {'cpu ms/clip':>12}", flush=True)
        for row in found:
            print(
                f"  {row.method:<52} {row.clips_per_second:>9.0f} {row.cpu_milliseconds:>12.3f}", flush=True
            )
            rows.append(row)

    for name, frontend in {**LOG_MEL, "1024/256, magnitude": TUTORIAL}.items():
        title = f"1 s in memory, {name}"
        show(measure_memory(title, frontend, arguments.epochs), title)
    # One thread in each process: more of them would fight over the cores.
    with mock.patch.dict(os.environ, dict.fromkeys(THREADS, "1")):
        pool = ProcessPoolExecutor(JOBS, multiprocessing.get_context("spawn"))
        list(pool.map(time.sleep, [0.2] * JOBS))
    with pool:
        for corpus in CORPORA:
            title = f"{corpus.name}, log-mel {corpus.fft_length}/{corpus.frame_step}/{corpus.num_mel_bins}"
            with tempfile.TemporaryDirectory() as folder:
                show(measure(corpus, Path(folder), arguments.epochs, pool), title)
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(row) for row in rows], indent=1), encoding="utf-8")
    print("\nAugmentation", flush=True)
    subprocess.run([sys.executable, str(Path(__file__).with_name("augment.py"))], check=True)


def _versions() -> Iterator[str]:
    for name in PACKAGES:
        try:
            yield f"{name} {metadata.version(name)}"
        except metadata.PackageNotFoundError:
            continue


if __name__ == "__main__":
    main()
