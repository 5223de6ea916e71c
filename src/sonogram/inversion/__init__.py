"""Inversion: samples from complex bins, exactly, or from features, approximately."""

from sonogram.inversion.exact import istft
from sonogram.inversion.griffin_lim import griffin_lim
from sonogram.inversion.resynthesis import resynthesize

__all__ = ["griffin_lim", "istft", "resynthesize"]
