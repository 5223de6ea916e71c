"""Long recordings in parts that end in silence, in bounded memory, and the edges of words in their level."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["refine_edges", "segments"]

Samples = NDArray[np.float32]
_SHORTEST, _LONGEST = 10.0, 20.0
"""Seconds of a part, except the last one."""
_PAUSE = 0.2
"""Seconds of the window whose quietest place is a cut."""
_STEP = 0.005
"""Seconds between two levels."""
_RANGE_DB, _SPEECH = 50.0, 0.2
"""Lowest level of a part below its peak, and the share of its range, in decibels, that is speech above."""


def segments(blocks: Iterable[Samples], sample_rate: int) -> Iterator[tuple[int, Samples]]:
    """Yield parts of a recording with the number of their first sample.

    A part has 10 to 20 seconds and ends at the quietest place there; the parts do not depend on the blocks.

    Args:
        blocks: The samples, in blocks of any size.
        sample_rate: Hz.

    Example:
        >>> noise = np.random.default_rng(0).standard_normal(30_000).astype(np.float32)
        >>> noise[15_000:15_400] = 0
        >>> [(start, len(samples)) for start, samples in segments([noise], 1000)]
        [(0, 15200), (15200, 14800)]
    """
    start, held = 0, np.zeros(0, np.float32)
    shortest, longest = round(_SHORTEST * sample_rate), round(_LONGEST * sample_rate)
    for block in blocks:
        held = np.concatenate([held, block])
        while len(held) > longest:
            cut = shortest + _quietest(held[shortest:longest], round(_PAUSE * sample_rate))
            yield start, held[:cut]
            start, held = start + cut, held[cut:]
    if len(held):
        yield start, held


def _quietest(samples: Samples, width: int) -> int:
    """Return the middle of the quietest window of `width` samples, of equal ones the middle one."""
    energy = np.concatenate([[0.0], np.cumsum(samples.astype(np.float64) ** 2)])
    windows = energy[width:] - energy[:-width]
    lowest = np.flatnonzero(windows <= windows.min())
    return int(lowest[len(lowest) // 2]) + width // 2


def refine_edges(
    places: Sequence[tuple[float, float]], samples: Samples, sample_rate: int
) -> list[tuple[float, float]]:
    """Return the start and end of words, seconds, from where a CTC model puts them.

    A CTC model puts out a word somewhere within its sound. Each word is extended until the sound is silent;
    where two words touch, both end at the quietest place between them.

    Args:
        places: Start and end of the output of each word, seconds.
        samples: The sound, `(samples,)`.
        sample_rate: Hz.
    """
    level = _level(samples, sample_rate)
    speech = level > level.min() + _SPEECH * (level.max() - level.min())
    last = len(level) - 1
    frames = [tuple(min(round(second / _STEP), last) for second in place) for place in places]
    # Word number -1 ends at the beginning of the sound, and one after the last begins at its end.
    ends, starts = [0, *(end for _, end in frames)], [*(start for start, _ in frames), last]
    gaps = [_gap(level, speech, end, max(start, end)) for end, start in zip(ends, starts, strict=True)]
    return [(gaps[word][1] * _STEP, gaps[word + 1][0] * _STEP) for word in range(len(places))]


def _gap(level: NDArray[np.float64], speech: NDArray[np.bool_], begin: int, end: int) -> tuple[int, int]:
    """Return where the silence between two words begins and ends, levels `begin` to `end`."""
    middle = begin + int(np.argmin(level[begin : end + 1]))
    if speech[middle]:
        return middle, middle
    left = np.flatnonzero(speech[begin:middle])
    right = np.flatnonzero(speech[middle : end + 1])
    return (
        begin + int(left[-1]) + 1 if len(left) else begin,
        middle + int(right[0]) if len(right) else end,
    )


def _level(samples: Samples, sample_rate: int) -> NDArray[np.float64]:
    """Return the level every 5 ms, decibels, over 20 ms each, not more than 50 dB below the peak."""
    step = max(1, round(_STEP * sample_rate))
    count = max(1, -(-len(samples) // step))
    energy = np.concatenate([[0.0], np.cumsum(samples.astype(np.float64) ** 2)])
    middles = np.arange(count) * step
    edges = [np.clip(middles + offset, 0, len(samples)) for offset in (-2 * step, 2 * step)]
    power = (energy[edges[1]] - energy[edges[0]]) / np.maximum(edges[1] - edges[0], 1)
    power = np.maximum(power, max(power.max(), 1e-20) * 10 ** (-_RANGE_DB / 10))
    result: NDArray[np.float64] = 10 * np.log10(power)
    return result
