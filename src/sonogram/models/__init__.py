"""Networks with the front end inside: waveform in, probabilities out."""

from sonogram.models.backbone import Backbone
from sonogram.models.batching import scores
from sonogram.models.bodies import NETWORKS, Body, register
from sonogram.models.build import ModelInfo, build, describe, networks
from sonogram.models.ctc import ctc_loss
from sonogram.models.detector import build_detector
from sonogram.models.recognizer import build_recognizer, logits
from sonogram.models.transfer import backbone, transfer

__all__ = [
    "NETWORKS",
    "Backbone",
    "Body",
    "ModelInfo",
    "backbone",
    "build",
    "build_detector",
    "build_recognizer",
    "ctc_loss",
    "describe",
    "logits",
    "networks",
    "register",
    "scores",
    "transfer",
]
