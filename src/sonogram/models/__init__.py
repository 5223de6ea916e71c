"""Networks with the front end inside: waveform in, probabilities out."""

from sonogram.models.model import NETWORKS, About, about, build
from sonogram.models.clips import scores

__all__ = ["NETWORKS", "About", "about", "build", "scores"]
