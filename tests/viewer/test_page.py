"""The page in headless Chromium. `web/browser` has what is done there; here stands what must come out."""

from __future__ import annotations

import base64
import json
import re
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any

import numpy as np
import pytest
from browser import FRONTEND, MISSING, RATE, REASON, browse, serving, tone

import sonogram as sg
from sonogram.engines.native import call
from sonogram.native.library import library
from sonogram.viewer import html, notebook
from sonogram.viewer.in_process import InProcess
from sonogram.viewer.opening import open_microphone
from sonogram.viewer.server import Server
from sonogram.viewer.session import Session

pytestmark = [
    pytest.mark.exhaustive,
    pytest.mark.skipif(bool(MISSING), reason=REASON),
]


@pytest.fixture
def baseline(monkeypatch):
    """The numbers of the engine in the page: what was lowered for another instruction set is forgotten."""
    if b"baseline" in library().sonogram_isas():
        monkeypatch.setattr(call, "isa", lambda: "baseline")
    call._program.cache_clear()
    yield
    call._program.cache_clear()


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    path = tmp_path / "tone.wav"
    sg.save(path, tone(4), RATE)
    return path


def assert_readout(found: dict[str, Any], samples: np.ndarray) -> None:
    frame, band = (int(re.sub(r"\D", "", found[name])) for name in ("frame", "band"))
    value = FRONTEND(samples)[frame, band]
    shown = float(found["value"].split()[0].replace("\u2212", "-"))
    # Seven digits of a float32 name it exactly, but for the last place.
    assert shown == pytest.approx(float(value), rel=2e-7)
    assert found["value"].endswith(FRONTEND.unit)
    assert band == 32  # 1000 Hz of bins that are 31.25 Hz apart
    assert abs(FRONTEND.times(400)[frame] - 2.0) <= 0.5 * 128 / RATE + 1e-9


@pytest.mark.parametrize("spacing", ["bands", "logarithmic"])
def test_a_tone_lies_at_its_frequency_and_the_readout_is_the_feature(sound, spacing):
    with serving(sound) as url:
        found = browse("readout", url, seconds=2.0, hertz=1000, spacing=spacing)
    assert_readout(found, sg.load(sound).samples)
    before, after = (float(found[name].removesuffix(" s")) for name in ("time", "moved"))
    assert after - before == pytest.approx(0.25 * 0.4, abs=2e-3)
    assert found["picture"]["hertz"] == pytest.approx(1000, abs=8)
    assert (
        found["hertz"] in {"999.9 Hz", "1000.0 Hz", "1000.1 Hz"}
        or abs(float(found["hertz"][:-3]) - 1000) < 12
    )


def test_a_click_in_two_hours_is_visible_and_zooming_back_gives_the_same_pixels(tmp_path):
    samples = np.zeros(RATE * 7200, np.float32)
    samples[RATE * 4200 + 321] = 0.9
    path = tmp_path / "two-hours.flac"
    sg.save(path, samples, RATE)
    with serving(path) as url:
        found = browse("zoom", url, seconds=4200)
    before, after = found["before"], found["after"]
    assert abs(before["seconds"] - (4200 + 321 / RATE)) <= 2 * before["secondsPerPixel"]
    near, far = found["spans"]
    assert near["stop"] - near["start"] < 0.05
    assert far == {"start": 0, "stop": 7200}
    assert after["digest"] == before["digest"]


def test_labels_are_drawn_moved_undone_and_kept_and_their_text_is_text(sound):
    text = "<img src=x onerror=alert(1)> & more"
    with serving(sound) as url:
        found = browse("label", url, text=text)
    [drawn], [moved], [resized], [undone] = (found[name] for name in ("drawn", "moved", "resized", "undone"))
    pixel, row = 4 / 1050, 4000 / 500
    assert (drawn["start"], drawn["end"]) == pytest.approx((0.5, 1), abs=2 * pixel)
    assert (drawn["low"], drawn["high"]) == pytest.approx((1000, 2000), abs=2 * row)
    assert (moved["start"], moved["end"]) == pytest.approx((1, 1.5), abs=3 * pixel)
    assert resized["start"] == moved["start"]
    assert resized["end"] == pytest.approx(2, abs=3 * pixel)
    assert undone == moved
    [reloaded] = found["reloaded"]
    assert reloaded["text"] == drawn["text"] == text
    assert reloaded["start"] == pytest.approx(moved["start"], abs=1e-6)
    assert found["images"] == 0
    rows = found["exported"].splitlines()
    assert rows[0].split("\t")[2] == text
    assert float(rows[0].split("\t")[0]) == pytest.approx(moved["start"], abs=1e-6)
    assert rows[1].startswith("\\\t")
    [file] = sound.parent.glob("*.txt")
    assert text in file.read_text()


def test_the_keyboard_does_it_all(sound):
    with serving(sound) as url:
        found = browse("keys", url)
    [made] = found["made"]
    # 20 and 30 steps of a hundredth of 4 s, and ten pixels.
    assert made["start"] == pytest.approx(0.8, abs=1e-6)
    assert 1.2 < made["end"] < 1.3
    assert made["low"] < made["high"] < 4000
    assert made["text"] == "one"
    assert found["deleted"] == []
    assert found["restored"] == [made]
    assert found["help"] > 50
    names = ["kaldi-fbank-23", "kaldi-fbank-80-nosnip", "kaldi-fbank-23 \u2212 kaldi-fbank-80-nosnip"]
    assert [re.findall(r"kaldi-fbank-\S+|\u2212", text) for text in found["panes"]] == [
        name.split() for name in names
    ]


