"""Files as real recorders, streams and tools leave them: sizes never written, tags in front, joined, cut."""

import io
import os
import struct

import numpy as np
import pytest
import soundfile
from engine_names import why_not_native
from ways import assert_read, assert_refused

from sonogram.audio import info, load
from sonogram.errors import AudioError

pytestmark = pytest.mark.skipif(bool(why_not_native()), reason=why_not_native() or "it is here")

RATE = 16_000
STANDS_FOR_UNKNOWN = (0, 0xFFFFFFFF, 0xFFFFFFDB, 0x7FFFFFFF, 0x7FFFF000, 0x80000000, 2_000_000_000)


@pytest.fixture(scope="module")
def second():
    """One second of a sweep with noise."""
    time = np.arange(RATE) / RATE
    noise = 0.05 * np.random.default_rng(5).standard_normal(RATE)
    return (0.4 * np.sin(2 * np.pi * (300 + 900 * time) * time) + noise).astype(np.float32)


def patched(content, *patches):
    """The content with other bytes at some places."""
    changed = bytearray(content)
    for place, value in patches:
        changed[place : place + len(value)] = value
    return bytes(changed)


def little(value):
    return struct.pack("<I", value & 0xFFFFFFFF)


def big(value, size=4):
    return (value % 256**size).to_bytes(size, "big")


def id3(size, *, footer=False):
    sizes = bytes((size >> shift) & 127 for shift in (21, 14, 7, 0))
    head = b"\4\0" + (b"\x10" if footer else b"\0") + sizes
    return b"ID3" + head + b"\1" * size + (b"3DI" + head if footer else b"")


# --- sizes that were never written


@pytest.mark.parametrize("whole", ["zero", "largest", "true", "same"])
@pytest.mark.parametrize("size", STANDS_FOR_UNKNOWN)
def test_wav_that_was_never_closed(second, encode, size, whole):
    content = encode(second)
    riff = {"zero": 0, "largest": 0xFFFFFFFF, "true": len(content) - 8, "same": size + 36}[whole]
    changed = patched(content, (4, little(riff)), (40, little(size)))
    assert_read(changed, load(content).samples)
    assert info(changed).not_closed
    assert not info(content).not_closed


@pytest.mark.parametrize("coding", ["PCM_U8", "PCM_24", "FLOAT", "DOUBLE", "ULAW", "IMA_ADPCM", "GSM610"])
@pytest.mark.parametrize("size", [0, 0xFFFFFFFF])
def test_wav_of_any_coding_that_was_never_closed(second, encode, coding, size):
    content = encode(second, "WAV", coding)
    place = content.index(b"data") + 4
    changed = patched(content, (4, little(size)), (place, little(size)))
    assert_read(changed, load(content).samples)


@pytest.mark.parametrize("kind", ["WAVEX", "RF64"])
def test_relatives_of_wav_that_were_never_closed(second, encode, kind):
    content = encode(second, kind)
    place = content.index(b"data") + 4
    changed = patched(content, (4, little(0)), (place, little(0)))
    if kind == "RF64":
        wide = content.index(b"ds64") + 8
        changed = patched(content, (wide, bytes(16)), (place, little(-1)))
    assert_read(changed, load(content).samples)


def test_a_big_endian_wav_that_was_never_closed(second):
    file = io.BytesIO()
    soundfile.write(file, second, RATE, format="WAV", endian="BIG")
    content = file.getvalue()
    assert content[:4] == b"RIFX"
    place = content.index(b"data") + 4
    assert_read(patched(content, (4, big(0)), (place, big(0))), load(content).samples)


def test_bw64_is_rf64(second, encode):
    content = encode(second, "RF64")
    assert_read(b"BW64" + content[4:], load(content).samples)


@pytest.mark.parametrize("coding", ["PCM_16", "PCM_24", "FLOAT"])
@pytest.mark.parametrize("size", [0, 8, 0xFFFFFFFF, 0x7FFFFFFF])
def test_aiff_that_was_never_closed(second, encode, coding, size):
    content = encode(second, "AIFF", coding)
    sound, common = content.index(b"SSND"), content.index(b"COMM")
    changed = patched(
        content, (4, big(size)), (common + 10, big(0 if size < 9 else size)), (sound + 4, big(size))
    )
    assert_read(changed, load(content).samples)
    assert info(changed).not_closed


@pytest.mark.parametrize("size", [-1, 0, 4])
def test_caf_that_was_never_closed(second, encode, size):
    content = encode(second, "CAF")
    place = content.index(b"data")
    assert_read(patched(content, (place + 4, big(size, 8))), load(content).samples)


