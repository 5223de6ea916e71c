"""Metrics of detected sound events: segment F1, event F1 with collars, and PSDS.

F1 equals that of sed_eval, PSDS that of sed_scores_eval, which are no dependencies because they are large.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sonogram.training.metrics import f1, f1_recall_precision

__all__ = ["Detections", "EventClassMetrics", "EventMetrics", "event_metrics", "match_events"]

SEGMENT = 1.0
"""Length of a segment, seconds."""
COLLAR, END_SHARE = 0.2, 0.2
"""Largest error of a start and of an end, seconds; of an end also this share of the length of the event."""
_INTERSECTION = 0.7
"""Share of a detection that events of its label must cover, and of an event that detections must cover."""
_MAX_FALSE_PER_HOUR = 100.0
_MAX_THRESHOLDS = 200
_DECIMALS = 6
"""Decimals of times, seconds, so that a limit that is met exactly counts as met."""

Span = tuple[float, float, str]
Floats = NDArray[np.float64]


class Detections(NamedTuple):
    """Events that a model detected in one recording, and its scores."""

    spans: Sequence[Span]
    """Start, end, seconds, and label of each event."""
    times: NDArray[np.floating]
    """Edges of the frames, seconds, `(frames + 1,)`."""
    scores: NDArray[np.floating]
    """Score of each label in each frame, `(frames, labels)`."""


@dataclass(frozen=True)
class EventClassMetrics:
    """Metrics of one label."""

    label: str
    """The label."""
    num_events: int
    """Number of its events."""
    segment_f1: float
    """F1 over segments of 1 s."""
    event_f1: float
    """F1 over events."""
    event_recall: float
    """Share of the events that were detected."""
    event_precision: float
    """Share of the detections that are events."""


@dataclass(frozen=True)
class EventMetrics:
    """Metrics of a model that detects events, over all recordings and labels together."""

    segment_f1: float
    """F1 over all labels of all segments of 1 s: whether an event of the label is in the segment."""
    event_f1: float
    """F1 over events: the label must agree, the start within 0.2 s, and the end within 0.2 s or 20 % of the
    event's length."""
    event_recall: float
    """Share of the events that were detected."""
    event_precision: float
    """Share of the detections that are events."""
    macro_event_f1: float
    """Mean event F1 over the labels that occur."""
    psds: float | None
    """Polyphonic sound detection score, which covers all thresholds: detections and events must overlap by
    70 %; up to 100 false detections an hour; unequal labels are penalized (scenario 1 of DCASE). None if
    nothing occurs."""
    num_clips: int
    """Number of recordings."""
    num_events: int
    """Number of events in them."""
    num_detections: int
    """Number of detections."""
    classes: tuple[EventClassMetrics, ...]
    """Metrics of each label."""
    num_training_clips: int = 0
    """Number of these recordings that the model was trained on, if it has a record of them."""

    def to_dict(self) -> dict[str, Any]:
        """Return the metrics as plain data for JSON."""
        return asdict(self)


def event_metrics(
    reference: Sequence[Sequence[Span]], found: Sequence[Detections], labels: Sequence[str]
) -> EventMetrics:
    """Return the metrics of detections in recordings.

    Args:
        reference: Start, end, seconds, and label of the events in each recording.
        found: What a model found in each recording.
        labels: Labels of the scores. A detection or an event of another label counts too.

    Example:
        >>> scores = np.array([[0.1], [0.9], [0.9], [0.1]])
        >>> found = Detections([(1.0, 3.0, "dog")], np.arange(5.0), scores)
        >>> metrics = event_metrics([[(1.1, 3.0, "dog"), (3.2, 3.9, "cat")]], [found], ["dog"])
        >>> round(metrics.segment_f1, 2), round(metrics.event_f1, 2), metrics.psds
        (0.8, 0.67, 1.0)

    Source:
        A. Mesaros et al., "Metrics for polyphonic sound event detection", Applied Sciences 6 (2016);
        C. Bilen et al., "A framework for the robust evaluation of sound event detection", ICASSP 2020.
    """
    names = sorted({*labels, *(span[2] for spans in reference for span in spans)})
    names += sorted({span[2] for each in found for span in each.spans} - {*names})
    number = {label: index for index, label in enumerate(names)}
    segments, events = np.zeros((2, 3, len(names)))  # correct, events, detections of each label
    for spans, each in zip(reference, found, strict=True):
        true, detected = _segments(spans), _segments(each.spans)
        for row, pairs in zip(segments, (true & detected, true, detected), strict=True):
            np.add.at(row, [number[label] for label, _ in pairs], 1)
        matches = match_events(spans, each.spans)
        for row, some in zip(
            events, ([spans[index] for index, _ in matches], spans, each.spans), strict=True
        ):
            np.add.at(row, [number[span[2]] for span in some], 1)
    classes = tuple(
        EventClassMetrics(
            label,
            int(events[1, index]),
            float(f1(*segments[:, index])),
            *f1_recall_precision(*events[:, index]),
        )
        for index, label in enumerate(names)
    )
    event_f1, recall, precision = f1_recall_precision(*events.sum(axis=1))
    occurring = [each.event_f1 for each in classes if each.num_events]
    return EventMetrics(
        segment_f1=float(f1(*segments.sum(axis=1))),
        event_f1=event_f1,
        event_recall=recall,
        event_precision=precision,
        macro_event_f1=float(np.mean(occurring)) if occurring else 0.0,
        psds=_psds(reference, found, labels),
        num_clips=len(reference),
        num_events=int(events[1].sum()),
        num_detections=int(events[2].sum()),
        classes=classes,
    )


