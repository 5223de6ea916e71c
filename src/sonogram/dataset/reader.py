"""Values of one example from a sound file, in NumPy: decoded, resampled, cut, cached."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sonogram.audio import blocks, load
from sonogram.dataset.cache import Cache
from sonogram.dataset.cuts import Cut, Fixed, Windows
from sonogram.dataset.windowing import WindowBuffer, num_samples
from sonogram.definitions import AnyFrontend
from sonogram.frontend import Frontend

__all__ = ["Reader", "crop_or_pad", "make_reader"]

Values = NDArray[np.float32]
_BLOCK = 1 << 20
"""Number of samples to decode at a time from long recordings."""


@dataclass(frozen=True)
class Reader:
    """Reader of sound files: waveforms or features, cut and cached."""

    sample_rate: int
    """Sample rate of the waveforms, Hz."""
    frontend: AnyFrontend | None = None
    """Definition of the features to compute; None reads waveforms."""
    fixed: Fixed | None = None
    """Cut to apply before features are computed; None keeps clips whole."""
    cache: Cache | None = None
    """Cache of features, or of waveforms before the cut; None decodes each time."""

    def values(self, path: str, draw: int = 0) -> Values:
        """Return a waveform, `(samples,)`, or features, `(frames, bands)`.

        Args:
            path: The file.
            draw: Random number that determines a random crop.

        Raises:
            AudioError: The file is unreadable.
        """
        if self.frontend is not None:
            return (
                self._features(path)
                if self.cache is None
                else self.cache.array(path, lambda: [self._features(path)])
            )
        if self.cache is None:
            return self._cut(load(path, self.sample_rate).samples, draw)
        return self._cut(self.cache.array(path, lambda: blocks(path, _BLOCK, self.sample_rate)), draw)

    def length(self, path: str, values: Values) -> int:
        """Return the length that groups clips of similar length: that of the values, or of their sound."""
        return len(values)

    def windows(self, path: str, cut: Windows) -> Iterator[Values]:
        """Yield the windows of a file, `(samples,)`, in memory that does not grow with it.

        Raises:
            AudioError: The file is unreadable from some point on.
        """
        whole: Iterable[Values]
        if self.cache is None:
            whole = blocks(path, _BLOCK, self.sample_rate)
        else:
            cached = self.cache.array(path, lambda: blocks(path, _BLOCK, self.sample_rate))
            whole = (cached[start : start + _BLOCK] for start in range(0, len(cached), _BLOCK))
        size = num_samples(cut.seconds, self.sample_rate)
        step = size if cut.step is None else num_samples(cut.step, self.sample_rate)
        buffer = WindowBuffer(size, step)
        for chunk in whole:
            yield from (window.samples for window in buffer.push(chunk))
        if cut.remainder == "overlap":
            yield from (np.pad(last.samples, (0, size - len(last.samples))) for last in buffer.finish())

    def _features(self, path: str) -> Values:
        assert self.frontend is not None
        features: Values = self.frontend(self._cut(load(path, self.sample_rate).samples, 0))
        return features

    def _cut(self, samples: Values, draw: int) -> Values:
        return samples if self.fixed is None else crop_or_pad(samples, self.fixed, self.sample_rate, draw)


def make_reader(output: Frontend | int, cut: Cut, cache: str | os.PathLike[str] | None) -> Reader:
    """Return a reader of the files of a data set.

    Args:
        output: Front end of the features, or sample rate of the waveforms, Hz.
        cut: How a clip becomes an example.
        cache: Folder to cache values in. If a clip has the same features in every epoch, they are cached;
            otherwise waveforms are, and their features are computed later.
    """
    frontend = output if isinstance(output, Frontend) else None
    rate = int(output.sample_rate if isinstance(output, Frontend) else output)
    fixed = cut if isinstance(cut, Fixed) else None
    if cache is None:
        return Reader(rate, fixed=fixed)
    redrawn = isinstance(cut, Windows) or (fixed is not None and fixed.crop == "random")
    if frontend is None or redrawn:
        return Reader(rate, fixed=fixed, cache=Cache(cache, ["waveform", rate]))
    settings = ["features", frontend.to_dict(), repr(fixed)]
    return Reader(rate, frontend, fixed, Cache(cache, settings))


def crop_or_pad(samples: Values, cut: Fixed, sample_rate: int, draw: int = 0) -> Values:
    """Return a clip, `(samples,)`, at the length of a cut; the number `draw` determines a random crop."""
    wanted = num_samples(cut.seconds, sample_rate)
    extra = max(len(samples) - wanted, 0)
    start = {"start": 0, "center": extra // 2, "random": int(draw) % (extra + 1)}[cut.crop]
    cropped = samples[start : start + wanted]
    missing = wanted - len(cropped)
    if not missing:
        return cropped
    left = missing // 2 if cut.pad == "both" else 0
    return np.pad(cropped, (left, missing - left))
