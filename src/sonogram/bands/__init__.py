"""Bands: filter banks that sum the bins of a spectrum into fewer, wider bands."""

from sonogram.bands.base import Bands, Filterbank
from sonogram.bands.chroma import Chroma, Octaves
from sonogram.bands.mel import HtkMel, Mel, SymmetricMel, hertz_to_mel, mel_to_hertz
from sonogram.bands.rectangles import Bins, Rectangles
from sonogram.bands.triangles import Linear, LogFrequency, RoundedTriangles

__all__ = [
    "Bands",
    "Bins",
    "Chroma",
    "Filterbank",
    "HtkMel",
    "Linear",
    "LogFrequency",
    "Mel",
    "Octaves",
    "Rectangles",
    "RoundedTriangles",
    "SymmetricMel",
    "hertz_to_mel",
    "mel_to_hertz",
]
