"""The native decoder: the samples that libsndfile gives to soundfile, and one sentence for each problem."""

import io
import subprocess
import sys
import threading

import numpy as np
import pytest
from engine_names import why_not_native
from hypothesis import given, strategies as st

from sonogram.audio import blocks, info, load, native, resample
from sonogram.audio.problems import NATIVE_PROBLEMS, Problem
from sonogram.errors import AudioError

pytestmark = pytest.mark.skipif(bool(why_not_native()), reason=why_not_native() or "it is here")

KINDS = [
    *(
        ("WAV", coding)
        for coding in ("PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ALAW", "ULAW", "IMA_ADPCM")
    ),
    *(("WAVEX", coding) for coding in ("PCM_16", "PCM_24", "FLOAT")),
    *(("AIFF", coding) for coding in ("PCM_16", "PCM_24")),
    *(("CAF", coding) for coding in ("PCM_16", "ALAW")),
    *(("FLAC", coding) for coding in ("PCM_16", "PCM_24")),
    ("RF64", "PCM_16"),
    ("W64", "PCM_16"),
    ("AU", "PCM_16"),
    ("OGG", "VORBIS"),
    ("OGG", "OPUS"),
    ("MP3", "MPEG_LAYER_III"),
]
PARTS = [{}, {"offset": 0.5}, {"offset": 0.25, "duration": 1.0}, {"duration": 0.1}, {"offset": 1.9999}]


def without_library(read, source, **wanted):
    """What soundfile alone gives, as where the native library was not built."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(native, "available", lambda: False)
        return read(source, **wanted)


def test_libsndfile_is_found():
    assert native.available()


@pytest.mark.parametrize(("kind", "coding"), KINDS)
def test_every_format_gives_the_bits_of_soundfile(stereo, encode, tmp_path, kind, coding):
    path = tmp_path / "sound"
    for samples in (stereo, stereo[:, 0], np.tile(stereo, (1, 3))[:, :5]):
        if coding in ("MPEG_LAYER_III", "OPUS", "IMA_ADPCM") and samples.ndim > 1 and samples.shape[1] > 2:
            continue
        content = encode(samples, kind, coding)
        path.write_bytes(content)
        assert info(path) == without_library(info, path)
        for part in PARTS:
            for mono in (True, False):
                want = without_library(load, content, mono=mono, **part)
                for source in (content, path, io.BytesIO(content)):
                    made = load(source, mono=mono, **part)
                    assert made.sample_rate == want.sample_rate
                    assert made.samples.flags.c_contiguous
                    np.testing.assert_array_equal(made.samples, want.samples)


@pytest.mark.parametrize("rate", [8_000, 44_100, 15_999])
def test_another_rate_is_that_of_soxr_and_of_blocks(stereo, encode, rate):
    for kind, coding in (("WAV", "PCM_16"), ("FLAC", "PCM_24"), ("OGG", "VORBIS")):
        content = encode(np.tile(stereo, (3, 1)), kind, coding)  # more than is decoded at a time
        for wanted in ({}, {"mono": False}, {"offset": 0.3, "duration": 4.5}):
            made = load(content, rate, **wanted).samples
            want = without_library(load, content, sample_rate=rate, **wanted).samples
            np.testing.assert_array_equal(made, want)
            pieces = np.concatenate(list(blocks(content, 9_999, rate, **wanted)), axis=-1)
            np.testing.assert_array_equal(made, pieces)


def test_long_files_are_read_piece_by_piece(stereo, encode, tmp_path):
    """Beyond what is read into memory at once, and beyond what is decoded at a time."""
    path = tmp_path / "long.wav"
    for coding in ("PCM_32", "ULAW"):
        path.write_bytes(encode(np.tile(stereo, (100, 1)), "WAV", coding))
        assert path.stat().st_size > 4 << 20
        for wanted in ({}, {"mono": False, "offset": 3.3, "duration": 30.0}):
            want = without_library(load, path, **wanted).samples
            np.testing.assert_array_equal(load(path, **wanted).samples, want)
            with path.open("rb") as file:
                np.testing.assert_array_equal(load(file, **wanted).samples, want)


def test_every_problem_has_one_sentence_with_a_remedy():
    assert [problem for problem in Problem if problem not in NATIVE_PROBLEMS]
    for problem in Problem:
        assert "; " in problem.value
        assert len(problem.value.splitlines()) == 1


def test_what_libsndfile_does_not_know_is_read_all_the_same(stereo, encode_aac):
    content = encode_aac(stereo)
    want = load(content).samples
    for source in (io.BytesIO(content), memoryview(content), bytearray(content)):
        np.testing.assert_array_equal(load(source).samples, want)


@given(data=st.data())
def test_any_damage_gives_the_same_from_memory_and_from_a_file_object(data):
    kinds = [("WAV", "PCM_16"), ("WAV", "FLOAT"), ("FLAC", "PCM_16"), ("AIFF", "PCM_16"), ("CAF", "ALAW")]
    kinds += [("OGG", "VORBIS"), ("AU", "PCM_16"), ("RF64", "PCM_16"), ("MP3", "MPEG_LAYER_III")]
    kinds += [("W64", "PCM_16"), ("WAV", "ULAW")]
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
        outcomes = []
        for form in (source, io.BytesIO(source)):
            try:
                samples = load(form, mono=False).samples
                assert np.isfinite(samples).all()
                outcomes.append((samples.shape, samples.tobytes()))
            except AudioError as error:
                outcomes.append(str(error).split(": ", 1)[1])
        assert outcomes[0] == outcomes[1]


def test_threads_share_nothing(stereo, encode):
    """Good and broken files at once: libsndfile keeps the error of a failed opening for the process."""

    def outcome(source):
        try:
            return load(source).samples.tobytes()
        except AudioError as error:
            return str(error)

    sources = [encode(stereo, "FLAC"), encode(stereo, "FLAC")[:20], b"no sound at all"]
    wanted = [outcome(source) for source in sources]
    wrong = []

    def work(source, expected):
        for _ in range(60):
            if (found := outcome(source)) != expected:
                wrong.append(found)

    threads = [threading.Thread(target=work, args=job) for job in list(zip(sources, wanted, strict=True)) * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_broken_mp3_prints_nothing(broken_mp3):
    """Several threads silence the decoder at once, and stderr comes back."""
    script = f"""
