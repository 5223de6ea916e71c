"""A model with known scores: it classifies tones as low or high."""

from __future__ import annotations

import keras
import numpy as np
from numpy.typing import NDArray

import sonogram as sg

RATE = 8000
LABELS = ("high", "low")


def tone(hertz: float, seconds: float) -> NDArray[np.float32]:
    """Return a sine with amplitude 0.5."""
    time = np.arange(round(seconds * RATE)) / RATE
    return (0.5 * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


def tone_model(samples: int | None = None, lengths: bool = False, multi_label: bool = False) -> keras.Model:
    """Return a model that detects which half of the spectrum is louder; silence scores 0.5 for both."""
    frontend = sg.Frontend(RATE, 256, 128)
    inputs = [keras.Input((samples,))]
    if lengths:
        inputs.append(keras.Input((), dtype="int32"))
    features = sg.layers.Spectrogram(frontend)(inputs if lengths else inputs[0])
    mean = keras.layers.GlobalAveragePooling1D()(features)
    dense = keras.layers.Dense(2)
    logits = dense(mean)
    halves = np.where(np.arange(129)[:, None] >= 64, [1.0, -1.0], [-1.0, 1.0])
    dense.set_weights([halves, np.full(2, -4.0 if multi_label else 0.0)])
    outputs = sg.layers.Scores(LABELS, multi_label, seconds=0.5)(logits)
    return keras.Model(inputs, outputs, name="tone_model")
