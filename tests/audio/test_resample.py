"""Other rates by the native library: the filter that was promised, exact lengths, pieces as the whole."""

import math
import threading

import numpy as np
import pytest
import soxr
from engine_names import why_not_native
from hypothesis import given, strategies as st

from sonogram.audio import Resampler, resample
from sonogram.audio.rates import num_resampled
from sonogram.errors import SonogramError

pytestmark = pytest.mark.skipif(bool(why_not_native()), reason=why_not_native() or "it is here")

# Usual pairs, both directions; few phases and many; the farthest apart; no step of one Hz is an exception.
PAIRS = [
    (44_100, 16_000),
    (16_000, 44_100),
    (48_000, 16_000),
    (22_050, 16_000),
    (8_000, 16_000),
    (24_000, 16_000),
    (8_000, 48_000),
    (44_101, 16_000),
    (16_000, 44_101),
    (192_000, 8_000),
    (2_048, 8),
    (8, 2_048),
]


def tone(frequency: float, rate: int, count: int) -> np.ndarray:
    """A cosine with its peak at 0, float64."""
    return np.cos(2 * np.pi * frequency / rate * np.arange(count))


def prototype(from_rate: int, to_rate: int) -> tuple[np.ndarray, int]:
    """The filter at the rate of which both are divisors, from what it makes of single samples."""
    divisor = math.gcd(from_rate, to_rate)
    step, places = from_rate // divisor, to_rate // divisor
    half = math.ceil(80 * max(1, from_rate / to_rate))
    found = {}
    for shift in range(step):  # output k lies k * step from the beginning, input i lies i * places
        place = half + shift
        impulse = np.zeros(2 * half + step)
        impulse[place] = 1
        made = resample(impulse, from_rate, to_rate)
        for index in np.flatnonzero(made):
            found[index * step - place * places] = made[index]
    first = min(found)
    values = np.zeros(max(found) - first + 1)
    values[np.array(list(found)) - first] = list(found.values())
    return values, step * places


@pytest.mark.parametrize(
    ("from_rate", "to_rate"),
    [(48, 16), (16, 48), (3, 2), (5, 8), (12, 1), (44, 16), (160, 441), (147, 160), (13, 4)],
)
def test_the_filter_is_the_promised_one(from_rate, to_rate):
    values, rate = prototype(from_rate, to_rate)
    rate *= math.gcd(from_rate, to_rate)
    size = 2 ** math.ceil(math.log2(16 * len(values)))  # sixteen points in each lobe
    gain = np.abs(np.fft.rfft(values, size))
    decibels = 20 * np.log10(np.maximum(gain / gain[0], 1e-12))
    frequencies = np.fft.rfftfreq(size, 1 / rate)
    nyquist = min(from_rate, to_rate) / 2
    assert np.abs(decibels[frequencies <= 0.9 * nyquist]).max() < 0.001
    assert decibels[frequencies >= nyquist].max() < -100
    # The measure can fail: between the two the filter falls.
    assert decibels[frequencies <= 0.95 * nyquist].min() < -3


