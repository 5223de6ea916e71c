"""The example that listens to a recording as it plays."""

import runpy
import sys
from pathlib import Path

import numpy as np
import pytest
from tone_model import RATE, tone, tone_model

import sonogram as sg

SCRIPT = Path(__file__).resolve().parents[2] / "examples" / "listen.py"


def test_what_cannot_be_heard_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", [str(SCRIPT), str(tmp_path / "none.keras"), "none.wav"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(SCRIPT), run_name="__main__")
    assert str(ended.value).endswith("none.keras: no such file; pass the path of a .keras file")


def test_it_tells_what_predict_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    model = tone_model()
    model.save(tmp_path / "tone_model.keras")
    path = tmp_path / "tones.wav"
    sg.save(path, np.concatenate([tone(500, 1.5), tone(3000, 1.0)]), RATE)
    arguments = [str(SCRIPT), str(tmp_path / "tone_model.keras"), str(path), "--speed", "0"]
    monkeypatch.setattr(sys, "argv", arguments)
    runpy.run_path(str(SCRIPT), run_name="__main__")
    printed = [line.split() for line in capsys.readouterr().out.splitlines()]
    wanted = sg.predict(model, path).events
    assert len(wanted) == 2
    assert [(float(line[0]), float(line[3]), line[5]) for line in printed] == [
        (pytest.approx(event.start, abs=0.01), pytest.approx(event.end, abs=0.01), event.label)
        for event in wanted
    ]
