"""Windows of a sound: which ones, however it is cut."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from sonogram import SonogramError
from sonogram.inference.windows import Windows, checked


@given(
    total=st.integers(0, 200),
    size=st.integers(1, 50),
    part=st.floats(0.01, 1.0),
    cuts=st.lists(st.integers(0, 200), max_size=8),
)
def test_windows_are_those_of_the_whole_however_it_is_cut(
    total: int, size: int, part: float, cuts: list[int]
) -> None:
    step = max(1, int(size * part))
    sound = np.arange(total, dtype=np.float32)
    starts = list(range(0, total - size + 1, step))
    if not starts and total:
        starts = [0]
    elif starts and starts[-1] + size < total:
        starts.append(total - size)  # the last one ends with the sound
    windows = Windows(size, step)
    found = []
    for piece in np.split(sound, sorted(min(cut, total) for cut in cuts)):
        found += windows.push(piece)
        assert len(windows._held) < size + step  # memory does not grow
    found += windows.finish()
    assert [window.start for window in found] == starts
    for window in found:
        np.testing.assert_array_equal(window.samples, sound[window.start : window.start + size])


def test_a_window_given_out_is_not_written_over() -> None:
    windows = Windows(4, 2)
    chunk = np.arange(4, dtype=np.float32)
    (first,) = windows.push(chunk)
    chunk[:] = 9
    windows.push(chunk)
    np.testing.assert_array_equal(first.samples, [0, 1, 2, 3])


def test_sixteen_bits_are_scaled() -> None:
    np.testing.assert_array_equal(checked(np.array([-32768, 0, 16384], np.int16)), [-1, 0, 0.5])


@pytest.mark.parametrize(
    ("samples", "line"),
    [
        (np.zeros((2, 5)), r"one channel; got \(2, 5\)"),
        (np.zeros(5, np.int32), "16-bit integers; got int32"),
        (np.array([0, np.nan]), "sample 1 of the chunk is not finite"),
        (np.array([np.inf]), "sample 0 of the chunk is not finite"),
    ],
)
def test_what_is_no_sound(samples: np.ndarray, line: str) -> None:
    with pytest.raises(SonogramError, match=line):
        checked(samples)
