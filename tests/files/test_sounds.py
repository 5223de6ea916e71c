"""Which files of a folder are sound."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sonogram.errors import SonogramError
from sonogram.files import find_each, find_inputs, sound_files


def names(folder: Path, **options) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in sound_files(folder, **options)]


def make(folder: Path, *files: str) -> None:
    for name in files:
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).touch()


def test_sound_files_are_found_by_their_ending(tmp_path: Path) -> None:
    make(tmp_path, "b/1.WAV", "a/2.flac", "a/notes.txt", ".hidden/3.wav", "a/.4.wav")
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    assert names(tmp_path) == ["a/2.flac", "b/1.WAV"]


def test_links_between_sister_folders_give_each_file_once(tmp_path: Path) -> None:
    """Three folders that link to one another: 2^40 paths, and three files."""
    for one in "abc":
        make(tmp_path, f"{one}/{one}.wav")
        for other in set("abc") - {one}:
            (tmp_path / one / other).symlink_to(f"../{other}")
    assert names(tmp_path) == ["a/a.wav", "b/b.wav", "c/c.wav"]
    assert len(find_inputs([str(tmp_path / "**" / "*.wav")])) == 3


def test_a_folder_elsewhere_is_found_by_its_first_link(tmp_path: Path) -> None:
    make(tmp_path, "elsewhere/1.wav", "here/2.wav")
    for name in ("y", "x"):
        (tmp_path / "here" / name).symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "up").symlink_to(tmp_path)
    (tmp_path / "here" / "itself").symlink_to("itself")
    (tmp_path / "link").symlink_to("here")
    assert names(tmp_path / "here") == ["2.wav", "x/1.wav"]
    assert names(tmp_path / "link") == ["2.wav", "x/1.wav"]


def test_links_to_files_are_files_and_links_to_nothing_are_errors_later(tmp_path: Path) -> None:
    make(tmp_path, "1.wav")
    (tmp_path / "2.wav").symlink_to("1.wav")
    (tmp_path / "3.wav").symlink_to("nothing.wav")
    assert names(tmp_path) == ["1.wav", "2.wav", "3.wav"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_pipes_and_devices_are_named_and_left_out(tmp_path: Path) -> None:
    make(tmp_path, "1.wav")
    os.mkfifo(tmp_path / "2.wav")
    (tmp_path / "3.wav").symlink_to(os.devnull)
    os.mkfifo(tmp_path / "notes.txt")
    reasons: list[tuple[str, str]] = []
    assert names(tmp_path, on_broken=lambda *reason: reasons.append(reason)) == ["1.wav"]
    assert [Path(path).name for path, _ in reasons] == ["2.wav", "3.wav"]
    assert all(
        line == f"{path}: is a pipe or a device; in folders only files are read" for path, line in reasons
    )
    with pytest.raises(SonogramError, match=r"wav: is a pipe or a device; in folders"):
        list(sound_files(tmp_path))
    problems = {Path(each.path).name: each.problem for each in find_inputs([tmp_path])}
    assert (problems["1.wav"], bool(problems["2.wav"])) == ("", True)


NOT_ALLOWED = """
import os, sys
from sonogram.files import find_inputs
os.chdir(sys.argv[1])
if os.getuid() == 0:  # the superuser may read all
    os.setuid(65534)
for each in find_inputs(["."]):
    print(each.name, "|", each.problem)
"""


@pytest.mark.skipif(not hasattr(os, "setuid"), reason="no users")
def test_a_folder_without_permission_is_named(tmp_path: Path) -> None:
    make(tmp_path, "good/1.wav", "locked/2.wav")
    tmp_path.chmod(0o755)
    (tmp_path / "locked").chmod(0)
    command = [sys.executable, "-c", NOT_ALLOWED, str(tmp_path)]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, check=True)
    finally:
        (tmp_path / "locked").chmod(0o755)
    assert ran.stdout.splitlines() == [
        "good/1.wav | ",
        "locked | ./locked: cannot be read (Permission denied); change its permissions",
    ]


def test_inputs_that_are_used_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "1.wav", "a/2.wav")
    monkeypatch.chdir(tmp_path)
    found = find_each(["missing.wav", "a", "1.wav", "*.wav", "*.flac"])
    assert [each.path for each in found] == ["missing.wav", "a/2.wav", "1.wav", "*.flac"]
    assert [each.problem.partition(";")[0] for each in found] == [
        "missing.wav: no such file or folder",
        "",
        "",
        "*.flac: no file matches",
    ]


def test_a_name_that_the_system_refuses_is_one_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path, "1.wav")
    monkeypatch.chdir(tmp_path)
    found = find_each([f"{'a' * 300}.wav", "nul\0.wav", "1.wav"])
    assert [bool(each.problem) for each in found] == [True, True, False]
