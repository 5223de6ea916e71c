"""Results for many recordings: in parallel, in their order, in bounded memory."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sonogram.audio import SoundSource, header, hold
from sonogram.cores import num_cores
from sonogram.errors import SonogramError, with_name
from sonogram.inference.detection import Detector
from sonogram.inference.prediction import Prediction, Predictor

__all__ = ["Outcome", "RecordingPrediction", "predict_recordings", "process_recordings"]

_AHEAD = 4
"""Recordings per thread that may be finished before an earlier one is."""
OnProgress = Callable[[str, float, float | None], None]
Result = TypeVar("Result")


@dataclass(frozen=True, eq=False)
class Outcome(Generic[Result]):
    """Result for a recording, or the reason why there is none."""

    path: str
    """The recording."""
    result: Result | None
    """The result; None if the recording cannot be read."""
    sample_rate: float = 0.0
    """Sample rate of the recording itself, Hz; 0 if it cannot be read."""
    error: str = ""
    """Reason, one line that names the recording."""


class RecordingPrediction(Outcome[Prediction]):
    """Prediction for a recording, or the reason why there is none."""

    @property
    def prediction(self) -> Prediction | None:
        """Labels and events; None if it cannot be read."""
        return self.result

    def to_dict(self, top: int = 3) -> dict[str, Any]:
        """Return the prediction as plain data for JSON: path and error, or length, labels and events.

        Args:
            top: Number of best labels.
        """
        found = self.prediction
        if found is None:
            return {"path": self.path, "error": self.error}
        return {
            "path": self.path,
            "duration": round(found.duration, 6),
            "sample_rate": self.sample_rate,
            "label": found.label,
            "score": round(found.score, 6),
            "top": [{"label": label, "score": round(score, 6)} for label, score in found.top(top)],
            "events": [
                {
                    "start": round(event.start, 6),
                    "end": round(event.end, 6),
                    "label": event.label,
                    "score": round(event.score, 6),
                }
                for event in found.events
            ],
        }


def predict_recordings(
    predictor: Predictor | Detector,
    recordings: Iterable[str | tuple[str, SoundSource]],
    *,
    jobs: int | None = None,
    on_progress: OnProgress | None = None,
) -> Generator[RecordingPrediction, None, None]:
    """Yield the prediction of one recording after another, in the order given.

    A recording that cannot be read has an error in place of a prediction and does not stop the others.
    Closing the iterator stops the recordings that are being processed.

    Args:
        predictor: The model, prepared.
        recordings: Paths, or names and sources.
        jobs: Number of recordings to process at a time; None is one for each core, at most 8. One at a time
            if Keras does not run on TensorFlow.
        on_progress: Called from threads with the path, the seconds processed, and the length in seconds, None
            where only decoding can count it.

    Example:
        >>> model = sonogram.models.build(sonogram.Frontend(8000, 256, 128), ["cat", "dog"])
        >>> [found] = predict_recordings(Predictor(model), ["examples/speech.wav"])
        >>> found.prediction.duration, found.sample_rate
        (4.906875, 8000)

    See Also:
        `sonogram.predict`, for one sound.
    """
    with closing(
        process_recordings(
            predictor.predict, recordings, jobs=jobs if predictor.parallel else 1, on_progress=on_progress
        )
    ) as outcomes:
        for each in outcomes:
            yield RecordingPrediction(each.path, each.result, each.sample_rate, each.error)


def process_recordings(
    work: Callable[[SoundSource, Callable[[float], None]], Result],
    recordings: Iterable[str | tuple[str, SoundSource]],
    *,
    jobs: int | None = None,
    on_progress: OnProgress | None = None,
) -> Generator[Outcome[Result], None, None]:
    """Yield the result of one recording after another, in the order given; see `predict_recordings`.

    Args:
        work: Returns the result of a sound; calls its second argument with the seconds processed.
        recordings: Paths, or names and sources.
        jobs: Number of recordings to process at a time; None is one for each core, at most 8.
        on_progress: As for `predict_recordings`.
    """
    count = jobs or min(num_cores(), 8)
    stop = threading.Event()

    def attempt(name: str, source: SoundSource) -> Outcome[Result]:
        try:
            return _process(work, name, source, stop, on_progress)
        except (SonogramError, MemoryError) as error:
            return Outcome(name, None, error=with_name(error, name))

    pending: deque[Future[Outcome[Result]]] = deque()
    with ThreadPoolExecutor(count, thread_name_prefix="sonogram-predict") as pool:
        try:
            for each in recordings:
                name, source = (each, each) if isinstance(each, str) else each
                pending.append(pool.submit(attempt, name, source))
                if len(pending) >= _AHEAD * count:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            stop.set()
            pool.shutdown(wait=True, cancel_futures=True)


class _StoppedError(Exception):
    """Nobody waits for the rest of the results."""


def _process(
    work: Callable[[SoundSource, Callable[[float], None]], Result],
    name: str,
    source: SoundSource,
    stop: threading.Event,
    on_progress: OnProgress | None,
) -> Outcome[Result]:
    source = hold(source)
    facts = header(source)
    seconds = None if facts.num_samples is None else facts.num_samples / facts.sample_rate

    def note(done: float) -> None:
        if stop.is_set():
            raise _StoppedError
        if on_progress is not None:
            on_progress(name, done, seconds)

    note(0.0)
    return Outcome(name, work(source, note), facts.sample_rate)
