"""Decoding in the native library: the bits and the words of `load`, without Python."""

import ctypes
import io
import struct
import subprocess
import sys
import threading

import numpy as np
import pytest
from engine_list import why_not_native
from hypothesis import given, strategies as st

from sonogram.audio import load, native as sound
from sonogram.errors import AudioError

pytestmark = pytest.mark.skipif(bool(why_not_native()), reason=why_not_native() or "it is here")

KINDS = [
    *(
        ("WAV", coding)
        for coding in ("PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ALAW", "ULAW")
    ),
    *(("WAVEX", coding) for coding in ("PCM_16", "PCM_24", "FLOAT")),
    *(("AIFF", coding) for coding in ("PCM_16", "PCM_24")),
    *(("CAF", coding) for coding in ("PCM_16", "ALAW")),
    *(("FLAC", coding) for coding in ("PCM_16", "PCM_24")),
    ("RF64", "PCM_16"),
    ("AU", "PCM_16"),
    ("OGG", "VORBIS"),
    ("OGG", "OPUS"),
    ("MP3", "MPEG_LAYER_III"),
]
PARTS = [{}, {"offset": 0.5}, {"offset": 0.25, "duration": 1.0}, {"duration": 0.1}, {"offset": 1.99997}]


def native(source, sample_rate=None, **wanted):
    """The samples and their rate, or the problem's number and its message: no second try."""
    request = sound._request(
        source, sample_rate, wanted.get("mono", True), wanted.get("offset", 0.0), wanted.get("duration")
    )
    assert request is not None
    request.sample_rate = sample_rate or 0
    made = sound._Sound()
    problem = sound._library().sonogram_decode(request, made)
    if problem:
        message = ctypes.string_at(made.message).decode(errors="surrogateescape")
        sound._library().sonogram_release(made.message)
        return problem, message
    shape = (made.count,) if wanted.get("mono", True) else (made.channels, made.count)
    return np.array(np.asarray(sound._Memory(made.samples, shape))), made.sample_rate


BROKEN, UNKNOWN = 1, 2
"""Problems that the library tells: a broken file; a kind or coding that libsndfile does not read."""
OWN = (b"RIFF", b"RIFX", b"RF64", b"FORM", b"caff", b"fLaC", b".snd")
"""Beginnings of files that libsndfile alone is asked about, if it knows their kind and coding."""
STRANGE = ("(Format not recognised)", "(Supported file format but unsupported encoding)")


def assert_as_load(source, *, broken=BROKEN, **wanted):
    """Native decoding gives what `load` gives, or its words, or says that the kind is not its own.

    `broken` is the problem where `load` fails; None allows an unknown kind.
    """
    values, note = native(source, **wanted)
    words = ""
    try:
        want = load(source, **wanted)
    except AudioError as error:
        words = str(error)
    if words:
        assert isinstance(values, int), f"{words}, but it was read"
        assert values in ((BROKEN, UNKNOWN) if broken is None else (broken,)), note
        assert values != BROKEN or note == words
        if values == UNKNOWN and isinstance(source, bytes) and source.startswith(OWN):
            assert any(reason in note for reason in STRANGE)
    elif isinstance(values, int):
        assert values == UNKNOWN, f"{note}, but load reads it"
    else:
        assert note == want.sample_rate
        np.testing.assert_array_equal(values, want.samples)


def test_libsndfile_is_found():
    assert sound.available()


