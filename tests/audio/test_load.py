import io
import os
import struct
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
import soundfile
from engine_names import why_not_native

from sonogram.audio import Audio, blocks, info, load, versions
from sonogram.errors import AudioError

# Error of one stored value: half a step of the integers, by their bits; A-law and mu-law keep at
# least 4 bits of each value's magnitude, so 1/32 of full scale 0.7 bounds them.
CODINGS = {
    ("WAV", "PCM_U8"): 2**-7,
    ("WAV", "PCM_16"): 2**-15,
    ("WAV", "PCM_24"): 2**-23,
    ("WAV", "PCM_32"): 2**-23,
    ("WAV", "FLOAT"): 0.0,
    ("WAV", "DOUBLE"): 0.0,
    ("WAV", "ALAW"): 0.03,
    ("WAV", "ULAW"): 0.03,
    ("WAVEX", "PCM_16"): 2**-15,
    ("WAVEX", "PCM_24"): 2**-23,
    ("WAVEX", "FLOAT"): 0.0,
    ("RF64", "PCM_16"): 2**-15,
    ("AIFF", "PCM_16"): 2**-15,
    ("AIFF", "PCM_24"): 2**-23,
    ("CAF", "PCM_16"): 2**-15,
    ("CAF", "ALAW"): 0.03,
    ("AU", "PCM_16"): 2**-15,
    ("FLAC", "PCM_16"): 2**-15,
    ("FLAC", "PCM_24"): 2**-23,
}
LOSSY = [("OGG", "VORBIS"), ("OGG", "OPUS"), ("MP3", "MPEG_LAYER_III")]


@pytest.mark.parametrize(("kind", "coding"), CODINGS)
def test_lossless_codings_give_the_samples_that_were_written(stereo, encode, kind, coding):
    audio = load(encode(stereo, kind, coding), mono=False)
    assert isinstance(audio, Audio)
    assert audio.sample_rate == 16_000
    assert audio.samples.dtype == np.float32
    assert audio.samples.shape == (2, len(stereo))
    assert np.abs(audio.samples - stereo.T).max() <= CODINGS[kind, coding]


@pytest.mark.parametrize(("kind", "coding"), LOSSY)
def test_lossy_codings_keep_length_and_level(stereo, encode, kind, coding):
    samples, _ = load(encode(stereo, kind, coding), mono=False)
    assert samples.shape == (2, len(stereo))
    # A codec at its default quality keeps tones within half a decibel; a wrong scale would not.
    level = 20 * np.log10(samples.std(axis=1) / stereo.T.std(axis=1))
    assert np.abs(level).max() < 0.5


def test_mono_is_the_mean_over_channels(encode):
    channels = np.array([[0.5, 0.25, -0.25], [-0.5, 0.75, 0.5]], np.float32)
    samples, _ = load(encode(channels, coding="FLOAT"))
    np.testing.assert_allclose(samples, [1 / 6, 0.25], rtol=1e-7)
    assert samples.ndim == 1


def test_one_channel_stays_a_row_when_not_mono(stereo, encode):
    assert load(encode(stereo[:, 0]), mono=False).samples.shape == (1, len(stereo))


def test_floats_beyond_full_scale_stay(encode):
    np.testing.assert_array_equal(load(encode([2.0, -3.0], coding="FLOAT")).samples, [2, -3])


def test_paths_bytes_and_file_objects_give_the_same(stereo, encode, tmp_path):
    content = encode(stereo)
    path = tmp_path / "ä sound.wav"
    path.write_bytes(content)
    expected = load(content).samples
    with path.open("rb") as file:
        file.seek(17)
        for source in (path, str(path), bytearray(content), memoryview(content), file):
            np.testing.assert_array_equal(load(source).samples, expected)
        assert file.tell() == 17


def test_a_pipe_is_read(stereo, encode):
    content = encode(stereo[:500])
    reading, writing = os.pipe()
    os.write(writing, content)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        assert load(pipe).samples.shape == (500,)


@pytest.mark.parametrize(("kind", "coding"), [("WAV", "PCM_16"), ("FLAC", "PCM_16"), *LOSSY])
@pytest.mark.parametrize("start", [1, 9_999, 31_000])
def test_a_part_is_that_slice_of_the_whole(stereo, encode, kind, coding, start):
    content = encode(stereo, kind, coding)
    whole, rate = load(content, mono=False)
    # Opus is decoded at 48 kHz whatever was encoded.
    begin, count = start * rate // 16_000, 2_000
    part = load(content, mono=False, offset=begin / rate, duration=count / rate).samples
    np.testing.assert_array_equal(part, whole[:, begin : begin + count])


