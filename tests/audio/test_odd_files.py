"""Headers, tags and ends that differ from the ordinary, in every container: written here byte by byte."""

import io
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
TIME = np.arange(4_000) / RATE
SOUND = 0.5 * np.sin(2 * np.pi * (300 + 900 * TIME) * TIME)
PCM = (SOUND * 32767).astype("<i2").tobytes()
EXPECTED = np.frombuffer(PCM, "<i2") / np.float32(32768)
WIDE = (SOUND * (2**23 - 1)).astype("<i4") << 8  # 24 bits at the top of 32
FLOATS = SOUND.astype("<f4")


def little(value, size=4):
    return (value % 256**size).to_bytes(size, "little")


def chunk(tag, body, padded=True):
    return tag + little(len(body)) + body + bytes(len(body) % 2 if padded else 0)


def wav(*chunks):
    body = b"WAVE" + b"".join(chunks)
    return b"RIFF" + little(len(body)) + body


def form(coding=1, bits=16, *, align=None, rest=b"", rate=RATE, channels=1):
    """The body of a format chunk."""
    align = channels * ((bits + 7) // 8) if align is None else align
    return struct.pack("<HHIIHH", coding, channels, rate, rate * align, align, bits) + rest


def extensible(coding, bits, valid, mask=4):
    guid = little(coding, 2) + bytes.fromhex("000000001000800000aa00389b71")
    return form(0xFFFE, bits, rest=little(22, 2) + little(valid, 2) + little(mask) + guid)


def encoded(kind, coding="PCM_16", rate=RATE):
    file = io.BytesIO()
    soundfile.write(file, SOUND, rate, coding, format=kind)
    return file.getvalue()


def id3(size):
    return b"ID3\4\0\0" + bytes((size >> shift) & 127 for shift in (21, 14, 7, 0)) + b"\1" * size


FORM, DATA = chunk(b"fmt ", form()), chunk(b"data", PCM)
ID3V1 = b"TAG" + bytes(125)
APE = b"APETAGEX" + little(2000) + little(132) + little(1) + little(0x80000000) + bytes(8)

WAVS = {
    "LIST before": wav(FORM, chunk(b"LIST", b"INFOISFT\4\0\0\0name"), DATA),
    "JUNK and bext before the format": wav(chunk(b"JUNK", bytes(28)), chunk(b"bext", bytes(602)), FORM, DATA),
    "PAD": wav(FORM, chunk(b"PAD ", bytes(4_000)), DATA),
    "odd chunk without padding": wav(chunk(b"bext", bytes(603), padded=False), FORM, DATA),
    "format after the samples": wav(DATA, FORM),
    "two data chunks": wav(FORM, DATA, DATA),
    "fact too small": wav(FORM, chunk(b"fact", little(7)), DATA),
    "cue after": wav(FORM, DATA, chunk(b"cue ", little(1) + bytes(24))),
    "mask 0": wav(chunk(b"fmt ", extensible(1, 16, 16, 0)), DATA),
    "mask of all": wav(chunk(b"fmt ", extensible(1, 16, 16, -1)), DATA),
    "12 valid bits": wav(chunk(b"fmt ", extensible(1, 16, 12)), DATA),
    "0 valid bits": wav(chunk(b"fmt ", extensible(1, 16, 0)), DATA),
    "12 bits in 2 bytes": wav(chunk(b"fmt ", form(bits=12, align=2)), DATA),
    "alignment 0": wav(chunk(b"fmt ", form(align=0)), DATA),
    "size of the format 18": wav(chunk(b"fmt ", form(rest=bytes(2))), DATA),
    "size of the format 20": wav(chunk(b"fmt ", form(rest=bytes(4))), DATA),
    "size of the format 50": wav(chunk(b"fmt ", form(rest=bytes(34))), DATA),
    "GUID of zeros": wav(chunk(b"fmt ", form(0xFFFE, rest=little(22, 2) + little(16, 2) + bytes(20))), DATA),
    "extensible without GUID": wav(chunk(b"fmt ", form(0xFFFE)), DATA),
    "extensible without GUID, size 18": wav(chunk(b"fmt ", form(0xFFFE, rest=bytes(2))), DATA),
    "RIFF size too small": b"RIFF" + little(100) + wav(FORM, DATA)[8:],
    "RIFF size too large": b"RIFF" + little(10**7) + wav(FORM, DATA)[8:],
    "data counts the header": wav(FORM, b"data" + little(len(PCM) + 44) + PCM),
    "APE tag after": wav(FORM, DATA) + bytes(100) + APE,
    "bytes after": wav(FORM, DATA) + bytes(range(256)),
}
OTHER_CODINGS = {
    "24 bits in 32": (
        wav(chunk(b"fmt ", extensible(1, 32, 24)), chunk(b"data", WIDE.tobytes())),
        WIDE / 2**31,
    ),
    "floats, plain": (wav(chunk(b"fmt ", form(3, 32)), chunk(b"data", FLOATS.tobytes())), FLOATS),
    "floats, extensible": (
        wav(chunk(b"fmt ", extensible(3, 32, 32)), chunk(b"data", FLOATS.tobytes())),
        FLOATS,
    ),
    "8 bits without GUID": (
        wav(chunk(b"fmt ", form(0xFFFE, 8)), chunk(b"data", b"\x90" * 500)),
        [0.125] * 500,
    ),
    "odd data without padding": (
        wav(
            chunk(b"fmt ", form(1, 8)),
            chunk(b"data", b"\x90" * 999, padded=False),
            chunk(b"LIST", bytes(900)),
        ),
        [0.125] * 999,
    ),
}


@pytest.mark.parametrize("name", WAVS)
def test_wav(name):
    assert_read(WAVS[name], EXPECTED)


@pytest.mark.parametrize("name", OTHER_CODINGS)
def test_wav_of_other_codings(name):
    assert_read(*OTHER_CODINGS[name])


@pytest.mark.parametrize("coding", ["IMA_ADPCM", "MS_ADPCM"])
@pytest.mark.parametrize("stated", [0, 100, 10**6])
def test_adpcm_whose_fact_chunk_is_wrong(coding, stated):
    content = encoded("WAV", coding)
    place = content.index(b"fact") + 8
    assert_read(content[:place] + little(stated) + content[place + 4 :], load(content).samples)


def test_the_middle_of_a_coding_with_state():
    content = encoded("WAV", "GSM610")
    whole = load(content).samples
    part = load(content, offset=2_001 / RATE).samples
    np.testing.assert_array_equal(part, whole[2_001:])


@pytest.mark.parametrize("place", [22, 24], ids=["channels", "rate"])
def test_wav_without_channels_or_rate_is_refused(place):
    content = bytearray(wav(FORM, DATA))
    content[place : place + 2] = bytes(2)
    with pytest.raises(AudioError, match="corrupt"):
        load(bytes(content))


def test_a_coding_that_only_pyav_knows():
    pytest.importorskip("av")
    content = wav(chunk(b"fmt ", form(0x28F, 4, align=1)), chunk(b"data", bytes(2_000)))  # G.722
    assert info(content).subtype == "G722"
    assert load(content).samples.size == 4_000
    with pytest.raises(AudioError, match="truncated"):
        load(content[:1_000])


# IRCAM, PVF, MPC2K and XI state no size; HTK refuses other sizes than the one that it states.
SIZED = ("AIFF", "AU", "AVR", "CAF", "MAT4", "MAT5", "NIST", "RF64", "SDS", "SVX", "VOC", "W64", "WAV")
TAGGED = (*SIZED, "FLAC", "IRCAM", "MPC2K", "PVF", "XI")


def content_of(kind):
    return encoded(kind, "DPCM_16" if kind == "XI" else "PCM_16")


@pytest.mark.parametrize("kind", TAGGED)
@pytest.mark.parametrize("tag", ["ID3v2 before", "ID3v1 after"])
def test_tags(kind, tag):
    content = content_of(kind)
    changed = id3(20) + content if tag == "ID3v2 before" else content + ID3V1
    assert_read(changed, load(content).samples)


@pytest.mark.parametrize("kind", [*SIZED, "FLAC"])
def test_zeros_after_the_samples(kind):
    content = content_of(kind)
    assert_read(content + bytes(1_000), load(content).samples)


@pytest.mark.parametrize("kind", SIZED)
def test_a_cut_through_the_samples(kind):
    content = content_of(kind)
    assert_refused(content[: len(content) // 2], "truncated", rate=RATE)


JOINED = (
    "AIFF",
    "AU",
    "AVR",
    "CAF",
    "MAT4",
    "MAT5",
    "NIST",
    "RF64",
    "SDS",
    "SVX",
    "VOC",
    "W64",
    "WAV",
)


@pytest.mark.parametrize("kind", JOINED)
def test_joined_files(kind):
    content = content_of(kind)
    samples = load(content).samples
    assert_read(content * 3, np.tile(samples, 3))


def test_joined_sphere_files_in_mu_law():
    """The width of their samples is written as a text."""
    content = encoded("NIST", "ULAW")
    assert_read(content * 2, np.tile(load(content).samples, 2))
    with pytest.raises(AudioError, match="truncated"):
        load(content[: len(content) // 2])


def test_joined_files_of_other_rates():
    with pytest.raises(AudioError, match="different sample rates"):
        load(encoded("WAV") + encoded("WAV", rate=8_000))


@pytest.mark.parametrize(("place", "value"), [(22, bytes(4)), (26, bytes(16))], ids=["length 0", "no MD5"])
def test_flac_without_facts(place, value):
    content = encoded("FLAC")
    samples = load(content).samples
    changed = bytearray(content)
    changed[place : place + len(value)] = value
    assert_read(bytes(changed), samples)


def ima4(channels, packets, rest=b""):
    """An AIFF-C file of random packets: two bytes of state and 64 samples of 4 bits for each channel."""
    rng = np.random.default_rng(channels)
    body = b"".join(b"\0\0" + rng.bytes(32) for _ in range(packets * channels)) + rest
    rate = bytes.fromhex("400cfa00000000000000")  # 16000, 80 bits
    common = struct.pack(">hIh", channels, packets, 16) + rate + b"ima4\0\0"
    chunks = [(b"FVER", bytes.fromhex("a2805140")), (b"COMM", common), (b"SSND", bytes(8) + body)]
    content = b"AIFC" + b"".join(tag + struct.pack(">I", len(body)) + body for tag, body in chunks)
    return b"FORM" + struct.pack(">I", len(content)) + content


@pytest.mark.parametrize("channels", [3, 6, 18])
def test_adpcm_of_many_channels(channels):
    """Each channel is coded by itself, so it has the samples that it has in a file of its own."""
    content = ima4(channels, 40)
    samples = load(content, mono=False).samples
    assert samples.shape == (channels, 40 * 64)
    body = content[content.index(b"SSND") + 16 :]
    packets = [body[34 * i : 34 * i + 34] for i in range(40 * channels)]
    for channel in (0, channels - 1):
        alone = ima4(1, 40)
        alone = alone[: alone.index(b"SSND") + 16] + b"".join(packets[channel::channels])
        np.testing.assert_array_equal(samples[channel], load(alone).samples)
    np.testing.assert_array_equal(load(content, mono=False, offset=100 / RATE).samples, samples[:, 100:])


@pytest.mark.parametrize("closed", [True, False])
def test_incomplete_packets_of_adpcm_are_left_out(closed):
    whole, content = ima4(2, 3), ima4(2, 3, bytes(20))
    if not closed:
        place = content.index(b"SSND") + 4
        content = content[:4] + bytes(4) + content[8:place] + struct.pack(">I", 8) + content[place + 4 :]
    assert_read(content, load(whole).samples)
    assert info(content).not_closed is not closed


def test_aiff_in_gsm_that_was_never_closed():
    content = bytearray(encoded("AIFF", "GSM610"))
    samples = load(bytes(content)).samples
    for place, value in ((4, 0), (content.index(b"COMM") + 10, 0), (content.index(b"SSND") + 4, 8)):
        content[place : place + 4] = struct.pack(">I", value)
    read = load(bytes(content)).samples  # the last frame has 160 samples
    np.testing.assert_array_equal(read[: len(samples)], samples)
    assert len(samples) <= len(read) < len(samples) + 160
