"""`Scorer`: scores of a model over recordings, computed in the background while they are drawn."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonogram.audio import Audio
from sonogram.audio.memory import read_audio
from sonogram.errors import SonogramError
from sonogram.viewer.recording import Recording
from sonogram.viewer.spool import Spool

__all__ = ["Scorer"]


class _Scores:
    """Scores of one recording so far."""

    def __init__(self, labels: int) -> None:
        self.rows = Spool(2 + labels, np.float64)
        self.complete = False
        self.error: str | None = None


class Scorer:
    """A model, and its scores of the recordings that were asked for.

    Recordings are scored one after another in one thread; the one asked for last comes first.

    Args:
        model: A Keras model from `load_model` or `train`, or the path of a `.keras` file.

    Raises:
        SonogramError: The model cannot be read, or has no labels.
    """

    def __init__(self, model: Any) -> None:
        from sonogram.inference import Predictor
        from sonogram.layers import load_model

        path = isinstance(model, str | Path)
        self.name = Path(model).name if path else str(model.name)
        """Name for the page."""
        self._predictor = Predictor(load_model(model) if path else model)
        self.labels: tuple[str, ...] = self._predictor.model_info.labels
        """Label of each score."""
        self._found: dict[str, _Scores] = {}
        self._waiting: list[tuple[str, Recording]] = []
        self._changed = threading.Condition()
        self._closed = False
        self._thread: threading.Thread | None = None

    def describe(self, identifier: str) -> dict[str, Any]:
        """Return the model as JSON for the page."""
        predictor = self._predictor
        return {
            "id": identifier,
            "name": self.name,
            "labels": list(self.labels),
            "multi_label": predictor.model_info.multi_label,
            "window": predictor.window,
            "step": predictor.step,
            "threshold": predictor.threshold,
        }

    def read(self, identifier: str, recording: Recording, after: int) -> tuple[NDArray[np.float64], bool]:
        """Return start, end and scores of the windows from `after` on, `(windows, 2 + labels)`; and if all.

        Raises:
            SonogramError: The recording cannot be scored.
        """
        scores = self.request(identifier, recording)
        complete = scores.complete
        if scores.error is not None:
            raise SonogramError(scores.error)
        return scores.rows.read(after, len(scores.rows)), complete

    def events(
        self, identifier: str, recording: Recording, threshold: float
    ) -> tuple[list[dict[str, Any]], bool]:
        """Return the events at a threshold so far, and whether these are all."""
        from sonogram.inference import Timeline, WindowScores

        rows, complete = self.read(identifier, recording, 0)
        timeline = Timeline(self.labels, threshold, self._predictor.model_info.multi_label)
        events = []
        for row in rows:
            events += timeline.add(WindowScores(row[0], row[1], row[2:].astype(np.float32)))
        events += timeline.finish()
        plain = [
            {"start": each.start, "end": each.end, "label": each.label, "score": each.score}
            for each in sorted(events, key=lambda event: (event.start, event.label))
        ]
        return plain, complete

    def summary(self, identifier: str) -> tuple[float, float] | None:
        """Return the highest score and the uncertainty of a recording; None until it is scored.

        The uncertainty is that of its least certain window: how near the best two scores are, or, where
        labels exclude one another not, how near a score is to 0.5.
        """
        scores = self._found.get(identifier)
        if scores is None or not scores.complete or not len(scores.rows):
            return None
        values = scores.rows.read(0, len(scores.rows))[:, 2:]
        if self._predictor.model_info.multi_label or values.shape[1] == 1:
            margin = np.abs(2 * values - 1).min()
        else:
            ordered = np.sort(values, axis=1)
            margin = (ordered[:, -1] - ordered[:, -2]).min()
        return float(values.max()), float(1 - margin)

    def request(self, identifier: str, recording: Recording) -> _Scores:
        """Begin to score a recording, if it has not begun; return its scores so far."""
        with self._changed:
            scores = self._found.get(identifier)
            if scores is None:
                scores = self._found[identifier] = _Scores(len(self.labels))
                self._waiting.append((identifier, recording))
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="sonogram-scores", daemon=True)
                self._thread.start()
            self._changed.notify_all()
        return scores

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                if self._closed:
                    return
                identifier, recording = self._waiting.pop()
            self._score(self._found[identifier], recording)

    def _score(self, scores: _Scores, recording: Recording) -> None:
        try:
            for window in self._predictor.scores(self._source(recording)):
                if self._closed:
                    return
                scores.rows.append(np.array([[window.start, window.end, *window.scores]], np.float64))
        except (SonogramError, OSError, MemoryError) as error:
            scores.error = str(error) or "out of memory"
        finally:
            scores.complete = True

    def _source(self, recording: Recording) -> Any:
        if not isinstance(recording.source, Audio):
            return recording.source
        rate = int(self._predictor.model_info.sample_rate)
        return Audio(read_audio(recording.source, rate, mono=True)[0], rate)

    def close(self) -> None:
        """Stop scoring."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
