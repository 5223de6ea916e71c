"""Extraction of real recordings: some broken files among good ones, and one of twelve hours."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

import sonogram as sg
from sonogram.errors import AudioError

pytestmark = pytest.mark.accept

RATE = 16000
HOURS = 12
LIMIT = 400 * 1024  # kilobytes of memory, at most

RUN = """
import json, re, sys
from sonogram.cli import main
try:
    main()
except SystemExit as end:
    code = end.code
with open("/proc/self/status") as file:
    status = file.read()
print(json.dumps({"code": code, "peak": int(re.search(r"VmHWM:\\s+(\\d+) kB", status)[1])}))
"""


def extract(*arguments: object) -> tuple[dict[str, int], str, str]:
    """Run the program; return its exit code, peak memory, output and warnings."""
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", RUN, "extract", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=True,
    )
    *lines, last = ran.stdout.splitlines()
    return json.loads(last), "\n".join(lines), ran.stderr


def readable(path: Path) -> bool:
    """Return whether a file can be decoded."""
    try:
        return len(sg.load(path, RATE).samples) > 0
    except AudioError:
        return False


@pytest.mark.parametrize("options", [(), ("--processes",), ("--format", "tfrecord")], ids=" ".join)
def test_broken_files_among_good_ones(shared_data: Path, tmp_path: Path, options: tuple[str, ...]) -> None:
    odd = sorted(path for path in (shared_data / "malformed").iterdir() if path.is_file())
    assert len(odd) == 100
    good = tmp_path / "good"
    good.mkdir()
    rng = np.random.default_rng(7)
    for index in range(500):
        soundfile.write(good / f"{index:03d}.wav", 0.1 * rng.standard_normal(RATE), RATE)
    ran, printed, warned = extract(
        good, *odd, "-o", tmp_path / "out", "--preset", "whisper-80", "--progress", "quiet", *options
    )
    expected = {path.name for path in odd if readable(path)}
    assert expected
    with (tmp_path / "out" / "index.csv").open(newline="", encoding="utf-8") as file:
        rows = {row["path"]: row for row in csv.DictReader(file)}
    assert len(rows) == 600
    done = {name for name, row in rows.items() if row["status"] == "done"}
    assert done == expected | {f"good/{index:03d}.wav" for index in range(500)}
    for name in set(rows) - done:
        assert str(shared_data / "malformed" / name) in rows[name]["error"]
        assert "; " in rows[name]["error"]  # the problem, and the remedy
        assert rows[name]["error"] in warned
    assert len(warned.splitlines()) == 600 - len(done)
    assert "Traceback" not in warned
    assert ran["code"] == 1
    assert f"{len(done)} done, {600 - len(done)} failed" in printed


@pytest.fixture(scope="module")
def half_a_day(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with twelve hours of music, one channel at 16 kHz."""
    (recording,) = (shared_data / "long").glob("*.ogg")
    minutes = sg.load(recording, RATE).samples
    path = tmp_path_factory.mktemp("long") / "half-a-day.wav"
    with soundfile.SoundFile(path, "w", RATE, 1, "PCM_16") as file:
        for start in range(0, HOURS * 3600 * RATE, len(minutes)):
            file.write(minutes[: HOURS * 3600 * RATE - start])
    return path


@pytest.mark.parametrize("preset", ["kaldi-fbank-80", "whisper-80"])
def test_half_a_day_in_little_memory(half_a_day: Path, tmp_path: Path, preset: str) -> None:
    frontend = sg.preset(preset)
    assert frontend.streamable == (preset == "kaldi-fbank-80")  # the other one takes two passes
    out = tmp_path / "out"
    ran, _, warned = extract(half_a_day, "-o", out, "--preset", preset)
    assert ran["code"] == 0, warned
    assert ran["peak"] < LIMIT
    stored = np.load(out / "half-a-day.wav.npy", mmap_mode="r")
    assert stored.shape == (frontend.num_frames(HOURS * 3600 * RATE), 80)
    # What lies within an excerpt is the same, bit for bit, above the floor that is left by the peak of each.
    start = 5 * 3600
    features = frontend(sg.load(half_a_day, offset=start, duration=1200))
    first = start * RATE // frontend.frame_step
    found, expected = stored[first + 10 : first + len(features) - 10], features[10:-10]
    floor = max(found.min(), expected.min())
    np.testing.assert_array_equal(np.maximum(found, floor), np.maximum(expected, floor))
    assert (found > floor).mean() > 0.5
    (out / "half-a-day.wav.npy").unlink()