def test_consecutive_parts_of_equal_duration_have_equal_length(stereo, encode):
    content = encode(stereo[:, 0], rate=11_025)
    lengths = {load(content, offset=k / 7, duration=1 / 7).samples.size for k in range(7)}
    assert lengths == {round(11_025 / 7)}


def test_a_duration_beyond_the_end_gives_what_is_there(stereo, encode):
    assert load(encode(stereo), offset=1.5, duration=9).samples.shape == (8_000,)


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_001, 22_050, 44_100, 48_000])
@pytest.mark.parametrize("count", [1, 2, 3, 441, 5_000])
def test_resampled_length_is_rounded_up(stereo, encode, rate, count):
    samples, given = load(encode(stereo[:count]), rate)
    assert given == rate
    assert samples.size == -(-count * rate // 16_000)


@pytest.mark.parametrize("rate", [8_000, 22_050, 48_000])
def test_a_resampled_tone_is_that_tone(encode, rate):
    tone = np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000)
    samples, _ = load(encode(tone, coding="FLOAT"), rate)
    expected = np.sin(2 * np.pi * 440 * np.arange(rate) / rate)
    inner = slice(rate // 20, -rate // 20)  # silence around the sound shows at its edges
    # The resampler's high quality is 20 bits: 1e-6. Twice that for its pass band.
    np.testing.assert_allclose(samples[inner], expected[inner], atol=2e-6)


def test_resampling_down_removes_what_would_alias(encode):
    tone = np.sin(2 * np.pi * 6_000 * np.arange(16_000) / 16_000)
    samples, _ = load(encode(tone, coding="FLOAT"), 8_000)
    assert np.abs(samples[400:-400]).max() < 1e-5  # 100 dB down: 20 bits are 120 dB


def test_the_last_sample_of_a_rounded_up_length_is_real(encode):
    # 16 000 -> 44 100 of a constant: were the end filled with zeros, the last value would be 0.
    samples, _ = load(encode(np.full(4_001, 0.5), coding="FLOAT"), 44_100)
    assert samples.size == -(-4_001 * 441 // 160)
    assert abs(samples[-1]) > 0.1


@pytest.mark.parametrize("size", [1_000, 4_096, 65_536, 10**6])
@pytest.mark.parametrize("rate", [None, 11_025, 48_000])
@pytest.mark.parametrize("mono", [True, False])
def test_blocks_joined_equal_the_whole(stereo, encode, size, rate, mono):
    content = encode(np.tile(stereo, (5, 1)), "OGG", "VORBIS")
    whole = load(content, rate, mono=mono, offset=0.3, duration=9).samples
    pieces = list(blocks(content, size, rate, mono=mono, offset=0.3, duration=9))
    assert all(piece.shape[-1] == size for piece in pieces[:-1])
    np.testing.assert_array_equal(np.concatenate(pieces, axis=-1), whole)


def test_blocks_left_early_close_their_file(stereo, encode, tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(encode(stereo))
    stream = blocks(path, 100)
    assert next(stream).shape == (100,)
    stream.close()  # an open file would be a ResourceWarning, and warnings are errors


def test_block_size_must_be_a_whole_number():
    for size in (0, -1, 1.5, True):
        with pytest.raises(AudioError, match="block_samples"):
            blocks(b"", size)


@pytest.mark.parametrize(
    ("kind", "coding"), [("WAV", "PCM_24"), ("FLAC", "PCM_16"), ("MP3", "MPEG_LAYER_III")]
)
def test_info_agrees_with_load(stereo, encode, kind, coding):
    facts = info(encode(stereo, kind, coding))
    assert (facts.sample_rate, facts.channels, facts.num_samples) == (16_000, 2, len(stereo))
    assert (facts.format, facts.subtype, facts.duration) == (kind, coding, 2.0)


# What players and taggers append: each is skipped, and more than 1024 bytes of it.
APE_ITEMS = b"hello world " * 300
TAGS = {
    "nothing": b"",
    "ID3v1": b"TAG" + b"a" * 125,
    "APEv2": APE_ITEMS + struct.pack("<8s4I8x", b"APETAGEX", 2000, 3632, 1, 0),
    "APEv2 with header": bytes(32) + APE_ITEMS + struct.pack("<8s4I8x", b"APETAGEX", 2000, 3632, 1, 1 << 31),
    "Lyrics3": b"LYRICSBEGIN" + b"la " * 1000 + b"003011LYRICS200" + b"TAG" + b"a" * 125,
    "zeros": bytes(50_000),
    "half a frame": b"\xff\xfb\x90\x00" + bytes(200),
}


def test_mp3_from_bytes_and_from_a_file_object_is_that_of_the_path(stereo, encode, tmp_path):
    """What looks into the content for the length must not move what the decoder reads from."""
    path = tmp_path / "a.mp3"
    path.write_bytes(encode(stereo, "MP3", "MPEG_LAYER_III"))
    with path.open("rb") as file:
        for source in (path.read_bytes(), file):
            np.testing.assert_array_equal(load(source).samples, load(path).samples)


@pytest.mark.skipif(bool(why_not_native()), reason="soundfile alone cuts it")
@pytest.mark.parametrize("tag", TAGS)
def test_an_mp3_of_changing_rate_that_states_no_length_is_read_to_its_end(encode, tag):
    rng = np.random.default_rng(3)
    loud, quiet = rng.uniform(-0.9, 0.9, 44_100), np.zeros(5 * 44_100)
    content = encode(np.concatenate([loud, quiet]), "MP3", "MPEG_LAYER_III", 44_100)
    start = min(found for name in (b"Xing", b"Info") if (found := content.find(name)) >= 0)
    content = content[:start] + b"None" + content[start + 4 :] + TAGS[tag]
    count = load(content).samples.size
    assert info(content).num_samples == count
    # Without the tag nobody trims the coder's delay and padding: a frame or two, and its own.
    assert 6 * 44_100 <= count <= 6 * 44_100 + 3 * 1152 + 1
    parts = [load(content, offset=k, duration=1).samples for k in range(6)]
    np.testing.assert_array_equal(np.concatenate(parts), load(content, duration=6).samples)


def test_a_flac_file_from_a_pipe_has_no_length_and_is_read(stereo, encode):
    content = bytearray(encode(stereo, "FLAC"))
    content[21] &= 0xF0  # the number of samples, 36 bits, to 0: unknown
    content[22:26] = bytes(4)
    np.testing.assert_array_equal(load(bytes(content)).samples, load(encode(stereo, "FLAC")).samples)
    assert load(bytes(content), offset=1, duration=0.5).samples.size == 8_000
    assert info(bytes(content)).num_samples == len(stereo)


def test_a_wav_file_from_a_pipe_says_the_largest_size_and_is_read(stereo, encode):
    content = bytearray(encode(stereo))
    content[4:8] = content[40:44] = b"\xff" * 4
    assert load(bytes(content)).samples.size == len(stereo)


def test_reading_in_blocks_does_not_gather_memory(stereo, tmp_path):
    import tracemalloc

    path = tmp_path / "long.wav"
    with soundfile.SoundFile(path, "w", 16_000, 2, "PCM_16") as file:
        for _ in range(150):  # five minutes, 38 MB as floats
            file.write(stereo)
    count = sum(block.size for block in blocks(path, 4_096, 8_000))  # imports and first buffers
    tracemalloc.start()
    for block in blocks(path, 4_096, 8_000):
        count -= block.size
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 0
    assert peak < 4 * 2**20  # a few chunks of 65 536 x 2 floats, half a megabyte each


def test_examples_of_the_clone_are_read():
    folder = Path(__file__).resolve().parents[2] / "examples"
    clips = [p for p in sorted(folder.rglob("*")) if p.suffix in {".wav", ".mp3", ".flac"}]
    assert clips
    for clip in clips:
        assert load(clip, 16_000).samples.size == -(
            -info(clip).num_samples * 16_000 // info(clip).sample_rate
        )


def test_importing_the_package_loads_no_library_for_sound():
    import subprocess
    import sys

    script = (
        "import sys, sonogram.audio; "
        "print([m for m in ('soundfile', 'soxr', 'av', 'tensorflow', 'keras') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_what_a_failing_file_object_says_is_the_reason(encode, stereo):
    class Failing(io.BytesIO):
        reads = 0

        def read(self, size=-1):
            self.reads += 1
            if self.reads > 5:
                raise OSError("the network is gone")
            return super().read(size)

    with pytest.raises(AudioError, match=r"<file>: cannot be read .*the network is gone"):
        load(Failing(encode(stereo)))


def test_versions_name_all_that_decides_about_the_bits():
    found = versions()
    assert set(found) == {"soundfile", "libsndfile", "soxr", "av"}
    assert found["av"] == version("av")
    assert found["soxr"] == version("soxr")
