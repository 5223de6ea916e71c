"""Time and size of a front end in a LiteRT file, next to other ways to write one. Run: make bench-export.

The input is ten seconds of noise. `tf.signal` is converted with LiteRT's own Fourier transform, where the
length is a power of two, as it must be. The convolution has the windowed sines and cosines as its kernels; so
has Keras's `STFTSpectrogram`, which is measured with the magnitudes. All run on one thread, in turns, and the
least time counts. The error is the largest difference from the engine `numpy`, in the unit of the features.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import keras
import numpy as np
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter
from compare import machine, record
from definitions import LOG_MEL, TUTORIAL
from options import add_rounds

import sonogram as sg
from sonogram.engines.plan import plan

CASES = {**LOG_MEL, "magnitude 1024/256": TUTORIAL}
SECONDS, ROUNDS = 10, 20


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_rounds(parser, ROUNDS)
    options = parser.parse_args()
    print(f"{machine()}, TensorFlow {tf.__version__}, Keras {keras.__version__}, one thread\n")
    print("| row | | µs a frame | relative | kB | error |\n| --- | --- | ---: | ---: | ---: | ---: |")
    for name, frontend in CASES.items():
        measure(name, frontend, options.rounds)


def measure(name: str, frontend: sg.Frontend, rounds: int) -> None:
    """Print a row for each way to write the definition."""
    size = round(SECONDS * frontend.sample_rate)
    samples = (0.1 * np.random.default_rng(0).standard_normal((1, size))).astype(np.float32)
    want = frontend(samples, "numpy")
    files = dict(ways(frontend, size))
    runs = {way: Run(content, samples) for way, content in files.items()}
    for _ in range(rounds):
        for run in runs.values():
            run.measure()
    ours = runs["sonogram"].least
    for way, run in runs.items():
        error = np.abs(run.result().reshape(want.shape) - want).max()
        frame = 1e6 * run.least / want.shape[1]
        print(
            f"| {name} | {way} | {frame:.2f} | {run.least / ours:.2f} | {len(files[way]) / 1e3:.0f} "
            f"| {error:.1e} |",
            flush=True,
        )
        record([(f"export, {name}, {way}", 1e6 * run.least)])


class Run:
    """A LiteRT file with an input."""

    def __init__(self, content: bytes, samples: Any) -> None:
        self.interpreter = Interpreter(model_content=content, num_threads=1)
        (entry,) = self.interpreter.get_input_details()
        self.interpreter.resize_tensor_input(entry["index"], samples.shape)
        self.interpreter.allocate_tensors()
        self.interpreter.set_tensor(entry["index"], samples)
        self.least = float("inf")

    def measure(self) -> None:
        for _ in range(2):
            started = time.perf_counter()
            self.interpreter.invoke()
            self.least = min(self.least, time.perf_counter() - started)

    def result(self) -> Any:
        return self.interpreter.get_tensor(self.interpreter.get_output_details()[0]["index"])


def ways(frontend: sg.Frontend, size: int) -> Iterator[tuple[str, bytes]]:
    """Yield each way to write the definition, with its file."""
    model = keras.Sequential([keras.Input((size,)), sg.layers.Spectrogram(frontend)])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.tflite")
        sg.export(model, path)
        yield "sonogram", path.read_bytes()
    if frontend.fft_size.bit_count() == 1:
        yield "tf.signal", converted(with_fft(frontend), size)
    yield "convolution", converted(with_convolution(frontend), size)
    if frontend is TUTORIAL:
        sizes = (frontend.frame_length, frontend.frame_step, frontend.fft_length)
        layer = keras.layers.STFTSpectrogram("magnitude", *sizes, window="hann", periodic=True, scaling=None)
        yield "keras STFTSpectrogram", converted(lambda samples: layer(samples[..., None]), size)


def with_fft(frontend: sg.Frontend) -> Callable[[Any], Any]:
    """Return the features by `tf.signal.stft`."""
    definition = plan(frontend)

    def features(samples: Any) -> Any:
        bins = tf.signal.stft(
            padded(frontend, samples), frontend.frame_length, frontend.frame_step, frontend.fft_length
        )
        return compressed(frontend, definition, tf.math.real(bins), tf.math.imag(bins))

    return features


def with_convolution(frontend: sg.Frontend) -> Callable[[Any], Any]:
    """Return the features by a convolution with windowed sines and cosines."""
    definition = plan(frontend)
    turns = np.outer(np.arange(frontend.frame_length), np.arange(definition.num_bins)) % frontend.fft_length
    waves = np.exp(-2j * np.pi / frontend.fft_length * turns) * definition.window[:, None]
    kernels = np.hstack([waves.real, waves.imag])[:, None].astype(np.float32)

    def features(samples: Any) -> Any:
        parts = tf.nn.conv1d(padded(frontend, samples)[..., None], kernels, frontend.frame_step, "VALID")
        real, imaginary = tf.split(parts, 2, -1)
        return compressed(frontend, definition, real, imaginary)

    return features


def padded(frontend: sg.Frontend, samples: Any) -> Any:
    if frontend is TUTORIAL:
        return samples
    half = frontend.fft_length // 2
    return tf.pad(samples, [[0, 0], [half, half]], "REFLECT")


def compressed(frontend: sg.Frontend, definition: Any, real: Any, imaginary: Any) -> Any:
    power = tf.square(real) + tf.square(imaginary)
    if definition.bands is None:
        return tf.sqrt(power)
    return tf.math.log(tf.maximum(tf.matmul(power, tf.constant(definition.bands, tf.float32)), 1e-10))


def converted(features: Callable[[Any], Any], size: int) -> bytes:
    """Return a function of `(1, size)` samples as a LiteRT file of built-in operators."""
    function = tf.function(features, input_signature=[tf.TensorSpec((1, size), tf.float32)])
    content: bytes = tf.lite.TFLiteConverter.from_concrete_functions(
        [function.get_concrete_function()]
    ).convert()
    interpreter = Interpreter(model_content=content)
    interpreter.allocate_tensors()
    interpreter.invoke()
    return content


if __name__ == "__main__":
    main()
