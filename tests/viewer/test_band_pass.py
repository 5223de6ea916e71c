"""The band of a sound that a box selects."""

import numpy as np
import pytest

from sonogram.viewer.band_pass import band_pass

RATE = 16_000


def _read(samples):
    return lambda start, stop: samples[max(start, 0) : stop]


def _tones(count):
    time = np.arange(count) / RATE
    parts = [np.sin(2 * np.pi * hertz * time) for hertz in (300, 2000, 6000)]
    return [part.astype(np.float32) for part in parts]


def test_a_tone_inside_passes_and_those_outside_vanish():
    low, middle, high = _tones(RATE)
    found = band_pass(_read(low + middle + high), 4000, 8000, (1000, 3000), RATE)
    np.testing.assert_allclose(found, middle[4000:12_000], atol=0.01)  # without delay


@pytest.mark.parametrize("first", [0, 1, 100, 15_000])
def test_pieces_are_parts_of_the_whole(first):
    samples = sum(_tones(RATE))
    whole = band_pass(_read(samples), 0, RATE, (0, 1000), RATE)
    piece = band_pass(_read(samples), first, 1000, (0, 1000), RATE)
    np.testing.assert_allclose(piece, whole[first : first + 1000], atol=1e-5)


def test_a_band_of_everything_is_the_sound_itself():
    samples = np.random.default_rng(0).standard_normal(500).astype(np.float32)
    np.testing.assert_allclose(band_pass(_read(samples), 0, 500, (0, 9e9), RATE), samples, atol=1e-5)
