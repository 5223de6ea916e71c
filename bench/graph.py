"""Time of a front end in a TensorFlow model, next to `tf.signal` and Keras's layers. Run: make bench-graph.

The input is ten seconds of noise. A row is one definition, forward or as in training (the gradient of the
features' sum with respect to the samples), with XLA or not. Then experiments: each replaces a part of the
engine `graph`. All take turns, and the least processor time counts; with several threads, the least time.
`ARGS="--threads 2 --experiments --case 400/160/80 WORD..."` chooses.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np
import peers
import tensorflow as tf
from compare import machine, record
from definitions import LOG_MEL, TUTORIAL
from options import add_rounds
from run import least
from threadpoolctl import threadpool_limits

import sonogram as sg
from sonogram.engines import program, tensor
from sonogram.engines.arrays import tensorflow as arrays
from sonogram.engines.arrays.base import Arrays
from sonogram.spectrum import Magnitude, Power

CASES = {**LOG_MEL, "magnitude 1024/256": TUTORIAL}
SECONDS, ROUNDS = 10, 20
Function = Callable[..., Any]


@dataclass(frozen=True)
class Experiment:
    """Parts of the engine and what takes their place: `(owner, name, replacement)`."""

    name: str
    changes: tuple[tuple[Any, str, Function], ...]
    never: tuple[str, ...] = ()
    """Words of the rows that it cannot compute."""

    @contextmanager
    def applied(self) -> Iterator[None]:
        with ExitStack() as stack:
            for owner, name, replacement in self.changes:
                stack.enter_context(patch.object(owner, name, replacement))
            yield


def one_product(self: Any, x: Any, matrix: Any, limits: Any = None) -> Any:
    return tf.matmul(x, self.constant(matrix, x))


def doubled_product(self: Any, x: Any, matrix: Any, limits: Any = None) -> Any:
    return self._banded(x, matrix.repeat(2, axis=0), 2 * limits)


def complex_bins(self: Any, frames: Any, fft_length: int) -> tuple[Any, Any]:
    return tf.signal.rfft(frames, [fft_length]), None


def squares(self: Any, xp: Any, bins: Any, _: Any) -> Any:
    sizes = bins.shape.as_list()
    return tf.square(tf.reshape(tf.bitcast(bins, tf.float32), (*sizes[:-1], 2 * sizes[-1])))


def groups(plan: Any, xp: Any, samples: Any, num_frames: Any, transform: Any) -> Any:
    """Compute each group of frames that do not overlap by itself: frames by a reshape, without a copy."""
    step, length = plan.frame_step, plan.frame_length
    count = -(-length // step)
    rows = -(-num_frames // count)
    padded = xp.pad(samples, 0, (rows + 1) * count * step - samples.shape[-1], -1)
    values = []
    for first in range(count):
        covered = xp.crop(padded, first * step, rows * count * step, -1)
        frames = xp.crop(tf.reshape(covered, (1, rows, count * step)), 0, length, -1)
        parts = xp.rfft(frames * xp.constant(plan.window, frames), plan.fft_length)
        values.append(program.per_frame(plan, xp, *parts))
    together = tf.stack(values, 2)
    return tf.reshape(together, (1, -1, together.shape[-1]))[:, :num_frames], None


EXPERIMENTS = (
    Experiment("one product for all bands", ((arrays.TensorFlow, "matmul", one_product),)),
    Experiment("frames from slices", ((arrays.TensorFlow, "frame", Arrays.frame),)),
    Experiment(
        "frames from a gather, with XLA too",
        ((arrays, "under_xla", lambda: False),),
    ),
    Experiment(
        "groups of frames without overlap",
        ((tensor, "_per_frame", groups),),
    ),
    Experiment(
        "tf.abs",
        (
            (arrays.TensorFlow, "rfft", complex_bins),
            (Power, "detect", lambda self, xp, bins, _: tf.square(tf.abs(bins))),
            (Magnitude, "detect", lambda self, xp, bins, _: tf.abs(bins)),
        ),
    ),
    Experiment(
        "squares of both parts, added by the product for the bands",
        (
            (arrays.TensorFlow, "rfft", complex_bins),
            (Power, "detect", squares),
            (arrays.TensorFlow, "matmul", doubled_product),
        ),
        never=("XLA", "magnitude"),  # XLA has no cast of complex numbers to pairs
    ),
)


def functions(frontend: sg.Frontend) -> dict[str, Function]:
    """Return what computes such features in TensorFlow, by name."""
    found: dict[str, Function] = {"sonogram": lambda samples: frontend(samples, "graph")}
    for method in (*peers._tensorflow(frontend, 1), *peers._keras(frontend, 1)):
        if "XLA" not in method.name:
            found[method.name.split(" (")[0]] = method.call.python_function
    return found


def compiled(function: Function, xla: bool, training: bool) -> Function:
    """Return a function as a model runs it."""
    return tf.function(peers.gradient(function) if training else function, jit_compile=xla)


def experiments(frontend: sg.Frontend, row: str, words: list[str]) -> dict[str, Function]:
    """Return the engine and each of its changes that has these words; a change acts on traces."""
    found: dict[str, Function] = {"sonogram": lambda samples: frontend(samples, "graph")}
    for each in EXPERIMENTS:
        if all(word in each.name for word in words) and not any(word in row for word in each.never):
            found[each.name] = changed(frontend, each)
    return found


def changed(frontend: sg.Frontend, experiment: Experiment) -> Function:
    def features(samples: Any) -> Any:
        with experiment.applied():
            return frontend(samples, "graph")

    return features


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*", help="Words of the experiments to run; all without any.")
    parser.add_argument("--case", choices=CASES, help="Measure only this definition.")
    parser.add_argument("--experiments", action="store_true", help="Compare experiments, not libraries.")
    parser.add_argument("--threads", type=int, default=1, help="Number of threads.")
    add_rounds(parser, ROUNDS)
    options = parser.parse_args()
    if not any(all(word in each.name for word in options.words) for each in EXPERIMENTS):
        parser.error(f"no experiment has {' and '.join(options.words)} in its name")
    tf.autograph.set_verbosity(0)
    tf.get_logger().setLevel("ERROR")
    peers.limit_threads(options.threads)
    print(f"{machine()}, TensorFlow {tf.__version__}, threads: {options.threads}")
    with threadpool_limits(options.threads):
        for name in [options.case] if options.case else CASES:
            for training in (False, True):
                for xla in (False, True):
                    measure(name, training, xla, options)


def measure(name: str, training: bool, xla: bool, options: argparse.Namespace) -> None:
    """Print the microseconds per frame of the engine, and the time of the others relative to it."""
    frontend = CASES[name]
    size = round(SECONDS * frontend.sample_rate)
    samples = tf.constant(np.random.default_rng(0).standard_normal(size).astype(np.float32) / 9)
    row = f"{name}, {'training step' if training else 'forward'}{', XLA' if xla else ''}"
    found = experiments(frontend, row, options.words) if options.experiments else functions(frontend)
    calls = [(compiled(each, xla, training), samples) for each in found.values()]
    ours, *others = least(calls, options.threads, options.rounds)
    ratios = [f"{other} {taken / ours:.2f}" for other, taken in zip(list(found)[1:], others, strict=True)]
    print(f"| {row} | {1e6 * ours / frontend.num_frames(size):.2f} | {' | '.join(ratios)} |", flush=True)
    record([(f"graph, {row}, threads: {options.threads}", 1e6 * ours)])


if __name__ == "__main__":
    main()
