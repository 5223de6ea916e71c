"""Chunks of samples: which are valid, and how they are converted."""

import numpy as np
import pytest

from sonogram import SonogramError
from sonogram.inference.scoring import check_samples


@pytest.mark.parametrize("dtype", ["<i2", ">i2"])
def test_sixteen_bits_are_scaled(dtype: str) -> None:
    np.testing.assert_array_equal(check_samples(np.array([-32768, 0, 16384], dtype)), [-1, 0, 0.5])


@pytest.mark.parametrize(
    ("samples", "line"),
    [
        (np.zeros((2, 5)), r"one channel; got \(2, 5\)"),
        (np.zeros(5, np.int32), "16-bit integers; got int32"),
        (np.array([0, np.nan]), "sample 1 of the chunk is NaN or infinite"),
        (np.array([np.inf]), "sample 0 of the chunk is NaN or infinite"),
    ],
)
def test_what_is_no_sound(samples: np.ndarray, line: str) -> None:
    with pytest.raises(SonogramError, match=line):
        check_samples(samples)


def test_a_whole_sound_is_no_chunk() -> None:
    with pytest.raises(SonogramError, match=r"sample 1 of the sound is NaN or infinite\. Use"):
        check_samples(np.array([0, np.nan]), is_chunk=False)
