"""Scores and events of a model over HTTP."""

import time

import httpx
import numpy as np
import pytest
from tone_model import LABELS, RATE, tone, tone_model

import sonogram as sg
from sonogram.viewer.server import Server
from sonogram.viewer.session import Session

pytestmark = pytest.mark.exhaustive  # imports TensorFlow


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tones")
    sg.save(folder / "a.wav", np.concatenate([tone(300, 2), tone(3500, 2)]), RATE)
    sg.save(folder / "b.wav", np.zeros(RATE, np.float32), RATE)
    server = Server(Session([folder], models=[tone_model()]))
    with httpx.Client(
        base_url=server.start(), headers={"Origin": f"http://127.0.0.1:{server.port}"}
    ) as client:
        yield client
    server.close()


def _scores(page, file):
    for _ in range(500):
        answer = page.get(f"scores/{file}/m0")
        assert answer.status_code == 200, answer.text
        if answer.headers["x-complete"] == "1":
            return answer
        time.sleep(0.02)
    raise AssertionError("never complete")


def test_scores_are_those_of_predict(page):
    [model] = page.get("session").json()["models"]
    assert (tuple(model["labels"]), model["window"]) == (LABELS, 0.5)
    answer = _scores(page, "f0")
    rows = np.frombuffer(answer.content, np.float64).reshape(-1, 4)
    assert len(rows) == int(answer.headers["x-windows"]) == 15
    np.testing.assert_allclose(rows[:, 0], np.arange(15) * 0.25)
    assert (rows[0, 2:] < [0.01, 2]).all()
    assert (rows[-1, 2:] > [0.99, -1]).all()
    later = page.get("scores/f0/m0?after=10")
    assert later.content == answer.content[10 * 32 :]


def test_events_follow_the_threshold(page):
    _scores(page, "f0")
    found = page.get("events/f0/m0?threshold=0.9").json()
    assert [event["label"] for event in found["events"]] == ["low", "high"]
    assert found["events"][0]["start"] == 0
    assert found["events"][1]["end"] == pytest.approx(4)
    assert page.get("events/f0/m0?threshold=2").status_code == 400


def test_files_are_ordered_by_uncertainty(page):
    _scores(page, "f0")
    _scores(page, "f1")
    listed = page.get("folder?order=uncertainty&model=m0").json()["files"]
    assert [file["name"] for file in listed] == ["b.wav", "a.wav"]  # silence: both scores are 0.5
    assert listed[0]["uncertainty"] == pytest.approx(1)
    assert page.get("folder?order=size").status_code == 400
