"""Accuracy of the models and of a logistic regression on the same folds. Run: make bench-models.

Three small sets of recordings: words (each voice left out in turn), drums and environment (five folds that
no kit, or no package, crosses). Each clip is classified by a model that was not trained on its group. The
network is that of `sonogram train` with its defaults, from three seeds; the table has the mean and the
standard deviation. The regression (C = 1) takes statistics of log-mel features of the clips, trimmed at
40 dB, divided by their peak, and limited to 80 dB below it: mean and standard deviation of each band, or the
means of eight parts and the standard deviation, which keep the order of time; the better one counts.

With --backbone NAME, such as yamnet or yamnet+cnn, `sonogram train --backbone NAME` is measured instead. The
environment favors YAMNet, which helped to choose its clips. A linear head has no random numbers: one seed is
enough. The packages with the weights are among those of the benchmarks.

With --state each fold is kept in a JSON file when it is done, and the same command continues from there.
"""

from __future__ import annotations

import argparse
import functools
import itertools
import json
import multiprocessing
import os
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import sonogram as sg
from sonogram.audio import load
from sonogram.backbones import split_name
from sonogram.dataset import Clips, Split, clips, folds, leave_one_out
from sonogram.files import write_text
from sonogram.layers.trimming import trim_silence
from sonogram.models import describe, scores
from sonogram.training import metrics

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
RATE = 16_000
LEAST_CLIPS = 8
PARTS = 8
WANTED = {"words": (0.10, 0.68), "drums": (0.08, 0.586), "environment": (0.12, 0.295)}
"""How far ahead the network is to be, and the floor that the recordings' protocol names."""
WANTED_ON_BACKBONE = {"words": (0.93, 0.93), "drums": (0.74, 0.65), "environment": (0.70, 0.66)}
"""Accuracy and balanced accuracy that a backbone is to reach."""
Work = Callable[[str, Sequence[tuple[int, int]]], Iterator[NDArray[np.float32]]]
"""Trains with each seed on each fold, in order."""


@dataclass(frozen=True)
class Row:
    """One way on one set: means over seeds, and the standard deviation."""

    data: str
    method: str
    accuracy: float
    balanced_accuracy: float
    accuracy_spread: float = 0.0
    balanced_spread: float = 0.0
    minutes: float = 0.0


def protocol(name: str, folder: Path) -> tuple[Clips, tuple[Split, ...]]:
    """The clips of a set and how they are divided."""
    whole = clips(folder / name)
    if name == "words":
        return whole, leave_one_out(whole)
    if name == "environment":
        common = {label for label, count in whole.counts.items() if count >= LEAST_CLIPS}
        whole = Clips(clip for clip in whole if clip.label in common)
    return whole, folds(whole, 5)


def judged(given: NDArray[np.float32], whole: Clips) -> tuple[float, float]:
    """Accuracy and balanced accuracy of scores `(clips, labels)`."""
    found = metrics(given, np.eye(len(whole.classes), dtype=np.float32)[whole.numbers], whole.classes)
    return found.accuracy, found.balanced_accuracy


def places(part: Clips, whole: Clips) -> list[int]:
    """Where the clips of a part stand in the whole."""
    return [whole.paths.index(path) for path in part.paths]


def regression(name: str, whole: Clips, splits: Sequence[Split]) -> Row:
    """The better one of two sets of statistics."""
    rows = []
    for parts in (1, PARTS):
        seen = np.stack([statistics(path, parts) for path in whole.paths])
        given = np.zeros((len(whole), len(whole.classes)), np.float32)
        for train, test in splits:
            known, asked = places(train, whole), places(test, whole)
            model = make_pipeline(StandardScaler(), LogisticRegression(C=1, max_iter=300))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)
                model.fit(seen[known], whole.numbers[known])
            given[np.ix_(asked, model.classes_)] = model.predict_proba(seen[asked])
        rows.append(Row(name, f"regression, {parts} part{'s' if parts > 1 else ''}", *judged(given, whole)))
    return max(rows, key=lambda row: row.accuracy)


def statistics(path: str, parts: int) -> NDArray[np.float32]:
    """Means of parts of a clip's log-mel features, and their deviation."""
    frontend = sg.preset("panns-16k")
    samples = trim_silence(load(path, RATE).samples, RATE, 40.0, margin=0.03)
    samples = samples / max(float(np.abs(samples).max(initial=0)), 1e-4)
    samples = np.pad(samples, (0, max(0, 2 * frontend.frame_length - len(samples))))
    features = frontend(samples)
    features = np.maximum(features, features.max() - 80)
    edges = np.linspace(0, len(features), parts + 1)
    means = [
        features[int(low) : max(int(np.ceil(high)), int(low) + 1)].mean(axis=0)
        for low, high in itertools.pairwise(edges)
    ]
    return np.concatenate([*means, features.std(axis=0)])


