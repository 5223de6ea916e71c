"""Functions of features: descriptors of spectra and sounds, with the names and the numbers of librosa.

Each takes an array of NumPy or a tensor of TensorFlow, JAX or PyTorch and returns one of the same library.
Time is the axis before the last one, as in all features here: `(..., frames, bands)`.
"""

from sonogram.features.harmony import chroma_cens, tonnetz
from sonogram.features.rhythm import onset_strength, tempogram
from sonogram.features.separation import hpss
from sonogram.features.spectral import (
    spectral_bandwidth,
    spectral_centroid,
    spectral_contrast,
    spectral_flatness,
    spectral_flux,
    spectral_rolloff,
)
from sonogram.features.waveform import rms, zero_crossing_rate

__all__ = [
    "chroma_cens",
    "hpss",
    "onset_strength",
    "rms",
    "spectral_bandwidth",
    "spectral_centroid",
    "spectral_contrast",
    "spectral_flatness",
    "spectral_flux",
    "spectral_rolloff",
    "tempogram",
    "tonnetz",
    "zero_crossing_rate",
]
