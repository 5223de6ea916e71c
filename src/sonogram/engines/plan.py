"""The plan: a definition lowered to float64 constants, once for all engines."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonogram.definition import Definition
from sonogram.engines.arrays.blocks import limits_of_rows
from sonogram.spectrum import Complex
from sonogram.tolerance import Tolerance, linear
from sonogram.transform import ConstantQ, Kernel

__all__ = ["Plan", "plan"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Plan:
    """What the engines execute. All arrays are float64 and read-only."""

    definition: Definition
    frame_length: int
    """Samples under the window."""
    frame_step: int
    fft_length: int
    span: int
    """Samples that a frame covers; `frame_length` or `fft_length`."""
    window_offset: int
    """Samples from the beginning of the span to that of the window."""
    window: Floats
    """`(frame_length,)`."""
    bands: Floats | None
    """`(bins, bands)`, the weights of the bins included."""
    limits: NDArray[np.int64] | None
    """First bin and one past the last bin of each band, `(bands, 2)`."""
    cepstrum: Floats | None
    """`(bands, coefficients)`, the lifter included."""
    kernels: tuple[Kernel, ...] | None
    """Bins as sums over the samples of a frame; None for the Fourier transform."""
    num_bins: int
    num_filters: int
    """Bands before the cepstrum, the energy of the spectrum included."""
    tolerance: Tolerance
    """Difference that rounding alone can cause before a normalization."""

    @property
    def has_energy(self) -> bool:
        """Whether the cepstrum needs the log energy of each frame."""
        rule = self.definition.cepstrum
        return rule is not None and rule.energy == "replace"

    # Numbers of frames and their position. Padding applies to the conditioned clip.

    def num_conditioned(self, num_samples: Any, maximum: Any = max) -> Any:
        """Return the number of samples of a clip after conditioning."""
        return self.definition.conditioning.num_samples(num_samples, maximum)

    def num_frames(self, num_samples: Any, maximum: Any = max) -> Any:
        """Return the number of frames, unstacked, of a conditioned clip."""
        return self.definition.padding.num_frames(num_samples, self.span, self.frame_step, maximum)

    def num_valid_frames(self, num_samples: Any, maximum: Any = max) -> Any:
        """Return the number of frames, unstacked, that hold features."""
        return self.definition.padding.num_valid_frames(num_samples, self.span, self.frame_step, maximum)

    def features_frames(self, num_samples: Any, maximum: Any = max) -> Any:
        """Return the number of rows of features, stacked, of a clip of `num_samples` samples."""
        return self.rows_of(self.num_conditioned(num_samples, maximum), maximum)

    def rows_of(self, num_samples: Any, maximum: Any = max) -> Any:
        """Return the number of rows of features, stacked, of a conditioned clip."""
        return self._stack_frames(self.num_frames(num_samples, maximum))

    def valid_features(self, num_samples: Any, maximum: Any = max) -> Any:
        """Return the number of rows of features, stacked, that hold features."""
        return self._stack_frames(self.num_valid_frames(self.num_conditioned(num_samples, maximum), maximum))

    def _stack_frames(self, num_frames: Any) -> Any:
        rule = self.definition.stack
        return rule.num_frames(num_frames) if rule else num_frames

    def pad_left(self, num_samples: Any) -> Any:
        """Return the samples from the beginning of the first window to that of the clip; may be negative."""
        return self.definition.padding.pad_left(num_samples, self.span, self.frame_step) - self.window_offset

    @property
    def is_complex(self) -> bool:
        """Whether the features are both parts of the bins."""
        return isinstance(self.definition.spectrum, Complex)

    @property
    def kernel_blocks(self) -> tuple[tuple[int, Floats], ...]:
        """The kernels by octave, in rows of one step: the first row in the frame, and the factors.

        The factors are `(rows, frame_step, 2 bins)`: the real parts, then the imaginary parts. Kernels of
        one octave differ little in length.
        """
        assert isinstance(self.definition.transform, ConstantQ)
        assert self.kernels is not None
        size = self.definition.transform.bins_per_octave
        first = range(0, len(self.kernels), size)
        return tuple(_block(self.kernels[i : i + size], self.frame_step) for i in first)


@lru_cache(maxsize=256)
def plan(definition: Definition) -> Plan:
    """Return the plan of a definition; the same one for equal definitions."""
    limits = cepstrum = None
    window = definition.window.weights(definition.frame_length)
    bands = _bands(definition, window)
    if bands is not None:
        limits = limits_of_rows(bands.T)
    if definition.cepstrum is not None:
        cepstrum = definition.cepstrum.matrix(definition.num_filters)
        if definition.cepstrum.energy == "spectrum":
            bands, cepstrum = _add_energy(bands, cepstrum, definition.fft_size)
            limits = limits_of_rows(bands.T)
    for constant in (window, bands, limits, cepstrum):
        if constant is not None:
            constant.flags.writeable = False
    return Plan(
        definition=definition,
        frame_length=definition.frame_length,
        frame_step=definition.frame_step,
        fft_length=definition.fft_size,
        span=definition.frame_span,
        window_offset=definition.window_offset,
        window=window,
        bands=bands,
        limits=limits,
        cepstrum=cepstrum,
        kernels=_kernels(definition),
        num_bins=definition.num_bins,
        num_filters=definition.num_filters if bands is None else bands.shape[1],
        tolerance=_tolerance(definition, cepstrum),
    )


def _kernels(definition: Definition) -> tuple[Kernel, ...] | None:
    transform = definition.transform
    if not isinstance(transform, ConstantQ):
        return None
    kernels = transform.kernels(definition.sample_rate, definition.frame_length)
    for kernel in kernels:
        kernel.values.flags.writeable = False
    return kernels


def _block(kernels: tuple[Kernel, ...], step: int) -> tuple[int, Floats]:
    """Return in which row of `step` samples the longest of some kernels begins, and all of them."""
    first = min(kernel.begin for kernel in kernels) // step
    stop = -(-max(kernel.begin + len(kernel.values) for kernel in kernels) // step)
    factors = np.zeros(((stop - first) * step, 2, len(kernels)))
    for column, kernel in enumerate(kernels):
        begin = kernel.begin - first * step
        factors[begin : begin + len(kernel.values), 0, column] = kernel.values.real
        factors[begin : begin + len(kernel.values), 1, column] = kernel.values.imag
    return first, factors.reshape(stop - first, step, -1)


def _bands(definition: Definition, window: Floats) -> Floats | None:
    """Return the filter bank with the weights of the bins in it, `(bins, bands)`."""
    sample_rate, fft_length = definition.sample_rate, definition.bank_size
    bands = None if definition.bands is None else definition.bands.matrix(sample_rate, fft_length)
    weights = definition.spectrum.bin_weights(sample_rate, window, fft_length)
    if isinstance(definition.spectrum, Complex):
        return None
    if weights is None:
        return bands
    return np.diag(weights) if bands is None else weights[:, None] * bands


def _add_energy(bands: Floats | None, cepstrum: Floats, fft_length: int) -> tuple[Floats, Floats]:
    """Return bands with one more, the energy of the spectrum, and a cepstrum that begins with that band."""
    assert bands is not None
    energy = np.full((len(bands), 1), 1 / fft_length)
    others = np.vstack([np.zeros(cepstrum.shape[1] - 1), cepstrum[:, 1:]])
    first = np.eye(len(others), 1)
    return np.hstack([energy, bands]), np.hstack([first, others])


def _tolerance(definition: Definition, cepstrum: Floats | None) -> Tolerance:
    scaling, db_factor = definition.scaling, definition.spectrum.db_factor
    tolerance = linear(db_factor) if scaling is None else scaling.tolerance(db_factor)
    # Bands round independently of one another: the squares of their errors add up.
    return tolerance if cepstrum is None else tolerance.scale(np.linalg.norm(cepstrum, axis=0).max())
