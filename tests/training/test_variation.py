"""Variation of speech: what is computed at few frequencies is smooth between them, and speed moves a tone."""

import numpy as np

from sonogram.training import variation

RATE = 16_000


def test_a_response_is_the_same_at_any_number_of_bins() -> None:
    few, many = (variation._response(bins, RATE, np.random.default_rng(3)) for bins in (1025, 8193))
    np.testing.assert_allclose(many[::8], few, rtol=1e-6)
    assert np.ptp(20 * np.log10(few[8:])) > 3  # it is not flat
    steps = np.abs(np.diff(20 * np.log10(many[64:])))
    assert steps.max() < 0.5  # dB from bin to bin


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