@pytest.mark.parametrize("size", [-1, 0])
def test_au_that_was_never_closed(second, encode, size):
    content = encode(second, "AU")
    assert_read(patched(content, (8, big(size))), load(content).samples)


@pytest.mark.parametrize("size", [0, 24, 2**63 - 1])
def test_wave64_that_was_never_closed(second, encode, size):
    content = encode(second, "W64")
    place = content.index(b"data") + 16
    assert_read(patched(content, (place, struct.pack("<q", size))), load(content).samples)


def test_a_size_beyond_four_gigabytes_that_wrapped(second, encode, tmp_path):
    path = tmp_path / "long.wav"
    path.write_bytes(encode(second))  # states one second
    os.truncate(path, 44 + 2**32 + 2 * RATE)  # the rest is a hole
    facts = info(path)
    assert facts.num_samples == 2**31 + RATE
    assert facts.not_closed
    part = load(path, duration=1).samples
    np.testing.assert_array_equal(part, load(encode(second)).samples)


def test_a_size_that_leaves_out_most_of_the_samples(second, encode):
    content = encode(second)
    changed = patched(content, (4, little(2036)), (40, little(2000)))
    assert_read(changed, load(content).samples)


TRAILERS = {
    "a chunk": b"LIST" + little(600) + b"INFO" + bytes(596),
    "a chunk without its padding byte": b"id3 " + little(601) + b"\1" * 601,
    "ID3v2": id3(700),
    "ID3v1": b"TAG" + b"a" * 125,
    "APEv2": b"APETAGEX" + b"\2" * 700,
    "zeros": bytes(4096),
    "a few bytes": b"\1\2\3",
}


@pytest.mark.parametrize("trailer", TRAILERS)
def test_what_follows_the_samples_is_no_sound(second, encode, trailer):
    content = encode(second)
    assert_read(content + TRAILERS[trailer], load(content).samples)
    empty = encode(np.zeros(0))
    with pytest.raises(AudioError, match="holds no samples"):
        load(empty + TRAILERS["a chunk"])


# --- headers with oddities


def test_an_odd_chunk_without_its_padding_byte(second, encode):
    content = encode(second)
    chunk = b"note" + little(5) + b"hello"
    changed = content[:36] + chunk + content[36:]
    assert_read(patched(changed, (4, little(len(changed) - 8))), load(content).samples)


def test_an_extensible_format_without_its_coding(second, encode):
    content = encode(second, "WAVEX")
    place = content.index(b"fmt ") + 8 + 24
    assert_read(patched(content, (place, bytes(16))), load(content).samples)


@pytest.mark.parametrize(
    ("kind", "coding"),
    [
        ("WAV", "PCM_16"),
        ("AIFF", "PCM_16"),
        ("AU", "PCM_16"),
        ("CAF", "PCM_16"),
        ("W64", "PCM_16"),
        ("FLAC", "PCM_16"),
        ("OGG", "VORBIS"),
        ("NIST", "PCM_16"),
    ],
)
@pytest.mark.parametrize("footer", [False, True])
def test_id3_in_front(second, encode, kind, coding, footer):
    content = encode(second, kind, coding)
    changed = id3(5_000, footer=footer) + id3(77) + content
    assert_read(changed, load(content).samples)


# --- files that were cut off


@pytest.mark.parametrize(
    ("kind", "coding"),
    [
        ("WAV", "PCM_16"),
        ("WAV", "ULAW"),
        ("WAVEX", "PCM_24"),
        ("RF64", "PCM_16"),
        ("AIFF", "PCM_16"),
        ("CAF", "PCM_16"),
        ("AU", "PCM_16"),
        ("W64", "PCM_16"),
        ("NIST", "PCM_16"),
        ("NIST", "PCM_24"),
        ("VOC", "PCM_16"),
        ("AVR", "PCM_16"),
        ("SVX", "PCM_16"),
        ("MAT4", "PCM_16"),
        ("MAT4", "DOUBLE"),
        ("MAT5", "FLOAT"),
        ("FLAC", "PCM_16"),
        ("OGG", "VORBIS"),
        ("OGG", "OPUS"),
        ("MP3", "MPEG_LAYER_III"),
    ],
)
@pytest.mark.parametrize("kept", [0.3, 0.5, 0.9])
def test_truncation_is_noticed(second, encode, kind, coding, kept):
    content = encode(np.tile(second, 3), kind, coding)
    whole = load(content).samples
    assert len(whole) * 3 * RATE // len(whole) == 3 * RATE
    assert_refused(content[: int(kept * len(content))], "truncated", "corrupt")


