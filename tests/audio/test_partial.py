"""Recordings that were cut off: refused, or read as far as they go with a sentence of what is missing."""

import warnings

import numpy as np
import pytest
from engine_names import why_not_native

from sonogram.audio import PartialSoundWarning, blocks, info, load
from sonogram.errors import AudioError

needs_native = pytest.mark.skipif(bool(why_not_native()), reason="soundfile alone does not notice it")
EXACT = [
    ("WAV", "PCM_16"),
    ("WAV", "FLOAT"),
    ("WAV", "ULAW"),
    ("WAV", "IMA_ADPCM"),
    ("WAVEX", "PCM_24"),
    ("RF64", "PCM_16"),
    ("W64", "PCM_16"),
    ("AIFF", "PCM_16"),
    ("CAF", "PCM_16"),
    ("CAF", "ALAC_16"),
    ("AU", "PCM_16"),
    ("NIST", "PCM_16"),
    ("VOC", "PCM_16"),
    ("FLAC", "PCM_16"),
]
LOSSY = [("OGG", "VORBIS"), ("OGG", "OPUS"), ("MP3", "MPEG_LAYER_III")]


def read_partly(function, *arguments, **options):
    """The result, and the one warning."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = function(*arguments, partial=True, **options)
    assert [each.category for each in caught] == [PartialSoundWarning]
    line = str(caught[0].message)
    assert len(line.splitlines()) == 1
    return result, line


@pytest.fixture
def long(stereo):
    return np.tile(stereo, (4, 1))


@needs_native
@pytest.mark.parametrize(("kind", "coding"), [*EXACT, *LOSSY])
@pytest.mark.parametrize("kept", [0.3, 0.81])
def test_the_part_that_is_there_is_read(long, encode, kind, coding, kept):
    content = encode(long, kind, coding)
    cut = content[: int(kept * len(content))]
    with pytest.raises(AudioError):
        load(cut)
    whole = load(content, mono=False)
    (samples, rate), line = read_partly(load, cut, mono=False)
    assert rate == whole.sample_rate
    assert line.startswith(("<bytes>: truncated", "<bytes>: corrupt after"))
    # Lossy streams vary in bit rate, and FLAC loses up to a piece that the decoder cannot place.
    expected = kept * len(long)
    assert expected - 12_000 < samples.shape[1] <= expected + 12_000
    if (kind, coding) in LOSSY:
        good = samples.shape[1] - 3_000  # the last frame lacks its overlap with the next
        np.testing.assert_allclose(samples[:, :good], whole.samples[:, :good], atol=1e-6)
    else:
        np.testing.assert_array_equal(samples, whole.samples[:, : samples.shape[1]])


@needs_native
@pytest.mark.parametrize(("kind", "coding"), [*EXACT, *LOSSY])
def test_every_way_gives_the_same_part(long, encode, tmp_path, kind, coding):
    content = encode(long, kind, coding)
    path = tmp_path / f"cut.{kind.lower()}"
    path.write_bytes(content[: len(content) // 2])
    (samples, _), line = read_partly(load, path)
    assert line.startswith(f"{path}: ")
    pieces, again = read_partly(lambda *a, **o: list(blocks(*a, **o)), path, 7_000)
    np.testing.assert_array_equal(np.concatenate(pieces), samples)
    assert again == line
    facts, warned = read_partly(info, path)
    assert facts.num_samples == len(samples)
    assert facts.truncated
    assert not facts.not_closed
    assert warned == line
    with path.open("rb") as file:
        (other, _), _ = read_partly(load, file)
    np.testing.assert_array_equal(other, samples)
    with pytest.raises(AudioError):
        info(path, partial=False)


@needs_native
def test_what_is_missing_is_stated_in_seconds(long, encode):
    content = encode(long)  # 8 s: 512,000 bytes after a header of 44
    _, line = read_partly(load, content[: 44 + 128_000])
    assert line == "<bytes>: truncated: only the first 0:02.000 of 0:08.000 are there"
    content = bytearray(encode(long, "FLAC"))
    middle = len(content) // 2
    content[middle : middle + 4_000] = bytes(4_000)
    (samples, _), line = read_partly(load, bytes(content))
    whole = load(encode(long, "FLAC")).samples
    np.testing.assert_array_equal(samples, whole[: len(samples)])
    assert len(whole) // 3 < len(samples) < 2 * len(whole) // 3
    assert line.startswith("<bytes>: corrupt after 0:0")
    assert " of 0:08.000 (" in line
    assert line.endswith("): only the part before is read")


@needs_native
@pytest.mark.parametrize(("kind", "coding"), [("WAV", "PCM_16"), ("FLAC", "PCM_16"), ("OGG", "VORBIS")])
def test_a_wanted_part_that_is_whole_needs_no_warning(long, encode, kind, coding):
    content = encode(long, kind, coding)
    whole = load(content, offset=0.5, duration=1.0).samples
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        part = load(content[: len(content) // 2], offset=0.5, duration=1.0, partial=True)
    np.testing.assert_array_equal(part.samples, whole)


@needs_native
@pytest.mark.parametrize("kind", ["WAV", "FLAC", "AIFF", "W64"])
def test_nothing_is_there(long, encode, kind):
    content = encode(long, kind)
    for size in (45, 60, 100, 200):
        with pytest.raises(AudioError, match=r"; "):
            load(content[:size], offset=7.0, partial=True)
    with pytest.raises(AudioError):
        load(b"", partial=True)


@needs_native
def test_an_offset_beyond_the_part_that_is_there(long, encode):
    content = encode(long)
    with pytest.raises(AudioError, match="ends at 2 s, before the offset of 3 s"):
        load(content[: 44 + 128_000], offset=3.0, partial=True)


@needs_native
def test_a_header_that_states_hours_is_counted(stereo, encode):
    content = bytearray(encode(stereo, "FLAC"))
    content[21] |= 0x0F  # the upper 4 of 36 bits of the number of samples
    facts, line = read_partly(info, bytes(content))
    assert facts.num_samples == len(stereo)
    assert "truncated: only 0:02.000 of 1118:" in line


def test_whole_files_give_no_warning(stereo, encode):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for kind, coding in (*EXACT, *LOSSY):
            content = encode(stereo, kind, coding)
            assert not info(content).truncated
            np.testing.assert_array_equal(load(content, partial=True).samples, load(content).samples)


def test_matroska_is_read_to_where_it_was_cut(stereo, encode_aac):
    content = encode_aac(np.tile(stereo, (4, 1)), kind="matroska")
    whole = load(content).samples
    (samples, _), line = read_partly(load, content[: len(content) // 2])
    assert "truncated: only" in line or "corrupt after" in line
    assert 0.4 * len(whole) < len(samples) < 0.6 * len(whole)
    np.testing.assert_allclose(samples, whole[: len(samples)], atol=1e-6)


@needs_native
@pytest.mark.parametrize(("kind", "coding"), [("WAV", "PCM_16"), ("FLAC", "PCM_16"), ("OGG", "VORBIS")])
def test_the_operation_reads_the_same_part(long, encode, kind, coding):
    import tensorflow as tf

    from sonogram.audio import decode

    content = encode(long, kind, coding)
    cut = content[: len(content) // 2]
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"truncated|corrupt"):
        decode(cut, content=True)
    (samples, _), _ = read_partly(load, cut, mono=False)
    np.testing.assert_array_equal(decode(cut, mono=False, content=True, partial=True).samples, samples)
