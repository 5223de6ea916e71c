"""A speech recognizer whose words are tones: "low" or "high" in each frame with a tone, else the blank."""

from __future__ import annotations

import keras
import numpy as np
from tone_model import RATE

import sonogram as sg
from sonogram.decoding import Alphabet
from sonogram.layers import FeatureScaling, SequenceLogits, Spectrogram

FRONTEND = sg.Frontend(RATE, 160, 80, 256)


def tone_recognizer() -> keras.Model:
    """Return a model with a frame of logits every 10 ms: blank, high, low."""
    samples = keras.Input((None,), name="samples")
    lengths = keras.Input((), name="lengths", dtype="int32")
    features = Spectrogram(FRONTEND)([samples, lengths])
    classes = keras.layers.Dense(3, use_bias=True, name="classes")
    values = classes(features) * 1.0  # without the mask, which the last layer refuses
    weights = np.zeros((FRONTEND.num_bands, 3), np.float32)
    split = np.searchsorted(FRONTEND.frequencies, 1500)
    weights[split:, 1] = weights[:split, 2] = 0.3
    classes.set_weights([weights, np.float32([8.0, 0.0, 0.0])])
    _, valid = FeatureScaling(FRONTEND)(features)
    return keras.Model(
        [samples, lengths], list(SequenceLogits(Alphabet(("high", "low"), "words"))([values, valid]))
    )
