"""Events in recordings of any length, from the scores of frames by an event detector."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import keras
import numpy as np
from numpy.typing import NDArray

from sonogram import models
from sonogram.audio import Audio, SoundSource
from sonogram.errors import SonogramError
from sonogram.inference.blocks import model_blocks
from sonogram.inference.prediction import Prediction
from sonogram.inference.timeline import Event
from sonogram.inference.traced import TracedModel
from sonogram.layers import EventRule

__all__ = ["Detector", "ScoredFrames", "find_events"]

Floats = NDArray[np.float32]
_MARGIN = 0.1
"""Share of a part of a long recording whose frames at each end are taken from the neighboring part: they lack
context there."""


class ScoredFrames(NamedTuple):
    """Scores of the frames of a recording."""

    times: NDArray[np.float64]
    """Edges of the frames, seconds, `(frames + 1,)`."""
    scores: Floats
    """Score of each label in each frame, `(frames, labels)`."""


def find_events(frames: ScoredFrames, labels: tuple[str, ...], rule: EventRule) -> list[Event]:
    """Return the events that follow from scores, sorted by start.

    An event is a run of frames. After the median filter, the scores of all of them reach the share `release`
    of the threshold, and that of one reaches the threshold.

    Args:
        frames: Scores of frames.
        labels: Label of each score.
        rule: Thresholds and filter.

    Example:
        >>> scores = np.array([[0.1], [0.4], [0.9], [0.4], [0.1], [0.4]], np.float32)
        >>> frames = ScoredFrames(np.arange(7.0), scores)
        >>> find_events(frames, ("dog",), EventRule((0.75,), release=0.5))
        [Event(start=1.0, end=4.0, label='dog', score=0.8999999761581421)]
    """
    smooth = smoothed(frames, rule.smoothing)
    found = []
    for column, (label, threshold) in enumerate(zip(labels, rule.thresholds, strict=True)):
        for first, stop, score in runs(smooth[:, column], threshold, rule.release):
            found.append(Event(float(frames.times[first]), float(frames.times[stop]), label, score))
    return sorted(found, key=lambda event: (event.start, event.label))


def smoothed(frames: ScoredFrames, seconds: float) -> Floats:
    """Return the scores after a median filter of an odd number of frames."""
    if len(frames.scores) < 2:
        return frames.scores
    half = int(seconds / np.median(np.diff(frames.times)) + 1e-6) // 2
    if half == 0:
        return frames.scores
    padded = np.pad(frames.scores, ((half, half), (0, 0)), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1, axis=0)
    result: Floats = np.median(windows, axis=-1).astype(np.float32)
    return result


def runs(scores: Floats, threshold: float, release: float) -> Iterator[tuple[int, int, float]]:
    """Yield first frame, frame after the last, and highest score of each event of one label."""
    if scores.max(initial=0) < threshold:
        return
    edges = np.flatnonzero(np.diff(np.pad(scores >= release * threshold, 1).astype(np.int8)))
    for first, stop in zip(edges[::2], edges[1::2], strict=True):
        highest = float(scores[first:stop].max())
        if highest >= threshold:
            yield int(first), int(stop), highest


class Detector:
    """An event detector prepared for many sounds, as `Predictor` is for classifiers.

    Args:
        model: A Keras model from `models.build_detector` or, on events, `sonogram.train`.
        window: Length of the parts in which long recordings are computed, seconds; None takes the length of
            the training segments.
        threshold: Minimum score of an event, for all labels. None takes those that training chose.

    Raises:
        SonogramError: The model is no event detector, or an argument is invalid.

    See Also:
        `sonogram.predict`, for one sound.
    """

    def __init__(self, model: Any, *, window: float | None = None, threshold: float | None = None) -> None:
        self.model_info = models.describe(model)
        """Properties of the model."""
        rule, frontend, stride = (
            getattr(self.model_info, name) for name in ("event_rule", "frontend", "stride")
        )
        if rule is None:
            raise SonogramError(f"the model {model.name!r} scores no frames. Train one on events")
        if threshold is not None:
            rule = replace(rule, thresholds=(threshold,) * len(rule.thresholds))
        self.rule: EventRule = rule
        """How events follow from the scores."""
        self.threshold = threshold
        """Minimum score of an event; None if each label has its own."""
        self._rate = int(self.model_info.sample_rate)
        self._period = round(stride * frontend.frame_period * frontend.sample_rate)
        self._begin = frontend.begin
        self.window = float(window or self.model_info.seconds or 0)
        """Length of the parts of long recordings, seconds."""
        margin = round(_MARGIN * self.window * self._rate / self._period)
        self._margin, self._size = margin, round(self.window * self._rate)
        if not self._size >= 4 * self._period:
            raise SonogramError(
                f"window must be {4 * self._period / self._rate:g} s or more, four frames of scores; got "
                f"{self.window:g}"
            )
        self._step = (self._size // self._period - 2 * margin) * self._period
        self.step = self._step / self._rate
        """Step from part to part, seconds."""
        self.takes_batches = True
        """Whether one call may hold clips of unequal lengths."""
        self.parallel = keras.backend.backend() == "tensorflow"
        """Whether several threads may predict at a time."""
        self._call = TracedModel(model)

    def frames(
        self, source: SoundSource | Audio, on_progress: Callable[[float], None] | None = None
    ) -> tuple[ScoredFrames, float]:
        """Return the scores of the frames of a sound, and its duration, seconds.

        Args:
            source: Path, file, bytes or `Audio`, as for `sonogram.predict`.
            on_progress: Called with the seconds of the sound that have been processed.

        Raises:
            SonogramError: The sound cannot be read, or has no samples.
        """
        found: list[Floats] = []
        total = 0
        for start, samples, is_last in _parts(model_blocks(source, self._rate), self._size, self._step):
            total = start + len(samples)
            if not len(samples):
                break
            scores, count = (
                np.asarray(each) for each in self._call(samples[None], np.array([len(samples)], np.int32))
            )
            scores = scores[0, : int(count[0])]
            first = self._margin if start else 0
            found.append(scores[first:] if is_last else scores[first : first + self._taken(start)])
            if on_progress is not None:
                on_progress(total / self._rate)
        if not total:
            raise SonogramError("the sound has no samples. Record it again")
        duration = total / self._rate
        # Frames after the end stand for the padding.
        inside = np.ceil((duration - self._begin) * self._rate / self._period)
        scores = np.concatenate(found)[: max(int(inside), 1)]
        if not np.isfinite(scores).all():
            raise SonogramError("the scores of the sound are not finite. Check the model and the sound")
        edges = self._begin + np.arange(len(scores) + 1) * (self._period / self._rate)
        edges = np.clip(edges, 0, duration)
        edges[0], edges[-1] = 0.0, duration
        return ScoredFrames(edges, scores), duration

    def _taken(self, start: int) -> int:
        """Return the number of frames to take from a part that is not the last one."""
        frames: int = self._step // self._period
        return frames if start else frames + self._margin

    def predict(
        self, source: SoundSource | Audio, on_progress: Callable[[float], None] | None = None
    ) -> Prediction:
        """Return the events of a sound; the scores are the highest of its frames.

        Args:
            source: Path, file, bytes or `Audio`, as for `sonogram.predict`.
            on_progress: Called with the seconds of the sound that have been processed. What it raises ends
                the prediction.

        Raises:
            SonogramError: The sound cannot be read, or has no samples.
        """
        frames, duration = self.frames(source, on_progress)
        events = find_events(frames, self.model_info.labels, self.rule)
        highest = smoothed(frames, self.rule.smoothing).max(axis=0)
        return Prediction(duration, len(frames.scores), self.model_info.labels, highest, tuple(events))


def _parts(blocks: Iterable[Floats], size: int, step: int) -> Iterator[tuple[int, Floats, bool]]:
    """Yield start, samples and whether it is the last one, for each part of a sound.

    All but the last part have `size` samples; that one has at least as many, if the sound has.
    """
    start, held = 0, np.zeros(0, np.float32)
    for block in blocks:
        held = np.concatenate([held, block])
        while len(held) >= size + step:
            yield start, held[:size], False
            start, held = start + step, held[step:]
    yield start, held, True
