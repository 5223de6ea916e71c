"""Networks with the front end inside: waveform in, probabilities out."""

from sonogram.models.build import NETWORKS, About, about, build
from sonogram.models.score import scores

__all__ = ["NETWORKS", "About", "about", "build", "scores"]