# --- several recordings in one file


@pytest.mark.parametrize("coding", ["VORBIS", "OPUS"])
@pytest.mark.parametrize("count", [2, 3])
def test_chained_ogg(second, encode, coding, count):
    one, two = encode(second, "OGG", coding), encode(second[:8000], "OGG", coding)
    expected = np.concatenate([load(part).samples for part in (one, two, one)[:count]])
    assert_read(b"".join((one, two, one)[:count]), expected)


def test_chained_ogg_in_parts(second, encode):
    content = encode(second, "OGG", "VORBIS") * 2
    whole, rate = load(content)
    part = load(content, offset=15_000 / rate, duration=0.5).samples
    np.testing.assert_array_equal(part, whole[15_000:23_000])


def mp3(samples, encode, rate=44_100):
    return encode(samples, "MP3", "MPEG_LAYER_III", rate)


def tag_place(content):
    return min(place for name in (b"Xing", b"Info") if (place := content.find(name)) >= 0)


@pytest.fixture(scope="module")
def loud_then_silent():
    """Ten seconds of changing bit rate: libsndfile, which goes by the first frames, would stop early."""
    rng = np.random.default_rng(3)
    return np.concatenate([rng.uniform(-0.9, 0.9, 44_100), np.zeros(9 * 44_100)]).astype(np.float32)


@pytest.mark.parametrize("count", [2, 3])
def test_joined_mp3(loud_then_silent, encode, count):
    one, two = mp3(loud_then_silent, encode), mp3(loud_then_silent[:60_000], encode)
    parts = (one, two, one)[:count]
    expected = np.concatenate([load(part).samples for part in parts])
    assert_read(b"".join(parts), expected)
    assert_read(id3(3_000).join(parts), expected)


@pytest.mark.parametrize("frames", [0, 3, 40, 10**6])
def test_a_length_tag_that_is_not_believed(loud_then_silent, encode, frames):
    content = mp3(loud_then_silent, encode)
    place = tag_place(content)
    changed = patched(content, (place + 8, big(frames)))
    seconds = load(changed).samples.size / 44_100
    assert 10 <= seconds < 10.1
    assert_read(changed, load(changed).samples)


FRONTS = {
    "inside a frame": lambda content: content[501:],
    "behind zeros": lambda content: bytes(3_000) + content,
    "behind ID3v2.4 with a footer": lambda content: id3(2_000, footer=True) + content,
    "behind a tag with the word Info": lambda content: (
        id3(10) + id3(20).replace(b"\1" * 4, b"Info", 1) + content
    ),
    "behind a tag and zeros": lambda content: id3(100) + bytes(2_000) + content,
}


@pytest.mark.parametrize("front", FRONTS)
@pytest.mark.parametrize("tagged", [False, True])
def test_mp3_whose_frames_begin_later(loud_then_silent, encode, front, tagged):
    content = mp3(loud_then_silent, encode)
    if not tagged:
        content = patched(content, (tag_place(content), b"None"))
    changed = FRONTS[front](content)
    seconds = load(changed).samples.size / 44_100
    assert abs(seconds - 10) < 0.1
    assert_read(changed, load(changed).samples)


def test_mp3_inside_wav(loud_then_silent, encode):
    stream = mp3(loud_then_silent, encode)
    form = struct.pack("<HHIIHHHHIHHH", 0x55, 1, 44_100, 16_000, 1, 0, 12, 1, 2, 417, 1, 1393)
    body = b"WAVEfmt " + little(len(form)) + form + b"data" + little(len(stream)) + stream
    content = b"RIFF" + little(len(body)) + body
    samples = load(content).samples
    assert abs(samples.size / 44_100 - 10) < 0.1
    assert info(content).format == "WAV"
    assert_read(content, samples)


@pytest.mark.parametrize("kept", [0.3, 0.9, 0.9999])
def test_info_notices_a_truncated_flac(second, encode, kept):
    content = encode(np.tile(second, 3), "FLAC")
    assert info(content).num_samples == 3 * RATE
    with pytest.raises(AudioError, match="corrupt"):
        info(content[: int(kept * len(content))], partial=False)


@pytest.mark.parametrize("lost", [300, 3_000, 30_000])
def test_info_counts_what_a_truncated_mp3_holds(loud_then_silent, encode, lost):
    content = mp3(loud_then_silent, encode)[:-lost]
    try:
        expected = load(content).samples.size
    except AudioError:
        with pytest.raises(AudioError, match="truncated"):
            info(content, partial=False)
    else:
        assert info(content).num_samples == expected
