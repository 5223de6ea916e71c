"""Each way of loading gives the same samples, or the same sentence, for the files beside the project."""

import io
import os

import numpy as np
import pytest
import tensorflow as tf
from shared_data import DATA
from ways import assert_read, assert_refused

from sonogram.audio import decode, load
from sonogram.errors import AudioError

pytestmark = pytest.mark.accept

FILES = sorted(
    path
    for folder in ("encodings", "malformed", "reports")
    for path in (DATA / folder).glob("*")
    if path.suffix != ".md"
)
PARTS = [{}, {"mono": False}, {"offset": 0.1, "duration": 0.05}, {"sample_rate": 16_000}]

SECONDS = {
    "caf-streamed-size-minus-1.caf": 1.0,
    "mp3-id3v24-with-footer-no-length-tag.mp3": 10.0,
    "mp3-length-tag-says-0-frames-loud-first.mp3": 10.0,
    "mp3-radio-begins-inside-a-frame.mp3": 2.0,
    "mp3-second-id3-holds-the-word-Info.mp3": 10.0,
    "mp3-two-files-joined-first-has-length-tag.mp3": 3.0,
    "nist-sphere-cut-in-half.WAV": None,
    "ogg-vorbis-two-streams-chained.ogg": 1.5,
    "w64-cut-in-half.w64": None,
    "wav-header-says-less-than-the-file-holds.wav": 1.0,
    "wav-id3-tag-before-riff.wav": 1.0,
    "wav-never-closed-data-size-0.wav": 1.0,
    "wav-streamed-data-ffffffff-riff-0.wav": 1.0,
    "wav-with-mp3-inside-whole.wav": 2.0,
}
"""The seconds that each report must give; None: an error."""


def outcome(read):
    """Samples as bytes with their shape and rate, or the sentence without the name of the source."""
    try:
        samples, rate = read()
    except AudioError as error:
        return str(error).split(": ", 1)[1]
    except tf.errors.InvalidArgumentError as error:
        return error.message.split("Node: ", 1)[0]
    return np.asarray(samples).shape, int(rate), np.asarray(samples).tobytes()


def test_the_data_is_there():
    assert len(FILES) > 120


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_way_gives_the_same(path):
    content = path.read_bytes()
    for part in PARTS:
        wanted = outcome(lambda part=part: load(path, **part))
        for source in (content, bytearray(content), io.BytesIO(content)):
            assert outcome(lambda part=part, source=source: load(source, **part)) == wanted
        with path.open("rb") as file:
            assert outcome(lambda part=part, file=file: load(file, **part)) == wanted
    for mono in (True, False):
        wanted = outcome(lambda mono=mono: load(path, mono=mono))
        made = outcome(lambda mono=mono: decode(os.fspath(path), mono=mono))
        if isinstance(wanted, str):  # PyAV words what libsndfile does not know
            assert isinstance(made, str)
            assert wanted in made or "not a sound that libsndfile can read" in made
        elif isinstance(made, str):
            assert "not a sound that libsndfile can read" in made
        else:
            assert made == wanted


@pytest.mark.parametrize("name", SECONDS)
def test_reports_have_the_right_length(name):
    content, seconds = (DATA / "reports" / name).read_bytes(), SECONDS[name]
    if seconds is None:
        assert_refused(content, "truncated")
        return
    samples, rate = load(content)
    lossy = name.endswith((".mp3", ".ogg")) or "mp3" in name
    assert abs(samples.size / rate - seconds) <= (0.1 if lossy else 0)
    assert_read(content, samples)
