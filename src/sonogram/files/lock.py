"""One program at a time in a folder."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sonogram.errors import SonogramError

__all__ = ["lock_folder"]


@contextmanager
def lock_folder(folder: Path, work: str) -> Iterator[None]:
    """Lock a folder, which is made if it is missing, for the length of the block.

    The lock is one of the operating system (`flock`, on Windows `LockFile`) on the file `.lock`: it
    ends with the process, however that dies. On NFS it works across machines where the server has a
    lock service. Where the file system has no locks, a warning is given and the block runs unlocked:
    a lock that is a mere file would remain when a process is killed.

    Args:
        folder: The folder.
        work: What holds the lock, for the error: "extraction".

    Raises:
        SonogramError: Another program holds the lock.
        OSError: The folder cannot be written.
    """
    from filelock import FileLock, Timeout

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / ".lock"
    path.touch()  # so that an OSError below is about locking, not about writing
    lock = FileLock(path, blocking=False, fallback_to_soft=False)
    try:
        lock.acquire()
    except Timeout:
        raise SonogramError(
            f"{folder}: another {work} runs in this folder; wait until it ends, or choose another folder"
        ) from None
    except OSError as error:
        warnings.warn(
            f"{folder}: cannot be locked ({error.strerror}); start no second {work} in it", stacklevel=3
        )
    try:
        yield
    finally:
        lock.release(force=True)
