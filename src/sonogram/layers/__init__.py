"""Keras layers: front ends, preparation of clips, augmentation, and layers that ignore padding."""

from __future__ import annotations

from sonogram.errors import require_keras

with require_keras("the layers need Keras and a backend"):
    import keras

from sonogram.layers.augment import (
    Augmentation,
    BandLimit,
    BandPass,
    Clipping,
    Gain,
    Mixup,
    Noise,
    PolarityInversion,
    RandomCrop,
    Reverb,
    SpecAugment,
    Speed,
    Tilt,
    TimeShift,
)
from sonogram.layers.feature_scaling import FeatureScaling
from sonogram.layers.frame_scores import EventRule, FrameScores
from sonogram.layers.load import load_model
from sonogram.layers.patches import FillPatches, PartMeans, Patches, SplitMask
from sonogram.layers.recurrent import MaskedGRU
from sonogram.layers.scores import Scores
from sonogram.layers.sequence_logits import SequenceLogits
from sonogram.layers.spectrogram import Spectrogram
from sonogram.layers.trainable_bands import TrainableBands
from sonogram.layers.trimming import TrimAndNormalize
from sonogram.layers.valid import (
    MaskedBatchNormalization,
    MaskedTimePooling,
    MaskFrames,
    SelfAttention,
    SinusoidalPositions,
    ValidFrames,
)
from sonogram.layers.waveform import Leaf, SincConv

__all__ = [
    "Augmentation",
    "BandLimit",
    "BandPass",
    "Clipping",
    "EventRule",
    "FeatureScaling",
    "FillPatches",
    "FrameScores",
    "Gain",
    "Leaf",
    "MaskFrames",
    "MaskedBatchNormalization",
    "MaskedGRU",
    "MaskedTimePooling",
    "Mixup",
    "Noise",
    "PartMeans",
    "Patches",
    "PolarityInversion",
    "RandomCrop",
    "Reverb",
    "Scores",
    "SelfAttention",
    "SequenceLogits",
    "SincConv",
    "SinusoidalPositions",
    "SpecAugment",
    "Spectrogram",
    "Speed",
    "SplitMask",
    "Tilt",
    "TimeShift",
    "TrainableBands",
    "TrimAndNormalize",
    "ValidFrames",
    "load_model",
]

del keras
