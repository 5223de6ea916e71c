"""`Rows`: rows of features anywhere in a recording, with the bits of the features of the whole."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sonogram.definition import Definition
from sonogram.engines import frames_engine, program
from sonogram.engines.plan import plan
from sonogram.scaling import Pcen
from sonogram.viewer.statistics import Statistics

__all__ = ["Rows", "Samples"]


Floats = NDArray[np.float32]

_KEPT_EVERY = 1024
"""Frames from one state of PCEN that is kept to the next."""


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
        self._frames, self._dtype, self._arrays = frames_engine(None)
        self._unscaled = replace(definition.conditioning, remove_mean=None)
        preemphasis = definition.conditioning.clip_preemphasis
        self._wraps = preemphasis is not None and preemphasis.boundary == "wrap"
        self._smoothed: dict[int, Any] = {}  # PCEN's smoothed energy before a frame, by frame
        self.statistics = Statistics(definition)
        """Statistics of the whole recording that the definition needs; filled by `Pyramid`."""

    def count(self, total: int) -> int:
        """Return the number of rows of a recording of `total` samples."""
        return int(self._plan.features_frames(total))

    def num_frames(self, total: int) -> int:
        """Return the number of single frames that hold features."""
        return int(self._plan.num_valid_frames(self._plan.num_conditioned(total)))

    def num_known(self, available: int) -> int:
        """Return how many rows do not depend on samples after the first `available` ones."""
        plan, definition, total = self._plan, self._definition, int(self._plan.num_conditioned(available))
        if definition.padding.depends_on_length or self._wraps:
            return 0
        pad_left = int(plan.pad_left(total))
        if definition.padding.mode != "constant" and total <= max(pad_left, 0):
            return 0  # the samples mirrored before the clip are not all there
        inside = (total + pad_left - plan.frame_length) // plan.frame_step + 1
        known = max(0, min(inside, self.num_frames(available)))
        if definition.deltas is not None:
            known = definition.deltas.num_complete(known)
        if definition.normalize is not None:
            known = definition.normalize.num_complete(known)
        return known if definition.stack is None else definition.stack.num_complete(known)

    def read(self, first: int, count: int, total: int) -> Floats:
        """Return the rows from `first` on, `(count, bands)`.

        Args:
            first: Number of the first row.
            count: Number of rows; all must exist.
            total: Samples in the recording. Before it is decoded: those available, and the rows known.
        """
        rule = self._definition.stack
        valid = self.num_frames(total)
        if rule is None:
            rows = self.frames(first, min(count, max(valid - first, 0)), total)
        else:
            begin = first * rule.stride - rule.before
            end = begin + (count - 1) * rule.stride + rule.size
            low, high = min(max(begin, 0), valid), min(end, valid)
            frames = self.frames(low, max(high - low, 0), total)[None]
            frames = self._arrays.extend_frames(
                frames, low - begin, end - high, None, repeat=rule.edges == "repeat"
            )
            # The frames before the clip are there already, so a row begins where the array does.
            rows = replace(rule, before=0, remainder="drop").apply(self._arrays, frames)[0]
        num_valid = max(int(self._plan.valid_features(total)) - first, 0)
        rows = np.asarray(rows[:num_valid], np.float32)
        return rows if len(rows) == count else np.pad(rows, ((0, count - len(rows)), (0, 0)))

    def frames(self, first: int, count: int, total: int, *, normalized: bool = True) -> Any:
        """Return single frames before the stack, `(count, bands)`, with or without their normalization."""
        rule, normalize = self._definition.deltas, self._definition.normalize
        margin = 0 if rule is None else max(rule.lookback, 2 * rule.lookahead)
        before, end = margin, first + count
        if normalized and normalize is not None:
            before = first if normalize.lookback is None else margin + normalize.lookback
            while normalize.num_complete(end) < first + count:
                end += 1
        begin, end = max(first - before, 0), min(end + margin, self.num_frames(total))
        values, energy = self._scaled(begin, max(end - begin, 0), total)
        values = program.cepstrum(
            self._plan, self._arrays, self.statistics.apply_peak(self._arrays, values), energy
        )
        if rule is not None:
            values = rule.apply(self._arrays, values)
        if normalized and normalize is not None:
            values = self.statistics.normalize(values)
        return values[0, first - begin : first - begin + count]

    def _scaled(self, first: int, count: int, total: int) -> tuple[Any, Any]:
        """Return scaled bands, `(1, count, bands)`, and log energies if the cepstrum needs them."""
        scaling = self._definition.scaling
        if not isinstance(scaling, Pcen):
            return self.bands(first, count, total)
        begin = max((known for known in tuple(self._smoothed) if known <= first), default=0)
        while first - begin >= _KEPT_EVERY:  # frames that nothing has gone through yet
            self._smooth(scaling, self.bands(begin, _KEPT_EVERY, total)[0], begin)
            begin += _KEPT_EVERY
        values, energy = self.bands(begin, first - begin + count, total)
        if not values.shape[1]:
            return values, energy
        smoothed, part = self._smooth(scaling, values, begin), slice(first - begin, None)
        compressed = scaling.compress(self._arrays, values[:, part], smoothed[:, part])
        return compressed, None if energy is None else energy[:, part]

    def _smooth(self, scaling: Pcen, values: Any, first: int) -> Any:
        """Return the smoothed energy of bands from a frame on, `first`, before which it is known."""
        smoothed = self._arrays.smooth(values, scaling.smoothing, self._smoothed.get(first, scaling.initial))
        for after in range(_KEPT_EVERY, values.shape[1] + 1, _KEPT_EVERY):
            self._smoothed[first + after] = smoothed[:, after - 1]
        return smoothed

    def bands(self, first: int, count: int, total: int) -> tuple[Any, Any]:
        """Return compressed bands, `(1, count, bands)`, and log energies if the cepstrum needs them."""
        values, energy = self._bands(first, count, total)
        return values[None], None if energy is None else energy[None]

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
        clip = self._conditioned(start, max(stop, start), total)
        return self._frames(plan, clip, first, count, start, total)  # type: ignore[no-any-return]

    def _conditioned(self, start: int, stop: int, total: int) -> Any:
        """Return conditioned samples of a clip of `total` samples, from `start` to `stop`."""
        rule = self._unscaled
        shift = rule.dropped if start else 0
        mean = self.statistics.mean
        raw = self._samples(start + shift - bool(start), stop + rule.dropped)
        if rule.clip_preemphasis is None and mean is None and math.frexp(abs(rule.scale))[0] == 0.5:
            # A power of two only moves the exponent, so float32 has the bits of float64.
            scaled = raw if rule.scale == 1 else raw * np.float32(rule.scale)
            return scaled[bool(start) :].astype(self._dtype, copy=False)
        rows = self._arrays.samples(raw[None])
        rows = rows if mean is None else rows - mean
        if not start and self._wraps and total:
            last = self._arrays.samples(self._samples(total - 1, total))
            return rule.apply(self._arrays, rows, None, last if mean is None else last - mean)[0][0].astype(
                self._dtype
            )
        if not start:
            return rule.apply(self._arrays, rows)[0][0].astype(self._dtype)
        return rule.apply(self._arrays, rows[:, 1:], None, rows[:, 0])[0][0].astype(self._dtype)
