"""Features of several channels as JSON for the JavaScript package in js/."""

from __future__ import annotations

from typing import Any

from sonogram.errors import SonogramError
from sonogram.frontend import Frontend
from sonogram.spatial import CrossCorrelation, Intensity, PhaseDifference, SpatialFeature
from sonogram.web.arrays import floats

__all__ = ["feature_fields"]


def feature_fields(feature: SpatialFeature, frontend: Frontend) -> dict[str, Any]:
    """Return the fields of a spatial feature, with its constants.

    Args:
        feature: The feature.
        frontend: Front end of each channel.

    Raises:
        SonogramError: The JavaScript package does not have the feature.
    """
    name = type(feature).__name__
    if isinstance(feature, Intensity):
        matrix = feature.bands.matrix(frontend.sample_rate, frontend.fft_size)
        return {"type": name, "epsilon": feature.epsilon, "matrix": floats(matrix.T)}
    if isinstance(feature, CrossCorrelation):
        return {"type": name, "matrix": floats(feature.matrix(frontend.fft_size).T)}
    if isinstance(feature, PhaseDifference):
        return {"type": name, "meters": floats(feature.meters(frontend))}
    raise SonogramError(f"the JavaScript package has no {name}; use another feature")
