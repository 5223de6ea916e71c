"""Event detection in scenes of words and of drums, next to a classifier of windows. Run: make bench-events.

Scenes are mixed from clips of `words`, one voice of which is kept for testing, and from clips of the labels
of `drums` that at least eight kits have, a quarter of which is kept. No group is in both parts. The detector
is trained with the defaults of `sonogram train`: thresholds and filter are chosen on held-out groups of the
training scenes. On words it is also trained with `--backbone speech-embedding`, if its weights are installed.
The classifier is a "cnn" trained on windows of 1 s of the same scenes, each with the labels of the events in
it, and predicts as `sonogram predict` does, with the threshold of the highest event F1 on a fifth of the
training scenes, of other groups, that it was not trained on. All are judged on the same test scenes.
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
from sonogram.training.event_evaluation import detections
from sonogram.training.event_metrics import event_metrics
from sonogram.training.segments import limit_events

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
GROUPS_OF_LABEL = {"words": 4, "drums": 8}
"""Fewest groups that must have a label."""
WINDOW, INSIDE = 1.0, 0.2
"""Seconds of a window of the classifier, and of an event that must be in it."""
WINDOW_EPOCHS = 6
THRESHOLDS = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5)
BACKBONE = "speech-embedding"
METHODS = ("detector", "backbone", "windows")


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


def report(name: str, method: str, found: Any, seconds: float) -> None:
    """Print the metrics of a model."""
    psds = "" if found.psds is None else f"{found.psds:.3f}"
    print(
        f"{name:6}  {method:10}  {found.segment_f1:10.3f}  {found.event_f1:8.3f}  {psds:>5}  {seconds:17.0f}",
        flush=True,
    )


def with_threshold(model: Any, scenes: Clips, threshold: float) -> Any:
    """The metrics of a classifier whose windows have an event if a score reaches a threshold."""
    predictor = sg.inference.Predictor(model, threshold=threshold)
    info, found, events = sg.models.describe(model), [], []
    for scene in scenes:
        sound = sg.load(scene.path, int(info.sample_rate))
        found.append(detections(predictor, sound))
        events.append(limit_events(scene.events or (), len(sound.samples) / sound.sample_rate))
    return event_metrics(events, found, info.labels)


def classify_windows(train: Clips, test: Clips, folder: Path, seed: int) -> Any:
    """The metrics of a classifier of windows."""
    whole = Clips(clip._replace(split=None) for clip in train)
    parts = folds(whole, min(5, len({clip.group for clip in whole})), seed=seed)[0]
    model = sg.train(
        windows(parts.train, folder),
        sg.preset("yamnet"),
        "cnn",
        multi_label=True,
        center="band",
        epochs=WINDOW_EPOCHS,
        versions=2,
        validation=0.0,
        seed=seed,
    )
    best = max(THRESHOLDS, key=lambda each: with_threshold(model, parts.validation, each).event_f1)
    return with_threshold(model, test, best)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, default=os.environ.get("SONOGRAM_DATA", DATA))
    parser.add_argument("--sets", nargs="+", default=["words", "drums"])
    parser.add_argument("--only", choices=METHODS, nargs="+", default=METHODS)
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
            backbones = {"detector": None}
            if name == "words" and sg.backbones.card(BACKBONE).installed:
                backbones["backbone"] = BACKBONE
            for method, backbone in backbones.items():
                if method in given.only:
                    begin = time.process_time()
                    model = sg.train(
                        train, backbone=backbone, epochs=given.epochs, seed=given.seed, validation=0.0
                    )
                    report(name, method, sg.evaluate(model, test), time.process_time() - begin)
            if "windows" in given.only:
                begin = time.process_time()
                found = classify_windows(train, test, folder / "windows", given.seed)
                report(name, "windows", found, time.process_time() - begin)


if __name__ == "__main__":
    main()
