"""The random numbers: even, independent, the same everywhere."""

import numpy as np
import pytest

from sonogram.engines.arrays import namespace
from sonogram.layers.augment.draws import Draws, seeded_keys, step_keys

XP = namespace("numpy")
LIKE = np.zeros(1)


def draws(count: int, seed: int = 0, salt: int = 3) -> Draws:
    return Draws(XP, seeded_keys(XP, seed, np.arange(count), LIKE), salt)


def test_uniforms_are_even() -> None:
    numbers = draws(50).uniforms(20_000)
    assert 0 <= numbers.min() < numbers.max() < 1
    counts = np.histogram(numbers, bins=100, range=(0, 1))[0]
    expected = numbers.size / 100
    # Chi-square with 99 degrees of freedom: mean 99, deviation 14; six deviations.
    assert ((counts - expected) ** 2 / expected).sum() < 99 + 6 * 14


@pytest.mark.parametrize("bit", range(32))
def test_every_bit_is_a_fair_coin_in_every_place(bit: int) -> None:
    words = draws(200).words(2000)
    bits = (words >> bit) & 1
    # Six deviations of a mean of 400 000 fair coins.
    assert abs(bits.mean() - 0.5) < 6 * 0.5 / np.sqrt(bits.size)
    neighbors = (bits[:, 1:] ^ bits[:, :-1]).mean()
    rows = (bits[1:] ^ bits[:-1]).mean()
    assert abs(neighbors - 0.5) < 6 * 0.5 / np.sqrt(bits.size)
    assert abs(rows - 0.5) < 6 * 0.5 / np.sqrt(bits.size)


def test_normals_are_normal_and_white() -> None:
    numbers = draws(50).normals(20_000)
    count = numbers.size
    assert abs(numbers.mean()) < 6 / np.sqrt(count)
    assert abs(numbers.var() - 1) < 6 * np.sqrt(2 / count)
    assert abs((numbers**4).mean() - 3) < 6 * np.sqrt(96 / count)
    for lag in (1, 2, 3, 100):
        assert abs((numbers[:, lag:] * numbers[:, :-lag]).mean()) < 6 / np.sqrt(count)


def test_rows_slots_seeds_and_salts_are_independent() -> None:
    size = 100_000
    one = draws(3)
    streams = [*one.normals(size), *one.normals(size)]
    streams += [*draws(2, seed=1).normals(size), *draws(2, salt=4).normals(size)]
    correlation = np.corrcoef(streams) - np.eye(len(streams))
    assert abs(correlation).max() < 6 / np.sqrt(size)


def test_neighboring_seeds_and_places_share_nothing() -> None:
    numbers = np.array([draws(1000, seed=seed).uniform() for seed in range(50)])
    assert len(np.unique(numbers)) > 0.99 * numbers.size
    assert abs(np.corrcoef(numbers)[np.triu_indices(50, 1)]).max() < 6 / np.sqrt(1000)


def test_a_longer_row_begins_with_a_shorter() -> None:
    for count in (1, 2, 7, 100):
        np.testing.assert_array_equal(draws(4).normals(count), draws(4).normals(101)[:, :count])


def test_calls_and_examples_have_keys_of_their_own() -> None:
    keys = [step_keys(XP, np.array([5, step]), 64, LIKE) for step in range(64)]
    pairs = {(int(a), int(b)) for shared, own in keys for a, b in zip(shared, own, strict=True)}
    assert len(pairs) == 64 * 64


def test_seeds_of_64_bits_count_whole() -> None:
    low, high = (
        Draws(XP, seeded_keys(XP, 1, np.array([seed]), LIKE), 0).words(4) for seed in (7, 7 + (1 << 40))
    )
    assert not np.array_equal(low, high)