def test_the_mailed_page_works_from_a_file_and_shows_what_the_server_shows(tmp_path, baseline):
    path, target = tmp_path / "sound.wav", tmp_path / "page.html"
    sg.save(path, tone(4) * np.linspace(0, 1, 4 * RATE, dtype=np.float32), RATE)
    # Resampled, with a range below the peak.
    frontend = sg.preset("librosa-mfcc").replace(sample_rate=2 * RATE)
    sg.viewer.save_page(path, target, preset=frontend)
    mailed = browse("readout", target.as_uri(), seconds=2.0, hertz=1)
    assert [url for url in mailed["requests"] if not url.startswith(("data:", "blob:"))] == [target.as_uri()]
    with serving(path, frontend) as url:
        served = browse("readout", url, seconds=2.0, hertz=1)
    values = [float(found.pop("value").split()[0].replace("\u2212", "-")) for found in (mailed, served)]
    assert values[0] == pytest.approx(values[1], rel=1e-6)
    assert {**mailed, "requests": 0} == {**served, "requests": 0}


NOTEBOOK = """<!doctype html><style>body { margin: 0 } body > div > div { height: 100vh !important }</style>
<script type="module">
  import widget from "./widget.js";
  const received = [];
  const send = async (message) => {
    const answer = await fetch("./message", { method: "POST", body: JSON.stringify(message) });
    if (answer.status === 204) return;
    const { body, ...content } = await answer.json();
    const buffer = new DataView(Uint8Array.from(atob(body), (letter) => letter.charCodeAt(0)).buffer);
    for (const callback of received) callback(content, [buffer]);
  };
  const el = document.body.appendChild(document.createElement("div"));
  widget.render({ model: { send, on: (_, callback) => received.push(callback), off() {} }, el });
</script>"""
"""A notebook of one cell, whose messages go through HTTP, as JupyterLab's go through its socket."""


@contextmanager
def notebook_of(session: Session):
    inside = InProcess(session)
    widget = (Path(html.__file__).parent / "page" / "widget.js").read_bytes()

    class Handler(BaseHTTPRequestHandler):
        def answer(self, content: bytes, kind: str = "text/html", status: int = 200) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_GET(self) -> None:
            if self.path == "/widget.js":
                self.answer(widget, "text/javascript")
            else:
                self.answer(NOTEBOOK.encode() if self.path == "/" else b"")

        def do_POST(self) -> None:
            message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            answers: Queue[tuple[int, dict[str, str], bytes]] = Queue()
            if message.get("abort"):
                inside.abort(message["id"])
                return self.answer(b"", status=204)
            if message["path"] == "inline.html":
                answers.put((200, {}, html.empty_page().encode()))
            else:
                inside.request(
                    message["id"],
                    message,
                    lambda answer: answers.put((answer.status, dict(answer.headers), answer.content)),
                )
            status, headers, content = answers.get(timeout=60)
            body = base64.b64encode(content).decode()
            text = json.dumps({"id": message["id"], "status": status, "headers": headers, "body": body})
            return self.answer(text.encode(), "application/json")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    inside.close()


def test_the_cell_of_a_notebook_shows_the_features_and_saves_labels(sound):
    with notebook_of(Session([sound], [FRONTEND])) as url:
        found = browse("cell", url, seconds=2.0, hertz=1000)
    assert_readout(found, sg.load(sound).samples)
    [label] = found["labels"]
    assert label["text"] == "one"
    [saved] = sound.parent.glob("*.txt")
    assert saved.read_text().splitlines()[0].endswith("one")


def test_the_page_in_a_cell_works_without_the_rights_of_the_notebook(sound, tmp_path):
    target = tmp_path / "cell.html"
    session = Session([sound], [FRONTEND])
    frame = notebook._frame(session).replace("height:600px", "height:100vh")
    session.close()
    target.write_text(f"<!doctype html><style>body {{ margin: 0 }}</style>{frame}")
    found = browse("stored", target.as_uri(), seconds=2.0, hertz=1000)
    assert_readout(found, sg.load(sound).samples)


def test_memory_is_bounded_after_a_thousand_zooms(sound):
    with serving(sound) as url:
        found = browse("memory", url)
    first, *_, last = found["sizes"]
    assert last < first + (24 << 20)
    assert found["tiles"] < 192 << 20
    assert found["canvases"] == 5


def test_the_microphone_gives_the_features_of_its_samples(baseline):
    frontend = sg.preset("kaldi-fbank-23").replace(sample_rate=16_000)
    server = Server(open_microphone(frontend))
    server.start()
    found = browse("record", server.url, seconds=1.5)
    server.close()
    samples = np.array(found["samples"], np.float32)
    rows = np.array(found["rows"], np.float32).reshape(-1, frontend.num_bands)
    assert found["rate"] == 16_000
    assert found["during"] == "recording"
    assert len(samples) >= 24_000
    assert abs(samples).max() > 0.1  # the beeps of Chromium's fake device
    np.testing.assert_array_equal(rows, frontend(samples))
    assert found["columns"] == len(rows)
