"""The viewer in a notebook: a kernel of Jupyter answers the page, with the numbers of the features."""

from __future__ import annotations

import html
import itertools
import json
import re
import sys
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sonogram as sg
from sonogram.viewer import notebook
from sonogram.viewer.in_process import Answer, InProcess
from sonogram.viewer.session import Session

RATE = 8000
FRONTEND = sg.Frontend(RATE, 256, 128, scaling=sg.scaling.Decibels())
SAMPLES = (np.random.default_rng(0).standard_normal(RATE) / 9).astype(np.float32)
WIDGET = "application/vnd.jupyter.widget-view+json"
NEEDED = [name for name in ("anywidget", "ipykernel") if not find_spec(name)]
needs_kernel = pytest.mark.skipif(bool(NEEDED), reason=f"tests of notebooks need {', '.join(NEEDED)}")
TIMEOUT = 60


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    path = tmp_path / "noise.wav"
    sg.save(path, SAMPLES, RATE)
    return path


# Without a server.


class Requests:
    """Sends requests to a session in this process and waits for their answers."""

    def __init__(self, inside: InProcess) -> None:
        self.inside = inside
        self.count = 0

    def __call__(self, path: str, **request: Any) -> Answer:
        answers: list[Answer] = []
        self.count += 1
        self.inside.request(str(self.count), {"path": path, **request}, answers.append)
        wait_for(lambda: answers)
        return answers[0]


def wait_for(condition: Callable[[], object]) -> None:
    begin = time.monotonic()
    while not condition():
        assert time.monotonic() - begin < TIMEOUT
        time.sleep(0.01)


@pytest.fixture
def ask(sound: Path) -> Iterator[Requests]:
    inside = InProcess(Session([sound], [FRONTEND]))
    yield Requests(inside)
    inside.close()


def test_a_session_answers_without_a_server(ask, sound):
    answer = ask("session")
    [definition] = json.loads(answer.content)["definitions"]
    tile = ask(f"tile/f0/mix/{definition['id']}/0/0")
    frames = int(tile.headers["x-columns"])
    values = np.frombuffer(tile.content, np.float32).reshape(FRONTEND.num_bands, frames)
    np.testing.assert_array_equal(values.T, FRONTEND(sg.load(sound).samples)[:frames])
    assert ask("nothing/at/all").status == 404
    assert ask("tile/f0/mix/unknown/0/0").status == 404
    assert ask("file/..%2F..%2Fsecret").status == 404


def test_labels_are_saved_once_for_each_state_of_the_file(ask, sound):
    first = ask("labels/f0").headers["etag"]
    body = '{"labels": [{"start": 0.25, "end": 0.5, "text": "one"}]}'
    assert ask("labels/f0", method="PUT", headers={"If-Match": first}, body=body).status == 200
    assert sound.with_suffix(".labels.txt").read_text().startswith("0.25")
    assert ask("labels/f0", method="PUT", headers={"If-Match": first}, body=body).status == 412


def test_an_aborted_request_has_no_answer(sound):
    inside = InProcess(Session([sound], [sg.preset("espnet")]))
    answers: list[Answer] = []
    inside.request("a", {"path": "thumbnail/f0"}, answers.append)
    inside.abort("a")
    wait_for(lambda: not inside._gone)
    inside.request("b", {"path": "session"}, answers.append)
    wait_for(lambda: answers)
    inside.close()
    assert [answer.headers["content-type"] for answer in answers] == ["application/json"]
    inside.request("c", {"path": "session"}, answers.append)  # the page may not know yet
    inside.abort("c")
    assert len(answers) == 1


# Without anywidget.


@pytest.fixture
def without_anywidget(monkeypatch):
    monkeypatch.setattr(notebook, "find_spec", lambda name: None)


@pytest.fixture
def kernel_here(monkeypatch):
    class IPython:
        @staticmethod
        def get_ipython() -> object:
            return type("Shell", (), {"kernel": None})()

    monkeypatch.setitem(sys.modules, "IPython", IPython)


@pytest.mark.usefixtures("without_anywidget", "kernel_here")
def test_without_anywidget_the_cell_has_the_page_with_the_sound(sound):
    with sg.view(sound, preset=FRONTEND) as viewer:
        shown = viewer._repr_mimebundle_(include=None, exclude=None)
    assert viewer.url == ""
    [page] = re.findall(r'srcdoc="([^"]*)"', shown["text/html"])
    assert "sonogram-data" in html.unescape(page)
    assert "allow-same-origin" not in shown["text/html"].split("srcdoc")[0]


