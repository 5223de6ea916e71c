"""The server of `sonogram view`: first picture, change of definition, latency of tiles. Run: make bench-view.

A program of its own serves a file of noise, 16 kHz and 16 bits; a client asks as the page does, over one
connection. "First columns" is the time from the start of the session to the first part of the overview,
"whole picture" that to the complete overview; "another definition" is the same for a second front end, when
the file is decoded. Latencies are those of whole answers, tiles of 1,024 columns: median and 95th percentile.
Memory is the most that was resident in the server.

Where Chromium is, "zoom in", "zoom out" and "move along" are updates of the screen, 1200 x 700 pixels without
a GPU: processor time of the page's thread for one update, median and 95th percentile, and after "every" the
time from one frame of the screen to the next. Other programs change the second, not the first.
"""

from __future__ import annotations

import argparse
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import soundfile

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))
from browser import MISSING, browse

RATE = 16_000
LENGTHS = {"1 min": 60, "2 h": 7200, "24 h": 86_400}
FIRST, SECOND = "phi4-multimodal", "espnet"
TILES = 60


def main() -> None:
    """Measure each length and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lengths", nargs="+", choices=LENGTHS, default=["1 min", "2 h"])
    chosen = parser.parse_args().lengths
    print(f"{platform.processor() or platform.machine()}, {FIRST}, then {SECOND}")
    with tempfile.TemporaryDirectory() as folder:
        for name in chosen:
            path = Path(folder, "noise.wav")
            write_noise(path, LENGTHS[name])
            print(f"{name}: " + ", ".join(f"{what} {value}" for what, value in measure(path)), flush=True)


def write_noise(path: Path, seconds: int) -> None:
    """Write noise, a minute of it again and again."""
    minute = (np.random.default_rng(0).standard_normal(RATE * 60) * 1500).astype(np.int16)
    form = "RF64" if seconds * RATE * 2 > 1 << 31 else "WAV"
    with soundfile.SoundFile(path, "w", RATE, 1, "PCM_16", format=form) as file:
        for _ in range(seconds // 60):
            file.write(minute)


def measure(path: Path) -> Iterator[tuple[str, str]]:
    """Serve a file and yield what was measured, with its name."""
    command = [sys.executable, "-m", "sonogram", "view", str(path), "--no-open"]
    command += ["--preset", FIRST, "--preset", SECOND]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        url = program.stdout.readline().strip()
        try:
            with httpx.Client(base_url=url, timeout=60) as client:
                yield from ask(client)
            if not MISSING:
                yield from updates(url)
            status = Path(f"/proc/{program.pid}/status")
            if status.is_file():
                found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
                yield "memory", f"{int(found[1]) / 1024:.0f} MB" if found else "unknown"
        finally:
            program.terminate()


def ask(client: httpx.Client) -> Iterator[tuple[str, str]]:
    """Ask as the page does."""
    begin = time.perf_counter()
    first, second = (each["id"] for each in client.get("session").json()["definitions"])
    sizes = client.get("file/f0").json()["definitions"]
    started, complete = overview(client, first, sizes[first]["levels"], begin)
    yield "first columns", f"{started:.2f} s"
    yield "whole picture", f"{complete:.2f} s"
    again = overview(client, second, sizes[second]["levels"], time.perf_counter())
    yield "another definition", f"{again[1]:.2f} s"
    for level in (0, 2, 4, 6):
        count = (sizes[first]["frames"] >> level) // 1024
        if count:
            yield f"level {level}", latency(client, f"tile/f0/mix/{first}/{level}", count)


def updates(url: str) -> Iterator[tuple[str, str]]:
    """Zoom and move in the page."""
    found = browse("frames", url)
    for name in ("zoom in", "zoom out", "move along"):
        (middle, high), (usual, late) = (
            np.percentile(found[name][what], [50, 95]) for what in ("cpu", "gap")
        )
        yield name, f"{middle:.1f} ({high:.1f}) ms, every {usual:.1f} ({late:.1f}) ms"


def overview(client: httpx.Client, definition: str, levels: int, begin: float) -> tuple[float, float]:
    """Return when the first columns of the highest level came, and when all had come, seconds."""
    started = None
    while True:
        answer = client.get(f"tile/f0/mix/{definition}/{levels - 1}/0")
        answer.raise_for_status()
        now = time.perf_counter() - begin
        if started is None and int(answer.headers["x-columns"]):
            started = now
        if answer.headers["x-complete"] == "1":
            return now if started is None else started, now
        time.sleep(0.02)


def latency(client: httpx.Client, path: str, count: int) -> str:
    """Return median and 95th percentile of tiles all over the recording, milliseconds."""
    times = []
    for index in np.random.default_rng(1).integers(0, count, TILES):
        begin = time.perf_counter()
        client.get(f"{path}/{index}").raise_for_status()
        times.append(1000 * (time.perf_counter() - begin))
    middle, high = np.percentile(times, [50, 95])
    return f"{middle:.1f} ({high:.1f}) ms"


if __name__ == "__main__":
    main()
