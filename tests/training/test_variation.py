"""Variation of speech: what is computed at few frequencies is smooth between them, and speed moves a tone."""

import numpy as np
import pytest

from sonogram.training import variation

RATE = 16_000


class Tilt:
    """Random numbers of a response that only rises, by 3 dB an octave."""

    def uniform(self, low: float, high: float) -> float:
        return 3.0

    def normal(self, mean: float, deviation: float, count: int) -> np.ndarray:
        return np.zeros(count)

    def random(self) -> float:
        return 1.0


@pytest.mark.parametrize("bins", [1025, 1500, 8193])
def test_a_response_is_that_of_its_frequencies_at_any_number_of_bins(bins: int) -> None:
    gain = variation._response(bins, RATE, Tilt())
    hertz = np.linspace(0, RATE / 2, bins)
    above = hertz > 100  # below, a straight line takes the place of the curve
    expected = 3 * np.log2(hertz[above] / 1000)
    np.testing.assert_allclose(20 * np.log10(gain[above]), expected, atol=0.02)


def test_a_tone_stays_a_tone_at_another_speed() -> None:
    tone = np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE).astype(np.float32)
    noises, speeds = variation.Noises(RATE, 0), []
    for seed in range(8):
        varied = variation.vary_speech(tone, RATE, noises, np.random.default_rng(seed))
        assert varied.dtype == np.float32
        spectrum = np.abs(np.fft.rfft(varied))
        hertz = spectrum.argmax() * RATE / len(varied)
        speeds.append(hertz / 1000)
        assert abs(hertz / 1000 * len(varied) / RATE - 1) < 0.01
    assert 0.79 < min(speeds) < 0.95
    assert 1.05 < max(speeds) < 1.26
