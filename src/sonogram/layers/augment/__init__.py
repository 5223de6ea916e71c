"""Augmentation: layers that change each clip at random during training, and its labels if needed."""

from sonogram.layers.augment.base import Augmentation
from sonogram.layers.augment.filters import BandLimit, BandPass, Tilt
from sonogram.layers.augment.level import Clipping, Gain, PolarityInversion
from sonogram.layers.augment.mixup import Mixup
from sonogram.layers.augment.noise import Noise
from sonogram.layers.augment.position import RandomCrop, TimeShift
from sonogram.layers.augment.reverb import Reverb
from sonogram.layers.augment.spec_augment import SpecAugment
from sonogram.layers.augment.speed import Speed

__all__ = [
    "Augmentation",
    "BandLimit",
    "BandPass",
    "Clipping",
    "Gain",
    "Mixup",
    "Noise",
    "PolarityInversion",
    "RandomCrop",
    "Reverb",
    "SpecAugment",
    "Speed",
    "Tilt",
    "TimeShift",
]
