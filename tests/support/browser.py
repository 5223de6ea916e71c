"""The page of the viewer in headless Chromium: `web/browser` has what is done there."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

import sonogram as sg
from sonogram.viewer.server import Server
from sonogram.viewer.session import Session

WEB = Path(__file__).resolve().parents[2] / "web"
RATE = 8000
FRONTEND = sg.Frontend(RATE, 256, 128, scaling=sg.scaling.Decibels())
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
MISSING = [
    name
    for name, found in (
        ("Chromium", CHROMIUM),
        ("Node", shutil.which("node")),
        ("playwright-core (make page)", (WEB / "node_modules" / "playwright-core").is_dir()),
    )
    if not found
]
REASON = f"tests of the page need {', '.join(MISSING)}"


def browse(case: str, url: str, **given: Any) -> dict[str, Any]:
    """Do in the page what a case of `web/browser/cases.mjs` does, and return its result."""
    command = ["node", "browser/run.mjs", case, url, CHROMIUM or "", json.dumps(given)]
    ran = subprocess.run(command, cwd=WEB, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stderr
    result: dict[str, Any] = json.loads(ran.stdout)
    assert not result["problems"], result["problems"]
    return result


@contextmanager
def serving(path: Path, frontend: sg.Frontend = FRONTEND) -> Iterator[str]:
    """Serve a recording, and yield the address."""
    server = Server(Session([path], [frontend]))
    server.start()
    yield server.url
    server.close()


def tone(seconds: float, hertz: float = 1000.0, rate: int = RATE) -> np.ndarray:
    """Return a tone with faint noise."""
    time = np.arange(round(seconds * rate)) / rate
    noise = np.random.default_rng(0).standard_normal(len(time)) * 1e-4
    return (0.5 * np.sin(2 * np.pi * hertz * time) + noise).astype(np.float32)
