"""A speech recognizer in the way of keras.io's example "Automatic speech recognition using CTC".

Magnitudes of a short-time Fourier transform, each frame standardized; two strided convolutions over time and
frequency; bidirectional GRUs; `keras.losses.CTC`, which takes padded frames for real ones; Adam with a
constant learning rate. The example has five GRUs of 512 units, for 13,100 recordings. Here it has two of 128:
1.9 million parameters, seven times those of the network "rnn". A larger one makes few steps in the same time.
The first step, which traces the network, counts.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

import sonogram as sg
from sonogram.dataset import Clips
from sonogram.decoding import Alphabet, greedy, normalize
from sonogram.decoding.error_rates import TextMetrics, text_metrics

RATE, FRAME, STEP, FFT = 16_000, 256, 160, 384
UNITS, LAYERS, BATCH, LEARNING_RATE = 128, 2, 32, 1e-3
FEWEST_FRAMES = 16


def spectrum(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Square roots of magnitudes, each frame of mean 0 and standard deviation 1."""
    padded = np.pad(samples, (0, max(0, FRAME + STEP * FEWEST_FRAMES - len(samples))))
    found = np.sqrt(np.abs(np.asarray(tf.signal.stft(padded, FRAME, STEP, FFT))))
    mean, std = found.mean(axis=1, keepdims=True), found.std(axis=1, keepdims=True)
    return ((found - mean) / (std + 1e-10)).astype(np.float32)


def network(classes: int) -> keras.Model:
    """Spectra in, logits out; class 0 is the blank."""
    layers = keras.layers
    spectra = keras.Input((None, FFT // 2 + 1))
    x = layers.Reshape((-1, FFT // 2 + 1, 1))(spectra)
    for size, strides in (((11, 41), (2, 2)), ((11, 21), (1, 2))):
        x = layers.Conv2D(32, size, strides, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.Reshape((-1, x.shape[-2] * x.shape[-1]))(x)
    for layer in range(LAYERS):
        x = layers.Bidirectional(layers.GRU(UNITS, return_sequences=True))(x)
        x = layers.Dropout(0.5)(x) if layer < LAYERS - 1 else x
    x = layers.Dropout(0.5)(layers.Dense(2 * UNITS, activation="relu")(x))
    return keras.Model(spectra, layers.Dense(classes)(x))


def batches(
    spectra: list[NDArray[np.float32]], texts: list[NDArray[np.int32]], seed: int
) -> Iterator[tuple[NDArray[np.float32], NDArray[np.int32]]]:
    """Padded batches in random order, without end."""
    rng = np.random.default_rng(seed)
    while True:
        order = rng.permutation(len(spectra))
        for first in range(0, max(len(order) - BATCH, 0) + 1, BATCH):
            chosen = order[first : first + BATCH]
            yield pad([spectra[index] for index in chosen]), pad([texts[index] for index in chosen])


def pad(rows: list[NDArray[np.generic]]) -> NDArray[np.generic]:
    """Rows of one length, 0 at the end."""
    longest = max(map(len, rows))
    return np.stack([np.pad(row, [(0, longest - len(row)), *[(0, 0)] * (row.ndim - 1)]) for row in rows])


class Limit(keras.callbacks.Callback):
    """End of a training after so many seconds of processor time."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._end = time.process_time() + seconds

    def on_train_batch_end(self, batch: int, logs: object = None) -> None:
        self.model.stop_training = time.process_time() > self._end


def judge(train: Clips, test: Clips, alphabet: Alphabet, seconds: float, seed: int) -> TextMetrics:
    """Train for so many seconds of processor time; return the error rates of greedy decoding."""
    keras.utils.set_random_seed(seed)
    spectra, others = (
        [spectrum(sg.load(clip.path, RATE).samples) for clip in part] for part in (train, test)
    )
    texts = [alphabet.encode(normalize(str(clip.text))).astype(np.int32) for clip in train]
    model = network(alphabet.num_classes)
    model.compile(keras.optimizers.Adam(LEARNING_RATE), keras.losses.CTC(), jit_compile=False)
    kinds = (tf.TensorSpec((None, None, FFT // 2 + 1)), tf.TensorSpec((None, None), tf.int32))
    data = tf.data.Dataset.from_generator(lambda: batches(spectra, texts, seed), output_signature=kinds)
    model.fit(data, steps_per_epoch=1_000_000, callbacks=[Limit(seconds)], verbose=0)
    call = tf.function(lambda x: model(x, training=False), input_signature=kinds[:1])
    found = [greedy(np.asarray(call(each[None]))[0], alphabet).text for each in others]
    return text_metrics([normalize(str(clip.text)) for clip in test], found)
