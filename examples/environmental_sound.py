"""Environmental sound: train on ESC-50 or a manifest, and evaluate on other recordings.

    python examples/environmental_sound.py FOLDER [--fold 1] [-o sounds.keras]

FOLDER is the unpacked archive of ESC-50, or any folder with a manifest.csv (path,label,group).
"""

import argparse
from collections import Counter
from pathlib import Path

import recipe

import sonogram as sg
from sonogram import dataset

FRONTEND = sg.preset("yamnet")
"""Frames of 25 ms and 64 bands up to 7.5 kHz: coarse, so that a network does not overfit to details."""
LEAST_CLIPS = 8
"""Minimum number of clips of a class, so that both parts have some."""


def main():
    parser = argparse.ArgumentParser(description="Train a model of everyday sounds.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--fold", default="1", help="fold of ESC-50 to evaluate on, 1 to 5")
    parser.add_argument("--esc10", action="store_true", help="only the ten classes of ESC-10")
    parser.add_argument("-o", "--output", default="sounds.keras")
    parser.add_argument("--network", help="default: chosen by the number of clips; cnn is the fastest")
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--backbone", help="published network instead, such as yamnet")
    arguments = parser.parse_args()

    train, test = clips(arguments.folder, arguments.fold, arguments.esc10)
    recipe.train_and_evaluate(train, test, FRONTEND, arguments)


def clips(folder, fold, esc10):
    """Return training and test clips; no recording is in both."""
    if (folder / "manifest.csv").is_file():
        whole = dataset.clips(folder)
        counts = Counter(clip.label for clip in whole)
        whole = dataset.Clips(clip for clip in whole if counts[clip.label] >= LEAST_CLIPS)
        return dataset.split(whole, 0.2)
    whole = dataset.esc50(folder, esc10=esc10)
    parts = [clip.split == fold for clip in whole]
    return [
        dataset.Clips(clip for clip, is_test in zip(whole, parts, strict=True) if is_test is wanted)
        for wanted in (False, True)
    ]


if __name__ == "__main__":
    recipe.run(main)
