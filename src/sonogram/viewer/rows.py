"""`Rows`: rows of features anywhere in a recording, with the bits of the features of the whole."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sonogram.definition import Definition
from sonogram.engines import frames_engine, program
from sonogram.engines.arrays.numpy import NumPy
from sonogram.engines.plan import plan
from sonogram.scaling import Pcen
from sonogram.viewer.statistics import Statistics

__all__ = ["Rows", "Samples"]

_XP = NumPy()

Floats = NDArray[np.float32]

_KEPT_EVERY = 1024
"""Rows from one state of PCEN that is kept to the next."""


class Samples(Protocol):
    """Reads samples of one channel from `start` to `stop`."""

    def __call__(self, start: int, stop: int) -> Floats: ...


class Rows:
    """Features of parts of a recording, computed when they are looked at.

    Args:
        definition: The definition.
        samples: Reads the samples, at the rate of the definition.
    """

    def __init__(self, definition: Definition, samples: Samples) -> None:
        self._definition, self._samples = definition, samples
        self._plan = plan(definition)
        self._frames, self._dtype = frames_engine(None)
        self._unscaled = replace(definition.conditioning, remove_mean=None)
        self._smoothed: dict[int, Any] = {}  # PCEN's smoothed energy before a row, by row
        self.statistics = Statistics(definition)
        """Statistics of the whole recording that the definition needs; filled by `Pyramid`."""

    def count(self, total: int) -> int:
        """Return the number of rows of a recording of `total` samples."""
        return int(self._plan.features_frames(total))

    def num_known(self, available: int) -> int:
        """Return how many rows do not depend on samples after the first `available` ones."""
        plan, total = self._plan, int(self._plan.num_conditioned(available))
        if plan.definition.padding.depends_on_length:
            return 0
        pad_left = int(plan.pad_left(total))
        if plan.definition.padding.mode != "constant" and total <= max(pad_left, 0):
            return 0  # the samples mirrored before the clip are not all there
        inside = (total + pad_left - plan.frame_length) // plan.frame_step + 1
        known = max(0, min(inside, int(plan.num_valid_frames(total))))
        return known // self._definition.stack_size

    def read(self, first: int, count: int, total: int, stage: str = "features") -> Floats:
        """Return the rows from `first` on, `(count, bands)`.

        Args:
            first: Number of the first row.
            count: Number of rows; all must exist.
            total: Samples in the recording. Before it is decoded: those available, and the rows known.
            stage: "bands" leaves out what needs statistics, "cepstrum" only normalization and stack: single
                frames, without those that hold no features.
        """
        size = self._definition.stack_size
        valid = int(self._plan.num_valid_frames(self._plan.num_conditioned(total)))
        frames = max(min((first + count) * size, valid) - first * size, 0)
        values, energy = self._bands(first * size, frames, total)
        if stage == "bands":
            return np.asarray(values, np.float32)
        values = self._finish(first, values, energy, stage)
        if stage == "cepstrum":
            return np.asarray(values, np.float32)
        if len(values) < count * size:  # without a copy where none is needed
            values = np.pad(values, ((0, count * size - len(values)), (0, 0)))
        rows = np.asarray(program.stack(self._plan, _XP, values[None])[0], np.float32)
        invalid = max(int(self._plan.valid_features(total)) - first, 0)
        return rows if invalid >= count else np.concatenate([rows[:invalid], np.zeros_like(rows[invalid:])])

    def _finish(self, first: int, values: Any, energy: Any, stage: str) -> Any:
        """Return what `program.over_clip` computes, given the statistics of the clip."""
        values = values[None]
        scaling, normalize = self._definition.scaling, self._definition.normalize
        if isinstance(scaling, Pcen):
            values = self._compress(scaling, first, values)
        values = self.statistics.apply_peak(_XP, values)
        values = program.cepstrum(self._plan, _XP, values, None if energy is None else energy[None])
        if stage == "features" and normalize is not None:
            values = self.statistics.normalize(values)
        return values[0]

    def _compress(self, scaling: Pcen, first: int, values: Any) -> Any:
        """Return PCEN from the smoothed energy that the rows before have left."""
        if not values.shape[1]:
            return values
        initial = scaling.initial if first == 0 else self._smoothed[first]
        smoothed = _XP.smooth(values, scaling.smoothing, initial)
        after = first + values.shape[1] // self._definition.stack_size
        if after % _KEPT_EVERY == 0:
            self._smoothed[after] = smoothed[:, -1]
        return scaling.compress(_XP, values, smoothed)

    def begins_at(self, row: int) -> int:
        """Return the row, at most `row`, at which `read` can begin: each, but for PCEN."""
        if not isinstance(self._definition.scaling, Pcen):
            return row
        return max((known for known in tuple(self._smoothed) if known <= row), default=0)

    def _bands(self, first: int, count: int, total: int) -> tuple[Any, Any]:
        """Return the compressed bands of frames, and their log energies if the cepstrum needs them."""
        plan = self._plan
        total = int(plan.num_conditioned(total))
        start = first * plan.frame_step - int(plan.pad_left(total))
        stop = start + max(count - 1, 0) * plan.frame_step + plan.frame_length
        # Beyond an edge the clip is mirrored, and so is what must be read.
        margin = 2 * plan.span + plan.frame_step
        if start < 0:
            stop = max(stop, margin)
        if stop > total:
            start = min(start, total - margin)
        if total <= 2 * margin:
            start, stop = 0, total
        start, stop = max(start, 0), min(stop, total)
        clip = self._conditioned(start, max(stop, start))
        return self._frames(plan, clip, first, count, start, total)  # type: ignore[no-any-return]

    def _conditioned(self, start: int, stop: int) -> Any:
        """Return conditioned samples of the clip, from `start` to `stop`."""
        rule = self._unscaled
        shift = rule.dropped if start else 0
        mean = self.statistics.mean
        raw = self._samples(start + shift - bool(start), stop + rule.dropped)
        if rule.clip_preemphasis is None and mean is None and math.frexp(abs(rule.scale))[0] == 0.5:
            # A power of two only moves the exponent, so float32 has the bits of float64.
            scaled = raw if rule.scale == 1 else raw * np.float32(rule.scale)
            return scaled[bool(start) :].astype(self._dtype, copy=False)
        rows = _XP.samples(raw[None])
        rows = rows if mean is None else rows - mean
        if not start:
            return rule.apply(_XP, rows)[0][0].astype(self._dtype)
        return rule.apply(_XP, rows[:, 1:], None, rows[:, 0])[0][0].astype(self._dtype)
