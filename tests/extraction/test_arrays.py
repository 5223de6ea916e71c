"""Arrays take their places together, and what is recorded is in its place."""

import errno
import os

import pytest

from sonogram.extraction import arrays
from sonogram.extraction.record import Row


def test_a_row_is_given_when_its_file_is_in_its_place_and_not_before(tmp_path, monkeypatch):
    place, rows = os.replace, []

    def refusing(source, target):
        assert target.rsplit(os.sep, 1)[-1] not in [row.shard for row in rows]
        if target.endswith("1.npy"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        place(source, target)

    monkeypatch.setattr(os, "replace", refusing)
    files = arrays.ArrayFiles(str(tmp_path), rows)
    for index in range(3):
        with files.open() as file:
            file.write(bytes(8))
        files.add(file, Row(f"{index}.wav", shard=f"{index}.npy"))
    assert not rows
    assert all(path.name.endswith(".unfinished") for path in tmp_path.iterdir())
    with pytest.raises(OSError, match="No space left"):
        files.flush()
    assert [row.shard for row in rows] == ["0.npy", "2.npy"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0.npy", "2.npy"]
