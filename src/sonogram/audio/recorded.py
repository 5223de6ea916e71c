"""When a recording began, from its metadata or its name.

Source: the GUANO specification 1.0, a RIFF chunk `guan` of lines such as `Timestamp: 2026-05-14T04:30Z`.
File names are those of AudioMoth (`20260514_043000.WAV`) and Wildlife Acoustics (`SITE_20260514_043000.wav`).
"""

from __future__ import annotations

import os
import re
import struct
from datetime import datetime
from typing import BinaryIO

from sonogram.audio.source import SoundSource, open_source
from sonogram.errors import AudioError

__all__ = ["recorded_at"]

_NAME = re.compile(r"(?<!\d)(\d{8})[_T-]?(\d{6})(?!\d)")
_TIMESTAMP = re.compile(rb"^Timestamp:\s*(\S.*?)\s*$", re.MULTILINE)
_FRACTION = re.compile(r"\.\d+")
_MAX_CHUNK = 1 << 20
_MAX_CHUNKS = 1000


def recorded_at(source: SoundSource, name: str | None = None) -> datetime | None:
    """Return when a recording began: by its GUANO metadata, or by its name.

    Args:
        source: A sound file, as for `load`.
        name: Name of the file; None is that of the source.

    Returns:
        The time of the recorder's clock, with its offset from UTC where the metadata state it; None if
        neither metadata nor name have a time.

    Raises:
        AudioError: The source cannot be opened.

    Example:
        >>> import pathlib, tempfile
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "SITE_20260514_043000.wav"
        >>> sg.save(path, np.zeros(100), 8000)
        >>> sg.audio.recorded_at(path).isoformat()
        '2026-05-14T04:30:00'
    """
    with open_source(source) as found:
        name = name or found.name
        try:
            return _of_metadata(found.file) or _of_name(name)
        except (OSError, struct.error):
            raise AudioError(f"{name}: cannot be read; copy or download it again") from None


def _of_name(name: str) -> datetime | None:
    for date, time in reversed(_NAME.findall(os.path.basename(name))):
        try:
            return datetime.strptime(date + time, "%Y%m%d%H%M%S")
        except ValueError:  # a number that is no date
            continue
    return None


def _of_metadata(file: BinaryIO) -> datetime | None:
    file.seek(0)
    head = file.read(12)
    if head[:4] not in {b"RIFF", b"RF64"} or head[8:] != b"WAVE":
        return None
    position = 12
    for _ in range(_MAX_CHUNKS):
        file.seek(position)
        header = file.read(8)
        if len(header) < 8:
            return None
        kind, size = struct.unpack("<4sI", header)
        if kind == b"guan":
            return _parse(file.read(min(size, _MAX_CHUNK)))
        position += 8 + size + size % 2
    return None


def _parse(guano: bytes) -> datetime | None:
    found = _TIMESTAMP.search(guano.rstrip(b"\0"))
    if found is None:
        return None
    text = found[1].decode("utf-8", "replace").replace("Z", "+00:00")
    # Python 3.10 reads fractions of a second of three or six digits alone.
    text = _FRACTION.sub(lambda fraction: fraction[0][:7].ljust(7, "0"), text)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
