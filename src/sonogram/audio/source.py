"""Open a path, bytes or a binary file object as one seekable file."""

from __future__ import annotations

import io
import os
import select
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, TypeAlias, cast

from sonogram.audio.problems import Problem, failure
from sonogram.errors import AudioError

__all__ = ["OpenSource", "SoundSource", "hold", "open_source", "source_name"]

SoundSource: TypeAlias = str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO
"""A sound to read: a path, the bytes of a file, or a file object opened in binary mode."""


_PIPE_SECONDS = 10.0
"""How long a pipe may have no writer."""


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
        if _is_pipe(name):
            yield _in_memory(_read_pipe(name), name)
            return
        with _open_path(name) as file, _guard(file, name) as guarded:
            yield OpenSource(name, guarded, descriptor=file.fileno())
    elif hasattr(source, "read"):
        with _borrow(source, source_name(source)) as lent:
            yield lent
    else:
        raise AudioError(
            f"a sound is read from a path, from bytes or from a file object opened in binary mode, "
            f"not from {type(source).__name__}. Samples in memory are sonogram.Audio(samples, sample_rate)"
        )


class _Held(io.BytesIO):
    """What came through a pipe, in memory, with the name of the pipe."""

    def __init__(self, content: bytes, name: str) -> None:
        super().__init__(content)
        self.name = name


def hold(source: SoundSource, name: str | None = None) -> SoundSource:
    """Return a source that can be opened several times: the content of a pipe is read once, into memory.

    Args:
        source: a path, the bytes of a file, or a file object opened in binary mode.
        name: name of a pipe in errors; None is its own.

    Raises:
        AudioError: it is a pipe that cannot be read, or that no program writes to.
    """
    if isinstance(source, str | os.PathLike):
        path = os.fspath(source)
        return _Held(_read_pipe(path), name or path) if _is_pipe(path) else source
    name = name or source_name(source)
    if isinstance(source, bytes | bytearray | memoryview) or not hasattr(source, "read"):
        return source
    try:
        source.tell()
    except (AttributeError, OSError, ValueError):
        return _Held(_all(source, name), name)
    return source


def source_name(source: SoundSource) -> str:
    """Return the name of a source for errors: the path, `<bytes>`, or the name of the file object.

    Args:
        source: a path, the bytes of a file, or a file object.
    """
    if isinstance(source, str | os.PathLike):
        return os.fspath(source)
    if isinstance(source, bytes | bytearray | memoryview):
        return "<bytes>"
    name = getattr(source, "name", None)
    return name if isinstance(name, str) else "<file>"


def _is_pipe(name: str) -> bool:
    try:
        return stat.S_ISFIFO(os.stat(name).st_mode)
    except (OSError, ValueError):  # reported when it is opened
        return False


def _read_pipe(name: str) -> bytes:
    """Return all that is written to a pipe.

    Opening it would wait for ever where no program writes, so it is opened without waiting: reading then
    gives nothing until a writer comes, and fails while it pauses.
    """
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_NONBLOCK)
    except OSError as error:
        raise failure(name, Problem.UNOPENED, error.strerror) from None
    pieces: list[bytes] = []
    written, end = False, time.monotonic() + _PIPE_SECONDS
    try:
        while True:
            try:
                piece = os.read(descriptor, 1 << 20)
            except BlockingIOError:
                written = True
                select.select([descriptor], [], [])
                continue
            if piece:
                written = True
                pieces.append(piece)
            elif written:
                return b"".join(pieces)
            elif time.monotonic() > end:
                raise failure(name, Problem.NO_WRITER, f"{_PIPE_SECONDS:g}")
            else:
                time.sleep(0.02)
    finally:
        os.close(descriptor)


def _open_path(name: str) -> BinaryIO:
    try:
        kind = os.stat(name).st_mode
        if stat.S_ISREG(kind):
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
