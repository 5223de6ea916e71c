"""MPEG audio of all layers and versions, AVI, edit lists of MP4, gain of Opus, FLAC with missing frames."""

import io
import struct
from fractions import Fraction

import numpy as np
import pytest
from engine_names import why_not_native
from scipy import signal

from sonogram.audio import info, load
from sonogram.errors import AudioError, PartialSoundWarning

RATE = 16_000
NATIVE = pytest.mark.skipif(bool(why_not_native()), reason="libsndfile alone reads it otherwise")


def sweep(rate: int = RATE, seconds: int = 1) -> np.ndarray:
    """Return a sweep from 100 Hz to a tenth of the rate above: no delay of it is like another one."""
    time = np.arange(rate * seconds) / rate
    return (0.5 * np.sin(2 * np.pi * (100 + 0.05 * rate / seconds * time) * time)).astype(np.float32)


def container(samples: np.ndarray, kind: str, coding: str, rate: int = RATE) -> bytes:
    """Encode with FFmpeg, with the time of the first sample, so that MP4 gets its edit list."""
    import av

    file = io.BytesIO()
    with av.open(file, "w", format=kind) as opened:
        stream = opened.add_stream(coding, rate=rate, layout="mono")
        frame = av.AudioFrame.from_ndarray(samples[None], format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
        resampler = av.AudioResampler(stream.codec_context.format, "mono", rate)
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            opened.mux(stream.encode(piece))
        opened.mux(stream.encode(None))
    return file.getvalue()


def delay(samples: np.ndarray, original: np.ndarray) -> int:
    """Return how many samples later the original is found; it must be found well."""
    # np.correlate takes the square of the length: minutes for each second of sound under an emulator.
    correlation = signal.correlate(samples.astype(np.float64), original.astype(np.float64), method="fft")
    place = int(np.argmax(correlation)) - len(original) + 1
    # The lowest bit rates of the encoders leave 0.94 of the energy.
    assert correlation.max() > 0.9 * (original.astype(np.float64) ** 2).sum()
    return place


@pytest.mark.parametrize("rate", [8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000])
def test_mp3_of_each_version(encode, rate):
    """MPEG 2.5 has 8 to 12 kHz, MPEG 2 16 to 24 kHz, MPEG 1 the rest. LAME's tag states delay and length."""
    original = sweep(rate)
    content = encode(original, "MP3", "MPEG_LAYER_III", rate)
    samples, found = load(content)
    assert found == rate
    assert len(samples) == info(content).num_samples == rate
    assert abs(delay(samples, original)) <= 1


@pytest.mark.parametrize("rate", [16_000, 22_050, 24_000, 32_000, 44_100, 48_000])
def test_layer_two(rate):
    """It has no tag: the delay of the encoder, 481 samples, stays, and the last frame is whole."""
    original = sweep(rate)
    content = container(original, "mp2", "mp2", rate)
    samples, found = load(content)
    assert found == rate
    assert len(samples) == info(content).num_samples
    assert len(samples) % 1_152 == 0
    assert delay(samples, original) == 481


@NATIVE
@pytest.mark.parametrize("free", [False, True])
@pytest.mark.parametrize(("layer", "samples"), [(1, 384), (2, 1_152)])
def test_frames_of_layers_one_and_two(layer, samples, free):
    """Frames without bits for any subband. Free format states no bit rate: the next frame is searched for."""
    rate, bit_rate, index, count = 48_000, {1: 128_000, 2: 64_000}[layer], 4, 40
    size = 12 * bit_rate // rate * 4 if layer == 1 else 144 * bit_rate // rate
    header = (
        0xFFF << 20 | 1 << 19 | (4 - layer) << 17 | 1 << 16 | (0 if free else index) << 12 | 1 << 10 | 3 << 6
    )
    content = (struct.pack(">I", header) + bytes(size - 4)) * count
    found = load(content)
    assert found.sample_rate == rate
    assert found.samples.shape == (count * samples,)
    assert not found.samples.any()
    assert info(content).num_samples == count * samples


@pytest.mark.parametrize(
    ("kind", "coding", "rate"),
    [
        ("mp4", "aac", 16_000),
        ("ipod", "aac", 44_100),
        ("mov", "aac", 16_000),
        ("mp4", "libopus", 48_000),
        ("mp4", "libmp3lame", 24_000),
    ],
)
def test_the_edit_list_of_mp4(kind, coding, rate):
    """It leaves out the delay of the encoder and the padding of the last frame."""
    original = sweep(rate)
    content = container(original, kind, coding, rate)
    assert b"elst" in content
    samples = load(content).samples
    assert len(samples) == info(content).num_samples == rate
    assert abs(delay(samples, original)) <= 1
    np.testing.assert_array_equal(load(content, offset=0.75).samples, samples[rate * 3 // 4 :])


@pytest.mark.parametrize("coding", ["pcm_s16le", "mp2", "libmp3lame", "aac"])
def test_avi(coding):
    original = sweep(seconds=5)
    content = container(original, "avi", coding)
    samples = load(content).samples
    assert 0 <= len(samples) - len(original) <= 3 * 1_152  # delay and padding
    assert 0 <= delay(samples, original) <= 2_304
    assert len(samples) == info(content).num_samples


@NATIVE
@pytest.mark.parametrize("coding", ["pcm_s16le", "mp2"])
def test_a_truncated_avi(coding):
    content = container(sweep(seconds=5), "avi", coding)
    cut = content[: len(content) // 2]
    with pytest.raises(AudioError, match="truncated: its header states"):
        load(cut)
    with pytest.warns(PartialSoundWarning, match="truncated"):
        assert info(cut).truncated
    with pytest.warns(PartialSoundWarning, match="truncated"):
        samples = load(cut, partial=True).samples
    whole = len(samples) - 1_152  # the last frame of MP2 is cut
    np.testing.assert_array_equal(samples[:whole], load(content).samples[:whole])
    assert len(samples) > 2 * RATE


def test_the_gain_of_opus(encode):
    """The header states a gain in decibels that every decoder applies."""
    content = encode(sweep(48_000), "OGG", "OPUS", 48_000)
    level = load(content).samples.std()
    for decibels in (-6, 6):
        samples = load(with_gain(content, decibels)).samples
        assert samples.shape == (48_000,)
        assert 20 * np.log10(samples.std() / level) == pytest.approx(decibels, abs=0.05)


def with_gain(content: bytes, decibels: int) -> bytes:
    """Write the gain into the header of Opus, and the checksum of its page."""
    changed = bytearray(content)
    struct.pack_into("<h", changed, changed.index(b"OpusHead") + 16, decibels * 256)
    page = changed.index(b"OggS", 4)
    struct.pack_into("<I", changed, 22, 0)
    checksum = 0
    for byte in changed[:page]:
        checksum ^= byte << 24
        for _ in range(8):
            checksum = (checksum << 1 ^ (0x04C11DB7 if checksum & 0x80000000 else 0)) & 0xFFFFFFFF
    struct.pack_into("<I", changed, 22, checksum)
    return bytes(changed)
