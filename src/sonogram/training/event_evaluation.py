"""Evaluation of models on recordings with events: event detectors, and classifiers of windows."""

from __future__ import annotations

from dataclasses import replace

import keras
import numpy as np

from sonogram.audio import Audio
from sonogram.dataset import Clips, DatasetReport, load_clips
from sonogram.errors import SonogramError
from sonogram.inference import Predictor, WindowScores
from sonogram.inference.detection import Detector, ScoredFrames, find_events
from sonogram.inference.predictors import make_predictor
from sonogram.models import describe
from sonogram.training.digests import count_known
from sonogram.training.event_metrics import Detections, EventMetrics, event_metrics
from sonogram.training.partition import evaluation_clips
from sonogram.training.segments import limit_events

__all__ = ["detections", "evaluate_events"]


def evaluate_events(
    model: keras.Model, whole: Clips, report: DatasetReport | None = None, partial: bool = False
) -> EventMetrics:
    """Return the metrics of a model on recordings with events; see `evaluate`.

    Args:
        model: An event detector, or a classifier, whose windows become events as in `sonogram.predict`.
        whole: Recordings with events.
        report: Collects unreadable files, which are skipped; None raises at the first one.
        partial: Whether to read what is there of truncated recordings, with a warning.

    Raises:
        SonogramError: The recordings have no events, or events of other labels than the model; or no file is
            readable.
    """
    info, chosen = describe(model), evaluation_clips(whole)
    if chosen.kind != "events":
        raise SonogramError(
            "the model gives events, and the data set has none. Name the columns start, end and label"
        )
    for clip in chosen:
        if unknown := {event.label for event in clip.events or ()} - {*info.labels}:
            raise SonogramError(
                f"{clip.path}: the label {min(unknown)!r} is not one of {', '.join(info.labels)}. Correct "
                "it, or leave the event out"
            )
    predictor = make_predictor(model)
    loaded = load_clips(chosen, int(info.sample_rate), report, partial=partial)
    found = [detections(predictor, Audio(samples, loaded.sample_rate)) for samples in loaded.samples]
    events = [
        limit_events(clip.events or (), len(samples) / loaded.sample_rate)
        for clip, samples in zip(loaded.clips, loaded.samples, strict=True)
    ]
    metrics = event_metrics(events, found, info.labels)
    return replace(metrics, num_training_clips=count_known(info.training, loaded))


def detections(predictor: Predictor | Detector, sound: Audio) -> Detections:
    """Return the events in a sound, and the scores that they follow from."""
    if isinstance(predictor, Detector):
        frames, _ = predictor.frames(sound)
        events = find_events(frames, predictor.model_info.labels, predictor.rule)
    else:
        frames = _frames([*predictor.scores(sound)])
        events = [*predictor.predict(sound).events]
    return Detections([(event.start, event.end, event.label) for event in events], *frames)


def _frames(windows: list[WindowScores]) -> ScoredFrames:
    """Return the part of the sound that each window determines, as `inference.Timeline` does."""
    middles = np.array([(window.start + window.end) / 2 for window in windows])
    edges = [windows[0].start, *((middles[1:] + middles[:-1]) / 2), windows[-1].end]
    return ScoredFrames(np.array(edges, float), np.stack([window.scores for window in windows]))