@pytest.mark.parametrize(("kind", "coding"), KINDS)
def test_every_format_gives_the_bits_of_load(stereo, encode, tmp_path, kind, coding):
    path = tmp_path / "sound"
    for samples in (stereo, stereo[:, 0], np.tile(stereo, (1, 3))[:, :5]):
        if coding in ("MPEG_LAYER_III", "OPUS") and samples.ndim > 1 and samples.shape[1] > 2:
            continue
        content = encode(samples, kind, coding)
        path.write_bytes(content)
        assert native(content)[1] == 16_000
        for part in PARTS:
            for mono in (True, False):
                assert_as_load(content, mono=mono, **part)
                assert_as_load(str(path), mono=mono, **part)


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100, 15_999])
def test_another_rate_is_that_of_load(stereo, encode, rate):
    for kind, coding in (("WAV", "PCM_16"), ("FLAC", "PCM_24"), ("OGG", "VORBIS")):
        content = encode(np.tile(stereo, (3, 1)), kind, coding)  # more than is decoded at a time
        for wanted in ({}, {"mono": False}, {"offset": 0.3, "duration": 4.5}):
            made, want = sound.load(content, rate, **wanted), load(content, rate, **wanted)
            assert made.sample_rate == want.sample_rate == rate
            np.testing.assert_array_equal(made.samples, want.samples)


@pytest.mark.parametrize("rate", [8_000, 44_100, 15_999])
def test_decoding_and_resampling_in_one_pass_gives_the_bits_of_both(stereo, encode, rate):
    content = encode(np.tile(stereo, (3, 1)), "FLAC")
    for mono in (True, False):
        own = load(content, mono=mono)
        samples, made_rate = native(content, rate, mono=mono)
        assert made_rate == rate
        np.testing.assert_array_equal(samples, sound.resample(own.samples, own.sample_rate, rate))


def test_long_files_are_read_piece_by_piece(stereo, encode, tmp_path):
    """Beyond what is read into memory at once, and beyond what is decoded at a time."""
    path = tmp_path / "long.wav"
    path.write_bytes(encode(np.tile(stereo, (40, 1)), "WAV", "PCM_32"))
    assert path.stat().st_size > 4 << 20
    assert_as_load(path)
    assert_as_load(path, mono=False, offset=3.3, duration=30.0)


def test_what_load_alone_reads_is_read_all_the_same(stereo, encode_aac):
    content = encode_aac(stereo)
    assert native(content)[0] == UNKNOWN
    np.testing.assert_array_equal(sound.load(content).samples, load(content).samples)
    file = io.BytesIO(content)
    np.testing.assert_array_equal(sound.load(file).samples, load(content).samples)
    np.testing.assert_array_equal(sound.load(memoryview(content)).samples, load(content).samples)


def test_problems_have_the_words_of_load(stereo, encode, tmp_path):
    (tmp_path / "empty.wav").touch()
    sources = [str(tmp_path / "no.wav"), str(tmp_path), "/dev/null", str(tmp_path / "empty.wav"), ""]
    unknown = [b"x", b"RIFF", b"fLaC", b"ID3", bytes(10_000)]
    sources += [*unknown, b"OggS", encode(np.zeros(0))]
    broken = encode([0.0, np.nan], coding="FLOAT")
    lying = bytearray(encode(stereo))
    struct.pack_into("<I", lying, 40, 100_000_000)
    flac = bytearray(encode(stereo, "FLAC"))
    flac[21] |= 0x0F
    for source in (*sources, broken, bytes(lying), bytes(flac)):
        assert_as_load(source, broken=UNKNOWN if source in unknown else BROKEN)
        with pytest.raises(AudioError) as caught:
            load(source)
        with pytest.raises(AudioError) as again:
            sound.load(source)
        assert str(again.value) == str(caught.value)
    assert_as_load(encode(stereo), offset=2.0)
    slow = bytearray(encode(stereo))
    struct.pack_into("<I", slow, 24, 1)
    assert_as_load(bytes(slow), sample_rate=48_000)
    raw = tmp_path / "a.raw"
    raw.write_bytes(encode(stereo))
    assert native(str(raw))[0] == 3


@pytest.mark.parametrize(("kind", "coding"), KINDS)
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.999])
def test_truncated_files_are_told_in_the_words_of_load(stereo, encode, kind, coding, kept):
    content = encode(np.tile(stereo, (4, 1)), kind, coding)
    assert_as_load(content[: int(kept * len(content))])


