"""Kernels at lower rates: the response that they and their filters have together, and where it lies."""

import dataclasses

import numpy as np
import pytest
import signals

import sonogram as sg
from sonogram.engines.halving import HALF_BAND, HalvedKernel, halved_kernels
from sonogram.engines.native import available
from sonogram.engines.plan import plan

LIBROSA = sg.preset("librosa-cqt").replace(spectrum=sg.spectrum.Magnitude(), bands=None)
NNAUDIO = sg.preset("nnaudio-cqt")
CHROMA = sg.preset("librosa-chroma-cqt").replace(bands=None, normalize=None)


def expanded(kernel: HalvedKernel) -> tuple[int, np.ndarray]:
    """Return a kernel and its filters as one kernel at the full rate, and where it begins."""
    taps = np.zeros(23)
    taps[11], taps[12::2], taps[10::-2] = 0.5, HALF_BAND, HALF_BAND
    begin, values = kernel.begin, kernel.values
    for _ in range(kernel.halvings):
        spread = np.zeros(2 * len(values) - 1, complex)
        spread[::2] = values
        begin, values = 2 * begin - 11, np.convolve(spread, taps)
    return begin, values


@pytest.mark.parametrize("definition", [LIBROSA, NNAUDIO], ids=["real lengths", "whole lengths"])
def test_the_spectrum_of_a_halved_kernel_is_that_of_the_definition(definition: sg.Frontend) -> None:
    kernels, center = halved_kernels(plan(definition)), definition.frame_length // 2
    assert {kernel.halvings for kernel in kernels} >= {0, 1, 2, 3, 4}
    for kernel, exact in zip(kernels, plan(definition).kernels or (), strict=True):
        whole, difference = np.zeros((2, 2**15), complex)
        whole[exact.begin : exact.begin + len(exact.values)] = exact.values
        begin, values = expanded(kernel)
        difference[center + begin : center + begin + len(values)] = values
        # The filters of samples and kernel may each be off by 1e-7, and the tail of the window is 1e-7.
        assert np.abs(np.fft.fft(difference - whole)).max() < 3e-7 * np.abs(np.fft.fft(whole)).max()


@pytest.mark.parametrize("definition", [LIBROSA, NNAUDIO], ids=["real lengths", "whole lengths"])
def test_kernels_lie_within_the_frame_with_the_samples_that_their_filters_need(
    definition: sg.Frontend,
) -> None:
    center = definition.frame_length // 2
    side = definition.frame_length - 1 - center
    for kernel in halved_kernels(plan(definition)):
        begin, values = expanded(kernel)
        # Folding takes the samples at one distance on both sides.
        assert -side <= begin
        assert begin + len(values) - 1 <= side


def test_the_step_limits_how_often_the_rate_is_halved() -> None:
    for step, most in ((511, 0), (500, 2), (512, 4)):
        kernels = halved_kernels(plan(LIBROSA.replace(frame_step=step)))
        assert max(kernel.halvings for kernel in kernels) == most


@pytest.mark.skipif(not available(), reason="needs the native engine")
@pytest.mark.parametrize(
    "definition", [LIBROSA, NNAUDIO, CHROMA], ids=["real lengths", "whole lengths", "thirds of semitones"]
)
@pytest.mark.parametrize("kind", ["noise", "sine", "constant"])
def test_the_native_engine_stays_within_2e_5_of_the_maximum(definition: sg.Frontend, kind: str) -> None:
    samples = {
        "noise": signals.noise(22_050),
        "sine": np.sin(0.3 * np.arange(22_050)).astype(np.float32),
        "constant": np.full(22_050, 0.25, np.float32),
    }[kind]
    expected = definition(samples, "numpy")
    error = np.abs(definition(samples, "native") - expected) / expected.max(axis=1, keepdims=True)
    assert error.max() < 2e-5


@pytest.mark.skipif(not available(), reason="needs the native engine")
def test_no_kernel_need_stay_at_the_full_rate() -> None:
    transform = dataclasses.replace(LIBROSA.transform, num_bins=12, lower_hz=65.4)  # type: ignore[type-var]
    definition = LIBROSA.replace(transform=transform)
    assert min(kernel.halvings for kernel in halved_kernels(plan(definition))) > 0
    samples = signals.noise(22_050)
    expected = definition(samples, "numpy")
    assert np.abs(definition(samples, "native") - expected).max() < 2e-5 * expected.max()


@pytest.mark.skipif(not available(), reason="needs the native engine")
def test_a_frame_without_its_neighbors_has_the_same_bits() -> None:
    transform = dataclasses.replace(LIBROSA.transform, num_bins=60, lower_hz=65.4)  # type: ignore[type-var]
    definition = LIBROSA.replace(transform=transform, frame_length=5900, padding=sg.padding.Valid())
    samples = signals.noise(5900 + 40 * 512)
    whole = definition(samples, "native")
    for frame in (12, 25, 40):
        poisoned = np.full_like(samples, np.nan)
        part = slice(frame * 512, frame * 512 + 5900)
        poisoned[part] = samples[part]
        np.testing.assert_array_equal(definition(poisoned, "native")[frame], whole[frame])
