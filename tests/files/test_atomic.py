"""Files appear whole or not at all."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sonogram.files import atomic_file, atomic_path, remove_unfinished, write_text


def test_a_file_appears_when_the_block_ends(tmp_path: Path) -> None:
    target = tmp_path / "new" / "table.csv"
    with atomic_path(target) as part:
        part.write_text("path\n")
        assert not target.exists()
        assert part.suffix == ".csv"  # libraries choose the format by it
        assert part.name.startswith(".")
    assert target.read_text() == "path\n"
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt])
def test_a_failure_leaves_what_was_there(tmp_path: Path, failure: type[BaseException]) -> None:
    target = tmp_path / "model.keras"
    target.write_text("old")

    def fail() -> None:
        with atomic_file(target) as file:
            file.write(b"new")
            raise failure

    with pytest.raises(failure):
        fail()
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    link = tmp_path / "link.txt"
    link.symlink_to(tmp_path / "real" / "file.txt")
    write_text(link, "text")
    assert link.is_symlink()
    assert (tmp_path / "real" / "file.txt").read_text() == "text"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="only Unix has named pipes")
def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as pool:
        received = pool.submit(pipe.read_text)
        write_text(pipe, "table")
        assert received.result() == "table"
    assert pipe.is_fifo()


def test_names_that_are_no_text_keep_their_bytes(tmp_path: Path) -> None:
    write_text(tmp_path / "names.txt", os.fsdecode(b"\xff.wav"))
    assert (tmp_path / "names.txt").read_bytes() == b"\xff.wav"


def test_long_names_fit(tmp_path: Path) -> None:
    write_text(tmp_path / ("n" * 250 + ".csv"), "")  # file systems take 255 bytes


def test_what_killed_programs_left_is_removed(tmp_path: Path) -> None:
    block = atomic_path(tmp_path / "deep" / "x.npy")
    part = block.__enter__()
    part.touch()
    (tmp_path / "deep" / "kept.npy").touch()
    remove_unfinished(tmp_path)
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["kept.npy"]