def test_mp3_without_a_stated_length(encode):
    rng = np.random.default_rng(3)
    loud, quiet = rng.uniform(-0.9, 0.9, 44_100), np.zeros(5 * 44_100)
    content = encode(np.concatenate([loud, quiet]), "MP3", "MPEG_LAYER_III", 44_100)
    start = min(found for name in (b"Xing", b"Info") if (found := content.find(name)) >= 0)
    bare = content[:start] + b"None" + content[start + 4 :]
    for tail in (b"", b"TAG" + b"a" * 125, bytes(50_000), b"\xff\xfb\x90\x00" + bytes(200)):
        for part in ({}, {"offset": 5.5, "duration": 1}):
            values, _ = native(bare + tail, **part)
            assert not isinstance(values, int)
            assert_as_load(bare + tail, **part)


@given(data=st.data())
def test_any_damage_gives_what_load_gives(data):
    kinds = [("WAV", "PCM_16"), ("WAV", "FLOAT"), ("FLAC", "PCM_16"), ("AIFF", "PCM_16"), ("CAF", "ALAW")]
    kinds += [("OGG", "VORBIS"), ("AU", "PCM_16"), ("RF64", "PCM_16"), ("MP3", "MPEG_LAYER_III")]
    kind, coding = data.draw(st.sampled_from(kinds))
    file = io.BytesIO()
    import soundfile

    soundfile.write(file, np.sin(np.arange(4000)), 16_000, format=kind, subtype=coding)
    content = bytearray(file.getvalue())
    top = data.draw(st.sampled_from([64, len(content)])) - 1  # headers are hit often
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, top))] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(1, len(content)))
    for source in (bytes(content), bytes(content[:end])):
        assert_as_load(source, broken=None)


def test_threads_share_nothing(stereo, encode, tmp_path):
    """Good and broken files side by side: libsndfile keeps the error of a failed opening for all."""
    good, broken = encode(stereo, "FLAC"), encode(stereo, "FLAC")[:20]
    want, words = load(good).samples, native(broken)
    wrong = []

    def work(source, expected):
        for _ in range(100):
            found = native(source)
            same = found == expected if isinstance(expected, tuple) else np.array_equal(found[0], expected)
            if not same:
                wrong.append(found)

    jobs = [(good, want), (broken, words), (b"no sound at all", native(b"no sound at all"))] * 2
    threads = [threading.Thread(target=work, args=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_broken_mp3_prints_nothing(broken_mp3):
    """Whoever silences the decoder first, Python or the library: both, at once, and stderr comes back."""
    script = f"""
import contextlib, ctypes, sys, threading
from sonogram.audio import load
from sonogram.audio import native as sound
from sonogram.errors import AudioError
def work(read):
    for _ in range(20):
        with contextlib.suppress(AudioError):
            read({str(broken_mp3)!r})
work(load)
assert sound.available()
threads = [threading.Thread(target=work, args=(read,)) for read in (load, sound.load) * 2]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
libc = ctypes.CDLL(None)
libc.fputs(b"restored\\n", ctypes.c_void_p.in_dll(libc, "stderr"))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr.splitlines() == ["restored"]


def test_arguments_that_cannot_be_are_told_as_by_load(stereo, encode):
    content = encode(stereo)
    for wanted in ({"offset": -1}, {"duration": 0}, {"sample_rate": 0}, {"sample_rate": 22_050.5}):
        with pytest.raises(AudioError) as caught:
            load(content, **wanted)
        with pytest.raises(AudioError) as again:
            sound.load(content, **wanted)
        assert str(again.value) == str(caught.value)


def test_samples_outlive_what_they_were_read_from(stereo, encode):
    samples = sound.load(encode(stereo)).samples
    part = samples[100:200]
    want = part.copy()
    del samples
    for _ in range(50):
        sound.load(encode(stereo))
    np.testing.assert_array_equal(part, want)
    part[:] = 0  # and may be written
