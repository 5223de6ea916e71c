"""Files that appear whole or not at all, and one run at a time in a folder."""

from __future__ import annotations

import os
import sys
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from sonogram.errors import SonogramError

__all__ = ["atomic", "locked", "remove_leftovers", "running", "temporary", "writing"]

_TEMPORARY = ".unfinished"


def temporary(path: Path) -> Path:
    """Return a name under which a file grows: another one each time, on any machine."""
    return path.with_name(f".{path.name}.{uuid.uuid4().hex[:12]}{_TEMPORARY}")


@contextmanager
def atomic(path: Path) -> Iterator[BinaryIO]:
    """A file to write to; on the disk and in its place when the block ends, gone if it fails."""
    growing = temporary(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with growing.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(growing, path)
    except BaseException:
        growing.unlink(missing_ok=True)
        raise


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """State in one line what the disk refused.

    Raises:
        SonogramError: Something in the folder cannot be written.
    """
    try:
        yield
    except OSError as error:
        raise SonogramError(
            f"{error.filename or folder}: cannot be written ({error.strerror}); make room or mend it, then "
            "run the same command again: what is done is kept"
        ) from error


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep a second run out of the folder, which is made where it is missing.

    Raises:
        SonogramError: Another run is at work in it.
        OSError: The folder cannot be written to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("a") as file:
        try:
            _lock(file.fileno())
        except (BlockingIOError, PermissionError):
            raise SonogramError(
                f"{folder}: another extraction is at work in this folder; wait for it, or choose another one"
            ) from None
        except OSError as error:  # some network file systems have no locks
            warnings.warn(
                f"{folder}: cannot be locked ({error.strerror}); start no second extraction in it",
                stacklevel=2,
            )
        yield


def _lock(number: int) -> None:
    """Lock an open file until it is closed; the system lets go when the process dies."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(number, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def running(folder: Path) -> Iterator[Path]:
    """Yield a file that is there as long as a run wants its work done.

    Workers look whether it is there: it reaches threads, processes and other machines alike, those
    too whose run was killed, and a full disk does not keep a file from being removed.
    """
    token = temporary(folder / "run")
    token.touch()
    try:
        yield token
    finally:
        token.unlink(missing_ok=True)


def remove_leftovers(folder: Path) -> None:
    """Remove what runs that were killed left half written."""
    for path in folder.rglob(f".*{_TEMPORARY}"):
        path.unlink(missing_ok=True)
