"""A sound of any length to what is heard in it, and when."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonogram.audio import Audio, SoundSource, blocks
from sonogram.errors import SonogramError
from sonogram.inference.scoring import Scorer
from sonogram.inference.stream import cutter, told
from sonogram.inference.timeline import DEFAULT_THRESHOLD, Event, Timeline, WindowScores
from sonogram.inference.windows import Window, checked

__all__ = ["WHOLE_SECONDS", "Prediction", "Predictor", "predict"]

_BLOCK_SECONDS = 10.0
WHOLE_SECONDS = 10.0
"""Up to here a clip may be one that the model was made to name, with silence around what is heard."""


@dataclass(frozen=True, eq=False)
class Prediction:
    """What a model hears in a sound."""

    duration: float
    """Seconds."""
    num_windows: int
    """How many windows the scores are from; 1 is one decision on the whole sound."""
    labels: tuple[str, ...]
    scores: NDArray[np.float32]
    """Of the whole sound, `(labels,)`. Up to 10 s it is judged at once, as in training; a longer one has the
    mean over its windows. A multi-label model has the highest of its windows."""
    events: tuple[Event, ...]
    """What is heard from when to when, by their start."""

    @property
    def label(self) -> str:
        """The label with the highest score."""
        return self.labels[int(np.argmax(self.scores))]

    @property
    def score(self) -> float:
        """The highest score."""
        return float(self.scores.max())

    def top(self, count: int) -> tuple[tuple[str, float], ...]:
        """Return the labels with the highest scores and these scores, the highest first."""
        order = np.argsort(-self.scores, kind="stable")[:count]
        return tuple((self.labels[index], float(self.scores[index])) for index in order)


class Predictor:
    """A model made ready to hear many sounds.

    Args:
        model: A Keras model that says what it hears, from `load_model` or `models.build`.
        window: The length of a window in seconds; None takes that of the clips it was trained on.
        step: From the start of one window to the next in seconds; None is half a window.
        threshold: Scores below it are no events. None is 0.5; a sound that is not longer than a window
            then is told with its best label, whatever its score, unless several may be heard at once.

    Raises:
        SonogramError: The model does not say what it hears, or an argument cannot be meant.
    """

    def __init__(
        self,
        model: Any,
        *,
        window: float | None = None,
        step: float | None = None,
        threshold: float | None = None,
    ) -> None:
        self._scorer = Scorer(model, window)
        self._step, self._threshold = step, threshold
        self.model_info = self._scorer.model_info
        """What the model is."""
        self.window = self._scorer.size / self._scorer.sample_rate
        """Seconds."""
        self.takes_many = self._scorer.takes_many
        """Whether clips of any lengths may stand in one call of `sonogram.models.scores`."""
        self.step = cutter(self._scorer, step).step / self._scorer.sample_rate
        """Seconds."""
        self.threshold = DEFAULT_THRESHOLD if threshold is None else threshold
        """The score from which on a window of a longer sound tells of an event."""
        self._timeline()  # a wrong threshold is told before the first sound is read

    def scores(self, source: SoundSource | Audio) -> Iterator[WindowScores]:
        """Yield the scores of one window after another, in memory that does not grow with the sound.

        Args:
            source: A path, the bytes of a file, a binary file object, or sound from `load` at the rate
                of the model.

        Raises:
            AudioError: The sound cannot be read.
            SonogramError: Sound from `load` has another rate.
        """
        yield from self._scored(self._blocks(source))

    def _scored(self, blocks: Iterator[NDArray[np.float32]]) -> Iterator[WindowScores]:
        windows = cutter(self._scorer, self._step)
        waiting: list[Window] = []
        for block in blocks:
            waiting += windows.push(block)
            whole = len(waiting) // self._scorer.at_once * self._scorer.at_once
            yield from told(self._scorer, waiting[:whole])
            waiting = waiting[whole:]
        yield from told(self._scorer, waiting + windows.finish())

    def predict(self, source: SoundSource | Audio) -> Prediction:
        """Return what the model hears in a sound; see `sonogram.predict`."""
        count, last = 0, None
        total = np.zeros(len(self.model_info.labels), np.float64)
        highest = np.zeros(len(self.model_info.labels), np.float32)
        events: list[Event] = []
        timeline = self._timeline()
        short = _Short(round(WHOLE_SECONDS * self._scorer.sample_rate))
        for heard in self._scored(short.through(self._blocks(source))):
            events += timeline.add(heard)
            total += heard.scores
            highest = np.maximum(highest, heard.scores)
            count, last = count + 1, heard
        if last is None:
            raise SonogramError("the sound holds no samples, so there is nothing to hear; record it again")
        if count == 1:
            timeline = self._timeline(one_decision=True)
            timeline.add(last)
        events += timeline.finish()
        scores = highest if self.model_info.multi_label else (total / count).astype(np.float32)
        if count > 1 and short.samples is not None and not self.model_info.multi_label:
            at_once = self._scorer.whole(short.samples)
            scores = scores if at_once is None else at_once
        ordered = sorted(events, key=lambda event: (event.start, event.label))
        return Prediction(last.end, count, self.model_info.labels, scores, tuple(ordered))

    def _timeline(self, one_decision: bool = False) -> Timeline:
        threshold = self.threshold
        if one_decision and self._threshold is None and not self.model_info.multi_label:
            threshold = 0.0
        return Timeline(self.model_info.labels, threshold, self.model_info.multi_label)

    def _blocks(self, source: SoundSource | Audio) -> Iterator[NDArray[np.float32]]:
        rate = self._scorer.sample_rate
        size = round(_BLOCK_SECONDS * rate)
        if not isinstance(source, Audio):
            yield from _ahead(blocks(source, size, rate))
            return
        if source.sample_rate != rate:
            raise SonogramError(
                f"the model hears {rate} Hz, the sound has {source.sample_rate} Hz; load it with "
                f"sample_rate={rate}"
            )
        samples = checked(source.samples)
        for start in range(0, len(samples), size):
            yield samples[start : start + size]


class _Short:
    """Keeps a sound that goes by, as long as it is short."""

    def __init__(self, size: int) -> None:
        self._size = size
        self.samples: NDArray[np.float32] | None = np.zeros(0, np.float32)
        """The whole sound; None where it is longer."""

    def through(self, blocks: Iterator[NDArray[np.float32]]) -> Iterator[NDArray[np.float32]]:
        """Yield the blocks."""
        for block in blocks:
            if self.samples is not None:
                joined = np.concatenate([self.samples, block])
                self.samples = joined if len(joined) <= self._size else None
            yield block


def _ahead(pieces: Iterator[NDArray[np.float32]]) -> Iterator[NDArray[np.float32]]:
    """Yield the pieces; while one is listened to, the next one is decoded."""
    with ThreadPoolExecutor(1) as executor:
        following = executor.submit(next, pieces, None)
        while (piece := following.result()) is not None:
            following = executor.submit(next, pieces, None)
            yield piece


def predict(
    model: Any,
    source: SoundSource | Audio,
    *,
    window: float | None = None,
    step: float | None = None,
    threshold: float | None = None,
) -> Prediction:
    """Return what a model hears in a sound of any length, in memory that does not grow with it.

    The sound is cut into windows, which the model judges one by one; a sound that is not longer than a
    window is judged as a whole. Windows above the threshold that follow one another are one event. The
    label of the whole is decided at once up to 10 s, and by the mean over the windows beyond.
    A model that shall hear many sounds is made ready once by `sonogram.inference.Predictor`.

    Args:
        model: A Keras model that says what it hears, from `load_model` or `models.build`.
        source: A path, the bytes of a file, a binary file object, or sound from `load` at the rate of
            the model.
        window: The length of a window in seconds; None takes that of the clips it was trained on.
        step: From the start of one window to the next in seconds; None is half a window.
        threshold: Scores below it are no events. None is 0.5; a sound of one window then is told with
            its best label, whatever its score, unless several may be heard at once.

    Returns:
        The scores of the whole sound and the events in it.

    Raises:
        AudioError: The sound cannot be read.
        SonogramError: The model does not say what it hears, or an argument cannot be meant.

    Example:
        >>> model = sonogram.models.build(sonogram.Frontend(8000, 256, 128), ["cat", "dog"])
        >>> heard = predict(model, sonogram.Audio(np.zeros(20_000, np.float32), 8000), threshold=0)
        >>> heard.duration, heard.num_windows, heard.label == heard.events[0].label
        (2.5, 4, True)
    """
    return Predictor(model, window=window, step=step, threshold=threshold).predict(source)
