"""Networks with the front end inside: waveform in, probabilities out."""

from sonogram.models.backbone import Backbone, backbone, transfer
from sonogram.models.batching import scores
from sonogram.models.bodies import NETWORKS, Body, register
from sonogram.models.build import ModelInfo, build, describe, networks

__all__ = [
    "NETWORKS",
    "Backbone",
    "Body",
    "ModelInfo",
    "backbone",
    "build",
    "describe",
    "networks",
    "register",
    "scores",
    "transfer",
]
