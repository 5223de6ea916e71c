"""MP3 without a stated length, which libsndfile alone would cut.

Without a length tag libsndfile estimates the length from the bit rate of the first frame and stops
there: of 25 seconds at a variable rate it gave 10.7. Shown a file that claims to be far longer, it
decodes until the frames end.
"""

from __future__ import annotations

import io
from typing import BinaryIO, cast

__all__ = ["states_length", "unbounded"]

_CLAIM = 64
"""How much longer the file claims to be: the rates of frames differ by 40 times at most."""
_ID3V1 = 128
_SEARCH = 1 << 16
_KILOBITS = {  # (MPEG 1?, layer): the bit rates that a header's index 1 to 14 stands for
    (True, 1): tuple(range(32, 449, 32)),
    (True, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_HALVINGS = {3: 0, 2: 1, 0: 2}
"""A header's version, MPEG 1, 2 and 2.5: how often 44.1, 48 or 32 kHz are halved."""


def states_length(file: BinaryIO) -> bool:
    """Whether the first frame states the number of frames (a Xing, Info or VBRI tag).

    The file is left where it was: a decoder that has opened it reads on from there.
    """
    position = file.tell()
    start = _after_id3v2(file)
    frame = _at(file, start, 4096)
    file.seek(position)
    for tag in (b"Xing", b"Info"):
        found = frame.find(tag)
        if found >= 0:
            return bool(int.from_bytes(frame[found + 4 : found + 8], "big") & 1)
    return b"VBRI" in frame


def unbounded(file: BinaryIO) -> BinaryIO:
    """The same content up to the end of its last whole frame, claiming to be far longer.

    What follows the frames goes (tags, padding, a frame cut short): the decoder searches 1024
    bytes of it for a next frame and then fails.
    """
    return cast(BinaryIO, _Unbounded(file, _end_of_frames(file)))


class _Unbounded:
    """A view of an MP3 file that claims a length that it does not have."""

    def __init__(self, file: BinaryIO, end: int) -> None:
        self._file = file
        self._end = end
        self._claimed = _CLAIM * end
        self._position = 0

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = (0, self._position, self._claimed)[whence]
        self._position = max(0, base + offset)
        return self._position

    def tell(self) -> int:
        return self._position

    def read(self, size: int = -1) -> bytes:
        at = self._position
        if at >= self._claimed - _ID3V1:  # the decoder looks for a tag at the very end
            at -= self._claimed - self._end
        size = max(0, self._end - at) if size < 0 else min(size, max(0, self._end - at))
        content = _at(self._file, max(0, at), size)
        self._position += len(content)
        return content


def _end_of_frames(file: BinaryIO) -> int:
    """Where the last whole frame ends, found by walking from frame to frame."""
    size = file.seek(0, io.SEEK_END)
    position = end = _after_id3v2(file)
    while position < size:
        length = _frame_length(_at(file, position, 4))
        if length is None:
            position = _next_frame(file, position + 1, size)
        elif position + length <= size:
            position = end = position + length
        else:
            break
    # Frames of free format do not state their length: leave all to the decoder.
    return end if end > _after_id3v2(file) else size


def _next_frame(file: BinaryIO, start: int, size: int) -> int:
    """Where the next frame begins that another one or the end of the file follows; else size."""
    while start < size:
        piece = _at(file, start, _SEARCH)
        found = piece.find(b"\xff")
        while found >= 0:
            length = _frame_length(_at(file, start + found, 4))
            if length is not None:
                behind = start + found + length
                if behind == size or _frame_length(_at(file, behind, 4)) is not None:
                    return start + found
            found = piece.find(b"\xff", found + 1)
        start += _SEARCH
    return size


def _frame_length(header: bytes) -> int | None:
    """Bytes of the frame that the four bytes begin, or None where they begin none."""
    if len(header) < 4 or header[0] != 0xFF or header[1] < 0xE0:
        return None
    version, layer = header[1] >> 3 & 3, 4 - (header[1] >> 1 & 3)
    rate_index, kilobits_index, padding = header[2] >> 2 & 3, header[2] >> 4, header[2] >> 1 & 1
    if version == 1 or layer == 4 or rate_index == 3 or kilobits_index in (0, 15):
        return None
    rate = (44_100, 48_000, 32_000)[rate_index] >> _HALVINGS[version]
    bits = 1000 * _KILOBITS[version == 3, layer][kilobits_index - 1]
    if layer == 1:
        return (12 * bits // rate + padding) * 4
    return (72 if layer == 3 and version != 3 else 144) * bits // rate + padding


def _after_id3v2(file: BinaryIO) -> int:
    head = _at(file, 0, 10)
    if head[:3] != b"ID3" or len(head) < 10:
        return 0
    return 10 + (head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9])  # seven bits in each


def _at(file: BinaryIO, position: int, size: int) -> bytes:
    file.seek(position)
    return file.read(size)
