"""A header that states another size than the file holds, in containers besides WAV, AIFF, AU, CAF and W64.

A size of 0, one that no file of this length has, and one that leaves out most of the samples all stand for
the end of the file. `test_real_recorders.py` has the other containers.
"""

import io

import numpy as np
import pytest
import soundfile
from engine_names import why_not_native
from ways import assert_read, assert_refused

from sonogram.audio import info, load

pytestmark = pytest.mark.skipif(bool(why_not_native()), reason=why_not_native() or "it is here")

COUNT = 4_080  # whole packets of a MIDI sample dump, which have 40 samples of 16 bits
TIME = np.arange(COUNT) / 16_000
# No byte of it is 0, which would end the blocks of a Creative Voice file.
SOUND = 0.3 + 0.2 * np.sin(2 * np.pi * (300 + 900 * TIME) * TIME)
LARGEST, LARGEST_SIGNED = 0xFFFFFFFF, 0x7FFFFFFF
SIZES = (0, 1, COUNT // 2, LARGEST_SIGNED, LARGEST)


def encoded(kind: str, coding: str = "PCM_16", samples: np.ndarray = SOUND) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, samples, 8_000 if kind == "WVE" else 16_000, coding, format=kind)
    return file.getvalue()


def numbered(kind: str, coding: str, size: int) -> bytes:
    """Return a file that states `size` instead of a number of samples or bytes of samples."""
    content = encoded(kind, coding)
    order = "little" if kind.startswith("MAT") else "big"
    width = 2 if kind in ("MAT5", "SVX") else 1  # bytes in a unit
    stated = (COUNT * width).to_bytes(4, order)
    assert content[:300].count(stated) == 1
    place = content[:300].index(stated)
    return content[:place] + min(size * width, LARGEST).to_bytes(4, order) + content[place + 4 :]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("kind", "coding"),
    [
        ("AVR", "PCM_16"),
        ("MAT4", "PCM_16"),
        ("MAT4", "DOUBLE"),
        ("MAT5", "PCM_16"),
        ("SVX", "PCM_16"),
        ("WVE", "ALAW"),
    ],
)
def test_a_number_in_the_header(kind: str, coding: str, size: int) -> None:
    content = numbered(kind, coding, size)
    assert_read(content, load(encoded(kind, coding)).samples)
    assert info(content).not_closed


@pytest.mark.parametrize("size", SIZES[:3])
def test_sphere(size: int) -> None:
    content = encoded("NIST")
    changed = content.replace(b"sample_count -i 4080", b"sample_count -i %-4d" % size)
    assert changed != content
    assert_read(changed, load(content).samples)


@pytest.mark.parametrize("size", [0, 14, COUNT, 0xFFFFFF])
def test_creative_voice(size: int) -> None:
    content = encoded("VOC")
    assert content[26:30] == b"\x09" + (2 * COUNT + 12).to_bytes(3, "little")
    changed = content[:27] + size.to_bytes(3, "little") + content[30:]
    assert info(changed).not_closed
    samples = load(content).samples
    read = load(changed).samples
    np.testing.assert_array_equal(read[:COUNT], samples)
    assert_read(changed, read)


@pytest.mark.parametrize("size", SIZES[:3])
def test_midi_sample_dump(size: int) -> None:
    content = encoded("SDS")
    digits = bytes((size >> shift) & 127 for shift in (0, 7, 14))
    assert_read(content[:10] + digits + content[13:], load(content).samples)


@pytest.mark.parametrize("count", [5_000, 13_000])
@pytest.mark.parametrize("tail", [b"", bytes(900), b"TAG" + bytes(125)], ids=["end", "zeros", "tag"])
@pytest.mark.parametrize("size", [0, 1, 4_999])
def test_flac(size: int, tail: bytes, count: int) -> None:
    """The last frame states its place; of zeros after it the checksum stays 0."""
    content = encoded("FLAC", samples=np.resize(SOUND, count))
    stated = content[21] & 0xF0
    changed = content[:21] + bytes([stated]) + size.to_bytes(4, "big") + content[26:] + tail
    assert_read(changed, load(content).samples)
    assert info(changed).not_closed == (size > 0)


def test_a_truncated_sampler_file() -> None:
    content = encoded("MPC2K")
    assert load(content).samples.size == COUNT
    assert_refused(content[: len(content) // 2], "truncated")


@pytest.mark.parametrize("kept", [0.2, 0.3, 0.45, 0.7])
def test_a_short_truncated_mp3(kept: float) -> None:
    """It has nine frames; four may be missing of a long one without a word."""
    content = encoded("MP3", "MPEG_LAYER_III")
    cut = content[: int(kept * len(content))]
    assert_refused(cut, "truncated", "not a sound")


@pytest.mark.parametrize("junk", [b"\1" * 30, bytes(700), b"LYRICSBEGIN" + b"x" * 300])
@pytest.mark.parametrize("count", [1, 3])
def test_bytes_between_the_frames_of_an_mp3(count: int, junk: bytes) -> None:
    """The decoder would leave out some frames after them."""
    content = encoded("MP3", "MPEG_LAYER_III", np.resize(SOUND, 24_000))
    middle = next(place for place in frames_of(content) if place > len(content) // 2)
    changed = content[:middle] + junk + content[middle:]
    assert_read(changed * count, np.tile(load(content).samples, count))


def frames_of(content: bytes) -> list[int]:
    """Return the places of the frames of MPEG 2, layer 3, 16 kHz."""
    kilobits = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160]
    places, place = [], 0
    while place < len(content):
        places.append(place)
        place += 72_000 * kilobits[content[place + 2] >> 4] // 16_000 + (content[place + 2] >> 1 & 1)
    return places
