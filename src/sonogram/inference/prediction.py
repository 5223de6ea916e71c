"""Labels and events in sounds of any length."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonogram.audio import Audio, SoundSource
from sonogram.dataset.windowing import Window
from sonogram.errors import SonogramError
from sonogram.inference.blocks import model_blocks
from sonogram.inference.scoring import WindowScorer
from sonogram.inference.timeline import DEFAULT_THRESHOLD, Event, Timeline, WindowScores

__all__ = ["MAX_WHOLE_SECONDS", "Prediction", "Predictor"]

Samples = NDArray[np.float32]
MAX_WHOLE_SECONDS = 10.0
"""Longest sound to classify at once: it may be a single clip with silence around the sound."""


@dataclass(frozen=True, eq=False)
class Prediction:
    """Result of a model for one sound."""

    duration: float
    """Duration of the sound, seconds."""
    num_windows: int
    """Number of windows; 1 means one decision for the whole sound."""
    labels: tuple[str, ...]
    """Label of each score."""
    scores: NDArray[np.float32]
    """Scores of the whole sound, `(labels,)`. Up to 10 s it is classified at once, as in training; a longer
    one has the mean over its windows. A model with several labels a clip has the maximum over the windows."""
    events: tuple[Event, ...]
    """Events, sorted by start."""

    @property
    def label(self) -> str:
        """Label with the highest score."""
        return self.labels[int(np.argmax(self.scores))]

    @property
    def score(self) -> float:
        """Highest score."""
        return float(self.scores.max())

    def top(self, count: int) -> tuple[tuple[str, float], ...]:
        """Return the best labels with their scores, best first.

        Args:
            count: Number of labels.
        """
        order = np.argsort(-self.scores, kind="stable")[:count]
        return tuple((self.labels[index], float(self.scores[index])) for index in order)


class Predictor:
    """A model prepared for many sounds.

    Args:
        model: A Keras model from `load_model`, `train` or `models.build`.
        window: Length of a window, seconds; None takes the length of the training clips.
        step: Step from the start of one window to the next, seconds; None takes half a window.
        threshold: Minimum score of an event, in sounds of any length. None is 0.5.

    Raises:
        SonogramError: The model has no labels, or an argument is invalid.

    Example:
        >>> model = sonogram.models.build(sonogram.Frontend(8000, 256, 128), ["cat", "dog"])
        >>> predictor = Predictor(model, window=1.0)
        >>> predictor.predict(sonogram.Audio(np.zeros(20_000, np.float32), 8000)).num_windows
        4

    See Also:
        `sonogram.predict`, for one sound; `StreamingPredictor`, for a sound that arrives in chunks.
    """

    def __init__(
        self,
        model: Any,
        *,
        window: float | None = None,
        step: float | None = None,
        threshold: float | None = None,
    ) -> None:
        self._scorer = WindowScorer(model, window, step)
        self.model_info = self._scorer.model_info
        """Properties of the model."""
        self.window = self._scorer.size / self._scorer.sample_rate
        """Length of a window, seconds."""
        self.step = self._scorer.step / self._scorer.sample_rate
        """Step from window to window, seconds."""
        self.takes_batches = self._scorer.takes_batches
        """Whether one call of `sonogram.models.scores` may hold clips of unequal lengths."""
        self.threshold = DEFAULT_THRESHOLD if threshold is None else threshold
        """Minimum score of an event."""
        self.parallel = self._scorer.parallel
        """Whether several threads may predict at a time."""
        self._timeline()  # an invalid threshold must be an error before the first sound is read

    def scores(self, source: SoundSource | Audio) -> Iterator[WindowScores]:
        """Yield the scores of one window after another, in memory that does not grow with the sound.

        Args:
            source: A path, the bytes of a file, a binary file object, or `Audio` at the model's sample rate.

        Raises:
            AudioError: The sound cannot be read.
            SonogramError: The `Audio` has another sample rate.
        """
        yield from self._score(model_blocks(source, self._scorer.sample_rate))

    def _score(self, blocks: Iterator[Samples]) -> Iterator[WindowScores]:
        buffer, chunk = self._scorer.window_buffer(), self._scorer.chunk
        waiting: list[Window] = []
        for block in blocks:
            waiting += buffer.push(block)
            whole = len(waiting) // chunk * chunk
            yield from self._scorer.score(waiting[:whole])
            waiting = waiting[whole:]
        yield from self._scorer.score(waiting + buffer.finish())

    def predict(
        self, source: SoundSource | Audio, on_progress: Callable[[float], None] | None = None
    ) -> Prediction:
        """Return the labels and events of a sound.

        Args:
            source: Path, file, bytes or `Audio`, as for `sonogram.predict`.
            on_progress: Called with the seconds of the sound that have been processed, several times for a
                long one. What it raises ends the prediction.

        Raises:
            SonogramError: The sound cannot be read, has no samples, or is shorter than a frame step of the
                model.
        """
        count, last = 0, None
        total = np.zeros(len(self.model_info.labels), np.float64)
        highest = np.zeros(len(self.model_info.labels), np.float32)
        events: list[Event] = []
        timeline = self._timeline()
        beginning: list[Samples] = []
        for window in self._score(self._record(model_blocks(source, self._scorer.sample_rate), beginning)):
            events += timeline.add(window)
            total += window.scores
            highest = np.maximum(highest, window.scores)
            count, last = count + 1, window
            if on_progress is not None:
                on_progress(window.end)
        if last is None:
            raise SonogramError("the sound has no samples. Record it again")
        self._check_length(last.end)
        events += timeline.finish()
        scores = highest if self.model_info.multi_label else (total / count).astype(np.float32)
        samples = np.concatenate(beginning)
        is_short = len(samples) <= round(MAX_WHOLE_SECONDS * self._scorer.sample_rate)
        if count > 1 and is_short and not self.model_info.multi_label:
            whole = self._scorer.score_whole(samples)
            scores = scores if whole is None else whole
        ordered = sorted(events, key=lambda event: (event.start, event.label))
        return Prediction(last.end, count, self.model_info.labels, scores, tuple(ordered))

    def _record(self, blocks: Iterator[Samples], beginning: list[Samples]) -> Iterator[Samples]:
        """Yield the blocks, and append them to `beginning` until it is too long to classify at once."""
        limit = round(MAX_WHOLE_SECONDS * self._scorer.sample_rate)
        for block in blocks:
            if sum(map(len, beginning)) <= limit:
                beginning.append(block)
            yield block

    def _check_length(self, seconds: float) -> None:
        """Raise an error for a sound that is shorter than what any frame stands for."""
        frontend = self.model_info.frontend
        if frontend is not None and seconds < frontend.frame_step / frontend.sample_rate:
            raise SonogramError(
                f"{1000 * seconds:.2g} ms are shorter than a frame step of the model, "
                f"{1000 * frontend.frame_step / frontend.sample_rate:.3g} ms. Use a longer sound"
            )

    def _timeline(self) -> Timeline:
        return Timeline(self.model_info.labels, self.threshold, self.model_info.multi_label)
