"""Spoken words: trains on Speech Commands, or on a manifest, and judges on voices that it has not heard.

    python examples/spoken_words.py FOLDER [--words yes no up down] [-o words.keras]

FOLDER is the unpacked archive of Speech Commands, or any folder with a manifest.csv (path,label,group).
"""

import argparse
from pathlib import Path

import recipe

import sonogram as sg
from sonogram import dataset
from sonogram.training import Plan, Settings

FRONTEND = sg.preset("kaldi-fbank-80")
"""10 ms from frame to frame and 80 bands up to 8 kHz: what tells one consonant from another is that short."""


def main():
    parser = argparse.ArgumentParser(description="Train a model of spoken words.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--words", nargs="+", help="the words to know; the others become one class")
    parser.add_argument("-o", "--output", default="words.keras")
    parser.add_argument("--network", help="chosen by the number of clips if absent; separable is smallest")
    parser.add_argument("--epochs", type=int)
    arguments = parser.parse_args()

    train, test = clips(arguments.folder, arguments.words)
    plan = Plan(FRONTEND, arguments.network, settings=Settings(epochs=arguments.epochs))
    recipe.train_and_judge(train, test, plan, arguments.output)


def clips(folder, words):
    """What to learn from and what to judge on; no voice is in both."""
    if (folder / "manifest.csv").is_file():
        whole = dataset.clips(folder)
        if words:
            whole = dataset.Clips(clip for clip in whole if clip.label in words)
        return dataset.split(whole, 0.25)
    whole = dataset.speech_commands(folder, words)
    parts = ("training", "testing")
    return [dataset.Clips(clip for clip in whole if clip.split == part) for part in parts]


if __name__ == "__main__":
    recipe.run(main)
