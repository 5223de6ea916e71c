"""The verb `mix`."""

from pathlib import Path

import numpy as np
import pytest

import sonogram as sg


@pytest.fixture
def sounds(tmp_path: Path) -> Path:
    """Return a folder with a clip of each of two classes, and a file that is no sound."""
    for label, hertz in (("high", 3000), ("low", 500)):
        (tmp_path / "sounds" / label).mkdir(parents=True)
        tone = 0.2 * np.sin(2 * np.pi * hertz * np.arange(3200) / 8000)
        sg.save(tmp_path / "sounds" / label / "1.wav", tone, 8000)
    return tmp_path / "sounds"


def test_clips_become_a_data_set_of_scenes(run, sounds: Path, tmp_path: Path) -> None:
    options = ["-o", "scenes", "-n", 3, "--seconds", 3, "--events", 2, 2, "--snr", 10, 20, "--parts", 1]
    ran = run("mix", sounds, *options)
    assert (ran.code, ran.out.strip()) == (0, "scenes: 3 scenes, 6 events, 2 labels")
    assert [scene.group for scene in sg.dataset.clips(tmp_path / "scenes")] == ["part-1"] * 3
    (sounds / "low" / "2.wav").write_bytes(b"no sound")
    ran = run("mix", sounds, *options[:1], "others", *options[2:])
    assert (ran.code, ran.out.strip()) == (1, "others: 3 scenes, 6 events, 2 labels")
    assert "2.wav" in ran.err
    assert len(ran.err.splitlines()) == 1


def test_wrong_settings_are_refused(run, sounds: Path) -> None:
    ran = run("mix", sounds, "-o", "scenes", "--events", 3, 1)
    assert ran.code == 2
    assert "events must be the fewest and the most, two whole numbers from 0" in ran.err
    ran = run("mix", sounds, "-o", "scenes", "--seconds", "inf")
    assert ran.code == 2
    assert "seconds must be from 0.01 to 86400 s; got inf" in ran.err


def test_files_of_the_user_stay(run, sounds: Path, tmp_path: Path) -> None:
    manifest = sounds / "manifest.csv"
    manifest.write_text("path,label\nlow/1.wav,low\nhigh/1.wav,high\n")
    before = manifest.read_text()
    for data in (manifest, sounds):
        ran = run("mix", data, "-o", sounds, "-n", 1, "--parts", 1)
        assert (ran.code, manifest.read_text()) == (1, before)
        assert "has other files, such as high; name a new folder" in ran.err
    ran = run("mix", sounds, "-o", manifest, "-n", 1, "--parts", 1)
    assert (ran.code, manifest.read_text()) == (1, before)
    assert "manifest.csv: is a file; name a folder" in ran.err


def test_the_settings_of_a_job_without_scenes_may_change(run, sounds: Path, tmp_path: Path) -> None:
    sg.save(tmp_path / "silent.wav", np.zeros(8000), 8000)
    options = ["-o", "scenes", "-n", 1, "--parts", 1]
    assert run("mix", sounds, *options, "--noise", "silent.wav").code == 1
    assert run("mix", sounds, *options, "--seconds", 3).code == 0
    ran = run("mix", sounds, *options, "--seconds", 4)
    assert ran.code == 1
    assert "has scenes of other settings" in ran.err
