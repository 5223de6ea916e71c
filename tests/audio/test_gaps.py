"""Frames of FLAC and pages of Ogg that are missing in the middle, and FLAC files that were joined."""

import io
import warnings

import numpy as np
import pytest
import soundfile
import tensorflow as tf
from engine_names import why_not_native

from sonogram.audio import blocks, decode, info, load
from sonogram.errors import AudioError, PartialSoundWarning

pytestmark = pytest.mark.skipif(bool(why_not_native()), reason=why_not_native() or "it is here")

RATE = 16_000
BLOCK = 4_096  # samples in a frame of libsndfile's FLAC


def noisy(seconds, level=0.1, channels=1):
    rng = np.random.default_rng(int(seconds * 10))
    return rng.uniform(-level, level, (int(seconds * RATE), channels))


def encoded(samples, kind="FLAC", coding="PCM_16", rate=RATE):
    file = io.BytesIO()
    soundfile.write(file, samples, rate, coding, format=kind)
    return file.getvalue()


def frames_of(content):
    """The places of the frames of a FLAC file that is shorter than 128 frames, at their numbers."""
    places = []
    while True:
        found = content.find(b"\xff\xf8", places[-1] + 1 if places else 0)
        while found >= 0 and content[found + 4] != len(places):
            found = content.find(b"\xff\xf8", found + 1)
        if found < 0:
            return places
        places.append(found)


def pages_of(content):
    return [place for place in range(len(content)) if content.startswith(b"OggS", place)]


def assert_gap(content, seconds):
    """Strict loading refuses in every way; what precedes the gap is read on request."""
    for read in (
        lambda: load(content),
        lambda: load(io.BytesIO(content)),
        lambda: list(blocks(content, 1_000)),
    ):
        with pytest.raises(AudioError, match=rf"samples are missing after {seconds:g} s; copy") as caught:
            read()
        assert len(str(caught.value).splitlines()) == 1
    with pytest.raises(tf.errors.InvalidArgumentError, match="samples are missing after"):
        decode(content, content=True)
    with pytest.warns(PartialSoundWarning, match="samples are missing after 0:0") as caught:
        samples = load(content, partial=True).samples
    assert len(caught) == 1
    assert samples.size == round(seconds * RATE)
    return samples


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("coding", ["PCM_16", "PCM_24"])
@pytest.mark.parametrize(("first", "last"), [(1, 2), (5, 6), (5, 9), (22, 23)])
def test_missing_frames_of_flac(channels, coding, first, last):
    whole = encoded(noisy(6.1, channels=channels), coding=coding)
    places = frames_of(whole)
    assert len(places) == 24
    content = whole[: places[first]] + whole[places[last] :]
    samples = assert_gap(content, first * BLOCK / RATE)
    np.testing.assert_array_equal(samples, load(whole).samples[: first * BLOCK])


def test_parts_beside_a_gap_are_read():
    whole = encoded(noisy(6.1))
    places = frames_of(whole)
    content = whole[: places[5]] + whole[places[6] :]
    expected = load(whole).samples
    before = load(content, duration=5 * BLOCK / RATE).samples
    np.testing.assert_array_equal(before, expected[: 5 * BLOCK])
    after = load(content, offset=7 * BLOCK / RATE).samples
    np.testing.assert_array_equal(after, expected[7 * BLOCK :])
    with pytest.raises(AudioError, match="no frame holds the wanted sample"):
        load(content, offset=5.5 * BLOCK / RATE)


def test_silence_and_repeated_frames_are_no_gap():
    for samples in (np.zeros(100_000), np.r_[noisy(1)[:, 0], np.zeros(50_000), noisy(1)[:, 0]]):
        whole = encoded(samples)
        np.testing.assert_array_equal(load(whole).samples, soundfile.read(io.BytesIO(whole))[0].astype("f"))
    whole = encoded(noisy(6.1))
    places = frames_of(whole)
    load(whole[: places[5]] + whole[places[4] :])


@pytest.mark.parametrize("copies", [2, 3])
def test_joined_flac(copies):
    parts = [encoded(noisy(1 + i)) for i in range(copies)]
    content = b"".join(parts)
    expected = np.concatenate([load(part).samples for part in parts])
    np.testing.assert_array_equal(load(content).samples, expected)
    np.testing.assert_array_equal(
        load(io.BytesIO(content), offset=0.9).samples, expected[round(0.9 * RATE) :]
    )
    np.testing.assert_array_equal(decode(content, content=True).samples.numpy(), expected)
    assert info(content).num_samples == len(expected)


@pytest.mark.parametrize("repeated", [False, True])
def test_long_joined_flac(repeated):
    """Beyond 4 MiB not every byte is searched."""
    first = encoded(noisy(200, 0.9))
    second = first if repeated else encoded(noisy(150, 0.9))
    assert len(first) > 5 << 20
    assert info(first).num_samples == 200 * RATE
    assert info(first + second).num_samples == (400 if repeated else 350) * RATE
    assert load(first + second, duration=1.0).samples.size == RATE


def test_joined_flac_of_other_rates_is_refused():
    with pytest.raises(AudioError, match="different sample rates"):
        load(encoded(noisy(1)) + encoded(noisy(1), rate=8_000))


def test_joined_flac_whose_second_part_is_cut():
    content = encoded(noisy(1)) + encoded(noisy(2))[:-20_000]
    with pytest.raises(AudioError, match=r"truncated|lost sync"):
        load(content)
    with pytest.warns(PartialSoundWarning, match=r"could be decoded|only the part before"):
        assert RATE < load(content, partial=True).samples.size < 3 * RATE


@pytest.mark.parametrize("coding", ["VORBIS", "OPUS"])
def test_missing_pages_of_ogg(coding):
    whole = encoded(noisy(12), "OGG", coding)
    places = pages_of(whole)
    middle = len(places) // 2
    content = whole[: places[middle]] + whole[places[middle + 1] :]
    facts_whole = load(whole).samples
    with pytest.warns(PartialSoundWarning):
        facts = info(content)
    assert facts.truncated
    samples = assert_gap(content, facts.num_samples / RATE)
    np.testing.assert_array_equal(samples, facts_whole[: len(samples)])
    assert 0.2 * len(facts_whole) < len(samples) < 0.6 * len(facts_whole)


@pytest.mark.parametrize("coding", ["VORBIS", "OPUS"])
def test_recording_that_begins_within_an_ogg_stream(coding):
    """Servers send the headers to each listener, then the pages of that time."""
    whole = encoded(noisy(40), "OGG", coding)
    places = pages_of(whole)
    content = whole[: places[2]] + whole[places[len(places) // 2] :]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        samples = load(content).samples
    assert 0.3 * 40 * RATE < len(samples) < 0.7 * 40 * RATE
    assert info(content).num_samples == len(samples)
