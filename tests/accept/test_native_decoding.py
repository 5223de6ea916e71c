"""Decoding in the native library on real and on malformed files, beside the project (SONOGRAM_DATA)."""

import numpy as np
import pytest
from shared_data import DATA

from sonogram.audio import load, native as sound
from sonogram.errors import AudioError

pytestmark = pytest.mark.accept

FILES = sorted(path for folder in ("encodings", "malformed") for path in (DATA / folder).glob("*"))
PARTS = [{}, {"mono": False}, {"offset": 0.1, "duration": 0.05}, {"sample_rate": 16_000}]


def outcome(read, path, part):
    """Samples and rate, or the words of the error."""
    try:
        samples, rate = read(path, **part)
    except AudioError as error:
        return str(error), 0
    return samples, rate


def test_the_data_is_there():
    assert len(FILES) > 100


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_library_gives_the_bits_or_the_words_of_load(path):
    assert sound.available()
    for part in PARTS:
        (made, made_rate), (want, rate) = outcome(sound.load, path, part), outcome(load, path, part)
        assert made_rate == rate
        np.testing.assert_array_equal(made, want)
