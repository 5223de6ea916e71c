"""The verb `resynthesize`."""

from pathlib import Path

import numpy as np
import pytest

import sonogram as sg


def test_a_front_end_is_resynthesized(run, examples: Path, tmp_path: Path) -> None:
    ran = run(
        "resynthesize",
        examples / "speech.wav",
        "-o",
        "out.wav",
        "--preset",
        "whisper-80",
        "--iterations",
        "4",
    )
    assert (ran.code, ran.out.strip()) == (0, "out.wav")
    result, rate = sg.load(tmp_path / "out.wav")
    spoken = sg.load(examples / "speech.wav", 16000).samples
    assert rate == 16000
    assert result.shape == spoken.shape
    frontend = sg.preset("whisper-80")
    # One unit is 4 decades of power: the features of the result are within 5 dB in the mean.
    assert np.abs(frontend(result, "numpy") - frontend(spoken, "numpy")).mean() < 0.125


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--preset", "librosa-pcen"], "cannot be turned back into sound"),
        (["--preset", "whisper"], "did you mean"),
        (["--preset", "whisper-80", "--iterations", "-1"], "iterations"),
    ],
)
def test_wrong_usage_is_reported_before_anything_is_read(
    run, bird: Path, arguments: list[str], message: str
) -> None:
    ran = run("resynthesize", bird, "-o", "out.wav", *arguments)
    assert ran.code == 2
    assert message in ran.err


def test_the_input_is_not_replaced(run, bird: Path) -> None:
    ran = run("resynthesize", bird, "-o", bird, "--preset", "whisper-80")
    assert ran.code == 2
    assert "is an input" in ran.err


def test_a_wrong_ending_is_refused(run, bird: Path) -> None:
    assert run("resynthesize", bird, "-o", "out.mp3", "--preset", "whisper-80").code == 2


def test_a_broken_or_short_file_is_one_line(run, tmp_path: Path) -> None:
    (tmp_path / "broken.wav").write_bytes(b"no sound")
    ran = run("resynthesize", "broken.wav", "-o", "out.wav", "--preset", "whisper-80")
    assert ran.code == 1
    assert ran.err.count("\n") == 1
    sg.save(tmp_path / "short.wav", np.zeros(5, np.float32), 16000)
    ran = run("resynthesize", "short.wav", "-o", "out.wav", "--preset", "yamnet")
    assert ran.code == 1
    assert "must have at least one frame" in ran.err
    assert not (tmp_path / "out.wav").exists()
