"""The plan: a definition lowered to integers and float64 constants, once for all engines."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonogram.frontend import Frontend

__all__ = ["Plan", "plan"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Plan:
    """What the engines execute. All arrays are float64 and read-only."""

    definition: Frontend
    frame_length: int
    """Samples under the window."""
    frame_step: int
    fft_length: int
    span: int
    """Samples that a frame reaches over; `frame_length` or `fft_length`."""
    window_offset: int
    """Where the window begins inside the span."""
    window: Floats
    """`(frame_length,)`."""
    bands: Floats | None
    """`(bins, bands)`."""
    limits: NDArray[np.int64] | None
    """First bin and one past the last bin of each band, `(bands, 2)`."""
    cepstrum: Floats | None
    """`(bands, coefficients)`, the lifter included."""

    @property
    def num_bins(self) -> int:
        """Bins of the spectrum."""
        return self.fft_length // 2 + 1

    @property
    def num_filters(self) -> int:
        """Bands before the cepstrum."""
        return self.num_bins if self.bands is None else self.bands.shape[1]

    # How many, and where: framing, after the conditioning has shortened the clip.

    def num_conditioned(self, num_samples: Any, maximum: Any = max) -> Any:
        """Return the samples of a clip after conditioning."""
        dropped = self.definition.conditioning.dropped
        return maximum(num_samples - dropped, 0) if dropped else num_samples

    def num_frames(self, num_samples: Any, maximum: Any = max) -> Any:
        """Return the frames, unstacked, of a conditioned clip."""
        return self.definition.padding.num_frames(num_samples, self.span, self.frame_step, maximum)

    def num_valid_frames(self, num_samples: Any, maximum: Any = max) -> Any:
        """Return the frames, unstacked, that hold features."""
        return self.definition.padding.num_valid_frames(num_samples, self.span, self.frame_step, maximum)

    def features_frames(self, num_samples: Any, maximum: Any = max) -> Any:
        """Return the frames of features, stacked, of a clip of `num_samples` samples."""
        return self._stacked(self.num_frames(self.num_conditioned(num_samples, maximum), maximum))

    def valid_features(self, num_samples: Any, maximum: Any = max) -> Any:
        """Return the frames of features, stacked, that are not blank."""
        return self._stacked(self.num_valid_frames(self.num_conditioned(num_samples, maximum), maximum))

    def _stacked(self, num_frames: Any) -> Any:
        rule = self.definition.stack
        return rule.num_frames(num_frames) if rule else num_frames

    def pad_left(self, num_samples: Any) -> Any:
        """Return the samples before the clip that the first window sees; negative where it begins later."""
        return self.definition.padding.pad_left(num_samples, self.span, self.frame_step) - self.window_offset

    @property
    def dft(self) -> Floats:
        """The windowed transform of one frame as a matrix, `(frame_length, 2 bins)`.

        Columns are the real parts, then the imaginary parts.
        """
        position = np.arange(self.frame_length)
        if self.span != self.frame_length:
            position = position + self.window_offset
        # The exponent is reduced in integers: exact where the product is large.
        turn = (position[:, None] * np.arange(self.num_bins)) % self.fft_length
        angle = -2 * np.pi / self.fft_length * turn
        return np.concatenate([np.cos(angle), np.sin(angle)], axis=1) * self.window[:, None]


@lru_cache(maxsize=256)
def plan(frontend: Frontend) -> Plan:
    """Return the plan of a definition; the same one for equal definitions."""
    fft_length = frontend.fft_length or 1 << (frontend.frame_length - 1).bit_length()
    span = fft_length if frontend.padding.span == "fft" else frontend.frame_length
    bands = limits = cepstrum = None
    if frontend.bands is not None:
        bands = frontend.bands.matrix(frontend.sample_rate, fft_length)
        limits = np.array([_limits(column) for column in bands.T])
    if frontend.cepstrum is not None:
        cepstrum = frontend.cepstrum.matrix(fft_length // 2 + 1 if bands is None else bands.shape[1])
    window = frontend.window.weights(frontend.frame_length)
    for constant in (window, bands, limits, cepstrum):
        if constant is not None:
            constant.flags.writeable = False
    return Plan(
        definition=frontend,
        frame_length=frontend.frame_length,
        frame_step=frontend.frame_step,
        fft_length=fft_length,
        span=span,
        window_offset=(span - frontend.frame_length) // 2,
        window=window,
        bands=bands,
        limits=limits,
        cepstrum=cepstrum,
    )


def _limits(column: Floats) -> tuple[int, int]:
    used = np.flatnonzero(column)
    return (int(used[0]), int(used[-1]) + 1) if len(used) else (0, 0)
