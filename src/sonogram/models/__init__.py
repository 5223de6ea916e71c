"""Networks with the front end inside: waveform in, probabilities out."""

from sonogram.models.clips import scores
from sonogram.models.frozen import Trunk, transfer, trunk
from sonogram.models.model import NETWORKS, About, about, build

__all__ = ["NETWORKS", "About", "Trunk", "about", "build", "scores", "transfer", "trunk"]
