"""A run that is killed, and the same run again."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from archives import contents

import sonogram as sg
from sonogram.extraction.record import Journal

FRONTEND = sg.preset("kaldi-fbank-80")


def _make(folder: Path, clips: int) -> None:
    folder.mkdir()
    rng = np.random.default_rng(2)
    for index in range(clips):
        soundfile.write(folder / f"{index:04d}.wav", 0.1 * rng.standard_normal(8000), 16000)


def _start(source: Path, target: Path, *options: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "sonogram", "extract", str(source), "-o", str(target)]
    return subprocess.Popen(
        [*command, "--preset", "kaldi-fbank-80", "--progress", "quiet", *options], stderr=subprocess.PIPE
    )


def _killed_again_and_again(source: Path, target: Path, times: int) -> int:
    """Kills runs in one folder at random moments; returns how many had begun to record."""
    chance, begun, span = random.Random(3), 0, 0.0
    for _ in range(times):
        recorded = len(Journal(target / "journal.jsonl").read())
        process = _start(source, target)
        start = time.monotonic()
        while process.poll() is None and len(Journal(target / "journal.jsonl").read()) <= recorded:
            time.sleep(0.002)
        span = max(span, time.monotonic() - start)
        time.sleep(chance.uniform(0, 0.05))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        begun += process.returncode == -signal.SIGKILL
    return begun


def _check(source: Path, folder: Path, times: int) -> None:
    sg.extract([source], folder / "undisturbed", FRONTEND)
    begun = _killed_again_and_again(source, folder / "killed", times)
    assert begun, "every run ended before it could be killed: take more clips"
    recorded = {row.path: row for row in Journal(folder / "killed" / "journal.jsonl").read()}
    stamps = {name: (folder / "killed" / row.shard).stat().st_mtime_ns for name, row in recorded.items()}
    report = sg.extract([source], folder / "killed", FRONTEND)
    assert report.kept == len(recorded)
    for name, row in recorded.items():
        assert (folder / "killed" / row.shard).stat().st_mtime_ns == stamps[name], (
            f"{name} was computed again"
        )
    assert contents(folder / "killed") == contents(folder / "undisturbed")


@pytest.mark.slow
def test_a_killed_run_goes_on_to_the_same_bytes(tmp_path: Path) -> None:
    _make(tmp_path / "archive", 300)
    _check(tmp_path / "archive", tmp_path, 2)


@pytest.mark.accept
def test_twenty_kills_on_two_thousand_files(tmp_path: Path) -> None:
    _make(tmp_path / "archive", 2000)
    _check(tmp_path / "archive", tmp_path, 20)


@pytest.mark.slow
def test_ctrl_c_stops_and_says_how_to_go_on(tmp_path: Path) -> None:
    _make(tmp_path / "archive", 1500)
    process = _start(tmp_path / "archive", tmp_path / "out")
    while process.poll() is None and not Journal(tmp_path / "out" / "journal.jsonl").read():
        time.sleep(0.002)
    process.send_signal(signal.SIGINT)
    said = process.communicate()[1].decode()
    assert process.returncode == 130, said
    assert 0 < len(Journal(tmp_path / "out" / "journal.jsonl").read()) < 1500  # it did not work to the end
    assert "the same command goes on" in said
    assert "Traceback" not in said
    assert not list((tmp_path / "out").rglob("*.unfinished"))


@pytest.mark.accept
def test_a_disk_that_fills_up(tmp_path: Path) -> None:
    _make(tmp_path / "archive", 200)
    sg.extract([tmp_path / "archive"], tmp_path / "undisturbed", FRONTEND)
    small = tmp_path / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1500k", "tmpfs", str(small)], check=True)
    try:
        process = _start(tmp_path / "archive", small / "out")
        said = process.communicate()[1].decode()
        assert process.returncode == 1
        assert "No space left" in said
        assert "Traceback" not in said
        subprocess.run(["mount", "-o", "remount,size=64m", str(small)], check=True)
        assert _start(tmp_path / "archive", small / "out").wait() == 0
        assert contents(small / "out") == contents(tmp_path / "undisturbed")
    finally:
        subprocess.run(["umount", str(small)], check=True)
