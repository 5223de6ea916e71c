"""One program at a time in a folder, or for a file."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sonogram.errors import SonogramError

__all__ = ["lock_file", "lock_folder"]


@contextmanager
def lock_folder(folder: Path, work: str) -> Iterator[None]:
    """Lock a folder, which is made if it is missing, for the length of the block.

    See `lock_file`; the lock is on the file `.lock` in the folder, which remains.

    Args:
        folder: The folder.
        work: What holds the lock, for the error: "extraction".

    Raises:
        SonogramError: Another program holds the lock.
        OSError: The folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(
        folder / ".lock",
        f"{folder}: another {work} runs in this folder; wait until it ends, or choose another folder",
        f"{folder}: cannot be locked ({{}}); start no second {work} in it",
    ):
        yield


@contextmanager
def lock_file(path: Path, work: str) -> Iterator[None]:
    """Lock what a program writes to a path, for the length of the block.

    The lock is one of the operating system (`flock`, on Windows `LockFile`) on a hidden file in the same
    folder: it ends with the process, however that dies. On NFS it works across machines where the server has
    a lock service. Where the file system has no locks, a warning is given and the block runs unlocked: a lock
    that is a mere file would remain when a process is killed.

    Args:
        path: The file that is written.
        work: What holds the lock, for the error: "prediction".

    Raises:
        SonogramError: Another program holds the lock.
        OSError: The folder cannot be written.
    """
    lock = path.with_name(f".{path.name}.lock")
    with _locked(
        lock,
        f"{path}: another {work} writes to it; wait until it ends, or choose another output",
        f"{path}: cannot be locked ({{}}); start no second {work} with this output",
    ):
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)


@contextmanager
def _locked(path: Path, taken: str, unlocked: str) -> Iterator[None]:
    from filelock import FileLock, Timeout

    path.touch()  # so that an OSError below is about locking, not about writing
    lock = FileLock(path, blocking=False, fallback_to_soft=False)
    try:
        lock.acquire()
    except Timeout:
        raise SonogramError(taken) from None
    except OSError as error:
        warnings.warn(unlocked.format(error.strerror), stacklevel=4)
    try:
        yield
    finally:
        lock.release(force=True)
