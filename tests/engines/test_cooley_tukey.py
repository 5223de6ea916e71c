"""The Fourier transform of the engine `portable`."""

from __future__ import annotations

import numpy as np
import pytest

from sonogram.engines import cooley_tukey
from sonogram.engines.arrays import namespace

LENGTHS = [*range(1, 33), 97, 321, 400, 960, 2048, 6144]


@pytest.mark.parametrize("length", LENGTHS)
def test_it_is_the_transform(length: int) -> None:
    frames = np.random.default_rng(length).normal(size=(3, length))
    want = np.fft.rfft(frames)
    for num_bins in (length // 2 + 1, length // 4 + 1):
        real, imaginary = cooley_tukey.rfft(namespace("numpy"), frames, num_bins)
        np.testing.assert_allclose(real + 1j * imaginary, want[:, :num_bins], atol=1e-12 * length)


def test_it_takes_few_products_and_constants() -> None:
    for length in (400, 512, 1024, 2048, 8192):
        direct = length * 2 * (length // 2 + 1)
        assert cooley_tukey.num_products(length, length // 2 + 1) < direct / 4
        assert cooley_tukey.num_constants(length, length // 2 + 1) < direct / 40


def test_the_products_of_a_prime_length_are_those_of_the_matrix() -> None:
    # 97 columns of real and imaginary parts, of which 49 are needed; then one value for each.
    assert cooley_tukey.num_products(97, 49) == pytest.approx(97 * 2 * 97, rel=0.05)
