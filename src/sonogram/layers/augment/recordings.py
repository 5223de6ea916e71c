"""Recordings inside a layer: read-only arrays, stored as plain data in its configuration."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonogram.engines.arrays import Arrays
from sonogram.errors import SonogramError

__all__ = ["Recordings"]


class Recordings:
    """Waveforms of any lengths.

    Args:
        values: One waveform, a list of them, an array `(recordings, samples)`, an `Audio`, or the result
            of `plain`.

    Raises:
        SonogramError: A waveform is empty, not finite, or no waveform.
    """

    def __init__(self, values: Any) -> None:
        self.waves = tuple(_wave(value, index) for index, value in enumerate(_items(values)))
        if not self.waves:
            raise SonogramError("there is no recording; pass at least one")

    def plain(self) -> dict[str, list[str]]:
        """Return the waveforms as data for JSON: little-endian float32 in base 64."""
        return {"float32": [base64.b64encode(wave.astype("<f4").tobytes()).decode() for wave in self.waves]}

    def segments(self, xp: Arrays, which: Any, where: Any, count: Any) -> Any:
        """Return a segment for each row; short recordings are looped.

        Args:
            xp: The namespace.
            which: Numbers in [0, 1) that choose the recording, `(rows,)`.
            where: Numbers in [0, 1) that choose the first sample, `(rows,)`.
            count: Samples of a segment.

        Returns:
            `(rows, count)`.
        """
        sizes = np.array([len(wave) for wave in self.waves], np.int32)
        offsets = np.cumsum(sizes, dtype=np.int32) - sizes
        chosen = self.choose(xp, which)
        size = xp.rows(xp.integers(sizes, which), chosen)
        offset = xp.rows(xp.integers(offsets, which), chosen)
        first = xp.minimum(xp.integers(xp.floor(where * xp.floats(size)), which), size - 1)
        place = xp.expand(first, -1) + xp.arange(0, count, which)
        source = place % xp.expand(size, -1) + xp.expand(offset, -1)
        joined = xp.constant(np.concatenate(self.waves), which)
        flat = xp.rows(joined, xp.reshape(source, (-1,)))
        return xp.reshape(flat, (xp.size(which, -1), count))

    def choose(self, xp: Arrays, which: Any) -> Any:
        """Return the number of a recording for each row, given numbers in [0, 1)."""
        last = len(self.waves) - 1
        return xp.minimum(xp.integers(xp.floor(which * float(last + 1)), which), last)


def _items(values: Any) -> Any:
    if isinstance(values, Mapping):
        return [np.frombuffer(base64.b64decode(text), "<f4") for text in values["float32"]]
    if hasattr(values, "sample_rate"):
        return [values]
    if isinstance(values, (list, tuple)):
        numbers = bool(values) and isinstance(values[0], (int, float))
        return [values] if numbers else values
    array = np.asarray(values)
    return [array] if array.ndim == 1 else array


def _wave(value: Any, index: int) -> NDArray[np.float32]:
    if hasattr(value, "sample_rate"):
        value = value[0]
    try:
        wave = np.array(value, np.float32)
    except (ValueError, TypeError):
        raise SonogramError(
            f"recording {index} must be samples; got {value!r:.80}. Use sonogram.load(path, sample_rate)"
        ) from None
    if wave.ndim != 1 or not len(wave) or not np.isfinite(wave).all():
        raise SonogramError(
            f"recording {index} must be finite samples of shape (samples,); got shape {wave.shape}"
            f"{'' if np.isfinite(wave).all() else ' with NaN or infinity'}"
        )
    wave.flags.writeable = False
    return wave
