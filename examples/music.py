"""Music: trains on GTZAN, or on a manifest, and judges on clips that it has not heard.

    python examples/music.py FOLDER [-o music.keras]

FOLDER is the unpacked archive of GTZAN, or any folder with a manifest.csv (path,label,group).
"""

import argparse
from pathlib import Path

import recipe

import sonogram as sg
from sonogram import dataset
from sonogram.training import Plan, Settings

FRONTEND = sg.preset("gtzan-logmel-128")
"""Frames of 93 ms, long enough for low notes, and 128 bands: neighboring notes are apart up to 1 kHz."""


def main():
    parser = argparse.ArgumentParser(description="Train a model of music.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("-o", "--output", default="music.keras")
    parser.add_argument("--network", help="chosen by the number of clips if absent; cnn is the fastest")
    parser.add_argument("--epochs", type=int)
    arguments = parser.parse_args()

    train, test = clips(arguments.folder)
    plan = Plan(FRONTEND, arguments.network, settings=Settings(epochs=arguments.epochs))
    recipe.train_and_judge(train, test, plan, arguments.output)


def clips(folder):
    """What to learn from and what to judge on; no group is in both, where the clips have groups."""
    if (folder / "manifest.csv").is_file():
        return dataset.split(folder, 0.2)
    return dataset.split(dataset.gtzan(folder), 0.2)


if __name__ == "__main__":
    recipe.run(main)
