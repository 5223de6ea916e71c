"""Metrics of events equal those of sed_eval and sed_scores_eval; the rules hold on events chosen by hand."""

import numpy as np
import pytest

from sonogram.training.event_metrics import Detections, event_metrics, match_events

pytestmark = pytest.mark.quick

LABELS = ("bell", "bird", "dog")
FRAME = 0.05
# sed_eval 0.2.1 with dcase_util 0.2.20 (t_collar=0.2, percentage_of_length=0.2, segments of 1 s) and
# sed_scores_eval 0.0.4 (dtc and gtc 0.7, alpha_st 1, 100 false detections an hour) on `cases()`. They need
# pandas below 3 and setuptools below 81.
SEGMENT_F1, EVENT_F1, RECALL, PRECISION, MACRO, PSDS = (
    0.641892,
    0.503704,
    0.447368,
    0.576271,
    0.500810,
    0.094634,
)
CLASSES = {
    "bell": (0.638298, 0.439024),
    "bird": (0.652174, 0.521739),
    "dog": (0.636364, 0.541667),
}
"""Segment F1 and event F1 of each label by sed_eval."""


def cases() -> tuple[list[list[tuple[float, float, str]]], list[Detections]]:
    """Return the events in 40 recordings, and noisy detections with scores of ten levels."""
    rng = np.random.default_rng(11)
    reference, found = [], []
    for _ in range(40):
        seconds = float(rng.integers(6, 14))
        times = np.arange(round(seconds / FRAME) + 1) * FRAME
        scores = rng.integers(0, 4, (len(times) - 1, len(LABELS))) / 10
        spans: list[tuple[float, float, str]] = []
        detected = []
        for _ in range(int(rng.integers(0, 7))):
            label = int(rng.integers(len(LABELS)))
            start = round(float(rng.uniform(0, seconds - 2.5)), 2)
            end = round(start + float(rng.uniform(0.3, 2.4)), 2)
            if any(name == LABELS[label] and first <= end and start <= last for first, last, name in spans):
                continue
            spans.append((start, end, LABELS[label]))
            error = np.round(rng.normal(0, 0.12, 2), 4)  # no limit is met exactly
            level = int(rng.integers(3, 10)) / 10
            if rng.random() < 0.8:
                begin, finish = max(0.0, start + float(error[0])), min(seconds, end + float(error[1]))
                label = label if rng.random() < 0.8 else int(rng.integers(len(LABELS)))
                detected.append((begin, finish, LABELS[label]))
                inside = (times[:-1] >= begin) & (times[:-1] < finish)
                scores[inside, label] = np.maximum(scores[inside, label], level)
        reference.append(spans)
        found.append(Detections(detected, times, scores))
    return reference, found


def test_metrics_equal_those_of_sed_eval_and_sed_scores_eval() -> None:
    found = event_metrics(*cases(), LABELS)
    values = found.segment_f1, found.event_f1, found.event_recall, found.event_precision, found.macro_event_f1
    assert values == pytest.approx((SEGMENT_F1, EVENT_F1, RECALL, PRECISION, MACRO), abs=1e-6)
    assert found.psds == pytest.approx(PSDS, abs=1e-6)
    for each in found.classes:
        assert (each.segment_f1, each.event_f1) == pytest.approx(CLASSES[each.label], abs=1e-6)


@pytest.mark.parametrize(
    ("start", "end", "agrees"),
    [
        (1.2, 2.0, True),  # exactly the collar
        (1.21, 2.0, False),
        (0.8, 2.2, True),
        (1.0, 2.21, False),  # 20 % of 1 s are not more than the collar
    ],
)
def test_a_start_and_an_end_may_be_off_by_the_collar(start: float, end: float, agrees: bool) -> None:
    assert bool(match_events([(1.0, 2.0, "dog")], [(start, end, "dog")])) is agrees
    assert not match_events([(1.0, 2.0, "dog")], [(start, end, "cat")])


def test_the_end_of_a_long_event_may_be_off_by_a_fifth_of_its_length() -> None:
    assert match_events([(0.0, 10.0, "dog")], [(0.0, 12.0, "dog")])
    assert not match_events([(0.0, 10.0, "dog")], [(0.0, 12.1, "dog")])


def test_a_detection_counts_once() -> None:
    assert len(match_events([(1.0, 2.0, "dog"), (1.1, 2.1, "dog")], [(1.05, 2.05, "dog")])) == 1


def test_nothing_detected_and_nothing_there() -> None:
    nothing = Detections([], np.arange(3.0), np.zeros((2, 1)))
    found = event_metrics([[(0.0, 1.0, "dog")]], [nothing], ["dog"])
    assert (found.segment_f1, found.event_f1, found.event_precision) == (0.0, 0.0, 0.0)
    empty = event_metrics([[]], [nothing], ["dog"])
    assert (empty.segment_f1, empty.psds, empty.num_events) == (0.0, None, 0)


def test_psds_of_a_perfect_and_of_a_useless_model() -> None:
    times, spans = np.arange(11.0), [(2.0, 4.0, "dog")]
    perfect = np.zeros((10, 1))
    perfect[2:4] = 1
    assert event_metrics([spans], [Detections([], times, perfect)], ["dog"]).psds == 1
    # The false detection scores higher: in 10 s it is 360 an hour, more than the curve covers.
    perfect[7] = 2
    assert event_metrics([spans], [Detections([], times, perfect)], ["dog"]).psds == 0
