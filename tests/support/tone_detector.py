"""An event detector whose events are tones: "low" or "high" in each frame with a tone."""

from __future__ import annotations

import keras
import numpy as np
from tone_model import RATE

import sonogram as sg
from sonogram.layers import EventRule, FeatureScaling, FrameScores, Spectrogram

FRONTEND = sg.Frontend(RATE, 160, 80, 256, padding=sg.padding.Center())


def tone_detector(rule: EventRule | None = None, stack: sg.stack.Stack | None = None) -> keras.Model:
    """Return a model with a frame of scores every 10 ms, or every row of a stack: high, low."""
    frontend = FRONTEND.replace(stack=stack)
    samples = keras.Input((None,), name="samples")
    lengths = keras.Input((), name="lengths", dtype="int32")
    features = Spectrogram(frontend)([samples, lengths])
    tones = keras.layers.Dense(2, "tanh")  # 1 if there is such a tone, else -1
    classes = keras.layers.Dense(3, name="classes")
    values = classes(tones(features)) * 1.0  # without the mask, which the last layer refuses
    weights = np.zeros((FRONTEND.num_bands, 2), np.float32)
    split = np.searchsorted(FRONTEND.frequencies, 1500)
    weights[split:, 0] = weights[:split, 1] = 0.3
    weights = np.tile(weights, (frontend.stack_size, 1)) / frontend.stack_size
    tones.set_weights([weights, np.float32([-4.0, -4.0])])
    # The last is the logarithm of the number of tones: -8 of none, 0 of one.
    classes.set_weights([np.float32([[4.0, 0.0, 4.0], [0.0, 4.0, 4.0]]), np.zeros(3, np.float32)])
    _, valid = FeatureScaling(frontend)(features)
    scores = FrameScores(("high", "low"), seconds=2.0, rule=rule, name="scores")
    return keras.Model([samples, lengths], list(scores([values, valid])))
