"""Truncated recordings: shown and described with one line on stderr, extracted only if asked for."""

import os
from pathlib import Path

import numpy as np
import pytest
from engine_names import why_not_native

import sonogram as sg

pytestmark = pytest.mark.skipif(bool(why_not_native()), reason="soundfile alone does not notice it")


@pytest.fixture
def cut(tmp_path: Path, rng: np.random.Generator) -> Path:
    """Two recordings of a second that lack their second half, and a whole one."""
    for name in ("cut.wav", "cut.flac", "whole.wav"):
        sg.save(tmp_path / name, rng.normal(size=16_000) / 10, 16_000)
    for name in ("cut.wav", "cut.flac"):
        content = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(content[: len(content) // 2])
    return tmp_path


@pytest.mark.parametrize("name", ["cut.wav", "cut.flac"])
def test_show_draws_what_is_there(run, cut: Path, name: str) -> None:
    ran = run("show", name, "-o", "picture.png")
    assert ran.code == 0
    assert (cut / "picture.png").is_file()
    [line] = ran.err.splitlines()
    assert line.startswith(f"sonogram: {name}: ")
    assert " of 0:01.000" in line


def test_info_prints_the_length_that_is_there(run, cut: Path) -> None:
    ran = run("info", "cut.wav", "cut.flac", "whole.wav")
    assert ran.code == 0
    rows = [line.split("\t") for line in ran.out.splitlines()[1:]]
    assert [row[4] for row in rows] == ["WAV (truncated)", "FLAC (truncated)", "WAV"]
    assert [0 < int(row[6]) < 16_000 for row in rows] == [True, True, False]
    assert len(ran.err.splitlines()) == 2


def test_warnings_as_errors_change_nothing(run, cut: Path, monkeypatch) -> None:
    monkeypatch.setattr("warnings.filters", [("error", None, Warning, None, 0)])
    ran = run("info", "cut.wav")
    assert (ran.code, len(ran.err.splitlines())) == (0, 1)


def test_extract_refuses_unless_told(run, cut: Path) -> None:
    command = ("extract", "cut.wav", "whole.wav", "-o", "out", "--preset", "yamnet", "--jobs", "1")
    ran = run(*command)
    assert (ran.code, ran.out.split(",")[0]) == (1, "out: 1 done")
    assert "cut.wav: truncated: its header states" in ran.err
    ran = run(*command, "--partial")
    assert (ran.code, ran.out.split(",")[0]) == (0, "out: 2 done (1 of them before)")
    assert ran.err.startswith("sonogram: cut.wav: truncated: only the first 0:00.")
    frames = {name: len(np.load(cut / "out" / f"{name}.npy")) for name in ("cut.wav", "whole.wav")}
    assert frames == {"cut.wav": 48, "whole.wav": 98}  # 25 ms every 10 ms of a half and of a whole second


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_extract_and_show_name_what_they_leave_out_of_a_folder(run, cut: Path) -> None:
    (cut / "folder").mkdir()
    (cut / "whole.wav").rename(cut / "folder" / "whole.wav")
    sg.save(cut / "folder" / "click.wav", np.full(10, 0.5), 16_000)
    os.mkfifo(cut / "folder" / "pipe.wav")
    pipe = "sonogram: folder/pipe.wav: is a pipe or a device; in folders only files are read\n"
    ran = run("extract", "folder", "-o", "out", "--preset", "kaldi-fbank-80", "--jobs", "1")
    assert (ran.code, ran.out) == (1, "out: 2 done, 1 failed, 1.0 s of audio\n")
    click = "sonogram: folder/click.wav: is shorter than a frame of the front end, so it has no features\n"
    assert ran.err == click + pipe
    assert run("extract", "folder", "-o", "out", "--preset", "kaldi-fbank-80").out == (
        "out: 2 done (2 of them before), 1 failed\n"
    )
    ran = run("show", "folder")
    assert (ran.code, ran.out, ran.err) == (1, "folder.png\n", pipe)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_extract_refuses_a_pipe_by_name(run, cut: Path) -> None:
    os.mkfifo(cut / "pipe.wav")
    ran = run("extract", "pipe.wav", "-o", "out", "--preset", "yamnet")
    assert (ran.code, ran.err) == (
        1,
        "sonogram: pipe.wav: is a pipe or a device; write the sound to a file first\n",
    )
