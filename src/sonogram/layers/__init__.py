"""Keras layers: the front end inside a model, and augmentation before and behind it."""

from __future__ import annotations

from sonogram.errors import needing

with needing(
    "the layers need Keras and a backend",
    'pip install "sonogram[tensorflow]", or set KERAS_BACKEND to the one that is installed',
):
    import keras

from sonogram.layers.augment import (
    Augmentation,
    BandLimit,
    BandPass,
    Clipping,
    Gain,
    Mixup,
    Noise,
    Polarity,
    RandomCrop,
    Reverb,
    SpecAugment,
    Speed,
    Tilt,
    TimeShift,
)
from sonogram.layers.feature_scaling import FeatureScaling
from sonogram.layers.preparation import Preparation
from sonogram.layers.recurrent import Recurrent
from sonogram.layers.scores import Scores
from sonogram.layers.spectrogram import Spectrogram, load_model
from sonogram.layers.valid import (
    FramePositions,
    Kept,
    MaskedNormalization,
    SelfAttention,
    TimeBins,
    ValidFrames,
)

__all__ = [
    "Augmentation",
    "BandLimit",
    "BandPass",
    "Clipping",
    "FeatureScaling",
    "FramePositions",
    "Gain",
    "Kept",
    "MaskedNormalization",
    "Mixup",
    "Noise",
    "Polarity",
    "Preparation",
    "RandomCrop",
    "Recurrent",
    "Reverb",
    "Scores",
    "SelfAttention",
    "SpecAugment",
    "Spectrogram",
    "Speed",
    "Tilt",
    "TimeBins",
    "TimeShift",
    "ValidFrames",
    "load_model",
]

del keras
