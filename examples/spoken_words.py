"""Spoken words: train on Speech Commands or a manifest, and evaluate on other voices.

    python examples/spoken_words.py FOLDER [--words yes no up down] [-o words.keras]

FOLDER is the unpacked archive of Speech Commands, or any folder with a manifest.csv (path,label,group).
"""

import argparse
from pathlib import Path

import recipe

import sonogram as sg
from sonogram import dataset

FRONTEND = sg.preset("kaldi-fbank-80")
"""10 ms from frame to frame and 80 bands up to 8 kHz: consonants differ within such short times."""


def main():
    parser = argparse.ArgumentParser(description="Train a model of spoken words.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--words", nargs="+", help="words to classify; the others become one class")
    parser.add_argument("-o", "--output", default="words.keras")
    parser.add_argument("--network", help="default: chosen by the number of clips; separable is smallest")
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--backbone", help="published network instead, such as speech-embedding")
    arguments = parser.parse_args()

    train, test = clips(arguments.folder, arguments.words)
    recipe.train_and_evaluate(train, test, FRONTEND, arguments)


def clips(folder, words):
    """Return training and test clips; no voice is in both."""
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
