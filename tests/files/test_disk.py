"""The remedies for errors of the disk."""

import errno
import os
import sys

import pytest

from sonogram.files import atomic_file, atomic_path, disk_remedy


@pytest.mark.parametrize(
    ("number", "remedy"), [(28, "free space on the disk"), (2, "check the path"), (99, "check the disk")]
)
def test_remedies(number, remedy):
    assert disk_remedy(OSError(number, os.strerror(number))) == remedy


@pytest.mark.skipif(sys.platform == "win32", reason="Windows deletes no folder that is in use")
def test_a_deleted_working_folder_is_named(tmp_path, monkeypatch):
    folder = tmp_path / "gone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()
    remedy = disk_remedy(FileNotFoundError(2, "No such file or directory"))
    monkeypatch.undo()
    assert remedy == "the working folder was deleted: change to one that exists"


@pytest.mark.parametrize(("number", "is_named"), [(errno.ENOSPC, True), (errno.EIO, False)])
def test_a_full_disk_names_the_file_that_is_written(tmp_path, number, is_named):
    """The system names no file; another error may be that of a file that is read meanwhile."""
    path = tmp_path / "model.keras"
    with pytest.raises(OSError, match=os.strerror(number)) as caught, atomic_file(path):
        raise OSError(number, os.strerror(number))
    assert caught.value.filename == (os.fspath(path) if is_named else None)


def test_an_error_of_the_temporary_file_names_the_file_that_is_written(tmp_path):
    path = tmp_path / "model.keras"
    with pytest.raises(PermissionError) as caught, atomic_path(path) as temporary:
        raise PermissionError(errno.EACCES, "Permission denied", os.fspath(temporary))
    assert caught.value.filename == os.fspath(path)
    with pytest.raises(FileNotFoundError) as caught, atomic_path(path):
        raise FileNotFoundError(errno.ENOENT, "No such file or directory", "other.wav")
    assert caught.value.filename == "other.wav"
