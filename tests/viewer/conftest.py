"""A folder of sounds, and a viewer that serves it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import numpy as np
import pytest

import sonogram as sg
from sonogram.viewer.server import Server
from sonogram.viewer.session import Session

RATE = 8000


def tone(seconds: float, hertz: float = 1000.0) -> np.ndarray:
    time = np.arange(round(seconds * RATE)) / RATE
    return (0.5 * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


def _fill(place: Path) -> Path:
    """Write three sounds, one of them in a folder below, and a file that is none."""
    (place / "night").mkdir(parents=True)
    sg.save(place / "tone.wav", tone(3), RATE)
    sg.save(place / "night" / "stereo.wav", np.stack([tone(1), tone(1, 2000)]), RATE)
    (place / "broken.wav").write_bytes(b"RIFF, but no sound")
    return place


class Page(httpx.Client):
    """A client that behaves as the page: it knows the address, and writes come from the own origin."""

    def __init__(self, server: Server) -> None:
        self.server = server
        origin = f"http://127.0.0.1:{server.port}"
        self.health = f"{origin}/health"
        super().__init__(base_url=server.url, headers={"Origin": origin}, timeout=30)


@contextmanager
def _serve(folder: Path, labels: Path | None = None) -> Iterator[Page]:
    """Serve a folder: f0 is broken.wav, f1 night/stereo.wav, f2 tone.wav."""
    server = Server(Session([folder], [sg.Frontend(RATE, 256, 128)], labels=labels))
    server.start()
    with Page(server) as client:
        yield client
    server.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder to write into."""
    return _fill(tmp_path / "yard")


@pytest.fixture
def page(folder: Path) -> Iterator[Page]:
    """The folder in a viewer."""
    with _serve(folder) as client:
        yield client


@pytest.fixture
def labeled(folder: Path, tmp_path: Path) -> Iterator[tuple[Page, Path]]:
    """The folder with one table for all of its recordings, as `sonogram suggest` writes it."""
    table = tmp_path / "labels.csv"
    rows = ("tone.wav,0.5,1,,.9", "night/stereo.wav,0,1,cat,.8", "else.wav,0,1,,.7")
    table.write_text("\n".join(("path,start,end,label,score", *rows, "")))
    with _serve(folder, table) as client:
        yield client, table


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same folder, to read only."""
    return _fill(tmp_path_factory.mktemp("sounds") / "yard")


@pytest.fixture(scope="module")
def reader(sounds: Path) -> Iterator[Page]:
    """The folder to read only in a viewer."""
    with _serve(sounds) as client:
        yield client