@pytest.mark.parametrize(("from_rate", "to_rate"), PAIRS)
def test_tones_arrive_where_they_were(from_rate, to_rate):
    """In time and in level: the error of float32 sums and of a stop band at -100 dB."""
    low = min(from_rate, to_rate)
    count = math.ceil(400 * from_rate / low)
    for part in (0.01, 0.3, 0.9):
        made = resample(tone(part * low / 2, from_rate, count), from_rate, to_rate)
        middle = slice(len(made) // 3, -len(made) // 3)  # away from the silence at both ends
        want = tone(part * low / 2, to_rate, len(made))
        np.testing.assert_allclose(made[middle], want[middle], rtol=0, atol=2e-5)


@pytest.mark.parametrize(("from_rate", "to_rate"), [pair for pair in PAIRS if min(pair) > 1000])
def test_noise_in_the_pass_band_is_what_soxr_makes_of_it(from_rate, to_rate, rng):
    """Tones at 0.9 of Nyquist lose 7e-4 in soxr and 4e-6 here: the tolerance is soxr's error, not ours."""
    low, count = min(from_rate, to_rate), from_rate // 2
    spectrum = np.fft.rfft(rng.standard_normal(count))
    spectrum[np.fft.rfftfreq(count, 1 / from_rate) > 0.4 * low] = 0
    sound = np.fft.irfft(spectrum, count)
    sound /= np.abs(sound).max()
    made = resample(sound, from_rate, to_rate)
    peer = soxr.resample(sound, from_rate, to_rate, quality="VHQ")
    middle = slice(len(made) // 3, -len(made) // 3)
    np.testing.assert_allclose(made[middle], peer[: len(made)][middle], rtol=0, atol=2e-4)


@given(
    pair=st.sampled_from([*PAIRS, (3, 2), (1, 1), (160, 159), (999, 1000)]),
    count=st.integers(0, 3000),
    cuts=st.lists(st.integers(0, 3000), max_size=6),
)
def test_pieces_give_the_bits_and_the_length_of_the_whole(pair, count, cuts):
    sound = np.random.default_rng(count).uniform(-1, 1, count).astype(np.float32)
    whole = resample(sound, *pair)
    assert whole.dtype == np.float32
    assert len(whole) == num_resampled(count, *pair) == math.ceil(count * pair[1] / pair[0])
    assert np.isfinite(whole).all()
    stream = Resampler(*pair)
    for _ in range(2):  # after the end a new sound begins
        pieces = [stream.push(piece) for piece in np.split(sound, sorted(min(cut, count) for cut in cuts))]
        np.testing.assert_array_equal(np.concatenate([*pieces, stream.finish()]), whole)


def test_threads_may_share_a_stream():
    """Silence, so that the order of the pieces does not matter: none is lost, none comes twice."""
    stream = Resampler(44_100, 16_000)
    given = []

    def push():
        given.extend(len(stream.push(np.zeros(size, np.float32))) for size in (997, 1, 4410) * 200)

    for _ in range(3):
        given.clear()
        threads = [threading.Thread(target=push) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        count = 4 * 200 * (997 + 1 + 4410)
        assert sum(given) + len(stream.finish()) == num_resampled(count, 44_100, 16_000)


def test_a_stream_waits_for_little():
    """Ten milliseconds in, all but the filter's reach and one row of outputs come out."""
    stream = Resampler(48_000, 16_000)
    given = sum(len(stream.push(np.ones(480))) for _ in range(100))
    assert 16_000 - given < 16_000 * 0.02


def test_constants_and_clips_that_lie_together():
    clips = np.stack([np.full(9000, 0.25), np.full(9000, -1.0)]).reshape(2, 1, 9000)
    made = resample(clips, 44_100, 16_000)
    assert made.shape == (2, 1, 3266)
    np.testing.assert_allclose(made[0, 0, 500:-500], 0.25, rtol=2e-6)
    np.testing.assert_allclose(made[1, 0, 500:-500], -1.0, rtol=2e-6)
    np.testing.assert_array_equal(made[1, 0], resample(clips[1, 0], 44_100, 16_000))
    assert resample(np.zeros((3, 0)), 44_100, 16_000).shape == (3, 0)


def test_a_sample_that_is_not_finite_spoils_its_surroundings_only(rng):
    sound = rng.uniform(-1, 1, 48_000).astype(np.float32)
    clean = resample(sound, 48_000, 16_000)
    sound[24_000] = np.nan
    broken = resample(sound, 48_000, 16_000)
    assert np.isnan(broken[8000 - 60 : 8000 + 60]).all()
    np.testing.assert_array_equal(broken[:7600], clean[:7600])
    np.testing.assert_array_equal(broken[8400:], clean[8400:])


def test_the_filter_is_symmetrical():
    """Backwards in, backwards out: no delay, no phase."""
    sound = np.random.default_rng(1).uniform(-1, 1, 441 * 7 + 1)
    forward, backward = resample(sound, 441, 160), resample(sound[::-1], 441, 160)
    # Both grids meet at the ends: 441 * 7 steps of the one are 160 * 7 of the other.
    np.testing.assert_allclose(forward, backward[::-1], rtol=0, atol=2e-6)


def test_the_same_rate_changes_nothing(rng):
    sound = rng.uniform(-1, 1, (2, 5000)).astype(np.float32)
    np.testing.assert_array_equal(resample(sound, 16_000, 16_000), sound)


@pytest.mark.parametrize("rate", [0, -1, 22_050.5, float("nan"), 2**40, True])
def test_rates_that_cannot_be(rate):
    with pytest.raises(SonogramError, match="sample_rate must be a whole number"):
        Resampler(16_000, rate)
    with pytest.raises(SonogramError, match="sample_rate must be a whole number"):
        resample(np.zeros(3), rate, 16_000)


def test_rates_too_far_apart_and_shapes_that_cannot_be():
    with pytest.raises(SonogramError, match="more than 256 times apart; resample in two steps"):
        Resampler(1, 257)
    with pytest.raises(SonogramError, match=r"one channel, .* got shape \(2, 3\)"):
        Resampler(1, 2).push(np.zeros((2, 3)))
    with pytest.raises(SonogramError, match="got a single number"):
        resample(1.0, 1, 2)
