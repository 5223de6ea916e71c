"""What a picture needs of the parts of a `Bundle` or `Spatial`, and of a `MicroFrontend`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sonogram.bundle import Bundle, Composite, Spatial
from sonogram.definitions import AnyFrontend
from sonogram.frontend import Frontend
from sonogram.micro import MicroFrontend
from sonogram.spatial import CrossCorrelation, Intensity, PhaseDifference
from sonogram.spectrum import Magnitude, Power, Spectrum

__all__ = ["DrawnDefinition", "FeaturePart", "PartDefinition", "feature_parts", "is_linear", "is_signed"]


@dataclass(frozen=True)
class PartDefinition:
    """Axes and unit of features that no `Frontend` has, in the words of `Frontend`."""

    frames: Frontend | MicroFrontend
    """Definition with the same frames."""
    unit: str
    """Unit of the features."""
    num_bands: int
    """Number of values of a frame."""
    frequencies: NDArray[np.float64] | None = None
    """Center of each band, Hz; None numbers the values."""
    signed: bool = False
    """Whether the features have both signs."""
    numbers: str = "band"
    """What the numbers of the values count."""
    first: int = 0
    """Number of the first value."""

    # Stages of a `Frontend` that these features do not have.
    cepstrum = deltas = stack = bands = decibels_per_unit = None
    has_linear_bins = False
    spectrum: Spectrum = Magnitude()

    @property
    def sample_rate(self) -> float:
        """Samples per second."""
        return self.frames.sample_rate

    @property
    def frame_length(self) -> int:
        """Window length, samples."""
        return self.frames.frame_length

    @property
    def frame_step(self) -> int:
        """Samples from one frame to the next."""
        return self.frames.frame_step

    @property
    def frame_period(self) -> float:
        """Seconds from one frame to the next."""
        return self.frames.frame_period

    @property
    def fingerprint(self) -> str:
        """Digest of the definition with the same frames."""
        return self.frames.fingerprint

    def num_frames(self, num_samples: int) -> int:
        """Return the number of frames of a clip."""
        return self.frames.num_frames(num_samples)

    def times(self, num_frames: int) -> NDArray[np.float64]:
        """Return the center of each frame, seconds."""
        return self.frames.times(num_frames)


DrawnDefinition: TypeAlias = Frontend | PartDefinition
"""A definition with the axes and the unit of one panel."""


def is_linear(frontend: DrawnDefinition) -> bool:
    """Return whether the features are magnitudes or powers, which are drawn in decibels."""
    return isinstance(frontend, Frontend) and frontend.scaling is None and frontend.normalize is None


def is_signed(frontend: DrawnDefinition) -> bool:
    """Return whether the colors are centered on 0."""
    return frontend.signed if isinstance(frontend, PartDefinition) else frontend.cepstrum is not None


@dataclass(frozen=True)
class FeaturePart:
    """The part of the features that one panel shows."""

    title: str
    """What it is; empty if the features have one part."""
    frontend: DrawnDefinition
    """Its axes and unit."""
    values: tuple[Any, ...] = (slice(None),)
    """Index of its values in the features of a frame, `frontend.shape`."""
    channel: int | None = None
    """Number of the channel whose features it holds, from 0; None for those of several."""


def feature_parts(definition: AnyFrontend) -> list[FeaturePart]:
    """Return the parts of the features of a definition, in their order."""
    if isinstance(definition, Frontend):
        return [FeaturePart("", definition)]
    if isinstance(definition, MicroFrontend):
        unit, bands = definition.unit, definition.num_bands
        return [FeaturePart("", PartDefinition(definition, unit, bands, definition.frequencies))]
    return list(_of_composite(definition))


def _of_composite(definition: Composite) -> Iterator[FeaturePart]:
    if isinstance(definition, Spatial):
        yield from _one_after_the_other(_of_spatial(definition))
        return
    assert isinstance(definition, Bundle)
    members = definition.members
    each = [
        list(_of_spatial(member))
        if isinstance(member, Spatial)
        else [FeaturePart(f"part {number} of {len(members)}", member, channel=0)]
        for number, member in enumerate(members, 1)
    ]
    if definition.along == "bands":
        yield from _one_after_the_other(part for found in each for part in found)
        return
    for index, found in enumerate(each):
        for part in _one_after_the_other(found):
            yield replace(part, values=(*part.values, index))


def _one_after_the_other(found: Any) -> Iterator[FeaturePart]:
    """Yield parts with their place among the values of a frame."""
    start = 0
    for part in found:
        stop = start + part.frontend.num_bands
        yield replace(part, values=(slice(start, stop),))
        start = stop


def _of_spatial(spatial: Spatial) -> Iterator[FeaturePart]:
    frontend, feature, channels = spatial.frontend, spatial.feature, spatial.num_channels
    if feature is None:
        for channel in range(channels):
            yield FeaturePart(f"channel {channel + 1}", frontend, channel=channel)
    elif isinstance(feature, Intensity):
        bands = frontend.replace(spectrum=Power(), bands=feature.bands)
        drawn = PartDefinition(frontend, "intensity", bands.num_bands, bands.frequencies, signed=True)
        for channel in range(1, channels):
            yield FeaturePart(f"intensity, channel {channel + 1}", drawn)
    elif isinstance(feature, CrossCorrelation):
        lags = feature.lags
        drawn = PartDefinition(
            frontend, "correlation", lags, signed=True, numbers="lag (samples)", first=-lags // 2
        )
        for one, other in combinations(range(1, channels + 1), 2):
            yield FeaturePart(f"cross-correlation, channels {one} and {other}", drawn)
    elif isinstance(feature, PhaseDifference):
        bins = frontend.replace(spectrum=Power())
        drawn = PartDefinition(frontend, "m", bins.num_bands, bins.frequencies, signed=True)
        for channel in range(2, channels + 1):
            yield FeaturePart(f"path difference, channels 1 and {channel}", drawn)
    else:
        yield FeaturePart(
            "spatial feature", PartDefinition(frontend, "value", spatial.num_bands, signed=True)
        )
