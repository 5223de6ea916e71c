"""Long recordings are cut in silence; words reach to the edges of their sound."""

import numpy as np
import pytest

from sonogram.inference.segments import refine_edges, segments

RATE = 1000


def noise(seconds: float, *silences: tuple[float, float]) -> np.ndarray:
    sound = np.random.default_rng(0).standard_normal(round(seconds * RATE)).astype(np.float32)
    for begin, end in silences:
        sound[round(begin * RATE) : round(end * RATE)] *= 1e-4
    return sound


def test_parts_end_in_silence_whatever_the_blocks() -> None:
    sound = noise(70, (5, 6), (15, 16), (30, 30.3), (45, 46))
    whole = list(segments([sound], RATE))
    in_blocks = list(segments(np.array_split(sound, 33), RATE))
    assert [start for start, _ in whole] == [start for start, _ in in_blocks]
    assert np.array_equal(np.concatenate([part for _, part in in_blocks]), sound)
    cuts = [start / RATE for start, _ in whole[1:]]
    assert 15 < cuts[0] < 16
    assert 30 < cuts[1] < 30.3
    assert 45 < cuts[2] < 46
    assert all(len(part) <= 20 * RATE for _, part in whole)


def test_digital_silence_is_cut_in_its_middle() -> None:
    sound = noise(25)
    sound[12_000:16_000] = 0
    assert [start for start, _ in segments([sound], RATE)] == [0, pytest.approx(14_000, abs=2)]


def test_short_and_empty_sounds_are_not_cut() -> None:
    assert [(start, len(part)) for start, part in segments([noise(20)], RATE)] == [(0, 20_000)]
    assert list(segments([], RATE)) == []


def test_words_reach_to_the_silence_around_them() -> None:
    sound = noise(3, (0, 0.5), (1.0, 1.4), (2.5, 3))
    found = refine_edges([(0.7, 0.74), (1.8, 1.9)], sound, RATE)
    assert np.ravel(found) == pytest.approx([0.5, 1.0, 1.4, 2.5], abs=0.02)


def test_words_that_touch_meet_where_it_is_quietest() -> None:
    sound = noise(3, (0, 0.2), (2.8, 3))
    sound[1480:1520] *= 0.4
    found = refine_edges([(0.7, 0.8), (2.2, 2.3)], sound, RATE)
    assert found[0][1] == found[1][0] == pytest.approx(1.5, abs=0.02)


def test_words_in_silence_stay_where_they_are() -> None:
    [place] = refine_edges([(0.5, 0.6)], np.zeros(1000, np.float32), RATE)
    assert place == pytest.approx((0.5, 0.6))
