"""Samples in pieces to features, for definitions that need nothing of the clip as a whole."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sonogram.engines import program
from sonogram.engines.arrays.numpy import NumPy
from sonogram.engines.plan import plan
from sonogram.errors import SonogramError
from sonogram.frontend import Frontend
from sonogram.scaling import Pcen
from sonogram.streaming.pieces import Bands, Pieces

__all__ = ["Stream"]

_XP = NumPy()


class Stream:
    """Computes features as the samples come, equal to those of the whole clip.

    Memory does not grow with the clip: a stream keeps the samples that a later frame can see.

    Args:
        frontend: A streamable definition.
        engine: "numpy" or "native"; None chooses.

    Raises:
        SonogramError: The definition cannot be streamed; the message says which part of it.

    Example:
        >>> stream = sg.Stream(sg.Frontend(16000, 400, 160))
        >>> stream.push(np.zeros(1000)).shape, stream.finish().shape
        ((4, 257), (0, 257))
    """

    def __init__(self, frontend: Frontend, engine: str | None = None) -> None:
        reason = _obstacle(frontend)
        if reason is not None:
            raise SonogramError(f"this front end cannot be streamed: {reason}")
        self.frontend = frontend
        self._plan = plan(frontend)
        self._pieces = Pieces(self._plan, engine)
        self._level: NDArray[Any] | None = None  # smoothed energy
        self._waiting: NDArray[Any] | None = None  # frames that still lack neighbors
        self._finished = False

    def push(self, samples: ArrayLike) -> NDArray[np.float32]:
        """Take the next samples, `(samples,)` or `(channels, samples)`.

        Returns:
            float32, the frames that became complete: `(frames, bands)` or `(channels, frames, bands)`.

        Raises:
            SonogramError: The stream is finished, or the number of channels changed.
        """
        self._check_open()
        return self._features(self._pieces.push(samples), last=False)

    def finish(self) -> NDArray[np.float32]:
        """End the clip and returns the frames that waited for its edge, shaped as by `push`."""
        self._check_open()
        self._finished = True
        bands = self._pieces.finish()
        if not len(bands[0]):
            return np.zeros((0, self.frontend.num_bands), np.float32)
        return self._features(bands, last=True)

    def _check_open(self) -> None:
        if self._finished:
            raise SonogramError("this stream is finished; make a new Stream for the next clip")

    def _features(self, bands: Bands, last: bool) -> NDArray[np.float32]:
        values = self._tail(*bands)
        values = self._ended(values) if last else self._stacked(values)
        values = values.astype(np.float32)
        return values[0] if self._pieces.flat else values

    def _tail(self, values: NDArray[Any], energy: NDArray[Any] | None) -> NDArray[Any]:
        scaling, normalize = self.frontend.scaling, self.frontend.normalize
        if isinstance(scaling, Pcen) and values.shape[1]:
            start = scaling.initial if self._level is None else self._level
            smoothed = _XP.smooth(values, scaling.smoothing, start)
            self._level = smoothed[:, -1]
            values = scaling.compress(_XP, values, smoothed)
        values = program.cepstrum(self._plan, _XP, values, energy)
        return values if normalize is None else normalize.apply(_XP, values, None)

    def _ended(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return the last features: a blank frame, and a stack that is not full, hold zeros."""
        total, rule = self._pieces.total, self.frontend.stack
        blank = self._plan.num_frames(total) - self._plan.num_valid_frames(total)
        if self._waiting is not None:
            values = np.concatenate([self._waiting, values], axis=1)
        valid = rule.num_frames(values.shape[1]) if rule else values.shape[1]
        values = np.pad(values, ((0, 0), (0, blank), (0, 0)))
        values = np.array(program.stack(self._plan, _XP, values))
        values[:, valid:] = 0
        return values

    def _stacked(self, values: NDArray[Any]) -> NDArray[Any]:
        rule = self.frontend.stack
        if rule is None:
            return values
        if self._waiting is not None:
            values = np.concatenate([self._waiting, values], axis=1)
        whole = values.shape[1] // rule.size * rule.size
        self._waiting = values[:, whole:]
        return np.asarray(program.stack(self._plan, _XP, values[:, :whole]))


def _obstacle(frontend: Frontend) -> str | None:
    if frontend.streamable:
        return None
    if frontend.padding.depends_on_length:
        return f"its padding {frontend.padding!r} depends on the length of the clip; take Center() or Valid()"
    if frontend.conditioning.remove_mean == "clip":
        return 'it removes the mean of the clip; take remove_mean="frame" or None'
    if frontend.scaling is not None and frontend.scaling.peak_dependent:
        return (
            f"its scaling {frontend.scaling!r} depends on the clip's peak; take a floor without dynamic_range"
        )
    return f"its normalization {frontend.normalize!r} depends on the clip; take Affine with known constants"
