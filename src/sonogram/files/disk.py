"""What to do about errors of the disk and of names."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

from sonogram.errors import SonogramError

__all__ = ["cannot_write", "disk_remedy", "is_disk_full", "named_errors"]

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

_REMEDIES = {
    errno.ENAMETOOLONG: "shorten the name",
    errno.ENOSPC: "free space on the disk",
    errno.EDQUOT: "free space on the disk",
    errno.EACCES: "check the permissions",
    errno.EPERM: "check the permissions",
    errno.EROFS: "choose a folder that can be written",
    errno.ENOENT: "check the path",
    errno.ENOTDIR: "check the path",
    errno.EISDIR: "name a file",
    errno.EEXIST: "name a folder",
    errno.EMFILE: "raise the limit of open files: ulimit -n 4096",
    errno.ELOOP: "a link leads to itself; check the path",
}


def disk_remedy(error: OSError) -> str:
    """Return the remedy for an error of the operating system, in a few words.

    Example:
        >>> disk_remedy(OSError(28, "No space left on device"))
        'free space on the disk'
    """
    if error.errno == errno.ENOENT and _is_working_folder_gone():
        return "the working folder was deleted: change to one that exists"
    return _REMEDIES.get(error.errno or 0, "check the disk")


def cannot_write(path: str | os.PathLike[str], error: OSError, more: str = "") -> SonogramError:
    """Return the error of an output that cannot be written, with its reason and remedy.

    Args:
        path: The output.
        error: What the system reported.
        more: What else to do, after the remedy.
    """
    reason = error.strerror or str(error)
    return SonogramError(f"{path}: cannot be written ({reason}); {disk_remedy(error)}{more}")


def is_disk_full(error: BaseException) -> bool:
    """Return whether the system refused to write more."""
    return isinstance(error, OSError) and error.errno in _FULL


@contextmanager
def named_errors(path: str | os.PathLike[str]) -> Iterator[None]:
    """Give the errors of a full disk, which name no file, the name of the file that is written.

    Example:
        >>> with named_errors("features.npy"):
        ...     raise OSError(28, "No space left on device")
        Traceback (most recent call last):
        OSError: [Errno 28] No space left on device: 'features.npy'
    """
    try:
        yield
    except OSError as error:
        if is_disk_full(error) and error.filename is None:
            error.filename = os.fspath(path)
        raise


def _is_working_folder_gone() -> bool:
    try:
        os.getcwd()
    except FileNotFoundError:
        return True
    return False
