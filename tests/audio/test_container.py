import struct
import sys

import numpy as np
import pytest

from sonogram.audio import blocks, info, load
from sonogram.errors import AudioError


def test_aac_keeps_length_and_level(stereo, encode_aac):
    content = encode_aac(stereo)
    samples, rate = load(content, mono=False)
    assert rate == 16_000
    # AAC works in frames of 1024 samples: one of delay before, one of padding after.
    assert abs(samples.shape[1] - len(stereo)) <= 2_048
    level = 20 * np.log10(samples.std(axis=1) / stereo.T.std(axis=1))
    assert np.abs(level).max() < 0.5
    facts = info(content)
    assert (facts.format, facts.subtype, facts.channels) == ("MP4", "AAC", 2)
    assert facts.num_samples == samples.shape[1]


@pytest.mark.parametrize(
    ("kind", "coding", "bound"),
    [
        ("matroska", "pcm_u8", 2**-7),
        ("matroska", "pcm_s16le", 2**-15),
        ("matroska", "pcm_s32le", 2**-23),
        ("matroska", "pcm_f32le", 0.0),
        ("matroska", "pcm_f64le", 0.0),
        ("mp4", "alac", 2**-15),
    ],
)
def test_sample_types_have_their_own_full_scale(stereo, encode_aac, kind, coding, bound):
    samples, _ = load(encode_aac(stereo, kind=kind, coding=coding), mono=False)
    assert samples.shape == (2, len(stereo))
    assert np.abs(samples - stereo.T).max() <= bound


@pytest.mark.parametrize("start", [1, 1_023, 1_024, 20_000])
def test_a_part_is_that_slice_of_the_whole(stereo, encode_aac, start):
    content = encode_aac(stereo)
    whole, rate = load(content, mono=False)
    part = load(content, mono=False, offset=start / rate, duration=3_000 / rate).samples
    np.testing.assert_array_equal(part, whole[:, start : start + 3_000])


def test_blocks_joined_equal_the_whole(stereo, encode_aac, tmp_path):
    path = tmp_path / "a.m4a"
    path.write_bytes(encode_aac(stereo))
    pieces = list(blocks(path, 1_000, 11_025))
    np.testing.assert_array_equal(np.concatenate(pieces), load(path, 11_025).samples)


def test_without_the_extra_the_error_names_it(stereo, encode, encode_aac, monkeypatch):
    content = encode_aac(stereo)
    monkeypatch.setitem(sys.modules, "av", None)  # what import finds when it is not installed
    with pytest.raises(AudioError, match=r'AAC.*pip install "sonogram\[av\]"') as caught:
        load(content)
    assert str(caught.value).startswith("<bytes>: ")
    # What libsndfile reads needs no extra, and what it finds broken is not blamed on one.
    assert load(encode(stereo)).samples.size == len(stereo)
    with pytest.raises(AudioError) as caught:
        load(encode(stereo, "FLAC")[:9_000])
    assert "sonogram[av]" not in str(caught.value)


def test_a_truncated_file(stereo, encode_aac):
    content = encode_aac(np.tile(stereo, (4, 1)), kind="matroska")
    with pytest.raises(AudioError, match="truncated: its header states"):
        load(content[: len(content) // 2])


def test_an_offset_beyond_the_end(stereo, encode_aac):
    with pytest.raises(AudioError, match="ends, before the offset of 3 s"):
        load(encode_aac(stereo), offset=3)


def test_playlists_and_pictures_are_no_sound(tmp_path):
    secret = tmp_path / "secret.wav"
    secret.write_bytes(b"")
    playlist = tmp_path / "list.m3u8"
    playlist.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{secret}\n#EXT-X-ENDLIST\n")
    with pytest.raises(AudioError, match="not a sound"):
        load(playlist)


def test_integers_of_64_bits_are_another_decoders(monkeypatch):
    """libsndfile does not know them, which is no damage."""
    samples = (np.arange(-500, 500) << 53).astype("<i8").tobytes()
    form = struct.pack("<HHIIHH", 1, 1, 16_000, 128_000, 8, 64)
    head = b"RIFF" + struct.pack("<I", 36 + len(samples)) + b"WAVEfmt " + struct.pack("<I", 16) + form
    content = head + b"data" + struct.pack("<I", len(samples)) + samples
    found = load(content).samples
    np.testing.assert_allclose(found, np.arange(-500, 500) / 1024, atol=1e-6)
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(AudioError, match=r'unimplemented format\); if it is .* pip install "sonogram\[av\]"'):
        load(content)
