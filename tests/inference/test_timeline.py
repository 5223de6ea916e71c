"""Scores to events."""

import numpy as np
import pytest

from sonogram import SonogramError
from sonogram.inference import Event, Timeline, WindowScores


def events(
    rows: list[tuple[float, float, list[float]]], threshold: float = 0.5, multi_label: bool = False
) -> list[Event]:
    timeline = Timeline(["a", "b"], threshold, multi_label)
    found = []
    for start, end, scores in rows:
        found += timeline.add(WindowScores(start, end, np.array(scores, np.float32)))
    return found + timeline.finish()


def test_windows_that_follow_one_another_are_one_event() -> None:
    found = events([(0, 1, [0.75, 0.25]), (0.5, 1.5, [0.875, 0.125]), (1, 2, [0.625, 0.375])])
    assert found == [Event(0.0, 2.0, "a", 0.875)]


def test_each_window_answers_for_the_part_that_is_nearest_to_its_middle() -> None:
    rows = [(0, 1, [0.75, 0.25]), (0.5, 1.5, [0.25, 0.75]), (1, 2, [0.75, 0.25]), (1.25, 2.25, [0.25, 0.75])]
    found = events(rows)
    assert [(event.start, event.end, event.label) for event in found] == [
        (0.0, 0.75, "a"),
        (0.75, 1.25, "b"),
        (1.25, 1.625, "a"),
        (1.625, 2.25, "b"),
    ]


def test_a_window_below_the_threshold_parts_events() -> None:
    found = events([(0, 1, [0.75, 0]), (1, 2, [0.25, 0.25]), (2, 3, [0.75, 0])])
    assert [(event.start, event.end) for event in found] == [(0, 1), (2, 3)]
    assert not events([(0, 1, [0.25, 0.25])])


def test_a_score_at_the_threshold_counts() -> None:
    assert len(events([(0, 1, [0.5, 0.25])], threshold=0.5)) == 1


def test_only_a_multi_label_model_hears_several_at_once() -> None:
    rows = [(0.0, 1.0, [0.75, 0.625]), (1.0, 2.0, [0.75, 0.25])]
    assert events(rows) == [Event(0.0, 2.0, "a", 0.75)]
    assert events(rows, multi_label=True) == [Event(0.0, 1.0, "b", 0.625), Event(0.0, 2.0, "a", 0.75)]


def test_nothing_heard_is_no_event() -> None:
    assert Timeline(["a"]).finish() == []


@pytest.mark.parametrize("threshold", [-0.1, 1.5, float("nan")])
def test_a_threshold_is_a_score(threshold: float) -> None:
    with pytest.raises(SonogramError, match="threshold must be a score from 0 to 1"):
        Timeline(["a"], threshold)
