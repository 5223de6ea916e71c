"""Constant-Q kernels at lower sample rates, for the native engine.

A low note has a long window, and no need of the high sample rate: the samples are low-pass filtered and
every second one is kept, again and again, until the window is short. The filter is the half-band filter of
Lagrange, the flattest of its length. Within a tenth of the lower rate it is 1 up to 1e-7, and what it folds
onto that part is below 1e-7.

Source: J. Brown and M. Puckette, "An efficient algorithm for the calculation of a constant Q transform",
JASA 92 (1992); R. Ansari et al., "Wavelet construction using Lagrange halfband filters", IEEE Transactions on
Circuits and Systems 38 (1991).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sonogram.engines.plan import Plan
from sonogram.transform import ConstantQ

__all__ = ["HALF_BAND", "HalvedKernel", "halved_kernels"]

Values = NDArray[np.complex128]

HALF_BAND = np.array([320166, -76230, 22869, -5445, 847, -63]) / 2**20
"""Factors of the samples 1, 3, 5... before and after a sample that is kept; its own factor is 1/2."""

_LAST = 2 * len(HALF_BAND) - 1  # distance of the outermost factor
# The main lobe of a window must end at this part of the lower rate, up to which the filter is 1.
_PASSED = 0.1
# So many bins of its own resolution must lie between a bin and half the lower rate: there the spectrum of the
# Hann window, which falls with their third power, is below 1e-7.
_DISTANCE = 150
# The filters need samples around a kernel, and the frame has no more: so much of a kernel may be cut off.
_CUT = 1e-8
_ZERO = 1e-9  # of the largest factor: nothing to float32


class HalvedKernel(NamedTuple):
    """A complex bin as a sum over samples at a lower rate."""

    halvings: int
    """How often the rate is halved."""
    begin: int
    """Position of the first sample, from the center of the frame, in samples of the lower rate."""
    values: Values
    """Factors of the samples from there on."""


def halved_kernels(plan: Plan) -> tuple[HalvedKernel, ...]:
    """Return the kernels, each at the lowest rate at which float32 sees no difference."""
    transform = plan.definition.transform
    assert isinstance(transform, ConstantQ)
    assert plan.kernels is not None
    rate, center = plan.definition.sample_rate, plan.frame_length // 2
    bins = zip(plan.kernels, transform.frequencies / rate, transform.lengths(rate), strict=True)
    return tuple(
        _round(
            _trim(_halved(HalvedKernel(0, kernel.begin - center, kernel.values), frequency, length, plan)),
            kernel.values.sum(),
        )
        for kernel, frequency, length in bins
    )


def _halved(kernel: HalvedKernel, frequency: float, length: float, plan: Plan) -> HalvedKernel:
    """Return a kernel at the lowest rate; its frequency is in cycles a sample."""
    lowest, factor = kernel, 2
    while (
        plan.frame_step % factor == 0
        and factor * (frequency + 2 / length) <= _PASSED
        and (0.5 / factor - frequency) * length >= _DISTANCE
    ):
        kernel, factor = _halve(kernel), 2 * factor
        within, lost = _cut(kernel, plan.frame_length)
        if lost <= _CUT:
            lowest = within
    return lowest


def _halve(kernel: HalvedKernel) -> HalvedKernel:
    """Return a kernel at half its rate, filtered as the samples are."""
    taps = np.zeros(2 * _LAST + 1)
    taps[_LAST] = 0.5
    taps[_LAST + 1 :: 2] = HALF_BAND
    taps[_LAST - 1 :: -2] = HALF_BAND
    filtered = np.convolve(taps, kernel.values)
    begin = kernel.begin - _LAST
    return HalvedKernel(kernel.halvings + 1, (begin + 1) // 2, 2 * filtered[begin % 2 :: 2])


def _cut(kernel: HalvedKernel, frame_length: int) -> tuple[HalvedKernel, float]:
    """Return a kernel that, with its filters, lies within the frame, and the part of it that is cut off.

    That part is added to the factors at the edges: the sum over a constant stays what it was.
    """
    factor, center = 2**kernel.halvings, frame_length // 2
    limit = (frame_length - 1 - center - _LAST * (factor - 1)) // factor
    position = kernel.begin + np.arange(len(kernel.values))
    nearest = np.clip(position, -limit, limit)
    values = np.zeros(nearest[-1] - nearest[0] + 1, np.complex128)
    np.add.at(values, nearest - nearest[0], kernel.values)
    sizes = np.abs(kernel.values)
    lost = sizes[position != nearest].sum() / sizes.sum()
    return HalvedKernel(kernel.halvings, int(nearest[0]), values), float(lost)


def _trim(kernel: HalvedKernel) -> HalvedKernel:
    """Return a kernel without the zeros at its ends."""
    sizes = np.abs(kernel.values)
    used = np.flatnonzero(sizes > _ZERO * sizes.max())
    begin, end = int(used[0]), int(used[-1]) + 1
    return HalvedKernel(kernel.halvings, kernel.begin + begin, kernel.values[begin:end])


def _round(kernel: HalvedKernel, total: complex) -> HalvedKernel:
    """Return a kernel with factors in float32 whose sum stays that of the definition.

    The sum is the answer to a constant. It is small, and the rounding of many factors would show in it: the
    largest factor takes the difference, and the first one, which is small, what its own rounding leaves.
    """
    values = kernel.values.astype(np.complex64).astype(np.complex128)
    largest = int(np.abs(values).argmax())
    for part, wanted in ((values.real, total.real), (values.imag, total.imag)):
        for place in (largest, 0):
            part[place] = np.float32(part[place] + wanted - part.sum())
    return HalvedKernel(kernel.halvings, kernel.begin, values)
