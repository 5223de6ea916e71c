"""Inputs of models and of the networks in them."""

from __future__ import annotations

from typing import Any

import keras

__all__ = ["feature_inputs", "sample_inputs"]


def sample_inputs() -> tuple[Any, Any]:
    """Return the inputs of a model: samples `(batch, samples)`, and the number of valid ones of each clip."""
    return keras.Input((None,), name="samples"), keras.Input((), dtype="int32", name="lengths")


def feature_inputs(num_bands: int) -> tuple[Any, Any]:
    """Return the inputs of a network: features `(batch, frames, bands)`, and 1 or 0 for each frame."""
    return keras.Input((None, num_bands), name="features"), keras.Input((None,), name="valid")
