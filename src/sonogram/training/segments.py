"""Segments of recordings with events to train on, as a function of the seed and the step alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sonogram.dataset import LoadedClips, Span
from sonogram.frontend import Frontend
from sonogram.models.batching import pad_batch
from sonogram.training.settings import TrainingSettings
from sonogram.training.variation import Noises, vary_bands, vary_speech

__all__ = ["Segments", "frame_targets", "limit_events"]

Floats = NDArray[np.float32]
_MIXED = 0.3
"""Share of the segments that are the sum of two."""
_MIXED_DB = (-6.0, 6.0)
"""Level of the second one."""
_MIN_PEAK = 1e-4


def frame_targets(
    spans: Sequence[tuple[float, float, int]], frames: int, period: float, labels: int
) -> Floats:
    """Return 1 where the middle of a frame is in an event of a label, float32 `(frames, labels)`.

    Args:
        spans: Start, end, seconds, and number of the label.
        frames: Number of frames.
        period: Seconds of a frame.
        labels: Number of labels.

    Example:
        >>> frame_targets([(0.1, 0.3, 0)], 4, 0.1, 1).ravel().tolist()
        [0.0, 1.0, 1.0, 0.0]
    """
    targets = np.zeros((frames, labels), np.float32)
    for start, end, label in spans:
        first, stop = (max(int(np.ceil(time / period - 0.5 - 1e-9)), 0) for time in (start, end))
        targets[first:stop, label] = 1
    return targets


def limit_events(events: Sequence[Span], duration: float) -> tuple[Span, ...]:
    """Return the events of a recording, none of which ends after it."""
    return tuple(event._replace(end=min(event.end, duration)) for event in events if event.start < duration)


@dataclass(frozen=True, eq=False)
class Segments:
    """Batches of features and targets of frames, new in each step.

    Args:
        loaded: Recordings with their events.
        labels: Labels of the targets.
        frontend: Front end of the features.
        stride: Frames of features for each frame of the network.
        settings: `seed`, `batch_size` and `augment` are used.
        seconds: Length of a segment, seconds.
    """

    loaded: LoadedClips
    labels: tuple[str, ...]
    frontend: Frontend
    stride: int
    settings: TrainingSettings
    seconds: float

    @cached_property
    def _spans(self) -> list[list[tuple[float, float, int]]]:
        """Start, end, seconds, and number of the label of the events of each recording."""
        number = {label: index for index, label in enumerate(self.labels)}
        return [
            [(start, end, number[label]) for start, end, label in clip.events or ()]
            for clip in self.loaded.clips
        ]

    @cached_property
    def _shares(self) -> NDArray[np.float64]:
        """Share of each recording in the duration of all."""
        lengths = np.array([len(samples) for samples in self.loaded.samples], float)
        return np.asarray(lengths / lengths.sum())

    @cached_property
    def _noises(self) -> Noises:
        return Noises(self.loaded.sample_rate, self.settings.seed)

    @property
    def period(self) -> float:
        """Seconds of a frame of the network."""
        return self.stride * self.frontend.frame_period

    def batch(self, step: int) -> tuple[Floats, NDArray[np.int32], Floats]:
        """Return features, the frames of each segment, and targets, whose last column is validity."""
        rng = np.random.default_rng([self.settings.seed, 5, step])
        made = [self._one(rng) for _ in range(self.settings.batch_size)]
        values, frames = pad_batch([features for features, _ in made])
        targets, _ = pad_batch([np.pad(rows, ((0, 0), (0, 1)), constant_values=1) for _, rows in made])
        return values, frames, targets

    def _one(self, rng: np.random.Generator) -> tuple[Floats, Floats]:
        rate = self.loaded.sample_rate
        samples, spans = self._segment(rng)
        if self.settings.augment and rng.random() < _MIXED:
            other, more = self._segment(rng)
            level = rng.uniform(*_MIXED_DB)
            gain = np.float32(10 ** (level / 20) * samples.std() / max(other.std(), _MIN_PEAK))
            size = min(len(samples), len(other))
            samples, spans = samples[:size] + gain * other[:size], spans + more
        if self.settings.augment:
            size = len(samples)
            samples = vary_speech(samples, rate, self._noises, rng)
            factor = len(samples) / size
            spans = [(start * factor, end * factor, label) for start, end, label in spans]
        samples = samples / np.float32(max(float(np.abs(samples).max()), _MIN_PEAK))
        features = np.asarray(self.frontend(samples), np.float32)
        if self.settings.augment and self.frontend.cepstrum is None:
            features = vary_bands(features, rng)
        frames = -(-len(features) // self.stride)
        # The middle of the first frame of features is not 0 without padding.
        first = float(self.frontend.times(1)[0]) - self.frontend.frame_period / 2
        spans = [(start - first, end - first, label) for start, end, label in spans]
        return features, frame_targets(spans, frames, self.period, len(self.labels))

    def _segment(self, rng: np.random.Generator) -> tuple[Floats, list[tuple[float, float, int]]]:
        """Return a random segment, and the events in it with times from its beginning."""
        rate = self.loaded.sample_rate
        index = int(rng.choice(len(self.loaded), p=self._shares))
        samples, size = self.loaded.samples[index], round(self.seconds * rate)
        start = int(rng.integers(max(len(samples) - size, 0) + 1))
        least = self.frontend.frame_length + self.frontend.frame_step * self.frontend.stack_size
        segment = samples[start : start + size]
        segment = np.pad(segment, (0, max(0, least - len(segment))))
        first, last = start / rate, (start + len(segment)) / rate
        spans = [
            (max(begin, first) - first, min(end, last) - first, label)
            for begin, end, label in self._spans[index]
            if begin < last and end > first
        ]
        return segment, spans
