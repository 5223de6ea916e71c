"""Environmental sound: trains on ESC-50, or on a manifest, and judges on recordings that it has not heard.

    python examples/environmental_sound.py FOLDER [--fold 1] [-o sounds.keras]

FOLDER is the unpacked archive of ESC-50, or any folder with a manifest.csv (path,label,group).
"""

import argparse
from collections import Counter
from pathlib import Path

import recipe

import sonogram as sg
from sonogram import dataset
from sonogram.training import Plan, Settings

FRONTEND = sg.preset("yamnet")
"""Frames of 25 ms and 64 bands up to 7.5 kHz: coarse, so that a network is not led astray by details."""
LEAST_CLIPS = 8
"""Of a class, so that there is something to learn from and something to judge on."""


def main():
    parser = argparse.ArgumentParser(description="Train a model of everyday sounds.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--fold", default="1", help="the fold of ESC-50 to judge on, 1 to 5")
    parser.add_argument("--esc10", action="store_true", help="only its ten classes that are told apart best")
    parser.add_argument("-o", "--output", default="sounds.keras")
    parser.add_argument("--network", help="chosen by the number of clips if absent; cnn is the fastest")
    parser.add_argument("--epochs", type=int)
    arguments = parser.parse_args()

    train, test = clips(arguments.folder, arguments.fold, arguments.esc10)
    plan = Plan(FRONTEND, arguments.network, settings=Settings(epochs=arguments.epochs))
    recipe.train_and_judge(train, test, plan, arguments.output)


def clips(folder, fold, esc10):
    """What to learn from and what to judge on; no recording is in both."""
    if (folder / "manifest.csv").is_file():
        whole = dataset.clips(folder)
        counts = Counter(clip.label for clip in whole)
        whole = dataset.Clips(clip for clip in whole if counts[clip.label] >= LEAST_CLIPS)
        return dataset.split(whole, 0.2)
    whole = dataset.esc50(folder, esc10=esc10)
    parts = [clip.split == fold for clip in whole]
    return [
        dataset.Clips(clip for clip, judged in zip(whole, parts, strict=True) if judged is wanted)
        for wanted in (False, True)
    ]


if __name__ == "__main__":
    recipe.run(main)
