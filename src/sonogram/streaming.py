"""The same definition when the samples arrive in pieces."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sonogram.engines import local as engine_local, numpy as numpy_engine, program
from sonogram.engines.arrays.numpy import NumPy
from sonogram.engines.plan import plan
from sonogram.errors import SonogramError
from sonogram.frontend import Frontend
from sonogram.scaling import Pcen

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
        >>> stream = Stream(Frontend(16000, 400, 160))
        >>> stream.push(np.zeros(1000)).shape, stream.finish().shape
        ((4, 257), (0, 257))
    """

    def __init__(self, frontend: Frontend, engine: str | None = None) -> None:
        reason = _obstacle(frontend)
        if reason is not None:
            raise SonogramError(f"this front end cannot be streamed: {reason}")
        self.frontend = frontend
        self._plan = plan(frontend)
        self._local, self._dtype = engine_local(engine)
        self._rows: int | None = None  # clips side by side; unknown before the first samples
        self._flat = False
        self._clip: NDArray[Any] = np.zeros((0, 0), self._dtype)
        self._base = 0  # where in the clip the kept samples begin
        self._last: NDArray[Any] | None = None  # the last raw sample, for a pre-emphasis over the clip
        self._frame = 0  # the next frame
        self._level: NDArray[Any] | None = None  # smoothed energy
        self._waiting: NDArray[Any] | None = None  # frames that still lack neighbors
        self._finished = False

    def push(self, samples: ArrayLike) -> NDArray[np.float32]:
        """Takes the next samples, `(samples,)` or `(channels, samples)`.

        Returns:
            float32, the frames that became complete: `(frames, bands)` or `(channels, frames, bands)`.

        Raises:
            SonogramError: The stream is finished, or the number of channels changed.
        """
        if self._finished:
            raise SonogramError("this stream is finished; make a new Stream for the next clip")
        self._take(np.asarray(samples))
        total = self._base + self._clip.shape[1]
        return self._emit(total, self._complete(total), last=False)

    def finish(self) -> NDArray[np.float32]:
        """Ends the clip and returns the frames that waited for its edge, shaped as by `push`."""
        if self._finished:
            raise SonogramError("this stream is finished; make a new Stream for the next clip")
        self._finished = True
        if self._rows is None:
            return np.zeros((0, self.frontend.num_bands), np.float32)
        total = self._base + self._clip.shape[1]
        return self._emit(total, self._plan.num_valid_frames(total), last=True)

    def _take(self, samples: NDArray[Any]) -> None:
        flat = samples.ndim == 1
        if samples.ndim not in (1, 2) or (self._rows is not None and self._flat != flat):
            raise SonogramError(
                f"a stream takes (samples,) or (channels, samples), not both; got {samples.shape}"
            )
        rows = _XP.samples(samples.reshape(1, -1) if flat else samples)
        if self._rows is None:
            self._rows, self._flat = len(rows), flat
            self._clip = np.zeros((len(rows), 0), self._dtype)
        if len(rows) != self._rows:
            raise SonogramError(f"this stream has {self._rows} channels; got {len(rows)}")
        if not rows.shape[1]:
            return
        before = [None] * len(rows) if self._last is None else self._last
        kept = [numpy_engine.condition(self._plan, row, last) for row, last in zip(rows, before, strict=True)]
        self._last = rows[:, -1].copy()
        self._clip = np.concatenate([self._clip, np.asarray(kept, self._dtype)], axis=1)

    def _complete(self, total: int) -> int:
        """Returns how many frames are the same however the clip goes on."""
        left = self._plan.left(total)
        inside = (total + left - self._plan.frame_length) // self._plan.frame_step + 1
        if self.frontend.padding.mode != "constant" and total <= left:
            return self._frame  # the mirror image before the clip is not complete
        return int(max(self._frame, min(inside, self._plan.num_valid_frames(total))))

    def _emit(self, total: int, stop: int, last: bool) -> NDArray[np.float32]:
        count = max(stop - self._frame, 0)
        assert self._rows is not None
        features = [self._local(self._plan, row, self._frame, count, self._base, total) for row in self._clip]
        self._frame += count
        self._forget(total)
        values = np.asarray([each[0] for each in features])
        energy = (
            np.asarray([each[1] for each in features]) if features and features[0][1] is not None else None
        )
        values = self._tail(values, energy)
        if last:
            blank = self._plan.num_frames(total) - self._plan.num_valid_frames(total)
            values = np.pad(values, ((0, 0), (0, blank), (0, 0)))
        values = self._stacked(values, last).astype(np.float32)
        return values[0] if self._flat else values

    def _forget(self, total: int) -> None:
        """Drops the samples that neither the next frame nor the mirror image of the last ones can see."""
        needed = self._frame * self._plan.frame_step - self._plan.left(total)
        keep = max(min(needed, total - 2 * self._plan.span - self._plan.frame_step), self._base)
        # In pieces of a span, so that not every push copies what is kept.
        if keep - self._base > self._plan.span:
            self._clip, self._base = self._clip[:, keep - self._base :].copy(), keep

    def _tail(self, values: NDArray[Any], energy: NDArray[Any] | None) -> NDArray[Any]:
        scaling, normalize = self.frontend.scaling, self.frontend.normalize
        if isinstance(scaling, Pcen) and values.shape[1]:
            start = scaling.initial if self._level is None else self._level
            smoothed = _XP.smooth(values, scaling.smoothing, start)
            self._level = smoothed[:, -1]
            values = scaling.compress(_XP, values, smoothed)
        values = program.cepstrum(self._plan, _XP, values, energy)
        return values if normalize is None else normalize.apply(_XP, values, None)

    def _stacked(self, values: NDArray[Any], last: bool) -> NDArray[Any]:
        rule = self.frontend.stack
        if rule is None:
            return values
        if self._waiting is not None:
            values = np.concatenate([self._waiting, values], axis=1)
        if last:
            return np.asarray(program.stack(self._plan, _XP, values))
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
