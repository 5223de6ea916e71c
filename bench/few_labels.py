"""Search and few labels on banks of published networks. Run: make bench-few-labels.

For each set of recordings, the windows of all clips are embedded once. Search: each clip looks for others;
the first match of another group counts. Few labels: a head is trained on five clips a label of other groups,
and classifies the clips of the group that was left out (of words, a voice; else a fifth of the kits or
packages). Times are processor time, so that other programs do not count: of `sonogram train --bank` without
the start of TensorFlow, and of a search in a bank that is open. The environment favors YAMNet, which helped
to choose its clips. The packages with the weights are among those of the benchmarks.
"""

from __future__ import annotations

import argparse
import csv
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from models import protocol

import sonogram as sg
from sonogram.dataset import Clips
from sonogram.search import Bank, open_bank

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
BACKBONES = {"words": "speech-embedding", "drums": "yamnet", "environment": "yamnet"}
LABELS = 5
WANTED = 0.92
"""Of words, both for search and for five labels."""
MAX_SECONDS = {"training": 10.0, "search of an hour": 0.1}


def first_matches(bank: Bank, whole: Clips) -> float:
    """Share of the clips whose first match of another group has their label."""
    by_path = {Path(clip.path).name: clip for clip in whole}
    right = []
    for clip in whole:
        others = [other for other in whole if other.group != clip.group]
        if clip.label not in {other.label for other in others}:
            continue
        found = (by_path.get(Path(match.path).name) for match in sg.find(bank, clip.path, len(bank)))
        first = next(other for other in found if other is not None and other.group != clip.group)
        right.append(first.label == clip.label)
    return float(np.mean(right))


def few(train: Clips, rng: np.random.Generator) -> Iterator[tuple[str, str, str | None]]:
    """Path, label and group of up to five clips a label."""
    for label in train.classes:
        clips = [clip for clip in train if clip.label == label]
        for index in rng.permutation(len(clips))[:LABELS]:
            yield clips[index].path, label, clips[index].group


def few_labels(bank: Path, whole: Clips, splits: object, seed: int, folder: Path) -> tuple[float, float]:
    """Accuracy with few labels, and the longest training in seconds."""
    right, longest = [], 0.0
    for number, (train, test) in enumerate(splits):  # type: ignore[call-overload]
        path = folder / f"{seed}-{number}.csv"
        with path.open("w", newline="") as file:
            rows = few(train, np.random.default_rng([seed, number]))
            csv.writer(file).writerows([("path", "label", "group"), *rows])
        start = time.process_time()
        model = sg.train(path, bank=bank)
        longest = max(longest, time.process_time() - start)
        info = sg.models.describe(model)
        samples = [sg.load(clip.path, int(info.sample_rate)).samples for clip in test]
        labels = np.array(info.labels)[sg.models.scores(model, samples).argmax(axis=1)]
        right += [found == clip.label for found, clip in zip(labels, test, strict=True)]
    return float(np.mean(right)), longest


def search_seconds(bank: Bank, example: str) -> float:
    """Time to search an hour: the recordings of a bank, again and again."""
    seconds = sum(row.duration for row in bank.rows)
    hour = replace(bank, rows=bank.rows * int(np.ceil(3600 / seconds)))
    times = []
    for _ in range(5):
        start = time.process_time()
        sg.find(hour, example)
        times.append(time.process_time() - start)
    return min(times)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, default=os.environ.get("SONOGRAM_DATA", DATA))
    parser.add_argument("--only", choices=BACKBONES, action="append", help="one set; again for another")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--banks", type=Path, help="folder for the banks, to keep them")
    arguments = parser.parse_args()
    short = 0
    with tempfile.TemporaryDirectory() as scratch:
        for name in arguments.only or BACKBONES:
            whole, splits = protocol(name, arguments.data)
            place = (arguments.banks or Path(scratch)) / name
            start = time.process_time()
            report = sg.embed([arguments.data / name], place, BACKBONES[name])
            used = time.process_time() - start
            print(f"{name}: {BACKBONES[name]}, {report.done} clips embedded in {used:.0f} s", flush=True)
            bank = open_bank(place)
            found = first_matches(bank, whole)
            print(f"  first match of another group has the label: {found:.3f}", flush=True)
            hour = search_seconds(bank, whole[0].path)
            results = [
                few_labels(place, whole, splits, seed, Path(scratch)) for seed in range(arguments.seeds)
            ]
            accuracy, seconds = (
                float(np.mean([each[0] for each in results])),
                max(each[1] for each in results),
            )
            print(f"  {LABELS} labels a class: {accuracy:.3f}; training at most {seconds:.1f} s")
            print(f"  search of an hour: {hour:.3f} s", flush=True)
            if name == "words":
                short += round(found, 2) < WANTED or round(accuracy, 2) < WANTED
            short += seconds > MAX_SECONDS["training"] or hour > MAX_SECONDS["search of an hour"]
    return int(short > 0)


if __name__ == "__main__":
    raise SystemExit(main())
