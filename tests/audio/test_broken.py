import contextlib
import io
import os
import stat
import struct
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
from engine_names import why_not_native
from hypothesis import given, strategies as st

from sonogram.audio import blocks, info, load
from sonogram.errors import AudioError


def error_of(source, **arguments):
    """The message of the one error that reading gives: one line, and the remedy after a semicolon."""
    with pytest.raises(AudioError) as caught:
        load(source, **arguments)
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    assert "; " in message
    return message


def test_missing_files_folders_and_devices(tmp_path):
    assert f"{tmp_path / 'no.wav'}: no such file" in error_of(tmp_path / "no.wav")
    assert "is a folder" in error_of(tmp_path)
    assert "is a device" in error_of(os.devnull)
    assert "cannot be opened" in error_of("a\0b.wav")


def test_a_file_without_permission(tmp_path, encode, stereo):
    path = tmp_path / "locked.wav"
    path.write_bytes(encode(stereo))
    path.chmod(0)
    try:
        if os.access(path, os.R_OK):  # the superuser may read all: let the system say no for it
            real = os.stat

            def refuse(name, **arguments):
                if name == os.fspath(path):
                    raise PermissionError(13, "Permission denied")
                return real(name, **arguments)

            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(os, "stat", refuse)
                message = error_of(path)
        else:
            message = error_of(path)
        assert "locked.wav: permission denied" in message
    finally:
        path.chmod(stat.S_IRUSR | stat.S_IWUSR)


def test_things_that_are_no_source(tmp_path):
    for thing in (3, None, [0.0]):
        with pytest.raises(AudioError, match="read from a path, from bytes or from a file object"):
            load(thing)
    assert "opened as text" in error_of(io.StringIO("RIFF"))
    path = tmp_path / "a.wav"
    path.write_text("RIFF")
    with path.open() as file:
        assert "opened as text" in error_of(file)
    closed = io.BytesIO(b"RIFF")
    closed.close()
    assert "cannot be read" in error_of(closed)


@pytest.mark.parametrize("content", [b"", b"x", b"RIFF", b"fLaC", b"OggS", b"ID3", bytes(10_000)])
def test_content_that_is_no_sound(content):
    assert error_of(content).startswith("<bytes>: ")


def test_a_file_is_named_as_it_was_given(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "note.txt").write_text("hello")
    assert error_of("note.txt").startswith("note.txt: not a sound")


def test_no_samples(encode):
    for kind in ("WAV", "AIFF", "CAF"):
        assert "holds no samples" in error_of(encode(np.zeros(0), kind))
    with pytest.raises(AudioError, match="holds no samples"):
        info(encode(np.zeros(0)))
    with pytest.raises(AudioError, match="holds no samples"):
        list(blocks(encode(np.zeros(0)), 10))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_sample_that_is_not_finite_is_located(encode, value):
    samples = np.zeros((16_000, 2))
    samples[12_000, 1] = value
    content = encode(samples, coding="FLOAT")
    assert "a sample at 0.75 s is not finite" in error_of(content)
    assert "a sample at 0.75 s" in error_of(content, offset=0.5)
    assert load(content, duration=0.75).samples.size == 12_000


def test_doubles_beyond_single_precision_are_not_finite(encode):
    assert "not finite" in error_of(encode([0.0, 1e300], coding="DOUBLE"))


@pytest.mark.skipif(bool(why_not_native()), reason="soundfile alone does not notice it")
@pytest.mark.parametrize(
    ("kind", "coding"),
    [
        ("WAV", "PCM_16"),
        ("WAVEX", "PCM_24"),
        ("RF64", "PCM_16"),
        ("AIFF", "PCM_16"),
        ("AIFF", "FLOAT"),
        ("CAF", "PCM_16"),
        ("AU", "PCM_16"),
        ("FLAC", "PCM_16"),
        ("OGG", "VORBIS"),
        ("OGG", "OPUS"),
        ("MP3", "MPEG_LAYER_III"),
    ],
)
@pytest.mark.parametrize("kept", [0.5, 0.9])
def test_truncated_files(stereo, encode, kind, coding, kept):
    content = encode(np.tile(stereo, (4, 1)), kind, coding)
    message = error_of(content[: int(kept * len(content))])
    assert "truncated" in message or "corrupt" in message


@pytest.mark.skipif(bool(why_not_native()), reason="soundfile alone does not notice it")
@pytest.mark.parametrize("size", [100_000_000, 0x7FFE0000, 0xF0000000])
def test_a_wav_header_that_states_too_much(stereo, encode, size):
    content = bytearray(encode(stereo))
    struct.pack_into("<I", content, 4, size + 36)
    struct.pack_into("<I", content, 40, size)
    tracemalloc.start()
    message = error_of(bytes(content))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert f"truncated: its header states {size} bytes" in message
    assert peak < 10 * 2**20


