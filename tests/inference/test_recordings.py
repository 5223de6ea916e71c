"""Results for many recordings: how many at a time, and their failures."""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import sonogram as sg
from sonogram.inference import Outcome, RecordingPrediction, process_recordings


@pytest.fixture
def sound(tmp_path: Path) -> str:
    """A second of silence."""
    sg.save(tmp_path / "silence.wav", np.zeros(8000, np.float32), 8000)
    return str(tmp_path / "silence.wav")


def test_as_many_recordings_at_a_time_as_the_process_has_cores(monkeypatch, sound: str) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0}, raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 1)

    def thread(_: object, note: Callable[[float], None]) -> int:
        time.sleep(0.005)
        return threading.get_ident()

    assert len({each.result for each in process_recordings(thread, [sound] * 6)}) == 1


def test_a_failure_names_its_recording_once(sound: str) -> None:
    def fail(_: object, note: Callable[[float], None]) -> None:
        raise errors.pop(0)

    errors = [sg.SonogramError("too short"), sg.SonogramError(f"{sound}: too short"), MemoryError()]
    found = [each.error for each in process_recordings(fail, [sound] * 3, jobs=1)]
    assert found == [f"{sound}: too short"] * 2 + [f"{sound}: does not fit into memory; split it"]


def test_a_prediction_is_the_outcome_of_a_recording() -> None:
    found = RecordingPrediction("a.wav", None, error="a.wav: no such file")
    assert isinstance(found, Outcome)
    assert found.prediction is None
    assert found.to_dict() == {"path": "a.wav", "error": "a.wav: no such file"}
