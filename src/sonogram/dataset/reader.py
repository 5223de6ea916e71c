"""From a file to the values of one example, in NumPy: decoded, resampled, cut, kept in a cache."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sonogram.audio import blocks, load
from sonogram.dataset.cache import Cache
from sonogram.dataset.cuts import Fixed, Windows
from sonogram.frontend import Frontend

__all__ = ["Reader", "fitted_to", "num_samples", "reader", "windows"]

Values = NDArray[np.float32]
_BLOCK = 1 << 20
"""Samples that are decoded at a time from long recordings."""


@dataclass(frozen=True)
class Reader:
    """What is read from each file."""

    sample_rate: int
    """Hertz of the waveforms."""
    frontend: Frontend | None = None
    """Given, features are read; None reads waveforms."""
    fixed: Fixed | None = None
    """Given, clips are cut to this length before their features are computed."""
    cache: Cache | None = None
    """Where the values are kept."""

    def values(self, path: str) -> Values:
        """Waveform, `(samples,)`, or features, `(frames, bands)`.

        Raises:
            AudioError: The file is broken.
        """
        if self.cache is None:
            return self._computed(path)
        return self.cache.array(path, lambda: self._pieces(path))

    def windows(self, path: str, cut: Windows) -> Iterator[Values]:
        """Waveforms of one length, `(samples,)`, one after another; memory for a few of them is enough.

        Raises:
            AudioError: The file is broken; what was read before may have been given already.
        """
        whole: Iterable[Values]
        if self.cache is None:
            whole = blocks(path, _BLOCK, self.sample_rate)
        else:
            kept = self.cache.array(path, lambda: blocks(path, _BLOCK, self.sample_rate))
            whole = (kept[start : start + _BLOCK] for start in range(0, len(kept), _BLOCK))
        return windows(whole, cut, self.sample_rate)

    def _pieces(self, path: str) -> Iterable[Values]:
        return [self._computed(path)] if self.frontend else blocks(path, _BLOCK, self.sample_rate)

    def _computed(self, path: str) -> Values:
        samples = load(path, self.sample_rate).samples
        if self.frontend is None:
            return samples
        if self.fixed is not None:
            samples = fitted_to(samples, self.fixed, self.sample_rate)
        features: Values = self.frontend(samples)
        return features


def reader(
    output: Frontend | int, fixed: Fixed | None, cache: str | os.PathLike[str] | None, *, features: bool
) -> Reader:
    """What reads the files of a data set.

    Args:
        output: What the data set gives: features, or waveforms at a rate in hertz.
        fixed: The cut to one length, where that is the same in each epoch.
        cache: The folder to keep values in.
        features: Whether features may be read (and kept); otherwise they are computed later.
    """
    frontend = output if isinstance(output, Frontend) else None
    rate = int(output.sample_rate if isinstance(output, Frontend) else output)
    if cache is None:
        return Reader(rate)
    if frontend is None or not features:
        return Reader(rate, cache=Cache(cache, ["waveform", rate]))
    cut = None if fixed is None else repr(fixed)
    return Reader(rate, frontend, fixed, Cache(cache, ["features", frontend.to_dict(), cut]))


def num_samples(seconds: float, sample_rate: int) -> int:
    """The whole number of samples nearest to a length in seconds, at least 1."""
    return max(1, round(seconds * sample_rate))


def fitted_to(samples: Values, cut: Fixed, sample_rate: int) -> Values:
    """A clip, `(samples,)`, at the one length of a cut that is not random."""
    wanted = num_samples(cut.seconds, sample_rate)
    extra = max(len(samples) - wanted, 0)
    start = extra // 2 if cut.crop == "center" else 0
    kept = samples[start : start + wanted]
    missing = wanted - len(kept)
    before = missing // 2 if cut.pad == "both" else 0
    return np.pad(kept, (before, missing - before))


def windows(whole: Iterable[Values], cut: Windows, sample_rate: int) -> Iterator[Values]:
    """Cuts a waveform that comes in pieces into windows.

    Windows begin at every step while there are samples that no window has; with `rest="drop"` only
    full ones are given.
    """
    size = num_samples(cut.seconds, sample_rate)
    step = size if cut.step is None else num_samples(cut.step, sample_rate)
    held = np.zeros(0, np.float32)
    had = 0  # of the samples held, those that a window had already
    skipped = 0  # samples to come that no window wants: the step is longer than the window
    for piece in whole:
        held = np.concatenate([held, piece[skipped:]])
        skipped = max(skipped - len(piece), 0)
        while len(held) >= size:
            yield held[:size]
            held, skipped = held[step:], max(step - len(held), 0)
            had = max(size - step, 0)
    if cut.rest == "pad" and len(held) > had:
        yield np.pad(held, (0, size - len(held)))
