"""Files that appear whole or not at all: each is written under a temporary name and then renamed."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import BinaryIO

from sonogram.files.disk import named_errors

__all__ = ["atomic_file", "atomic_path", "remove_unfinished", "temporary_path", "write_text"]

_MARK = ".unfinished"


def temporary_path(path: Path, ending: str = "") -> Path:
    """Return a hidden name in the folder of `path`, unique across machines."""
    return path.with_name(f".{uuid.uuid4().hex[:12]}{_MARK}{ending}")


def atomic_path(path: str | os.PathLike[str]) -> AbstractContextManager[Path]:
    """Yield a temporary path that replaces `path` when the block ends, and is deleted when it fails.

    Use it for libraries that open files by name and choose the format by the ending, which the
    temporary path keeps; `atomic_file` yields an open file. A link is followed: the file that it points
    to is replaced, not the link. A device or a pipe is written to directly.

    Args:
        path: Where the file goes. Its folder is made if it is missing; an existing file is replaced.

    Raises:
        OSError: The file cannot be written.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "features.npy"
        >>> with atomic_path(path) as temporary:
        ...     np.save(temporary, np.zeros(3))
        ...     path.exists()
        False
        >>> path.exists()
        True
    """
    return _replacement(path, os.path.splitext(path)[1], sync=True)


@contextmanager
def atomic_file(path: str | os.PathLike[str], *, sync: bool = True) -> Iterator[BinaryIO]:
    """Yield an open binary file that appears at `path` when the block ends; see `atomic_path`.

    Args:
        path: Where the file goes.
        sync: Wait until the disk has the content. Without it a power failure, but no crash of the
            program, may leave an empty file.
    """
    with _replacement(path, "", sync) as temporary, temporary.open("wb") as file:
        yield file


@contextmanager
def _replacement(path: str | os.PathLike[str], ending: str, sync: bool) -> Iterator[Path]:
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        yield target  # a device or a pipe
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_path(target, ending)
    try:
        with named_errors(path):
            yield temporary
            if sync:
                with temporary.open("r+b") as file:
                    os.fsync(file.fileno())
            os.replace(temporary, target)
    except BaseException as error:
        if isinstance(error, OSError) and error.filename == os.fspath(temporary):
            error.filename, error.filename2 = os.fspath(path), None  # the name that the user knows
        temporary.unlink(missing_ok=True)
        raise


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write a text file in UTF-8, whole or not at all; undecodable file names keep their bytes."""
    with atomic_file(path) as file:
        file.write(text.encode("utf-8", errors="surrogateescape"))


def remove_unfinished(folder: Path) -> None:
    """Delete the temporary files that killed programs left in a folder and below."""
    for path in folder.rglob(f".*{_MARK}*"):
        path.unlink(missing_ok=True)
