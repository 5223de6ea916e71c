"""Run originals and engines on the signals and keep the largest errors."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

import sonogram
from parity.bounds import Difference, compare, compare_rms
from parity.composites import compare_composite, spread
from parity.original import Original
from parity.signals import signals
from sonogram.bundle import Composite

__all__ = ["ENGINES", "Figures", "Result", "difference", "engines", "measure"]

ENGINES = ("numpy", "native", "graph", "portable")


def engines() -> tuple[str, ...]:
    """Return the engines that are available."""
    from sonogram.engines import native

    return ENGINES if native.available() else tuple(name for name in ENGINES if name != "native")


@dataclass
class Figures:
    """The largest errors of one engine over all signals."""

    largest: float = 0.0
    squares: float = 0.0
    relative: float = 0.0
    share: float = 0.0
    frames: int = 0
    worst: str = ""
    beyond: list[str] = field(default_factory=list)
    """Signals on which a bound is broken."""

    def add(self, label: str, found: Difference) -> None:
        """Add the difference on one signal."""
        self.largest = max(self.largest, found.largest)
        self.squares += found.rms**2 * found.frames
        self.relative = max(self.relative, 0.0 if math.isnan(found.relative) else found.relative)
        self.frames += found.frames
        if found.share > self.share:
            self.share, self.worst = found.share, label
        if not found.share <= 1:
            self.beyond.append(label)

    @property
    def rms(self) -> float:
        """The root of the mean square over all cells that count."""
        return math.sqrt(self.squares / self.frames) if self.frames else 0.0


@dataclass
class Result:
    """The comparison of one original with its preset."""

    original: Original
    compared: int = 0
    refused: int = 0
    engines: dict[str, Figures] = field(default_factory=dict)


def measure(original: Original, names: Iterable[str], with_data: bool) -> Result:
    """Compare one original with its preset on every engine of `names`."""
    frontend = sonogram.preset(original.preset)
    result = Result(original, engines={name: Figures() for name in names})
    for label, samples, wanted in _run(original, with_data):
        if wanted is None:
            result.refused += 1
            continue
        result.compared += 1
        for name, figures in result.engines.items():
            figures.add(label, difference(original, frontend(samples, name), wanted, samples))
    return result


def difference(
    original: Original,
    features: NDArray[np.floating],
    wanted: NDArray[np.floating],
    samples: NDArray[np.float32],
) -> Difference:
    """Return the difference of features of a preset from what the original returned."""
    definition = sonogram.preset(original.preset)
    if original.rms is not None:
        return compare_rms(features, wanted, original.rms)
    if isinstance(definition, Composite):
        return compare_composite(definition, features, wanted, samples)
    return compare(definition, features, wanted, samples)


def _run(
    original: Original, with_data: bool
) -> Iterator[tuple[str, NDArray[np.float32], NDArray[np.float64] | None]]:
    """Yield each signal with what the original returns, or None where it does not accept the signal."""
    frontend = sonogram.preset(original.preset)
    for label, integers in signals(frontend, with_data):
        samples = spread(frontend, integers).astype(np.float32) / 32768
        try:
            with warnings.catch_warnings():
                # Originals complain about short clips and empty bands; what they return counts.
                warnings.simplefilter("ignore")
                wanted = np.asarray(original.run(samples), np.float64)
        except Exception as error:
            # Too short for a window or for mirroring: each original has its own error.
            if len(integers) > 16384:
                raise RuntimeError(f"the original of {original.preset} failed on {label}: {error}") from error
            yield label, samples, None
            continue
        yield label, samples, wanted
