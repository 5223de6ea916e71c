"""Open a path, bytes or a binary file object as one seekable file."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, TypeAlias, cast

from sonogram.audio.problems import Problem, failure
from sonogram.errors import AudioError

__all__ = ["OpenSource", "SoundSource", "open_source"]

SoundSource: TypeAlias = str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO
"""A sound to read: a path, the bytes of a file, or a file object opened in binary mode."""


@dataclass(frozen=True)
class OpenSource:
    """A source that is open."""

    name: str
    """Its name in errors: the path, `<bytes>`, or the name of the file object."""
    file: BinaryIO
    """The content: readable and seekable, counted from its start."""
    content: bytes | bytearray | memoryview | None = None
    """The content where it is in memory."""
    descriptor: int | None = None
    """The open regular file, where there is one."""


@contextmanager
def open_source(source: SoundSource) -> Iterator[OpenSource]:
    """Open `source` for the length of a `with` block.

    A file object is read from its very start, whatever its position, and has that position again
    afterwards; one that cannot seek (a pipe) is read from where it stands into memory.

    Args:
        source: a path, the bytes of a file, or a file object opened in binary mode.

    Yields:
        The open source.

    Raises:
        AudioError: it is missing, a folder, not permitted, or of another type.
    """
    if isinstance(source, bytes | bytearray | memoryview):
        yield _in_memory(source, "<bytes>")
    elif isinstance(source, str | os.PathLike):
        name = os.fspath(source)
        with _open_path(name) as file:
            if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                with _guard(file, name) as guarded:
                    yield OpenSource(name, guarded, descriptor=file.fileno())
            else:
                yield _in_memory(_all(file, name), name)
    elif hasattr(source, "read"):
        label = getattr(source, "name", None)
        with _borrow(source, label if isinstance(label, str) else "<file>") as lent:
            yield lent
    else:
        raise AudioError(
            f"a sound is read from a path, from bytes or from a file object opened in binary mode, "
            f"not from {type(source).__name__}"
        )


def _open_path(name: str) -> BinaryIO:
    try:
        kind = os.stat(name).st_mode
        if stat.S_ISREG(kind) or stat.S_ISFIFO(kind):
            return open(name, "rb")
    except FileNotFoundError:
        raise failure(name, Problem.MISSING) from None
    except PermissionError:
        raise failure(name, Problem.FORBIDDEN) from None
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        raise failure(name, Problem.UNOPENED, getattr(error, "strerror", None) or error) from None
    raise failure(name, Problem.FOLDER if stat.S_ISDIR(kind) else Problem.DEVICE)


def _in_memory(content: bytes | bytearray | memoryview, name: str) -> OpenSource:
    return OpenSource(name, _Guard(io.BytesIO(content)).as_file(), content)


def _all(file: BinaryIO, name: str) -> bytes:
    try:
        content = file.read()
    except (OSError, ValueError) as error:
        raise failure(name, Problem.UNREADABLE, error) from None
    if not isinstance(content, bytes):
        raise failure(name, Problem.TEXT)
    return content


@contextmanager
def _borrow(file: BinaryIO, name: str) -> Iterator[OpenSource]:
    """Yield the caller's file object as a source, and restore its position."""
    if isinstance(file, io.TextIOBase):
        raise failure(name, Problem.TEXT)
    try:
        position = file.tell()
        file.seek(0)
    except (AttributeError, OSError, ValueError):  # closed, or a pipe
        yield _in_memory(_all(file, name), name)
        return
    try:
        with _guard(file, name) as guarded:
            yield OpenSource(name, guarded)
    finally:
        if not file.closed:
            file.seek(position)


@contextmanager
def _guard(file: BinaryIO, name: str) -> Iterator[BinaryIO]:
    """Wrap `file` in a guard; an error that it kept is the one to raise."""
    guard = _Guard(file)
    try:
        yield guard.as_file()
    except AudioError:
        if guard.error is None:
            raise
    if guard.error is not None:  # the decoder saw only an early end: this is the reason
        raise failure(name, Problem.UNREADABLE, guard.error) from guard.error


class _Guard:
    """A file object whose errors wait until the decoder has returned.

    A decoder in C calls back into `read`; an exception there cannot pass through C and would be
    printed on stderr instead. It is kept, and the decoder sees the end of the file.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.error: Exception | None = None

    def read(self, size: int = -1) -> bytes:
        try:
            content = self._file.read(size)
            if not isinstance(content, bytes):
                raise TypeError('it was opened as text, open it with mode "rb"')
            return content
        except Exception as error:  # whatever the file object raises
            self.error = self.error or error
            return b""

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        try:
            return self._file.seek(offset, whence)
        except (OSError, ValueError):  # decoders look for tags before the start of a short file
            return -1

    def tell(self) -> int:
        return self._file.tell()

    def as_file(self) -> BinaryIO:
        """Itself, for type checkers: decoders call read, seek and tell only."""
        return cast(BinaryIO, self)