def match_events(reference: Sequence[Span], found: Sequence[Span]) -> list[tuple[int, int]]:
    """Return as many pairs of an event and a detection that agree as possible, each in one pair at most.

    Args:
        reference: Start, end and label of the events of one recording.
        found: The detections.

    Example:
        >>> match_events([(1.0, 2.0, "dog"), (1.1, 2.1, "dog")], [(1.25, 2.1, "dog"), (0.9, 2.0, "dog")])
        [(0, 1), (1, 0)]
    """
    fitting = [[place for place, other in enumerate(found) if _agree(span, other)] for span in reference]
    event_of: dict[int, int] = {}

    def place(event: int, tried: set[int]) -> bool:
        """Return whether the event gets a detection, after another event moves to its next one if needed."""
        for detection in fitting[event]:
            if detection not in tried:
                tried.add(detection)
                if detection not in event_of or place(event_of[detection], tried):
                    event_of[detection] = event
                    return True
        return False

    for event in range(len(reference)):
        place(event, set())
    return sorted((event, detection) for detection, event in event_of.items())


def _agree(event: Span, detection: Span) -> bool:
    (start, end, label), (found_start, found_end, found_label) = event, detection
    limit = max(COLLAR, END_SHARE * (end - start))
    return (
        label == found_label
        and round(abs(start - found_start) - COLLAR, _DECIMALS) <= 0
        and round(abs(end - found_end) - limit, _DECIMALS) <= 0
    )


def _segments(spans: Sequence[Span]) -> set[tuple[str, int]]:
    """Return each label with the number of each segment that it is in."""
    return {
        (label, segment)
        for start, end, label in spans
        for segment in range(math.floor(start / SEGMENT), math.ceil(end / SEGMENT))
    }


def _psds(
    reference: Sequence[Sequence[Span]], found: Sequence[Detections], labels: Sequence[str]
) -> float | None:
    """Return the area below the mean less the standard deviation of the curves of all labels."""
    hours = sum(float(each.times[-1] - each.times[0]) for each in found) / 3600
    curves = []
    for column, label in enumerate(labels):
        events = [np.array([span[:2] for span in spans if span[2] == label]) for spans in reference]
        if any(map(len, events)):
            curves.append(_curve(events, found, column, hours))
    if not curves:
        return None
    # All curves are steps: the value at a rate is that of the largest rate of the curve that is not above.
    places = np.unique(np.concatenate([[0.0], *(rates for rates, _ in curves)]))
    places = places[places <= _MAX_FALSE_PER_HOUR]
    values = np.zeros((len(curves), len(places)))
    for row, (rates, recalls) in zip(values, curves, strict=True):
        below = np.searchsorted(rates, places, side="right")
        row[:] = np.concatenate([[0.0], np.maximum.accumulate(recalls)])[below]
    heights = np.maximum(values.mean(axis=0) - values.std(axis=0), 0)
    return float(heights @ np.diff(places, append=_MAX_FALSE_PER_HOUR)) / _MAX_FALSE_PER_HOUR


def _curve(
    events: Sequence[Floats], found: Sequence[Detections], column: int, hours: float
) -> tuple[Floats, Floats]:
    """Return false detections an hour, rising, and the share of detected events, for all thresholds."""
    thresholds = np.unique(np.concatenate([each.scores[:, column] for each in found]))
    if len(thresholds) > _MAX_THRESHOLDS:
        thresholds = np.linspace(0, 1, _MAX_THRESHOLDS)
    detected, wrong = np.zeros((2, len(thresholds)))
    for spans, each in zip(events, found, strict=True):
        active = np.zeros((len(thresholds), len(each.scores) + 2), np.int8)
        active[:, 1:-1] = each.scores[:, column] >= thresholds[:, None]
        row, start = np.nonzero(np.diff(active, axis=1) == 1)
        end = np.nonzero(np.diff(active, axis=1) == -1)[1]
        starts, ends = each.times[start], each.times[end]
        firsts, lasts = spans.reshape(-1, 2).T
        common = np.minimum(ends[:, None], lasts) - np.maximum(starts[:, None], firsts)
        common = np.maximum(common, 0)
        right = np.round(common.sum(axis=1) - _INTERSECTION * (ends - starts), _DECIMALS) >= 0
        np.add.at(wrong, row[~right], 1)
        covered = np.zeros((len(thresholds), len(spans)))
        np.add.at(covered, row[right], common[right])
        detected += (np.round(covered - _INTERSECTION * (lasts - firsts), _DECIMALS) >= 0).sum(axis=1)
    order = np.lexsort((detected, wrong))
    return wrong[order] / hours, detected[order] / sum(map(len, events))