def test_a_flac_header_that_states_hours(stereo, encode):
    content = bytearray(encode(stereo, "FLAC"))
    content[21] |= 0x0F  # the upper 4 of 36 bits of the number of samples
    tracemalloc.start()
    assert "truncated: its header states 64424541440 samples" in error_of(bytes(content))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10 * 2**20


def test_a_header_a_few_bytes_off_is_forgiven(stereo, encode):
    content = bytearray(encode(stereo))
    struct.pack_into("<I", content, 40, 4 * len(stereo) + 44)  # counts the header as samples
    assert load(bytes(content)).samples.size == len(stereo)


def test_a_rate_that_would_flood_the_memory_is_not_resampled(stereo, encode):
    content = bytearray(encode(stereo))
    struct.pack_into("<I", content, 24, 1)
    assert "states a rate of 1 Hz" in error_of(bytes(content), sample_rate=48_000)
    assert load(bytes(content)).sample_rate == 1


def test_damage_inside_a_flac_file(stereo, encode):
    content = bytearray(encode(np.tile(stereo, (4, 1)), "FLAC"))
    middle = len(content) // 2
    content[middle : middle + 4_000] = bytes(4_000)
    assert "corrupt" in error_of(bytes(content))


def test_offsets_and_durations_that_cannot_be(stereo, encode):
    content = encode(stereo)
    for offset in (-1, float("nan"), float("inf")):
        with pytest.raises(AudioError, match="offset must be"):
            load(content, offset=offset)
    for duration in (0, -1, float("nan")):
        with pytest.raises(AudioError, match="duration must be"):
            load(content, duration=duration)
    for kind, coding in (("WAV", "PCM_16"), ("OGG", "VORBIS")):
        message = error_of(encode(stereo, kind, coding), offset=2.0)
        assert "ends at 2 s, before the offset of 2 s" in message


@pytest.mark.parametrize("rate", [0, -16_000, 22_050.5, float("nan")])
def test_sample_rates_that_cannot_be(stereo, encode, rate):
    with pytest.raises(AudioError, match="sample_rate must be a whole number"):
        load(encode(stereo), rate)


def test_a_whole_rate_may_be_a_float(stereo, encode):
    rate = load(encode(stereo), 8_000.0).sample_rate
    assert rate == 8_000
    assert isinstance(rate, int)


@pytest.mark.skipif(bool(why_not_native()), reason="soundfile alone does not notice it")
def test_broken_mp3_prints_nothing(broken_mp3):
    """The decoder in C prints notes; what Python prints meanwhile must still arrive."""
    script = f"""
import contextlib, ctypes, os, sys, soundfile
from sonogram.audio import load
from sonogram.errors import AudioError
with contextlib.suppress(AudioError):
    load({str(broken_mp3)!r})
libc = ctypes.CDLL(None)
libc.fputs(b"restored\\n", ctypes.c_void_p.in_dll(libc, "stderr"))
from sonogram.audio.native import silent_c_stderr
with silent_c_stderr(), silent_c_stderr():
    libc.fputs(b"swallowed\\n", ctypes.c_void_p.in_dll(libc, "stderr"))
    print("python speaks", file=sys.stderr, flush=True)
    os.write(2, b"so does the descriptor\\n")
libc.fputs(b"restored again\\n", ctypes.c_void_p.in_dll(libc, "stderr"))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    expected = ["restored", "python speaks", "so does the descriptor", "restored again"]
    assert done.stderr.splitlines() == expected
    # The check can fail: without the silence the same file makes the decoder speak.
    loud = f"import soundfile; soundfile.read({str(broken_mp3)!r})"
    noise = subprocess.run([sys.executable, "-c", loud], capture_output=True, text=True, check=True)
    assert noise.stderr != ""


@given(data=st.data())
def test_any_damage_gives_samples_or_one_error(data):
    kind, coding = data.draw(
        st.sampled_from([("WAV", "PCM_16"), ("FLAC", "PCM_16"), ("AIFF", "PCM_16"), ("CAF", "ALAW")])
    )
    file = io.BytesIO()
    import soundfile

    soundfile.write(file, np.sin(np.arange(400)), 16_000, format=kind, subtype=coding)
    content = bytearray(file.getvalue())
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(0, len(content)))
    for source in (bytes(content), bytes(content[:end])):
        with contextlib.suppress(AudioError):
            samples, rate = load(source)
            assert np.isfinite(samples).all()
            assert rate > 0