def network(
    name: str, whole: Clips, splits: Sequence[Split], seeds: int, work: Work, method: str = "sonogram"
) -> Row:
    """What `sonogram train` makes, several trainings at a time."""
    start = time.monotonic()
    tasks = [(seed, number) for seed in range(seeds) for number in range(len(splits))]
    given = np.zeros((seeds, len(whole), len(whole.classes)), np.float32)
    for (seed, number), found in zip(tasks, work(name, tasks), strict=True):
        train, test = splits[number]
        asked = places(test, whole)
        columns = [whole.classes.index(label) for label in train.classes]
        given[np.ix_([seed], asked, columns)] = found
        right = (given[seed, asked].argmax(axis=1) == whole.numbers[asked]).mean()
        say(f"    {name}, seed {seed}, fold {number + 1} of {len(splits)}: {right:.3f}")
    results = [judged(each, whole) for each in given]
    accuracy, balanced = np.array(results).T
    minutes = (time.monotonic() - start) / 60
    values = (accuracy.mean(), balanced.mean(), accuracy.std(), balanced.std(), minutes)
    return Row(name, method, *(float(value) for value in values))


def trained(
    folder: Path, state: Path | None, name: str, options: dict[str, str | None], task: tuple[int, int]
) -> NDArray[np.float32]:
    """Train on one fold with one seed; return the scores of its test clips, by the labels of the model."""
    seed, number = task
    done = None if state is None else state / f"{name}-{method_of(options)}-seed{seed}-fold{number}.json"
    if done is not None and done.exists():
        return np.array(json.loads(done.read_text(encoding="utf-8")), np.float32)
    _, splits = protocol(name, folder)
    train, test = splits[number]
    keras.backend.clear_session()
    # Heads have no state of their own, so the folds can share a folder, and with it the embeddings.
    place = state / f"{name}-{method_of(options)}" if state and head_only(options["backbone"]) else None
    model = sg.train(train, seed=seed, folder=place, **options)
    assert describe(model).labels == train.classes
    rate = int(describe(model).sample_rate)
    found = scores(model, [load(path, rate).samples for path in test.paths])
    if done is not None:
        done.parent.mkdir(parents=True, exist_ok=True)
        write_text(done, json.dumps(found.tolist()))
    return found


def method_of(options: dict[str, str | None]) -> str:
    """The name of what is measured."""
    return options["backbone"] or options["network"] or "default"


def head_only(backbone: str | None) -> bool:
    """Whether only a linear head is trained."""
    return backbone is not None and "+" not in backbone


def one_thread() -> None:
    """In each process: several small trainings in parallel are faster than one by one on all cores."""
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)


def say(line: str) -> None:
    print(line, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, default=os.environ.get("SONOGRAM_DATA", DATA))
    parser.add_argument("--only", choices=WANTED, action="append", help="one set; again for another")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--network", help="instead of what is chosen by the number of clips")
    parser.add_argument("--backbone", help="published network, such as yamnet or yamnet+cnn")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="trainings at a time")
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    parser.add_argument(
        "--state", type=Path, help="folder for finished folds, to continue after an interruption"
    )
    arguments = parser.parse_args()
    if arguments.backbone is not None:
        sg.backbones.card(split_name(arguments.backbone)[0]).path()  # an error now, not after the network
    options = {"network": arguments.network, "backbone": arguments.backbone}
    # Heads are trained one by one, since they share a folder.
    jobs = 1 if head_only(arguments.backbone) else arguments.jobs
    pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), one_thread)

    def work(name: str, tasks: Sequence[tuple[int, int]]) -> Iterator[NDArray[np.float32]]:
        return pool.map(functools.partial(trained, arguments.data, arguments.state, name, options), tasks)

    versions = (f"{name} {metadata.version(name)}" for name in ("keras", "numpy", "scikit-learn"))
    say(f"{', '.join(versions)}; {os.cpu_count()} cores; {arguments.seeds} seeds")
    rows, short = [], 0
    for name in arguments.only or WANTED:
        whole, splits = protocol(name, arguments.data)
        say(f"\n{name}: {len(whole)} clips, {len(whole.classes)} labels, {len(splits)} folds")
        baseline = regression(name, whole, splits)
        own = network(name, whole, splits, arguments.seeds, work, arguments.backbone or "sonogram")
        for row in (baseline, own):
            say(
                f"  {row.method:<22} accuracy {row.accuracy:.3f} +- {row.accuracy_spread:.3f}   "
                f"balanced {row.balanced_accuracy:.3f} +- {row.balanced_spread:.3f}   {row.minutes:.0f} min"
            )
        if arguments.backbone is None:
            margin, floor = WANTED[name]
            base = max(floor, baseline.accuracy)
            ahead = own.accuracy - base
            short += ahead < margin
            say(f"  ahead of {base:.3f} by {ahead:+.3f}, wanted {margin:+.2f}")
        else:
            accuracy, balanced = WANTED_ON_BACKBONE[name]
            short += own.accuracy < accuracy or own.balanced_accuracy < balanced
            say(f"  wanted {accuracy:.2f} and balanced {balanced:.2f}")
        rows += [baseline, own]
        if arguments.json:
            arguments.json.write_text(json.dumps([asdict(row) for row in rows], indent=1), encoding="utf-8")
    pool.shutdown()
    return int(short > 0)


if __name__ == "__main__":
    sys.exit(main())
