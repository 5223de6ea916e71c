"""`sonogram view` as a program: ready, answering, and ended by signals."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import httpx
import numpy as np
import pytest

import sonogram as sg
from sonogram.viewer.opening import open_microphone
from sonogram.viewer.server import Server
from sonogram.viewer.session import Session

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-m", "sonogram", "view", "--no-open")


@pytest.fixture
def long_sound(tmp_path: Path) -> Path:
    path = tmp_path / "long.wav"
    sg.save(path, (np.random.default_rng(0).standard_normal(16_000 * 600) / 9).astype(np.float32), 16_000)
    return path


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_at_once_while_tiles_are_computed_and_connections_are_open(long_sound, number):
    with subprocess.Popen(
        [*COMMAND, str(long_sound), "--preset", "gemma3n"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        url = program.stdout.readline().strip()
        assert url.startswith("http://127.0.0.1:")
        with httpx.Client(base_url=url) as client:
            [definition] = client.get("session").json()["definitions"]
            client.get(f"tile/f0/mix/{definition['id']}/4/0")
            idle = socket.create_connection(("127.0.0.1", int(url.split(":")[2].split("/")[0])))
            begin = time.monotonic()
            program.send_signal(number)
            assert program.wait(10) == 0
            # The promise is one second; ten are for machines under load.
            assert time.monotonic() - begin < 10
            idle.close()
        assert program.stdout.read() == ""
        assert program.stderr.read() == ""


def test_wrong_usage_is_one_line(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        sound = str(next((ROOT / "examples").glob("*.wav")))
        for arguments, code, words in (
            ([sound, "--port", str(port)], 2, "in use"),
            ([str(tmp_path / "missing.wav")], 1, "no such file"),
            ([str(tmp_path)], 1, "no sound file in this folder"),
            ([sound, "--preset", "whisper-8"], 2, "there is no preset"),
        ):
            ran = subprocess.run(
                [*COMMAND, *arguments], capture_output=True, text=True, timeout=60, check=False
            )
            assert (ran.returncode, ran.stdout) == (code, "")
            assert words in " ".join(ran.stderr.split()).replace("│ ", "")
            assert "Traceback" not in ran.stderr


MOST_ADDED = 20
"""Threads of the server's pool and sockets of a moment, far fewer than 300 aborted requests."""


def held() -> tuple[int, int]:
    """Return the numbers of threads and open files of this process, which others started too."""
    if not Path("/proc/self/task").is_dir():
        return 0, 0
    return len(os.listdir("/proc/self/task")), len(os.listdir("/proc/self/fd"))


@pytest.mark.parametrize("count", [300, pytest.param(10_000, marks=pytest.mark.exhaustive)])
def test_aborted_tiles_leave_no_thread_and_no_file(long_sound, count):
    session = Session([long_sound], [sg.preset("espnet")])
    server = Server(session)
    url = server.start()
    definition = session.describe()["definitions"][0]["id"]
    path = url.partition(f":{server.port}")[2]
    request = f"GET {path}tile/f0/mix/{definition}/4/{{}} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n"
    with urllib.request.urlopen(f"{url}tile/f0/mix/{definition}/0/0") as answer:
        assert answer.status == 200
    before = held()
    for number in range(count):
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            connection.sendall(request.format(number % 5).encode())
    with urllib.request.urlopen(f"{url}session") as answer:  # it still answers
        assert answer.status == 200
    # Each aborted request that kept a thread or a file would add one.
    for _ in range(200):
        added = [now - then for now, then in zip(held(), before, strict=True)]
        if max(added) < MOST_ADDED:
            break
        time.sleep(0.05)
    assert max(added) < MOST_ADDED
    server.close()


def test_view_serves_from_a_program():
    tone = np.sin(np.arange(16_000) / 3).astype(np.float32)
    with sg.view(sg.Audio(tone, 16_000), preset=["whisper-80", "espnet"], open_browser=False) as viewer:
        session = httpx.get(f"{viewer.url}session").json()
        assert [each["name"] for each in session["definitions"]] == ["whisper-80", "espnet"]
        assert httpx.get(f"{viewer.url}labels/f0").status_code == 409
    with pytest.raises(httpx.ConnectError):
        httpx.get(viewer.url)


def test_the_microphone_refuses_front_ends_that_need_the_whole_clip():
    with pytest.raises(sg.SonogramError, match="cannot be streamed"):
        open_microphone("whisper-80")
    with pytest.raises(sg.SonogramError, match="one sample rate; got 8000, 16000 Hz"):
        open_microphone(["espnet", sg.Frontend(8000, 256, 128)])