@pytest.mark.usefixtures("without_anywidget", "kernel_here")
def test_what_does_not_fit_into_a_cell_is_refused_with_a_remedy(sound, monkeypatch):
    with pytest.raises(sg.SonogramError, match=r"several recordings.*pip install \"sonogram\[notebook\]\""):
        sg.view([sound, sound])
    monkeypatch.setattr(notebook, "_MAX_BYTES", 1000)
    with pytest.raises(sg.SonogramError, match=r"would take .* MB of the notebook.*open_browser=True"):
        sg.view(sound)


@pytest.mark.usefixtures("kernel_here")
def test_a_notebook_can_open_the_browser_too(sound):
    with sg.view(sound, open_browser=False) as viewer:
        assert viewer.url.startswith("http://127.0.0.1:")
        assert viewer._repr_mimebundle_() == {"text/plain": f"View({viewer.url})"}


def test_a_terminal_of_ipython_is_no_notebook(monkeypatch):
    terminal = type("IPython", (), {"get_ipython": staticmethod(object)})
    monkeypatch.setitem(sys.modules, "IPython", terminal)
    assert not notebook.in_notebook()


# With a kernel.


class Kernel:
    """A kernel of Jupyter, and the messages that a page exchanges with it."""

    def __init__(self) -> None:
        from jupyter_client.manager import start_new_kernel

        self.manager, self.client = start_new_kernel(startup_timeout=TIMEOUT)
        self.comm = ""

    def run(self, code: str) -> list[dict[str, Any]]:
        """Run a cell and return its messages."""
        found: list[dict[str, Any]] = []
        self.client.execute_interactive(code, timeout=TIMEOUT, output_hook=found.append)
        return found

    def send(self, content: dict[str, Any]) -> None:
        """Send a message of the page to its widget."""
        data = {"method": "custom", "content": content}
        message = self.client.session.msg("comm_msg", {"comm_id": self.comm, "data": data})
        self.client.shell_channel.send(message)

    def answer(self, name: str) -> tuple[dict[str, Any], bytes]:
        """Return the answer to a request and its bytes."""
        while True:
            message = self.client.get_iopub_msg(timeout=TIMEOUT)
            content = message["content"].get("data", {}).get("content", {})
            if message["msg_type"] == "comm_msg" and content.get("id") == name:
                return content, bytes(message["buffers"][0])

    def close(self) -> None:
        """End the kernel."""
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    kernel = Kernel()
    yield kernel
    kernel.close()


@needs_kernel
@pytest.mark.exhaustive
def test_a_kernel_answers_the_page_of_a_widget(kernel, sound):
    messages = kernel.run(
        "import sonogram as sg\n"
        f"frontend = sg.Frontend({RATE}, 256, 128, scaling=sg.scaling.Decibels())\n"
        f"viewer = sg.view({str(sound)!r}, preset=frontend)\n"
        "viewer"
    )
    assert not [each["content"] for each in messages if each["msg_type"] == "error"]
    [shown] = [each["content"]["data"] for each in messages if each["msg_type"] == "execute_result"]
    kernel.comm = shown[WIDGET]["model_id"]
    # What notebooks store of the widget: its script, and none of the recording or of the page.
    [state] = [
        each["content"]["data"]["state"]
        for each in messages
        if each["msg_type"] == "comm_open" and each["content"]["comm_id"] == kernel.comm
    ]
    assert len(repr(state)) < 4000

    kernel.send({"id": "page", "path": "inline.html"})
    assert b'<div id="app">' in kernel.answer("page")[1]
    kernel.send({"id": "1", "path": "session"})
    answer, content = kernel.answer("1")
    assert answer["status"] == 200
    [definition] = json.loads(content)["definitions"]
    for attempt in itertools.count():  # as the page does: until all of the tile is computed
        kernel.send({"id": f"tile {attempt}", "path": f"tile/f0/mix/{definition['id']}/0/0"})
        answer, content = kernel.answer(f"tile {attempt}")
        assert answer["status"] == 200
        if answer["headers"]["x-complete"] == "1":
            break
    values = np.frombuffer(content, np.float32).reshape(FRONTEND.num_bands, -1)
    np.testing.assert_array_equal(values.T, FRONTEND(sg.load(sound).samples))
    assert answer["headers"]["x-columns"] == str(values.shape[1])

    kernel.send({"id": "3", "path": "session"})
    kernel.send({"id": "3", "abort": True})
    messages = kernel.run("viewer.close()")
    assert "error" not in {each["msg_type"] for each in messages}
