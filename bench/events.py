"""Event detection in scenes of words and of drums, next to a classifier of windows. Run: make bench-events.

Scenes are mixed from clips of `words`, one voice of which is kept for testing, and from clips of the labels
of `drums` that at least eight kits have, a quarter of which is kept. No group is in both parts. The detector
is trained with the defaults of `sonogram train`: thresholds and filter are chosen on held-out groups of the
training scenes. The classifier is a "cnn" trained on windows of 1 s of the same scenes, each with the labels
of the events in it, and predicts as `sonogram predict` does. Both are judged on the same test scenes.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import sonogram as sg
from sonogram.dataset import Clip, Clips, clips, folds, mix

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
GROUPS_OF_LABEL = {"words": 4, "drums": 8}
"""Fewest groups that must have a label."""
WINDOW, INSIDE = 1.0, 0.2
"""Seconds of a window of the classifier, and of an event that must be in it."""
WINDOW_EPOCHS = 6


def parted(name: str, folder: Path) -> Clips:
    """Clips with the splits train and test, none of whose groups are in both."""
    whole = clips(folder / name)
    groups: dict[str, set[str | None]] = {}
    for clip in whole:
        groups.setdefault(clip.label, set()).add(clip.group)
    kept = Clips(clip for clip in whole if len(groups[clip.label]) >= GROUPS_OF_LABEL[name])
    test = {*folds(kept, 4, seed=0)[0].validation.paths}
    return Clips(clip._replace(split="test" if clip.path in test else "train") for clip in kept)


def windows(scenes: Clips, folder: Path) -> Clips:
    """Windows of scenes, with the labels of all events in them."""
    folder.mkdir()
    found = []
    for scene in scenes:
        samples, rate = sg.load(scene.path)
        size = round(WINDOW * rate)
        for number in range(len(samples) // size):
            start, end = number * WINDOW, (number + 1) * WINDOW
            events = scene.events or ()
            inside = [each.label for each in events if min(each.end, end) - max(each.start, start) >= INSIDE]
            path = folder / f"{Path(scene.path).stem}-{number}.wav"
            sg.save(path, samples[number * size : (number + 1) * size], rate)
            found.append(Clip(str(path), ";".join(sorted({*inside})), scene.group))
    return Clips(found)


def report(name: str, method: str, model: Any, test: Clips, seconds: float) -> None:
    """Print the metrics of a model."""
    found = sg.evaluate(model, test)
    psds = "" if found.psds is None else f"{found.psds:.3f}"
    print(
        f"{name:6}  {method:10}  {found.segment_f1:10.3f}  {found.event_f1:8.3f}  {psds:>5}  {seconds:17.0f}",
        flush=True,
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help="folder of words and drums")
    parser.add_argument("--sets", nargs="+", default=["words", "drums"])
    parser.add_argument("--scenes", type=int, default=800)
    parser.add_argument("--epochs", type=int, help="of the detector; by default those of `sonogram train`")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    print("set     method      segment F1  event F1   PSDS  processor seconds")
    for name in given.sets:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            scenes = mix(parted(name, given.data), folder / "scenes", count=given.scenes, seed=given.seed)
            train, test = scenes.of_split("train"), scenes.of_split("test")
            begin = time.process_time()
            model = sg.train(train, epochs=given.epochs, seed=given.seed, validation=0.0)
            report(name, "detector", model, test, time.process_time() - begin)
            begin = time.process_time()
            cut = windows(train, folder / "windows")
            model = sg.train(
                cut,
                sg.preset("yamnet"),
                "cnn",
                multi_label=True,
                center="band",
                epochs=WINDOW_EPOCHS,
                versions=2,
                validation=0.0,
                seed=given.seed,
            )
            report(name, "windows", model, test, time.process_time() - begin)


if __name__ == "__main__":
    main()
