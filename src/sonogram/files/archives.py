"""Archives that unpack to far more than their size: refused before anything reads them."""

from __future__ import annotations

import copy
import os
import zipfile
from typing import BinaryIO

from sonogram.errors import SonogramError

__all__ = ["MAX_RATIO", "check_archive", "max_unpacked"]

MAX_RATIO = 20
"""Trained weights shrink by a tenth, text to a tenth; zeros, of which a bomb is made, to a thousandth."""
_FLOOR = 256 << 20
_CHUNK = 1 << 16
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def max_unpacked(size: int) -> int:
    """Return the number of bytes that a file may unpack to: 20 times its size, or 256 MiB if that is more."""
    return max(_FLOOR, MAX_RATIO * size)


def check_archive(source: str | os.PathLike[str] | BinaryIO) -> None:
    """Raise an error for a zip archive that unpacks to far more than its size, in constant memory.

    The sizes in the directory are read first. As they may lie, the compressed entries are then unpacked
    piece by piece; entries that are stored as they are, as Keras and NumPy write them, cannot lie.

    Args:
        source: The archive, by its path or open.

    Raises:
        SonogramError: It unpacks to more than `max_unpacked` or than it claims, or is compressed by another
            method than Keras and NumPy use.
        zipfile.BadZipFile: It is corrupt, or no archive.
    """
    with zipfile.ZipFile(source) as archive:
        assert archive.fp is not None
        limit = max_unpacked(archive.fp.seek(0, os.SEEK_END))
        claimed = sum(entry.file_size for entry in archive.infolist())
        if claimed > limit:
            raise SonogramError(f"it unpacks to {claimed >> 20} MiB, too much for the size of the file")
        for entry in archive.infolist():
            if entry.compress_type not in _METHODS:
                raise SonogramError(f"{entry.filename} in it is compressed by another method than deflate")
            if entry.compress_type == zipfile.ZIP_DEFLATED and _unpacks_to_more(archive, entry):
                raise SonogramError(f"{entry.filename} in it unpacks to more than the archive states")


def _unpacks_to_more(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bool:
    # zipfile stops at the size in the directory, so it is given a larger one.
    larger = copy.copy(entry)
    larger.file_size += 1
    count = 0
    with archive.open(larger) as file:
        while chunk := file.read(_CHUNK):
            count += len(chunk)
            if count > entry.file_size:
                return True
    return False
