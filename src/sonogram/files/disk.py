"""What to do about errors of the disk and of names."""

from __future__ import annotations

import errno
import os

__all__ = ["disk_remedy"]

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


def _is_working_folder_gone() -> bool:
    try:
        os.getcwd()
    except FileNotFoundError:
        return True
    return False
