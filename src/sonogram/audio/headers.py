"""What a header promises, where decoders do not check it.

libsndfile shortens a recording silently to what the file holds. That hides a download that broke
off, so the promise is read here: WAV, AIFF, CAF, AU, the last page of Ogg, the length tag of MP3.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Literal

__all__ = ["broken_promise"]

_SLACK = 64
"""Bytes that may be missing: old writers count the header (44 to 58 bytes) as samples."""
_PLACEHOLDER = 0x7FFFF000
"""Sizes from here on stand for "unknown" where a program wrote WAV to a pipe."""
_MAX_CHUNKS = 10_000
_OGG_TAIL = 2 * (27 + 255 + 255 * 255)
"""Twice the size of the largest Ogg page: a whole page's start lies within."""


@dataclass(frozen=True)
class _Chunk:
    tag: bytes
    start: int
    size: int


def broken_promise(file: BinaryIO) -> str | None:
    """Compare the size that the header states with the size of the file.

    Args:
        file: the content, seekable; left at its start.

    Returns:
        What is wrong in a few words, or None where nothing is or the format is another.
    """
    end = file.seek(0, io.SEEK_END)
    head = _at(file, 0, 12)
    if head[:4] in (b"RIFF", b"RIFX", b"RF64") and head[8:] == b"WAVE":
        reason = _wav(file, head, end)
    elif head[:4] == b"FORM" and head[8:] in (b"AIFF", b"AIFC"):
        reason = _sized(_chunks(file, 12, end, "big"), b"SSND", end)
    elif head[:4] == b"caff":
        reason = _sized(_chunks(file, 8, end, "big", size_bytes=8), b"data", end)
    elif head[:4] == b".snd":
        start, size = int.from_bytes(head[4:8], "big"), int.from_bytes(head[8:], "big")
        reason = None if size == 0xFFFFFFFF else _missing(size, end - start)
    elif head[:4] == b"OggS":
        reason = _ogg(file, end)
    else:
        reason = None
    file.seek(0)
    return reason


def _at(file: BinaryIO, position: int, size: int) -> bytes:
    file.seek(position)
    return file.read(size)


def _chunks(
    file: BinaryIO, start: int, end: int, order: Literal["little", "big"], *, size_bytes: int = 4
) -> Iterator[_Chunk]:
    for _ in range(_MAX_CHUNKS):
        head = _at(file, start, 4 + size_bytes)
        if len(head) < 4 + size_bytes:
            return
        chunk = _Chunk(head[:4], start + len(head), int.from_bytes(head[4:], order))
        yield chunk
        # Chunks of 4-byte sizes are padded to an even length; CAF's are not.
        start = chunk.start + chunk.size + (chunk.size % 2 if size_bytes == 4 else 0)
        if start >= end:
            return


def _missing(size: int, held: int) -> str | None:
    if size <= held + _SLACK:
        return None
    return f"its header promises {size} bytes of samples and the file holds {max(held, 0)}"


def _sized(chunks: Iterator[_Chunk], tag: bytes, end: int) -> str | None:
    for chunk in chunks:
        if chunk.tag == tag:
            if chunk.size == 2**64 - 1:  # CAF: unknown, to the end of the file
                return None
            return _missing(chunk.size, end - chunk.start)
    return None


def _wav(file: BinaryIO, head: bytes, end: int) -> str | None:
    order: Literal["little", "big"] = "big" if head[:4] == b"RIFX" else "little"
    whole = int.from_bytes(head[4:8], order)
    wide: int | None = None
    for chunk in _chunks(file, 12, end, order):
        if chunk.tag == b"ds64":
            wide = int.from_bytes(_at(file, chunk.start + 8, 8), "little")
        if chunk.tag == b"data":
            if wide is not None and chunk.size == 0xFFFFFFFF:
                return _missing(wide, end - chunk.start)
            if whole >= chunk.size >= _PLACEHOLDER and whole > end:
                return None  # written to a pipe: both sizes say "unknown"
            return _missing(chunk.size, end - chunk.start)
    return None


def _ogg(file: BinaryIO, end: int) -> str | None:
    """A page states the size of its segments: the last one must be there in full."""
    tail = _at(file, max(0, end - _OGG_TAIL), _OGG_TAIL)
    page = tail.rfind(b"OggS")
    if page < 0:
        return None
    table = tail[page + 27 : page + 27 + (tail[page + 26] if len(tail) > page + 26 else 0)]
    whole = len(tail) > page + 26 and len(table) == tail[page + 26]
    if whole and len(tail) >= page + 27 + len(table) + sum(table):
        return None
    return "the file ends in the middle of an Ogg page"