import contextlib, ctypes, threading
from sonogram.audio import load
from sonogram.errors import AudioError
def work():
    for _ in range(20):
        with contextlib.suppress(AudioError):
            load({str(broken_mp3)!r})
threads = [threading.Thread(target=work) for _ in range(4)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
libc = ctypes.CDLL(None)
libc.fputs(b"restored\\n", ctypes.c_void_p.in_dll(libc, "stderr"))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr.splitlines() == ["restored"]


def test_samples_may_be_written_and_outlive_their_source(stereo, encode):
    part = load(encode(stereo)).samples[100:200]
    want = part.copy()
    for _ in range(50):
        load(encode(stereo))
    np.testing.assert_array_equal(part, want)
    part[:] = 0


def test_the_filter_of_the_library_takes_what_load_gives(stereo, encode):
    own = load(encode(stereo), mono=False)
    assert resample(own.samples, own.sample_rate, 8_000).shape == (2, len(stereo) // 2)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the peak of memory is read from /proc")
def test_many_channels_take_no_memory_of_their_own():
    """A header of 76 bytes states 1024 channels: 256 MB were taken for them, whatever the file holds."""
    header = b".snd" + np.array([24, 0xFFFFFFFF, 2, 16_000, 1_024], ">u4").tobytes()
    script = f"""
import re
from sonogram.audio import load

def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])

load({header[:-2] + bytes([0, 1])!r} + bytes(64), mono=False)
before = peak()
print(load({header!r} + bytes(4_096), mono=False).samples.shape, peak() - before < 30_000)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["(1024,", "4)", "True"]
