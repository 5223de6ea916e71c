"""From a file to the values of one example, in NumPy: decoded, resampled, cut, kept in a cache."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sonogram.audio import blocks, load
from sonogram.dataset.cache import Cache
from sonogram.dataset.cuts import Cut, Fixed, Windows
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
    """Given, clips are cut to this length, before their features are computed."""
    cache: Cache | None = None
    """Where features are kept, or waveforms before they are cut."""

    def values(self, path: str, draw: int = 0) -> Values:
        """Waveform, `(samples,)`, or features, `(frames, bands)`.

        Args:
            path: The file.
            draw: The random number that decides a random crop.

        Raises:
            AudioError: The file is broken.
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
        """By what clips of like length are found: that of their values, or of the sound behind them."""
        return len(values)

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

    def _features(self, path: str) -> Values:
        assert self.frontend is not None
        features: Values = self.frontend(self._cut(load(path, self.sample_rate).samples, 0))
        return features

    def _cut(self, samples: Values, draw: int) -> Values:
        return samples if self.fixed is None else fitted_to(samples, self.fixed, self.sample_rate, draw)


def reader(output: Frontend | int, cut: Cut, cache: str | os.PathLike[str] | None) -> Reader:
    """What reads the files of a data set.

    Args:
        output: What the data set gives: features, or waveforms at a rate in hertz.
        cut: How a clip becomes an example.
        cache: The folder to keep values in. Features are read from it where a clip has the same ones in
            every epoch; elsewhere waveforms are read, and their features are computed later.
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


def num_samples(seconds: float, sample_rate: int) -> int:
    """The whole number of samples nearest to a length in seconds, at least 1."""
    return max(1, round(seconds * sample_rate))


def fitted_to(samples: Values, cut: Fixed, sample_rate: int, draw: int = 0) -> Values:
    """A clip, `(samples,)`, at the one length of a cut; a random crop begins where `draw` says."""
    wanted = num_samples(cut.seconds, sample_rate)
    extra = max(len(samples) - wanted, 0)
    start = {"start": 0, "center": extra // 2, "random": int(draw) % (extra + 1)}[cut.crop]
    kept = samples[start : start + wanted]
    missing = wanted - len(kept)
    if not missing:
        return kept
    before = missing // 2 if cut.pad == "both" else 0
    return np.pad(kept, (before, missing - before))


def windows(whole: Iterable[Values], cut: Windows, sample_rate: int) -> Iterator[Values]:
    """Cut a waveform that comes in pieces into windows.

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
