"""Engines: four implementations of a definition, which agree within float32 rounding."""

from sonogram.engines.dispatch import ENGINES, frames_engine, run, stft

__all__ = ["ENGINES", "frames_engine", "run", "stft"]
