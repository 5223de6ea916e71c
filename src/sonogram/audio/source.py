"""Where a sound comes from: a path, bytes or a binary file object, as one seekable file."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, TypeAlias, cast

from sonogram.errors import AudioError

__all__ = ["OpenSource", "SoundSource", "failure", "opened"]

SoundSource: TypeAlias = str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO
"""What can be read: a path, the bytes of a file, or a file object opened in binary mode."""


@dataclass(frozen=True)
class OpenSource:
    """A source that was found and can be read."""

    name: str
    """How errors call it: the path, ``<bytes>``, or the name of the file object."""
    file: BinaryIO
    """The content: readable and seekable, counted from its start."""
    path: str | None
    """The path of the regular file, where there is one: decoders read it faster than ``file``."""


def failure(name: str, reason: str, mend: str) -> AudioError:
    """The one-line error about the source ``name``: what is wrong, and how to mend it."""
    return AudioError(" ".join(f"{name}: {reason}; {mend}".splitlines()))


@contextmanager
def opened(source: SoundSource) -> Iterator[OpenSource]:
    """Open ``source`` for the length of a ``with`` block.

    A file object is read from its very start, whatever its position, and has that position again
    afterwards; one that cannot seek (a pipe) is read from where it stands into memory.

    Args:
        source: a path, the bytes of a file, or a file object opened in binary mode.

    Yields:
        The open source.

    Raises:
        AudioError: it is missing, a folder, not permitted, or not a source at all.
    """
    if isinstance(source, bytes | bytearray | memoryview):
        yield OpenSource("<bytes>", _Guard(io.BytesIO(source)).as_file(), None)
    elif isinstance(source, str | os.PathLike):
        name = os.fspath(source)
        with _open_path(name) as file:
            if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                with _guarded(file, name) as guarded:
                    yield OpenSource(name, guarded, os.path.abspath(name))
            else:
                yield OpenSource(name, _in_memory(file, name), None)
    elif hasattr(source, "read"):
        label = getattr(source, "name", None)
        with _borrowed(source, label if isinstance(label, str) else "<file>") as lent:
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
        raise failure(name, "no such file", "check the path") from None
    except PermissionError:
        raise failure(name, "may not be read", "change its permissions") from None
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        reason = getattr(error, "strerror", None) or str(error)
        raise failure(name, f"cannot be opened ({reason})", "check the path") from None
    if stat.S_ISDIR(kind):
        raise failure(name, "is a folder", "name the sound files in it")
    raise failure(name, "is a device, not a file", "name a sound file")


def _in_memory(file: BinaryIO, name: str) -> BinaryIO:
    try:
        content = file.read()
    except (OSError, ValueError) as error:
        raise failure(name, f"cannot be read ({error})", "open it again") from None
    if not isinstance(content, bytes):
        raise failure(name, "was opened as text", 'open it with mode "rb"')
    return _Guard(io.BytesIO(content)).as_file()


@contextmanager
def _borrowed(file: BinaryIO, name: str) -> Iterator[OpenSource]:
    """Lend the caller's file object to a decoder, and give it back as it was."""
    if isinstance(file, io.TextIOBase):
        raise failure(name, "was opened as text", 'open it with mode "rb"')
    try:
        position = file.tell()
        file.seek(0)
    except (AttributeError, OSError, ValueError):  # closed, or a pipe
        yield OpenSource(name, _in_memory(file, name), None)
        return
    try:
        with _guarded(file, name) as guarded:
            yield OpenSource(name, guarded, None)
    finally:
        if not file.closed:
            file.seek(position)


@contextmanager
def _guarded(file: BinaryIO, name: str) -> Iterator[BinaryIO]:
    """Wrap ``file`` in a guard; the error that it kept is the one to tell."""
    guard = _Guard(file)
    try:
        yield guard.as_file()
    except AudioError:
        if guard.error is None:
            raise
    if guard.error is not None:  # the decoder saw only an early end: this is the reason
        raise failure(name, f"cannot be read ({guard.error})", "open it again") from guard.error


class _Guard:
    """A file object whose errors wait until the decoder has returned.

    A decoder in C calls back into ``read``; an exception there cannot pass through C and would be
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
        except Exception as error:  # whatever a stranger's file object raises
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
