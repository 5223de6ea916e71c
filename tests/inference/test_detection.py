"""Events from the scores of frames: filter, hysteresis, thresholds, and recordings longer than a part."""

import numpy as np
import pytest
from tone_detector import tone_detector
from tone_model import RATE

import sonogram as sg
from sonogram.audio import Audio
from sonogram.errors import SonogramError
from sonogram.inference import Detector, ScoredFrames, StreamingPredictor, find_events
from sonogram.layers import EventRule, FrameScores


def _spans(scores: list[float], rule: EventRule) -> list[tuple[float, float]]:
    frames = ScoredFrames(np.arange(len(scores) + 1.0), np.float32(scores)[:, None])
    return [(event.start, event.end) for event in find_events(frames, ("dog",), rule)]


def test_an_event_begins_where_the_scores_reach_the_share_of_the_threshold() -> None:
    scores = [0.1, 0.5, 0.9, 0.5, 0.1, 0.5, 0.5, 0.1]
    assert _spans(scores, EventRule((0.8,), release=0.5)) == [(1, 4)]
    assert _spans(scores, EventRule((0.8,), release=1.0)) == [(2, 3)]
    assert _spans(scores, EventRule((0.4,), release=1.0)) == [(1, 4), (5, 7)]


def test_the_median_filter_removes_what_is_shorter_than_half_of_it() -> None:
    scores = [0.0, 0.9, 0.0, 0.0, 0.9, 0.9, 0.0, 0.9, 0.9, 0.0, 0.0]
    assert _spans(scores, EventRule((0.5,))) == [(1, 2), (4, 6), (7, 9)]
    assert _spans(scores, EventRule((0.5,), smoothing=3.0)) == [(4, 9)]


def test_each_label_has_its_own_threshold() -> None:
    frames = ScoredFrames(np.arange(3.0), np.float32([[0.4, 0.4], [0.0, 0.0]]))
    found = find_events(frames, ("cat", "dog"), EventRule((0.3, 0.5)))
    assert [(event.label, event.score) for event in found] == [("cat", pytest.approx(0.4))]


@pytest.fixture(scope="module")
def model() -> object:
    return tone_detector()


def _tones(*events: tuple[float, float, float], seconds: float) -> Audio:
    """Return tones, start, end and frequency each, in silence."""
    time = np.arange(round(seconds * RATE)) / RATE
    samples = sum(
        np.sin(2 * np.pi * hertz * time) * ((time >= start) & (time < end)) for start, end, hertz in events
    )
    return Audio(np.float32(0.5 * samples), RATE)


def test_tones_are_found_where_they_are(model: object) -> None:
    found = sg.predict(model, _tones((0.3, 0.8, 500), (0.6, 1.1, 3000), seconds=1.5))
    assert [(event.label, round(event.start, 1), round(event.end, 1)) for event in found.events] == [
        ("low", 0.3, 0.8),
        ("high", 0.6, 1.1),
    ]
    assert found.duration == 1.5
    assert found.scores.shape == (2,)


@pytest.mark.parametrize("seconds", [3.9, 4.0, 7.31, 25.0])
def test_parts_of_a_long_recording_have_the_scores_of_the_whole(model: object, seconds: float) -> None:
    events = [
        (start, start + 0.4, 500 if place % 2 else 3000)
        for place, start in enumerate(np.arange(0.2, seconds - 0.5, 0.7))
    ]
    sound = _tones(*events, seconds=seconds)
    parts, duration = Detector(model).frames(sound)
    whole, _ = Detector(model, window=30).frames(sound)
    assert duration == pytest.approx(seconds)
    np.testing.assert_allclose(parts.times, whole.times)
    assert parts.times[-1] == duration
    # Only the frames at the edges of a part lack context, and those are taken from its neighbor.
    np.testing.assert_allclose(parts.scores, whole.scores, atol=1e-5)
    found = find_events(parts, ("high", "low"), Detector(model).rule)
    assert [(event.start, event.end) for event in found] == [
        pytest.approx((start, end), abs=0.02) for start, end, _ in events
    ]


