"""Noise, reverberation, filters and speed: the effect is as stated."""

import numpy as np
import pytest
from augmentations import RATE, arrays

from sonogram import layers


def _power(x: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    inside = np.arange(x.shape[1]) < lengths[:, None]
    return (np.where(inside, x.astype(np.float64), 0) ** 2).sum(axis=1) / lengths


@pytest.mark.parametrize("source", ["white", "pink", "recordings"])
def test_the_stated_ratio_is_the_measured_one(rng: np.random.Generator, source: str) -> None:
    clips = (rng.normal(size=(20, 4000)) * rng.uniform(1e-3, 1, (20, 1))).astype(np.float32)
    lengths = rng.integers(50, 4001, 20).astype(np.int32)
    clips[np.arange(4000) >= lengths[:, None]] = 100  # a loud padding does not count
    noise = [rng.normal(size=900), rng.normal(size=6000) * 5] if source == "recordings" else source
    for decibels in (-5, 0, 20):
        noisy = arrays(layers.Noise(decibels, noise, seed=1)([clips, lengths], training=True))[0]
        inside = np.arange(4000) < lengths[:, None]
        added = np.where(inside, noisy.astype(np.float64) - clips, 0)
        measured = 10 * np.log10(_power(clips, lengths) / _power(added, lengths))
        # The sum is rounded to float32: at 20 dB to 1e-6 of the noise.
        np.testing.assert_allclose(measured, decibels, atol=1e-3)


def test_the_ratio_is_drawn_from_its_range(rng: np.random.Generator) -> None:
    clips = rng.normal(size=(300, 400)).astype(np.float32)
    noisy = arrays(layers.Noise((0, 30), seed=1)(clips, training=True))
    ratios = 10 * np.log10((clips**2).mean(axis=1) / ((noisy - clips) ** 2).mean(axis=1))
    assert -0.01 < ratios.min() < 2
    assert 28 < ratios.max() < 30.01


def test_to_silence_no_noise_is_added() -> None:
    silence = np.zeros((2, 100), np.float32)
    np.testing.assert_array_equal(arrays(layers.Noise(0)(silence, training=True)), silence)


@pytest.mark.parametrize(("source", "slope"), [("white", 0.0), ("pink", -3.0)])
def test_the_color_is_the_slope_of_the_spectrum(source: str, slope: float) -> None:
    tone = np.ones((64, 8192), np.float32)
    noise = arrays(layers.Noise(0, source, seed=2)(tone, training=True)) - tone
    power = (np.abs(np.fft.rfft(noise * np.hanning(8192))) ** 2).mean(axis=0)
    octaves = [10 * np.log10(power[first : 2 * first].mean()) for first in (32, 64, 128, 256, 512, 1024)]
    # The coarsest octave averages 64 * 32 values: deviation 0.1 dB.
    assert np.polyfit(range(6), octaves, 1)[0] == pytest.approx(slope, abs=0.15)


@pytest.mark.exhaustive
def test_recorded_noise_is_a_piece_of_a_recording(rng: np.random.Generator) -> None:
    recordings = [rng.normal(size=300).astype(np.float32), rng.normal(size=2000).astype(np.float32)]
    clips = np.ones((40, 500), np.float32)
    noise = arrays(layers.Noise(0, recordings, seed=2)(clips, training=True)) - clips
    chosen = []
    for piece in noise:
        matches = []
        for number, recording in enumerate(recordings):
            endless = np.tile(recording, 4)
            scores = [
                np.corrcoef(endless[first : first + 500], piece)[0, 1] for first in range(len(recording))
            ]
            matches.append((max(scores), number))
        assert max(matches)[0] > 0.9999
        chosen.append(max(matches)[1])
    assert set(chosen) == {0, 1}


def test_a_measured_response_is_convolved_from_its_direct_sound(rng: np.random.Generator) -> None:
    clips = rng.normal(size=(3, 700)).astype(np.float32)
    response = np.concatenate([rng.normal(size=20) * 0.1, [-2.0], rng.normal(size=300) * 0.3])
    result = arrays(layers.Reverb(RATE, responses=response)(clips, training=True))
    for clip, convolved in zip(clips, result, strict=True):
        np.testing.assert_allclose(convolved, np.convolve(clip, response[20:] / -2.0)[:700], atol=2e-5)


def test_a_simulated_room_has_its_reverberation_time_and_level() -> None:
    click = np.zeros((200, 16000), np.float32)
    click[:, 0] = 1
    layer = layers.Reverb(RATE, reverb_time=0.4, direct_to_reverberant=6, seed=1)
    response = arrays(layer(click, training=True)).astype(np.float64)
    np.testing.assert_allclose(response[:, 0], 1, atol=1e-5)
    energy = response[:, 1:] ** 2
    np.testing.assert_allclose(-10 * np.log10(energy.sum(axis=1)), 6, atol=0.01)
    # Schroeder's backward integral over all responses: from -5 to -25 dB in a third of the time.
    decay = 10 * np.log10(np.cumsum(energy.sum(axis=0)[::-1])[::-1])
    decay -= decay[0]
    first, last = (int(np.argmax(decay < level)) for level in (-5, -25))
    assert (last - first) * 3 / RATE == pytest.approx(0.4, rel=0.02)


def _response(layer: layers.Augmentation, frequencies: np.ndarray) -> np.ndarray:
    """The gain at each frequency, dB, from tones away from their ends."""
    time = np.arange(RATE) / RATE
    tones = np.sin(2 * np.pi * frequencies[:, None] * time).astype(np.float32)
    seeds = np.zeros(len(tones), np.int32)
    result = arrays(layer({"samples": tones, "seeds": seeds}, training=True))["samples"]
    middle = slice(RATE // 4, 3 * RATE // 4)
    return 10 * np.log10((result[:, middle] ** 2).mean(axis=1) / (tones[:, middle] ** 2).mean(axis=1) + 1e-20)


def test_a_band_pass_falls_as_stated() -> None:
    layer = layers.BandPass(RATE, lower_hz=400, upper_hz=2000, order=2)
    frequencies = np.array([200, 400, 900, 2000, 4000, 8000 - 50], float)
    decibels = _response(layer, frequencies)
    square = 1 + (400 / frequencies) ** 4 + (frequencies / 2000) ** 4
    # The filter's 16 Hz resolution rounds the knee of 400 Hz a little.
    np.testing.assert_allclose(decibels, -10 * np.log10(square), atol=0.15)
    one_sided = _response(layers.BandPass(RATE, lower_hz=None, upper_hz=2000), frequencies)
    assert abs(one_sided[0]) < 0.05
    assert one_sided[4] == pytest.approx(-24, abs=0.2)


def test_a_tilt_has_its_slope_and_pivot() -> None:
    frequencies = np.array([125, 250, 500, 1000, 2000, 4000], float)
    decibels = _response(layers.Tilt(RATE, 4), frequencies)
    np.testing.assert_allclose(decibels, [-12, -8, -4, 0, 4, 8], atol=0.3)


def test_a_band_limit_leaves_what_lies_below_and_nothing_above() -> None:
    decibels = _response(layers.BandLimit(RATE, 3000), np.array([100, 1000, 2600, 3100, 5000], float))
    assert abs(decibels[:3]).max() < 0.05
    assert decibels[3:].max() < -60


def test_filters_do_not_delay() -> None:
    click = np.zeros((1, 4001), np.float32)
    click[0, 2000] = 1
    for layer in (layers.BandLimit(RATE, 4000), layers.Tilt(RATE, 3), layers.BandPass(RATE, 300, 3000)):
        result = arrays(layer(click, training=True))[0]
        np.testing.assert_allclose(result, result[::-1], atol=1e-6)


@pytest.mark.parametrize("factor", [0.5, 0.9, 0.917, 1.0, 1.1, 1.333, 2.0])
@pytest.mark.parametrize(("hertz", "noise"), [(440.0, -90), (3000.0, -75), (3500.0, -60)])
def test_speed_moves_a_tone_and_adds_nothing(factor: float, hertz: float, noise: float) -> None:
    if hertz * factor > 0.9 * RATE / 2:
        hertz /= factor
    length = 20_000
    time = np.arange(length) / RATE
    clip = np.zeros((1, 40_000), np.float32)
    clip[0, :length] = np.sin(2 * np.pi * hertz * time)
    lengths = np.array([length], np.int32)
    result, counts = arrays(layers.Speed(factor)([clip, lengths], training=True))
    assert counts[0] == int(np.ceil(length / round(factor, 3) - 1e-9))
    place = np.arange(1000, counts[0] - 1000)
    expected = np.sin(2 * np.pi * hertz * factor * place / RATE)
    error = result[0, place] - expected
    assert 10 * np.log10((error**2).mean() / (expected**2).mean()) < noise


def test_a_faster_clip_folds_nothing_over() -> None:
    clip = np.sin(2 * np.pi * 7000 * np.arange(RATE) / RATE).astype(np.float32)[None]
    result = arrays(layers.Speed(1.5)(clip, training=True))[0]
    assert np.abs(result[1000:9000]).max() < 1e-3


def test_speed_is_exact_far_into_a_long_clip() -> None:
    length = 3_000_000
    clip = np.zeros((1, length), np.float32)
    clip[0, 2_970_000] = 1
    result = arrays(layers.Speed(1.1)(clip, training=True))[0]
    assert int(np.abs(result).argmax()) == 2_700_000
