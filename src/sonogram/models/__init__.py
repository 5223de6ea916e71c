"""Networks with the front end inside: waveform in, probabilities out."""

from sonogram.models.backbone import Backbone, backbone, transfer
from sonogram.models.batching import scores
from sonogram.models.build import NETWORKS, ModelInfo, build, describe, networks

__all__ = [
    "NETWORKS",
    "Backbone",
    "ModelInfo",
    "backbone",
    "build",
    "describe",
    "networks",
    "scores",
    "transfer",
]
