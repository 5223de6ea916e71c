"""A run that is killed, and the same run again."""

import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from folders import contents

import sonogram as sg
from sonogram.extraction.record import Journal

FRONTEND = sg.preset("kaldi-fbank-80")


def _make(folder: Path, clips: int) -> None:
    folder.mkdir()
    rng = np.random.default_rng(2)
    for index in range(clips):
        soundfile.write(folder / f"{index:04d}.wav", 0.1 * rng.standard_normal(8000), 16000)


def _start(source: Path, target: Path, *options: str) -> subprocess.Popen[bytes]:
    # With the lowest priority, so that this process is awake in time to stop it, on a busy machine too.
    command = [
        "nice",
        "-n",
        "19",
        sys.executable,
        "-m",
        "sonogram",
        "extract",
        str(source),
        "-o",
        str(target),
    ]
    return subprocess.Popen(
        [*command, "--preset", "kaldi-fbank-80", "--progress", "quiet", *options], stderr=subprocess.PIPE
    )


class _Watch:
    """Each output that was ever recorded as done must stay the file that it was: the same inode and time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stamps: dict[str, tuple[int, int]] = {}

    def look(self) -> int:
        """Check all recorded outputs; return their number."""
        for row in Journal(self._folder / "journal.jsonl").read():
            self._stamps.setdefault(row.shard, self._stamp(row.shard))
        for name, stamp in self._stamps.items():
            assert self._stamp(name) == stamp, f"{name} was recorded as done, and computed again"
        return len(self._stamps)

    def _stamp(self, name: str) -> tuple[int, int]:
        found = (self._folder / name).stat()
        return found.st_ino, found.st_mtime_ns


def _kill_once(source: Path, target: Path, chance: random.Random) -> bool:
    """Starts a run and kills it: while it begins, or after it has recorded something."""
    recorded = len(Journal(target / "journal.jsonl").read())
    process = _start(source, target)
    if chance.random() < 0.25:
        time.sleep(chance.uniform(0, 0.3))  # less than any computer needs to import and to list
    else:
        while process.poll() is None and len(Journal(target / "journal.jsonl").read()) <= recorded:
            time.sleep(0.002)
        time.sleep(chance.uniform(0, 0.02))  # something must be left for all the kills
    process.send_signal(signal.SIGKILL)
    process.communicate()
    return process.returncode == -signal.SIGKILL


def _check(source: Path, folder: Path, times: int) -> None:
    sg.extract([source], folder / "undisturbed", FRONTEND)
    target, chance = folder / "killed", random.Random(3)
    watch = _Watch(target)
    for number in range(times):
        assert _kill_once(source, target, chance), f"run {number} came to its end: take more clips"
        watch.look()
    recorded = watch.look()
    assert recorded, "nothing was recorded before the kills: take fewer of them"
    assert sg.extract([source], target, FRONTEND).done_before == recorded
    watch.look()
    assert contents(target) == contents(folder / "undisturbed")


@pytest.mark.exhaustive
def test_a_killed_run_goes_on_to_the_same_bytes(tmp_path: Path) -> None:
    _make(tmp_path / "archive", 600)
    _check(tmp_path / "archive", tmp_path, 2)


@pytest.mark.accept
def test_twenty_kills_on_two_thousand_files(tmp_path: Path) -> None:
    _make(tmp_path / "archive", 2000)
    _check(tmp_path / "archive", tmp_path, 20)


@pytest.mark.exhaustive
@pytest.mark.parametrize("options", [(), ("--processes",)], ids=" ".join)
def test_ctrl_c_stops_and_says_how_to_go_on(tmp_path: Path, options: tuple[str, ...]) -> None:
    _make(tmp_path / "archive", 1500)
    process = _start(tmp_path / "archive", tmp_path / "out", *options)
    while process.poll() is None and not Journal(tmp_path / "out" / "journal.jsonl").read():
        time.sleep(0.002)
    process.send_signal(signal.SIGINT)
    stderr = process.communicate()[1].decode()
    assert process.returncode == 130, stderr
    assert 0 < len(Journal(tmp_path / "out" / "journal.jsonl").read()) < 1500  # it did not work to the end
    assert "run the same command again to continue" in stderr
    assert "Traceback" not in stderr
    assert not list((tmp_path / "out").rglob("*.unfinished*"))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of a megabyte and a half, in memory."""
    place = tmp_path / "small"
    place.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1500k", "tmpfs", str(place)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.fail(f"a small disk cannot be made ({made.stderr.decode().strip()}): run this test as root")
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.mark.accept
def test_a_disk_that_fills_up(tmp_path: Path, small_disk: Path) -> None:
    _make(tmp_path / "archive", 200)
    sg.extract([tmp_path / "archive"], tmp_path / "undisturbed", FRONTEND)
    target = small_disk / "out"
    watch, before = _Watch(target), 0
    # 200 outputs of 16 KB each: the disk is made larger twice before they fit.
    for size in ("2500k", "64m"):
        process = _start(tmp_path / "archive", target)
        stderr = process.communicate()[1].decode()
        assert process.returncode == 1, stderr
        assert "No space left" in stderr
        assert "run the same command again" in stderr
        assert "Traceback" not in stderr
        assert not list(target.rglob("*.unfinished*"))
        # All that is in its place is recorded, and there is more of it each time.
        assert watch.look() == len(list(target.rglob("*.npy"))) > before
        before = watch.look()
        subprocess.run(["mount", "-o", f"remount,size={size}", str(small_disk)], check=True)
    process = _start(tmp_path / "archive", target)
    stderr = process.communicate()[1].decode()
    assert process.returncode == 0, stderr
    watch.look()
    assert contents(target) == contents(tmp_path / "undisturbed")