@pytest.mark.parametrize("stack", [sg.stack.Stack(4), sg.stack.Stack(5, "pad", step=2, before=2)], ids=str)
def test_stacked_frames_have_the_times_of_their_rows(stack: sg.stack.Stack) -> None:
    model = tone_detector(stack=stack)
    sound = _tones((0.3, 0.8, 500), (2.7, 3.3, 3000), (5.1, 5.9, 500), seconds=6.1)
    parts, duration = Detector(model).frames(sound)
    whole, _ = Detector(model, window=30).frames(sound)
    np.testing.assert_allclose(parts.times, whole.times)
    np.testing.assert_allclose(parts.scores, whole.scores, atol=1e-5)
    # A row covers 40 or 50 ms, and has the tone if a few of its frames have it.
    found = find_events(whole, ("high", "low"), Detector(model).rule)
    assert [(event.label, event.start, event.end) for event in found] == [
        ("low", pytest.approx(0.3, abs=0.04), pytest.approx(0.8, abs=0.04)),
        ("high", pytest.approx(2.7, abs=0.04), pytest.approx(3.3, abs=0.04)),
        ("low", pytest.approx(5.1, abs=0.04), pytest.approx(5.9, abs=0.04)),
    ]
    assert duration == pytest.approx(6.1)


def test_a_threshold_replaces_those_of_the_training() -> None:
    model = tone_detector(EventRule((0.9, 0.1)))
    assert Detector(model).rule.thresholds == (0.9, 0.1)
    assert Detector(model, threshold=0.5).rule.thresholds == (0.5, 0.5)


def test_wrong_use_is_refused(model: object) -> None:
    with pytest.raises(SonogramError, match="scores frames, so there is no step"):
        sg.predict(model, _tones((0, 1, 500), seconds=1), step=0.5)
    with pytest.raises(SonogramError, match=r"window must be 0\.04 s or more"):
        Detector(model, window=0.01)
    with pytest.raises(SonogramError, match="scores frames, not windows"):
        StreamingPredictor(model)
    with pytest.raises(SonogramError, match="thresholds must be scores from 0 to 1"):
        Detector(model, threshold=2)
    with pytest.raises(SonogramError, match="the sound has no samples"):
        Detector(model).predict(Audio(np.zeros(0, np.float32), RATE))
    with pytest.raises(SonogramError, match="gives events, not labels"):
        sg.models.scores(model, [np.zeros(800)])


def test_labels_and_rule_are_saved_with_the_model(tmp_path) -> None:
    rule = EventRule((0.25, 0.75), 0.3, 0.1)
    tone_detector(rule).save(tmp_path / "m.keras")
    info = sg.models.describe(sg.load_model(tmp_path / "m.keras"))
    assert (info.labels, info.event_rule, info.seconds, info.stride) == (("high", "low"), rule, 2.0, 1)


def test_the_layer_refuses_wrong_labels() -> None:
    with pytest.raises(SonogramError, match="without repetition"):
        FrameScores(["dog", "dog"])
    with pytest.raises(SonogramError, match="must have 3 values"):
        FrameScores(["cat", "dog"])([np.zeros((1, 3, 4), "float32"), np.ones((1, 3))])


def test_an_event_without_a_sure_label_divides_its_score() -> None:
    logits = np.zeros((1, 4, 5), np.float32)
    logits[0, 1, 4] = -6.0  # nothing
    logits[0, 2, :2], logits[0, 2, 4] = 30.0, np.log(2)  # two events
    logits[0, 3, :2], logits[0, 3, 4] = 200.0, 200.0  # more events than labels
    scores, _ = FrameScores(["a", "b", "c", "d"])([logits, np.ones((1, 4), np.float32)])
    expected = [[0.25] * 4, [np.exp(-6) / 4] * 4, [1, 1, 0, 0], [1, 1, 0, 0]]
    np.testing.assert_allclose(np.asarray(scores)[0], expected, atol=1e-6)
