"""Scores of a sound that arrives in chunks: the same as those of the whole sound."""

from __future__ import annotations

from typing import Any

from numpy.typing import ArrayLike

from sonogram.errors import SonogramError
from sonogram.inference.scoring import WindowScorer, check_samples
from sonogram.inference.timeline import WindowScores

__all__ = ["StreamingPredictor"]


class StreamingPredictor:
    """Predictor for a sound that arrives in chunks; its windows are those of `predict` on the whole sound.

    Memory does not grow with the sound: only the samples of later windows are kept.

    Args:
        model: A Keras model from `load_model`, `train` or `models.build`.
        window: Length of a window, seconds; None takes the length of the training clips.
        step: Step from the start of one window to the next, seconds; None takes half a window.

    Raises:
        SonogramError: The model has no labels, or the window is invalid.

    Example:
        >>> model = sonogram.models.build(sonogram.Frontend(8000, 256, 128), ["cat", "dog"])
        >>> predictor = StreamingPredictor(model, window=1.0)
        >>> [(window.start, window.end) for window in predictor.push(np.zeros(13_000))]
        [(0.0, 1.0), (0.5, 1.5)]
        >>> [(window.start, window.end) for window in predictor.finish()]
        [(0.625, 1.625)]

    See Also:
        `Timeline`, which turns the scores into events; `sonogram.predict`.
    """

    def __init__(self, model: Any, window: float | None = None, step: float | None = None) -> None:
        self._scorer = WindowScorer(model, window, step)
        self._windows = self._scorer.window_buffer()
        self._finished = False
        self.labels: tuple[str, ...] = self._scorer.model_info.labels
        """Label of each score."""
        self.multi_label: bool = self._scorer.model_info.multi_label
        """Whether a window may have several labels."""
        self.sample_rate: int = self._scorer.sample_rate
        """Required sample rate of the samples, Hz."""

    def push(self, samples: ArrayLike) -> list[WindowScores]:
        """Take the next samples and return the scores of the windows that they complete.

        Args:
            samples: `(samples,)`, floating point in [-1, 1] or 16-bit integers; any number of them.

        Raises:
            SonogramError: The samples are invalid or not finite, and none was processed; or `finish` was
                called before.
        """
        self._check_open()
        return self._scorer.score(self._windows.push(check_samples(samples)))

    def finish(self) -> list[WindowScores]:
        """End the sound and return the scores of the last window, if it has new samples."""
        self._check_open()
        self._finished = True
        return self._scorer.score(self._windows.finish())

    def _check_open(self) -> None:
        if self._finished:
            raise SonogramError("finish() was called. Make a new StreamingPredictor for the next sound")
