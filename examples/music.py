"""Music: train on GTZAN or a manifest, and evaluate on other clips.

    python examples/music.py FOLDER [-o music.keras]

FOLDER is the unpacked archive of GTZAN, or any folder with a manifest.csv (path,label,group).
"""

import argparse
from pathlib import Path

import recipe

import sonogram as sg
from sonogram import dataset

FRONTEND = sg.preset("gtzan-logmel-128")
"""Frames of 93 ms, long enough for low notes, and 128 bands: neighboring notes are apart up to 1 kHz."""


def main():
    parser = argparse.ArgumentParser(description="Train a model of music.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("-o", "--output", default="music.keras")
    parser.add_argument("--network", help="default: chosen by the number of clips; cnn is the fastest")
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--backbone", help="published network instead, such as musicnn+yamnet")
    arguments = parser.parse_args()

    train, test = clips(arguments.folder)
    recipe.train_and_evaluate(train, test, FRONTEND, arguments)


def clips(folder):
    """Return training and test clips; no group is in both, if the clips have groups."""
    if (folder / "manifest.csv").is_file():
        return dataset.split(folder, 0.2)
    return dataset.split(dataset.gtzan(folder), 0.2)


if __name__ == "__main__":
    recipe.run(main)
