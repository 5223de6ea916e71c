"""What an original is: a function of installed packages that a preset claims to agree with."""

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
    """The preset."""
    packages: tuple[str, ...]
    """The distributions whose code computes, the most important one first."""
    call: str
    """What is called, for the reader of the table."""
    run: Run
    """From float32 samples in [-1, 1] to `(frames, bands)`."""
    float64: bool = False
    """Whether it computes in float64 throughout, so that 1e-6 can be asked."""
    recipe: bool = False
    """Whether it is the library that the original calls, with the original's arguments."""

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
) -> Callable[[Run], Run]:
    """Registers the decorated function as the original of `preset`."""

    def register(run: Run) -> Run:
        ORIGINALS.setdefault(preset, []).append(
            Original(preset, tuple(packages.split()), call, run, float64, recipe)
        )
        return run

    return register
