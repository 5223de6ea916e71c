"""Do learnable front ends help? Train one small network on fixed and on learnable front ends, and compare.

    python examples/learnable_front_ends.py FOLDER [--limit 12] [--seeds 2]

FOLDER has a manifest.csv (path,label,group). One of four recordings of each label and group, such as a
speaker, is left out of the training.
"""

import argparse
import time
from pathlib import Path

import keras
import numpy as np
import recipe

import sonogram as sg
from sonogram import dataset

RATE, SECONDS = 8000, 0.5
BANDS = sg.bands.Mel(40, 60, 3900, slopes="mel")
PLAIN = sg.Frontend(RATE, 201, 80, padding=sg.padding.Same(), spectrum=sg.spectrum.Power(), bands=BANDS)
LOG = PLAIN.replace(scaling=sg.scaling.Log(offset=1e-4))
PCEN = PLAIN.replace(scaling=sg.scaling.Pcen(0.04, 0.96, 2, 0.5, 1e-12))
SINC = PLAIN.replace(frame_step=10)


def front_ends():
    """Return the layers from samples to features, by name."""
    sinc = [
        sg.layers.SincConv(SINC),
        keras.layers.Lambda(lambda x: keras.ops.log(keras.ops.square(x) + 1e-4)),
        keras.layers.AveragePooling1D(8),
    ]
    return {
        "log-mel, fixed": [sg.layers.Spectrogram(LOG)],
        "log-mel, trainable bands": [sg.layers.TrainableBands(LOG)],
        "PCEN, fixed": [sg.layers.Spectrogram(PCEN)],
        "LEAF": [sg.layers.Leaf(PCEN)],
        "SincNet": sinc,
    }


def network(front, num_labels):
    """Return a classifier: the front end, three convolutions over time, the mean."""
    layers = [keras.Input((int(RATE * SECONDS),)), *front, keras.layers.BatchNormalization()]
    for filters in (48, 64, 64):
        layers += [
            keras.layers.Conv1D(filters, 5, padding="same", activation="relu"),
            keras.layers.MaxPooling1D(2),
        ]
    layers += [
        keras.layers.GlobalAveragePooling1D(),
        keras.layers.Dropout(0.3),
        keras.layers.Dense(num_labels, activation="softmax"),
    ]
    model = keras.Sequential(layers)
    model.compile(keras.optimizers.Adam(2e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def load(clips, labels):
    """Return the samples of clips, cut or padded to one length, at one peak, and their classes."""
    size = int(RATE * SECONDS)
    samples = np.zeros((len(clips), size), np.float32)
    for row, clip in zip(samples, clips, strict=True):
        found = sg.load(clip.path, RATE).samples[:size]
        row[: len(found)] = found / max(abs(found).max(), 1e-6)
    return samples, np.array([labels.index(clip.label) for clip in clips])


def main():
    parser = argparse.ArgumentParser(description="Compare fixed and learnable front ends.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--limit", type=int, default=12, help="clips of each label and group")
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--seeds", type=int, default=2)
    arguments = parser.parse_args()

    counts, train, test = {}, [], []
    clips = list(dataset.clips(arguments.folder))
    labels = sorted({clip.label for clip in clips})
    for clip in clips:
        key = clip.label, clip.group
        counts[key] = counts.get(key, 0) + 1
        if counts[key] <= arguments.limit:
            (train if counts[key] % 4 else test).append(clip)
    print(f"{len(train)} clips for training, {len(test)} for evaluation")
    x, y = load(train, labels)
    x_test, y_test = load(test, labels)
    for seed in range(arguments.seeds):
        for name in front_ends():
            keras.utils.set_random_seed(seed)
            model, start = network(front_ends()[name], len(labels)), time.process_time()
            model.fit(x, y, batch_size=16, epochs=arguments.epochs, verbose=0)
            seconds = (time.process_time() - start) / arguments.epochs
            accuracy = model.evaluate(x_test, y_test, verbose=0)[1]
            print(
                f"seed {seed}  {name:26} accuracy {accuracy:.3f}  {seconds:.1f} s of CPU an epoch", flush=True
            )


if __name__ == "__main__":
    recipe.run(main)
