"""Windows against SciPy, and against what TensorFlow, torch and Kaldi returned."""

import re
from pathlib import Path

import numpy as np
import pytest
import scipy.signal

import sonogram as sg

WINDOWS = np.load(Path(__file__).parent / "golden" / "windows.npz")


@pytest.mark.parametrize("length", [1, 2, 3, 16, 255, 400])
@pytest.mark.parametrize("symmetry", ["periodic", "symmetric"])
@pytest.mark.parametrize(
    ("window", "name"),
    [
        (sg.windows.Hann, "hann"),
        (sg.windows.Hamming, "hamming"),
        (sg.windows.Blackman, "blackman"),
        (sg.windows.Rectangular, "boxcar"),
        (lambda symmetry: sg.windows.Kaiser(symmetry, beta=8.6), ("kaiser", 8.6)),
    ],
)
def test_window_is_scipys(window: object, name: object, symmetry: str, length: int) -> None:
    expected = scipy.signal.get_window(name, length, fftbins=symmetry == "periodic")
    weights = window(symmetry).weights(length)
    np.testing.assert_allclose(weights, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("key", WINDOWS.files)
def test_window_is_the_recorded_one(key: str) -> None:
    library, name, symmetry, length = re.fullmatch(
        r"(?:(tf|torch)_)?(hann|hamming|povey)(?:_(periodic|symmetric))?_(\d+)", key
    ).groups()
    if name == "povey":
        window = sg.windows.Povey()
    else:
        # What tf.signal calls periodic is symmetric at odd lengths.
        symmetry = "periodic-if-even" if (library, symmetry) == ("tf", "periodic") else symmetry
        window = {"hann": sg.windows.Hann, "hamming": sg.windows.Hamming}[name](symmetry)
    np.testing.assert_allclose(window.weights(int(length)), WINDOWS[key], rtol=0, atol=1e-6)


def test_even_periodic_is_periodic_at_even_lengths_only() -> None:
    both = sg.windows.Hann("periodic-if-even")
    np.testing.assert_array_equal(both.weights(8), sg.windows.Hann("periodic").weights(8))
    np.testing.assert_array_equal(both.weights(9), sg.windows.Hann("symmetric").weights(9))


@pytest.mark.parametrize("length", [8, 9])
def test_the_squares_of_overlapping_vorbis_windows_add_up_to_1(length: int) -> None:
    weights = sg.windows.Vorbis().weights(length)
    half = length // 2
    np.testing.assert_allclose(weights, weights[::-1])
    if length % 2 == 0:
        np.testing.assert_allclose(weights[:half] ** 2 + weights[half:] ** 2, 1)
    assert weights[half] > 0.9
    assert 0 < weights[0] < 0.1


def test_norms() -> None:
    assert sg.windows.Hann(norm="sum").weights(400).sum() == pytest.approx(1)
    assert (sg.windows.Hann(norm="energy").weights(400) ** 2).sum() == pytest.approx(1)
    assert sg.windows.Hann().weights(400).max() == 1


def test_samples_are_the_weights() -> None:
    window = sg.windows.CustomWindow(values=sg.Matrix([1, 2, 3]))
    np.testing.assert_array_equal(window.weights(3), [1, 2, 3])
    np.testing.assert_allclose(
        sg.windows.CustomWindow("periodic", "sum", sg.Matrix([1, 3])).weights(2), [0.25, 0.75]
    )
    with pytest.raises(sg.DefinitionError, match="CustomWindow of 3 weights needs frame_length=3; got 4"):
        sg.Frontend(8000, 4, 2, window=window)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: sg.windows.Hann("odd"), "'periodic', 'symmetric', 'periodic-if-even'; got 'odd'"),
        (lambda: sg.windows.Hann(norm="peak"), "None, 'sum', 'energy'; got 'peak'"),
        (lambda: sg.windows.Kaiser(beta=-1), "beta must be from 0 to 700; got -1"),
        (lambda: sg.windows.Kaiser(beta=713), "beta must be from 0 to 700; got 713"),
        (lambda: sg.Frontend(8000, 2, 1, window=sg.windows.Hann("symmetric", "sum")), "have the sum 0"),
        (lambda: sg.Frontend(8000, 2, 1, window=sg.windows.Hann("symmetric", "energy")), "have the sum 0"),
        (
            lambda: sg.Frontend(
                8000,
                2,
                1,
                window=sg.windows.CustomWindow(values=sg.Matrix([0, 0])),
                spectrum=sg.spectrum.Density(),
            ),
            "whose weights are all 0",
        ),
        (lambda: sg.windows.CustomWindow(values=[1, 2]), r"values=sonogram.Matrix\(\[...\]\)"),
        (sg.windows.CustomWindow, "one dimension"),
    ],
)
def test_wrong_windows_say_what_is_right(make: object, message: str) -> None:
    with pytest.raises(sg.DefinitionError, match=message):
        make()
