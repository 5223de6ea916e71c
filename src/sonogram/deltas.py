"""Deltas: derivatives over time, appended to the features of each frame.

Source: S. Furui, "Speaker-independent isolated word recognition using dynamic features of speech
spectrum", IEEE TASSP 34 (1986); S. Young et al., "The HTK book"; A. Savitzky, M. Golay, "Smoothing and
differentiation of data by simplified least squares procedures", Analytical Chemistry 36 (1964).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import factorial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonogram.config import Stage, require

__all__ = ["Deltas", "Difference", "PositiveDifference", "Regression", "SavitzkyGolay"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class Deltas(Stage, abstract=True):
    """Base of the derivatives over time. A row holds the features, then their derivatives by order.

    Args:
        order: Highest derivative, at least 1. 2 is usual for cepstra of speech: velocity and acceleration.
    """

    order: int = 2

    def validate(self) -> None:
        require(
            isinstance(self.order, int) and self.order >= 1,
            f"order must be a whole number of at least 1; got {self.order}",
        )

    @property
    def lookahead(self) -> int:
        """Number of later frames that a row depends on."""
        raise NotImplementedError

    @property
    def lookback(self) -> int:
        """Number of earlier frames with which a row is that of the whole clip."""
        # A derivative looks back as far as ahead. With twice that, the first of these frames is no edge for
        # the last rows of a clip either, which may repeat the last one that is complete.
        return 2 * self.lookahead

    def num_complete(self, num_frames: int) -> int:
        """Return how many rows do not depend on frames after the first `num_frames`."""
        return max(num_frames - self.lookahead, 0)

    def apply(self, xp: Any, values: Any, valid: Any = None) -> Any:
        """Return the features and their derivatives, `(..., frames, (order + 1) * bands)`.

        Args:
            xp: Array namespace.
            values: `(batch, frames, bands)`.
            valid: Number of frames that hold features, `(batch,)`; None is all.
        """
        raise NotImplementedError


@dataclass(frozen=True, repr=False)
class Regression(Deltas):
    """The slope of a line through neighboring frames: `sum k (c[t + k] - c[t - k]) / (2 sum k^2)`.

    The deltas of HTK, Kaldi and torchaudio. The first and the last frame are repeated beyond the clip, and a
    higher order is the delta of the one below.

    Args:
        width: Frames on each side, at least 1; 2 is usual.

    Example:
        >>> sg.Frontend(16000, 400, 160, bands=sg.bands.Mel(40), deltas=sg.deltas.Regression()).num_bands
        120

    See Also:
        SavitzkyGolay: librosa's.
    """

    width: int = 2

    def validate(self) -> None:
        super().validate()
        require(
            isinstance(self.width, int) and self.width >= 1,
            f"width must be 1 or more frames; got {self.width}",
        )

    @property
    def weights(self) -> Floats:
        """Weights of the frames from `t - width` to `t + width`."""
        frames = np.arange(-self.width, self.width + 1)
        return np.asarray(frames / (frames**2).sum())

    @property
    def lookahead(self) -> int:
        return self.order * self.width

    def apply(self, xp: Any, values: Any, valid: Any = None) -> Any:
        parts = [values]
        for _ in range(self.order):
            padded = xp.extend_frames(parts[-1], self.width, self.width, valid, repeat=True)
            parts.append(_filter(xp, padded, self.weights, xp.size(values, -2)))
        return xp.concatenate(parts, -1)


@dataclass(frozen=True, repr=False)
class Difference(Regression):
    """The difference of both neighbors, `c[t + 1] - c[t - 1]`, not divided (ASVspoof's baselines)."""

    width: int = 1

    def validate(self) -> None:
        super().validate()
        require(self.width == 1, f"Difference has a width of 1; got {self.width}. Take Regression instead")

    @property
    def weights(self) -> Floats:
        return np.array([-1.0, 0.0, 1.0])


@dataclass(frozen=True, repr=False)
class PositiveDifference(Deltas):
    """The rise of each band, `max(x[t] - x[t - lag], 0)`: the spectral flux before its sum over the bands.

    It shows onsets and ignores decays. The first `lag` frames have no earlier one and are 0. Only `order` 1.
    Source: S. Boeck, G. Widmer, "Maximum filter vibrato suppression for onset detection", DAFx 2013.

    Args:
        lag: Frames back to the one that is subtracted, at least 1. More, where windows overlap much.

    See Also:
        Regression: slopes of either sign.
    """

    order: int = 1
    lag: int = 1

    def validate(self) -> None:
        super().validate()
        require(self.order == 1, f"PositiveDifference has order 1; got {self.order}")
        require(isinstance(self.lag, int) and self.lag >= 1, f"lag must be 1 or more frames; got {self.lag}")

    @property
    def lookahead(self) -> int:
        return 0

    @property
    def lookback(self) -> int:
        return self.lag

    def apply(self, xp: Any, values: Any, valid: Any = None) -> Any:
        frames = xp.size(values, -2)
        index = xp.expand(xp.arange(0, frames, values), -1)
        earlier = xp.crop(xp.pad(values, self.lag, 0, -2), 0, frames, -2)
        # Not 0 before the clip: the first frames would rise from silence.
        rise = xp.maximum(xp.where(index < self.lag, xp.zeros_like(values), values - earlier), 0.0)
        return xp.concatenate([values, rise], -1)


@dataclass(frozen=True, repr=False)
class SavitzkyGolay(Deltas):
    """Derivatives of a polynomial through neighboring frames: librosa's `feature.delta`.

    The polynomial of the derivative n has degree n. Its n-th derivative is the same wherever it is taken, so
    rows nearer to an edge than half the length repeat the first or the last complete one. A clip shorter than
    `length` frames has derivatives of 0.

    Args:
        length: Frames under the polynomial, odd and above the order; 9 is librosa's.

    See Also:
        Regression: the deltas of Kaldi and HTK.
    """

    length: int = 9

    def validate(self) -> None:
        super().validate()
        require(
            isinstance(self.length, int) and self.length % 2 == 1 and self.length > self.order,
            f"length must be an odd number of frames above the order ({self.order}); got {self.length}",
        )

    @property
    def lookahead(self) -> int:
        return self.length // 2

    def num_complete(self, num_frames: int) -> int:
        # The first rows wait for the first complete polynomial.
        return super().num_complete(num_frames) if num_frames >= self.length else 0

    def weights(self, order: int) -> Floats:
        """Return the weights of the frames, `(length,)`, for one derivative."""
        frames = np.arange(self.length) - self.length // 2
        powers = frames[:, None] ** np.arange(order + 1)
        return np.asarray(np.linalg.pinv(powers)[order] * factorial(order))

    def apply(self, xp: Any, values: Any, valid: Any = None) -> Any:
        frames, half = xp.size(values, -2), self.length // 2
        index = xp.expand(xp.arange(0, frames, values), -1)
        count = frames if valid is None else xp.expand(xp.expand(valid, -1), -1)
        # One frame more than there are, so that there is a frame at `half` in a short clip.
        padded = xp.pad(values, half, self.length, -2)
        parts = [values]
        for order in range(1, self.order + 1):
            inside = _filter(xp, padded, self.weights(order), frames + half + 1)
            first = xp.crop(inside, half, 1, -2)
            inside = xp.crop(inside, 0, frames, -2)
            zeros = xp.zeros_like(inside)
            last = xp.asum(xp.where(index == count - 1 - half, inside, zeros), (-2,))
            edged = xp.where(
                index < half, first + zeros, xp.where(index >= count - half, last + zeros, inside)
            )
            complete = (index < count) & (index * 0 + count >= self.length)
            parts.append(xp.where(complete, edged, zeros))
        return xp.concatenate(parts, -1)


def _filter(xp: Any, values: Any, weights: Floats, num_frames: Any) -> Any:
    """Return `sum weights[k] values[t + k]`, `(batch, num_frames, bands)`."""
    total = None
    for k, weight in enumerate(weights.tolist()):
        if weight:
            term = xp.crop(values, k, num_frames, -2) * weight
            total = term if total is None else total + term
    return total
