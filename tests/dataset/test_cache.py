import os
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sonogram.dataset.cache import Cache
from sonogram.errors import SonogramError


class Counted:
    """Values that count how often they were computed."""

    def __init__(self, *pieces: np.ndarray) -> None:
        self.pieces = pieces
        self.times = 0

    def __call__(self) -> list[np.ndarray]:
        self.times += 1
        return list(self.pieces)


@pytest.fixture
def source(tmp_path: Path) -> str:
    path = tmp_path / "sound.wav"
    path.write_bytes(b"first")
    return str(path)


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_values_are_computed_once_and_come_back_as_they_were(tmp_path: Path, source: str) -> None:
    values = np.random.default_rng(0).standard_normal((7, 3)).astype(np.float32)
    compute = Counted(values[:2], values[2:])
    for _ in range(3):
        # Another object each time, as in another process.
        kept = Cache(tmp_path / "cache", {"rate": 8000}).array(source, compute)
        np.testing.assert_array_equal(kept, values)
        assert not kept.flags.writeable
    assert compute.times == 1
    assert len(files(tmp_path / "cache")) == 1


def test_large_values_are_mapped(tmp_path: Path, source: str) -> None:
    values = np.arange(1 << 19, dtype=np.float32)
    kept = Cache(tmp_path / "cache", None).array(source, Counted(values))
    assert isinstance(kept, np.memmap)
    np.testing.assert_array_equal(kept, values)


def test_no_frames_are_kept_too(tmp_path: Path, source: str) -> None:
    compute = Counted(np.zeros((0, 5), np.float32))
    cache = Cache(tmp_path / "cache", None)
    assert cache.array(source, compute).shape == (0, 5)
    assert cache.array(source, compute).shape == (0, 5)
    assert compute.times == 1


def rewrite(path: str) -> None:
    """The same size and the same modification time: only the file system knows."""
    before = os.stat(path)
    Path(path).write_bytes(b"other")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def grow(path: str) -> None:
    Path(path).write_bytes(b"longer than before")


def replace(path: str) -> None:
    Path(path).unlink()
    Path(path).write_bytes(b"other")


@pytest.mark.parametrize("change", [rewrite, grow, replace])
def test_what_is_stale_is_made_again(tmp_path: Path, source: str, change: Callable[[str], None]) -> None:
    cache = Cache(tmp_path / "cache", None)
    cache.array(source, Counted(np.zeros(3, np.float32)))
    change(source)
    again = Counted(np.ones(4, np.float32))
    np.testing.assert_array_equal(cache.array(source, again), np.ones(4))
    assert again.times == 1
    assert len(files(tmp_path / "cache")) == 1  # the old entry is gone


def test_other_settings_are_other_entries(tmp_path: Path, source: str) -> None:
    first = Cache(tmp_path / "cache", {"rate": 8000}).array(source, Counted(np.zeros(3, np.float32)))
    second = Cache(tmp_path / "cache", {"rate": 16000}).array(source, Counted(np.ones(6, np.float32)))
    assert (first.shape, second.shape) == ((3,), (6,))


@pytest.mark.parametrize("damage", [b"", b"not a header", b"[]" + b" " * 600, None])
def test_a_damaged_entry_is_made_again(tmp_path: Path, source: str, damage: bytes | None) -> None:
    cache = Cache(tmp_path / "cache", None)
    cache.array(source, Counted(np.arange(9, dtype=np.float32)))
    (entry,) = files(tmp_path / "cache")
    entry.write_bytes(entry.read_bytes()[:-4] if damage is None else damage)
    np.testing.assert_array_equal(cache.array(source, Counted(np.arange(9, dtype=np.float32))), np.arange(9))


def test_an_interrupted_write_leaves_nothing(tmp_path: Path, source: str) -> None:
    def breaks() -> list[np.ndarray]:
        raise SonogramError("sound.wav: broken")

    with pytest.raises(SonogramError, match="broken"):
        Cache(tmp_path / "cache", None).array(source, breaks)
    assert not files(tmp_path / "cache")


def test_threads_may_share_a_folder(tmp_path: Path, source: str) -> None:
    values = np.arange(5000, dtype=np.float32)
    cache = Cache(tmp_path / "cache", None)
    wrong = []

    def use() -> None:
        for _ in range(20):
            if not np.array_equal(cache.array(source, Counted(values)), values):
                wrong.append(1)
            for path in (tmp_path / "cache").rglob("*.f32"):
                path.unlink(missing_ok=True)

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path, source: str) -> None:
    with pytest.raises(SonogramError, match="the cache cannot be made there"):
        Cache(source, None)
