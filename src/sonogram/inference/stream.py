"""Sound that arrives in pieces to scores: the same as those of the whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import ArrayLike

from sonogram.errors import SonogramError
from sonogram.inference.scoring import Scorer, num_samples
from sonogram.inference.timeline import WindowScores
from sonogram.inference.windows import Window, Windows

__all__ = ["StreamingPredictor", "cutter", "told"]


class StreamingPredictor:
    """Hears with a model while the sound arrives; its windows are those of `predict` on the whole.

    Memory does not grow with the sound: a listener keeps the samples that a later window has.

    Args:
        model: A Keras model that says what it hears, from `load_model` or `models.build`.
        window: The length of a window in seconds; None takes that of the clips it was trained on.
        step: From the start of one window to the next in seconds; None is half a window.

    Raises:
        SonogramError: The model does not say what it hears, or the window cannot be meant.

    Example:
        >>> model = sonogram.models.build(sonogram.Frontend(8000, 256, 128), ["cat", "dog"])
        >>> listener = StreamingPredictor(model, window=1.0)
        >>> [(heard.start, heard.end) for heard in listener.push(np.zeros(13_000))]
        [(0.0, 1.0), (0.5, 1.5)]
        >>> [(heard.start, heard.end) for heard in listener.finish()]
        [(0.625, 1.625)]
    """

    def __init__(self, model: Any, window: float | None = None, step: float | None = None) -> None:
        self._scorer = Scorer(model, window)
        self._windows = cutter(self._scorer, step)
        self._finished = False
        self.labels: tuple[str, ...] = self._scorer.model_info.labels
        """What the scores are of."""
        self.multi_label: bool = self._scorer.model_info.multi_label
        """Whether several of them may be heard at once."""
        self.sample_rate: int = self._scorer.sample_rate
        """The rate that the samples must have, hertz."""

    def push(self, samples: ArrayLike) -> list[WindowScores]:
        """Take the next samples and returns the scores of the windows that they complete.

        Args:
            samples: `(samples,)`, floating point in [-1, 1] or 16-bit integers; any number of them.

        Raises:
            SonogramError: They are no samples, or not finite: then none of them was taken. Or the
                listener is finished.
        """
        self._check_open()
        return self._scored(self._windows.push(samples))

    def finish(self) -> list[WindowScores]:
        """End the sound and returns the scores of the window that ends with it, if that is a new one."""
        self._check_open()
        self._finished = True
        return self._scored(self._windows.finish())

    def _scored(self, windows: Sequence[Window]) -> list[WindowScores]:
        return told(self._scorer, windows)

    def _check_open(self) -> None:
        if self._finished:
            raise SonogramError("this listener is finished; make a new StreamingPredictor for the next sound")


def cutter(scorer: Scorer, step: float | None) -> Windows:
    """Return what cuts a sound into windows for a model.

    Args:
        scorer: The model.
        step: From the start of one window to the next in seconds; None is half a window.

    Raises:
        SonogramError: The step is longer than the window.
    """
    samples = max(scorer.size // 2, 1) if step is None else num_samples(step, scorer.sample_rate)
    if samples > scorer.size:
        raise SonogramError(
            f"the step, {samples / scorer.sample_rate:g} s, must not be longer than the window, "
            f"{scorer.size / scorer.sample_rate:g} s: what lies between windows would not be heard"
        )
    return Windows(scorer.size, samples)


def told(scorer: Scorer, windows: Sequence[Window]) -> list[WindowScores]:
    """Return the scores of windows, with their places in seconds."""
    rows = scorer.scores([window.samples for window in windows])
    return [
        WindowScores(
            start=window.start / scorer.sample_rate,
            end=(window.start + len(window.samples)) / scorer.sample_rate,
            scores=row,
        )
        for window, row in zip(windows, rows, strict=True)
    ]
