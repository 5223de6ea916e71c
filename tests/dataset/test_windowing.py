"""Windows of a sound: which ones, however it is cut."""

import numpy as np
from hypothesis import given, strategies as st

from sonogram.dataset.windowing import WindowBuffer


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
    windows = WindowBuffer(size, step)
    found = []
    for piece in np.split(sound, sorted(min(cut, total) for cut in cuts)):
        found += windows.push(piece)
        assert len(windows._buffer) < size + step  # memory does not grow
    found += windows.finish()
    assert [window.start for window in found] == starts
    for window in found:
        np.testing.assert_array_equal(window.samples, sound[window.start : window.start + size])


def test_a_window_given_out_is_not_written_over() -> None:
    windows = WindowBuffer(4, 2)
    chunk = np.arange(4, dtype=np.float32)
    (first,) = windows.push(chunk)
    chunk[:] = 9
    windows.push(chunk)
    np.testing.assert_array_equal(first.samples, [0, 1, 2, 3])
