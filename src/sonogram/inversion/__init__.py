"""Inversion: from features or complex bins back to samples."""

from sonogram.inversion.griffin_lim import griffin_lim
from sonogram.inversion.inverse import inverse

__all__ = ["griffin_lim", "inverse"]
