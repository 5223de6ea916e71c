"""The constant-Q transform: against its definition, written as a sum, and against librosa."""

import cmath
import dataclasses
import math
from pathlib import Path

import engine_names
import librosa
import numpy as np
import pytest
import signals

import sonogram as sg

RATE = 8000
SEMITONES = sg.transform.ConstantQ(14, 330)
ENGINES = pytest.mark.parametrize("engine", engine_names.ALL)


def frontend(transform: sg.transform.ConstantQ = SEMITONES, **fields: object) -> sg.Frontend:
    length = transform.min_frame_length(RATE)
    given = {"padding": sg.padding.Center(mode="constant"), **fields}
    return sg.Frontend(RATE, length, 100, transform=transform, **given)


def summed(samples: np.ndarray, transform: sg.transform.ConstantQ, center: int) -> list[complex]:
    """Return the bins at one sample: the sum of its definition, term by term."""
    bins = []
    for k in range(transform.num_bins):
        hertz = transform.lower_hz * 2 ** (k / transform.bins_per_octave)
        step = 2 ** (1 / transform.bins_per_octave)
        q = (step**2 + 1) / (step**2 - 1)
        length = q * RATE / (hertz + transform.gamma * q)
        total = 0j
        for n in range(-math.floor(length / 2), math.floor(length / 2) + 1):
            if 0 <= center + n < len(samples):
                weight = 0.5 * (1 + math.cos(2 * math.pi * n / length))
                total += samples[center + n] * weight * cmath.exp(-2j * math.pi * hertz * n / RATE)
        scale = math.sqrt(length) if transform.scale == "energy" else 1
        bins.append(total / (length / 2) * scale)
    return bins


@ENGINES
@pytest.mark.parametrize(
    "transform",
    [SEMITONES, dataclasses.replace(SEMITONES, gamma=20.0), dataclasses.replace(SEMITONES, scale="energy")],
    ids=["constant", "variable", "energy"],
)
def test_bins_are_the_sum_of_the_definition(transform: sg.transform.ConstantQ, engine: str) -> None:
    samples = signals.noise(1500)
    magnitudes = frontend(transform)(samples, engine)
    assert magnitudes.shape == (16, 14)
    for row in (0, 7, 15):
        expected = np.abs(summed(samples, transform, 100 * row))
        # Sums of 900 float32 products: 900^0.5 roundings of 6e-8 on terms of one size.
        np.testing.assert_allclose(magnitudes[row], expected, atol=2e-5 * expected.max())


@ENGINES
@pytest.mark.parametrize("step", [1, 100, 150, 999])
def test_a_constant_gives_what_the_definition_leaves_of_it(engine: str, step: int) -> None:
    """That is 5e-5 of the level here: without care the rounding of the terms shows in it."""
    definition = dataclasses.replace(frontend(), frame_step=step, padding=sg.padding.Valid())
    magnitudes = definition(np.full(2500, 0.3, np.float32), engine)
    expected = np.abs(summed(np.full(2500, np.float32(0.3), float), SEMITONES, 1200))
    assert expected.max() < 1e-4 * 0.3
    error = np.abs(magnitudes - expected)
    assert error.max() < 2e-5 * expected.max()


def test_the_complex_bins_have_the_phase_of_the_definition() -> None:
    samples = signals.noise(1500)
    bins = frontend().stft(samples)
    np.testing.assert_allclose(bins[7], summed(samples, SEMITONES, 700), atol=1e-5)


@ENGINES
def test_a_note_has_half_its_amplitude_in_its_own_bin(engine: str) -> None:
    time = np.arange(RATE) / RATE
    for k in (0, 5, 13):
        magnitudes = frontend()(np.sin(2 * np.pi * SEMITONES.frequencies[k] * time), engine)
        middle = magnitudes[len(magnitudes) // 2]
        assert middle.argmax() == k
        assert abs(middle[k] - 0.5) < 0.005  # what the window lets pass of the negative frequency


def test_it_is_librosas_within_what_librosa_leaves_out() -> None:
    """librosa halves the rate, rounds lengths and drops small factors: 1e-2 of a frame's maximum, RMS."""
    samples = signals.to_float(signals.chirp(22050))
    ours = sg.preset("librosa-cqt")(samples)
    theirs = np.abs(librosa.cqt(samples, sr=22050)).T
    assert ours.shape == theirs.shape
    error = (ours - theirs) / theirs.max(axis=1, keepdims=True)
    assert np.sqrt((error**2).mean()) < 1.2e-2


def test_its_chroma_is_librosas_within_the_same() -> None:
    samples = signals.to_float(signals.chirp(22050))
    ours = sg.preset("librosa-chroma-cqt")(samples)
    with np.load(Path(__file__).parent / "golden" / "librosa-chroma-cqt.npz") as recording:
        theirs = recording["features"]
    assert ours.shape == theirs.shape
    assert np.sqrt(((ours - theirs) ** 2).mean()) < 1.2e-2


def test_frequencies_times_and_latency() -> None:
    definition = frontend()
    np.testing.assert_allclose(definition.frequencies[[0, 12]], [330, 660])
    assert definition.times(3).tolist() == [0, 0.0125, 0.025]
    assert definition.latency == definition.frame_length // 2
    assert definition == sg.Frontend.from_dict(definition.to_dict())


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: sg.transform.ConstantQ(0), "num_bins must be a whole number of at least 1; got 0"),
        (lambda: sg.transform.ConstantQ(lower_hz=0), "lower_hz must be above 0"),
        (lambda: sg.transform.ConstantQ(gamma=-1), "gamma must not be negative"),
        (lambda: frontend(sg.transform.ConstantQ(60, 330)), "highest bin must be below half the sample rate"),
        (lambda: sg.Frontend(RATE, 100, 10, transform=SEMITONES), "frame_length must be at least \\d+"),
        (lambda: sg.Frontend(RATE, 500, 10, 512, transform=SEMITONES), "takes no fft_length; got 512"),
        (lambda: frontend(bands=sg.bands.Mel(8)), "bands must be None, Bins, Octaves or a Filterbank"),
        (lambda: frontend(spectrum=sg.spectrum.Density()), "a density needs transform=Fourier"),
    ],
)
def test_wrong_transforms_say_what_is_right(make: object, message: str) -> None:
    with pytest.raises(sg.DefinitionError, match=message):
        make()
