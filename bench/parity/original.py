"""Originals: functions of installed packages whose features a preset reproduces."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["ORIGINALS", "Original", "original"]

Run = Callable[[NDArray[np.float32]], NDArray[np.floating]]


@dataclass(frozen=True)
class Original:
    """The original of one preset."""

    preset: str
    """Name of the preset."""
    packages: tuple[str, ...]
    """Distributions whose code runs, the most important one first."""
    call: str
    """The call, as shown in the table."""
    run: Run
    """Function from float32 samples in [-1, 1] to `(frames, bands)`."""
    float64: bool = False
    """Whether it computes in float64 throughout, so that 1e-6 can be expected."""
    recipe: bool = False
    """Whether it is the library that the original calls, with the original's arguments."""
    rms: float | None = None
    """Largest RMS of the difference, as a part of the clip's maximum, where the preset is exact and the
    original is not; None compares within the bounds of all others."""

    @property
    def formula(self) -> bool:
        """Whether it is the published formula in float64, because the original cannot be installed."""
        return self.packages[0] == "numpy"

    @property
    def computed(self) -> bool:
        """Whether it needs no package that sonogram does not need itself, so that tests can run it."""
        return self.packages == ("numpy",)

    @property
    def versions(self) -> str:
        """The packages with their versions."""
        return ", ".join(f"{name} {importlib.metadata.version(name)}" for name in self.packages)


ORIGINALS: dict[str, list[Original]] = {}


def original(
    preset: str,
    packages: str,
    call: str,
    *,
    float64: bool = False,
    recipe: bool = False,
    rms: float | None = None,
) -> Callable[[Run], Run]:
    """Register the decorated function as the original of `preset`."""

    def register(run: Run) -> Run:
        ORIGINALS.setdefault(preset, []).append(
            Original(preset, tuple(packages.split()), call, run, float64, recipe, rms)
        )
        return run

    return register
