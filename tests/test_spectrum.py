"""The spectrum: what tf.signal and SciPy return, and what is kept of it."""

import dataclasses
import math

import engine_names
import numpy as np
import pytest
import scipy.signal
import signals

import sonogram as sg

SAMPLES = signals.noise(1000)


@pytest.mark.parametrize(
    ("frame_length", "frame_step", "fft_length"), [(400, 160, None), (255, 128, None), (100, 130, 100)]
)
def test_four_numbers_are_the_magnitude_of_tf_signal(
    frame_length: int, frame_step: int, fft_length: int | None
) -> None:
    import tensorflow as tf

    expected = tf.signal.stft(SAMPLES, frame_length, frame_step, fft_length).numpy()
    definition = sg.Frontend(16000, frame_length, frame_step, fft_length)
    magnitude = np.abs(expected)
    # Both round differently: 3e-7 of the frame's maximum.
    np.testing.assert_allclose(definition(SAMPLES, "numpy"), magnitude, rtol=0, atol=1e-6 * magnitude.max())
    spectrum = definition.stft(SAMPLES)
    assert spectrum.dtype == np.complex64
    np.testing.assert_allclose(spectrum, expected, rtol=0, atol=1e-6 * magnitude.max())


def test_the_complex_spectrum_is_scipys_phase_and_all() -> None:
    definition = sg.Frontend(16000, 256, 64, window=sg.windows.Hann())
    _, _, expected = scipy.signal.stft(
        SAMPLES, window="hann", nperseg=256, noverlap=192, boundary=None, padded=False
    )
    scaled = definition.stft(SAMPLES) / sg.windows.Hann().weights(256).sum()
    np.testing.assert_allclose(scaled, expected.T, rtol=0, atol=1e-7)


@pytest.mark.parametrize(
    ("spectrum", "expected"),
    [
        (sg.spectrum.Magnitude(), [5, 0]),
        (sg.spectrum.Power(), [25, 0]),
        (sg.spectrum.Magnitude(epsilon=11), [6, math.sqrt(11)]),
        (sg.spectrum.Magnitude(floor=16), [5, 4]),
        (sg.spectrum.Magnitude(epsilon=9, floor=16), [math.sqrt(34), 5]),
    ],
    ids=repr,
)
def test_what_is_kept_of_three_plus_four_i(spectrum: sg.spectrum.Power, expected: list[float]) -> None:
    from sonogram.engines.arrays.numpy import NumPy

    real, imaginary = np.array([3.0, 0.0]), np.array([4.0, 0.0])
    assert spectrum.detect(NumPy(), real, imaginary).tolist() == pytest.approx(expected)


def test_a_rectangular_frame_of_a_cosine_is_one_bin() -> None:
    cosine = np.cos(2 * np.pi * 3 * np.arange(16) / 16)
    definition = sg.Frontend(16, 16, 16, window=sg.windows.Rectangular())
    expected = np.zeros(9)
    expected[3] = 8
    for engine in ("numpy", "graph", "portable"):
        np.testing.assert_allclose(definition(cosine, engine)[0], expected, atol=1e-5)
    assert definition.frequencies.tolist() == list(range(9))


def test_the_spectrum_of_a_batch_and_of_nothing() -> None:
    definition = sg.Frontend(16000, 64, 32)
    batch = np.stack([SAMPLES, SAMPLES[::-1]])[:, None]
    spectrum = definition.stft(batch)
    assert spectrum.shape == (2, 1, 30, 33)
    np.testing.assert_array_equal(spectrum[1, 0], definition.stft(batch[1, 0]))
    assert definition.stft(SAMPLES[:63]).shape == (0, 33)


def test_tensors_give_the_same_spectrum() -> None:
    import tensorflow as tf

    definition = sg.Frontend(16000, 64, 32, padding=sg.padding.Center())
    expected = definition.stft(SAMPLES)
    spectrum = definition.stft(tf.constant(SAMPLES))
    assert spectrum.dtype == tf.complex64
    np.testing.assert_allclose(spectrum, expected, rtol=0, atol=1e-6 * np.abs(expected).max())


def test_the_spectrum_of_a_definition_is_still_its_field() -> None:
    definition = sg.Frontend(16000, 64, 32, spectrum=sg.spectrum.Power())
    assert definition.spectrum == sg.spectrum.Power()
    assert dataclasses.replace(definition, spectrum=definition.spectrum) == definition
    assert repr(definition.spectrum) == "Power()"
    assert definition.spectrum is definition.spectrum


@pytest.mark.parametrize("name", ["epsilon", "floor"])
def test_what_is_under_a_root_is_not_negative(name: str) -> None:
    with pytest.raises(sg.DefinitionError, match=f"{name} is under a square root"):
        sg.spectrum.Magnitude(**{name: -1e-9})


@pytest.mark.parametrize("engine", engine_names.ALL)
@pytest.mark.parametrize("length", [256, 255])
def test_density_is_scipys(length: int, engine: str) -> None:
    samples = np.random.default_rng(0).normal(size=3000)
    _, _, expected = scipy.signal.spectrogram(samples, 8000, detrend=False, nperseg=length, noverlap=100)
    definition = sg.Frontend(
        8000,
        length,
        length - 100,
        length,
        window=sg.windows.Tukey(taper=0.25),
        spectrum=sg.spectrum.Density(),
    )
    np.testing.assert_allclose(definition(samples, engine), expected.T, rtol=1e-4, atol=1e-9)
