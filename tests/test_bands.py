"""Filter banks against those of librosa, torchaudio, Kaldi and TensorFlow, and by hand."""

import re
from pathlib import Path

import librosa
import numpy as np
import pytest

import sonogram as sg
from sonogram.bands import hertz_to_mel, mel_to_hertz

BANKS = np.load(Path(__file__).parent / "golden" / "filterbanks.npz")
NAMES = [name for name in BANKS.files if name != "meta"]


def bank(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Ours and the recorded one, `(bins, bands)`."""
    library, rest = name.split("_", 1)
    rate, fft, count, lower, upper, *scale = re.fullmatch(
        r"sr(\d+)_n(\d+)_m(\d+)_(\d+)_(None|-?\d+)(?:_(\w+)_(\w+))?", rest
    ).groups()
    rate, fft, lower = int(rate), int(fft), int(lower)
    top = None if upper in ("None", "0") else int(upper)
    top = rate / 2 + top if top is not None and top < 0 else top  # Kaldi counts from the top
    mel_scale, norm, slopes = "htk", None, "hertz"
    if library in ("kaldi", "tf"):
        slopes = "mel"
    else:
        mel_scale = {"htk0": "slaney", "htk1": "htk"}.get(scale[0], scale[0])
        norm = None if scale[1] == "None" else scale[1]
    mel = sg.bands.Mel(int(count), lower, top, mel_scale=mel_scale, slopes=slopes, norm=norm)
    ours, theirs = mel.matrix(rate, fft), BANKS[name].T
    return ours[: len(theirs)], theirs  # Kaldi leaves out the last bin, whose weight is 0


@pytest.mark.parametrize("name", NAMES)
def test_filter_bank_is_the_recorded_one(name: str) -> None:
    ours, theirs = bank(name)
    assert ours.shape == theirs.shape
    error = np.abs(ours - theirs)
    # librosa computes in float64. The others take differences of mels in float32, which at 2840 mel
    # are 2.4e-4 apart, and divide them by widths of 10 and more: a weight can be 2e-5 off.
    assert error.max() <= (1e-6 * theirs.max() if name.startswith("librosa") else 2e-5)
    assert np.sqrt((error**2).mean()) <= 1e-6


@pytest.mark.parametrize("mel_scale", ["htk", "slaney"])
def test_mel_scale_is_librosas(mel_scale: str) -> None:
    hertz = np.array([0, 1, 500, 999.9, 1000, 1000.1, 4000, 22050])
    expected = librosa.hz_to_mel(hertz, htk=mel_scale == "htk")
    np.testing.assert_allclose(hertz_to_mel(hertz, mel_scale), expected, rtol=1e-12)
    np.testing.assert_allclose(mel_to_hertz(expected, mel_scale), hertz, rtol=1e-12, atol=1e-9)


def test_frequencies_are_the_centers() -> None:
    definition = sg.Frontend(16000, 512, 256, bands=sg.bands.Mel(40, 60, 7600, mel_scale="slaney"))
    expected = librosa.mel_frequencies(42, fmin=60, fmax=7600)[1:-1]
    np.testing.assert_allclose(definition.frequencies, expected)
    weights = sg.bands.Filterbank(sg.Matrix(np.eye(257)[:, [3, 9]]))
    listed = sg.Frontend(16000, 512, 256, bands=weights)
    np.testing.assert_allclose(listed.frequencies, [3 * 31.25, 9 * 31.25])


def test_symmetric_triangles_have_the_width_of_their_left_side() -> None:
    bands = sg.bands.SymmetricMel(4, 0, 4000)
    left, center, right = (bands.edges(8000)[i : i + 4] for i in range(3))
    weights = bands.matrix(8000, 8000)  # a bin for each hertz
    for band in range(4):
        low, middle = left[band], center[band]
        seen = np.flatnonzero(weights[:, band])
        assert seen[0] == np.floor(low) + 1
        assert seen[-1] == np.ceil(min(2 * middle - low, 4001)) - 1
        assert right[band] > 2 * middle - low  # mel triangles would reach further


def test_htk_rounds_its_limits() -> None:
    plain = sg.bands.Mel(4, 81, 3000, slopes="mel").matrix(8000, 256)
    rounded = sg.bands.HtkMel(4, 81, 3000).matrix(8000, 256)
    width = 8000 / 256
    first, last = int(1.5 + 81 / width), int(3000 / width)
    np.testing.assert_array_equal(rounded[first : last + 1], plain[first : last + 1])
    assert not rounded[:first].any()
    assert not rounded[last + 1 :].any()
    assert plain[:first].any()


def test_bands_are_sums_of_bins() -> None:
    weights = np.zeros((33, 2))
    weights[3:5, 0], weights[10, 1] = 2, -1
    plain = sg.Frontend(8000, 64, 32, spectrum=sg.spectrum.Power())
    banded = sg.Frontend(
        8000, 64, 32, spectrum=sg.spectrum.Power(), bands=sg.bands.Filterbank(sg.Matrix(weights))
    )
    samples = np.random.default_rng(0).standard_normal(200)
    bins = plain(samples, "numpy")
    expected = np.stack([2 * bins[:, 3] + 2 * bins[:, 4], -bins[:, 10]], axis=1)
    for engine in ("numpy", "graph", "portable"):
        np.testing.assert_allclose(banded(samples, engine), expected, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: sg.bands.Mel(0), "num_mel_bins must be a whole number of at least 1; got 0"),
        (lambda: sg.bands.Mel(2.5), "whole number"),
        (lambda: sg.bands.Mel(mel_scale="mel"), "'htk', 'slaney'; got 'mel'"),
        (lambda: sg.bands.Mel(slopes="hz"), "'hertz', 'mel'; got 'hz'"),
        (lambda: sg.bands.Mel(norm="area"), "None, 'slaney'; got 'area'"),
        (lambda: sg.bands.Mel(lower_hz=-1), "lower_hz must not be negative"),
        (lambda: sg.bands.Mel(lower_hz=500, upper_hz=400), "must be above lower_hz"),
        (
            lambda: sg.Frontend(8000, 64, 32, bands=sg.bands.Mel(8, 0, 4001)),
            "lower upper_hz or raise the rate",
        ),
        (
            lambda: sg.Frontend(8000, 64, 32, bands=sg.bands.Mel(8, 4000)),
            "do not fit below half the sample rate",
        ),
        (lambda: sg.bands.Filterbank(np.eye(3)), r"sonogram.Matrix of shape \(bins, bands\)"),
        (
            lambda: sg.Frontend(8000, 64, 32, bands=sg.bands.Filterbank(sg.Matrix(np.eye(3)))),
            "each of the 33 bins of fft_length 64; got 3 rows",
        ),
        (lambda: sg.bands.Linear(0), "count must be a whole number of at least 1; got 0"),
        (lambda: sg.bands.Linear(4, 0, 9000).matrix(16000, 512), "lower upper_hz or raise the rate"),
        (lambda: sg.bands.Bins(5, 5), "0 <= start < stop; got 5, 5"),
        (lambda: sg.bands.Bins(0, 300).matrix(16000, 512), "stop must be at most 257"),
        (lambda: sg.bands.Rectangles(sg.Matrix([3, 2])), "rising frequencies"),
        (lambda: sg.bands.LogFrequency(12, 0), "lower_hz must be above 0"),
        (lambda: sg.bands.LogFrequency(12, 30, 9000).matrix(16000, 512), "below half the sample rate"),
        (lambda: sg.bands.LogFrequency(12, 30, 35).matrix(16000, 512), "lie on different bins"),
        (lambda: sg.bands.Chroma(octave_width=0), "octave_width must be above 0"),
        (lambda: sg.bands.Chroma().matrix(16000, 1), "Chroma needs an fft_length of at least 2; got 1"),
    ],
)
def test_wrong_bands_say_what_is_right(make: object, message: str) -> None:
    with pytest.raises(sg.DefinitionError, match=message):
        make()


def test_linear_bands_are_torchaudios() -> None:
    """By hand: `torchaudio.functional.linear_fbanks` has triangles between equally spaced frequencies."""
    weights = sg.bands.Linear(3, 1000, 3000).matrix(8000, 8000)  # a bin for each hertz
    for band, center in enumerate((1500, 2000, 2500)):
        triangle = 1 - np.abs(np.arange(4001) - center) / 500
        np.testing.assert_allclose(weights[:, band], np.maximum(triangle, 0), atol=1e-12)


def test_rounded_triangles_have_whole_corners() -> None:
    bands = sg.bands.RoundedTriangles(2, 0, 4000)
    # 9 f / 8000 at 0, 1333.3, 2666.7 and 4000 Hz is 0, 1.5, 3 (2.99...) and 4.5.
    np.testing.assert_array_equal(bands.corners(8000, 8)[[0, 1, 3]], [0, 1, 4])
    weights = sg.bands.RoundedTriangles(2, 0, 4000).matrix(8000, 64)
    low, middle, high, top = sg.bands.RoundedTriangles(2, 0, 4000).corners(8000, 64)
    assert weights[low, 0] == weights[high, 0] == weights[top, 1] == 0
    assert weights[middle, 0] == weights[high, 1] == 1


def test_notes_that_share_a_bin_are_one_band() -> None:
    few, many = sg.bands.LogFrequency(24, 60, 2600), sg.bands.LogFrequency(24, 60, 2600)
    assert few.num_bands(44100, 2048) < many.num_bands(44100, 32768) <= 24 * np.log2(2600 / 60)
    weights = many.matrix(44100, 8192)
    np.testing.assert_allclose(weights.sum(axis=0), 1)
    centers = many.centers(44100, 8192)
    np.testing.assert_array_equal(weights.argmax(axis=0), np.round(centers * 8192 / 44100))


def test_rectangles_share_no_bin() -> None:
    edges = sg.Matrix([0, 100, 300, 4000])
    sums = sg.bands.Rectangles(edges).matrix(8000, 800)
    np.testing.assert_array_equal(sums.sum(axis=0), [10, 20, 370])
    assert sums.sum(axis=1).max() == 1
    means = sg.bands.Rectangles(edges, "mean").matrix(8000, 800)
    np.testing.assert_allclose(means.sum(axis=0), 1)


@pytest.mark.parametrize(("rate", "fft", "count", "tuning"), [(22050, 2048, 12, 0), (16000, 1023, 24, 0.3)])
def test_chroma_is_librosas(rate: int, fft: int, count: int, tuning: float) -> None:
    ours = sg.bands.Chroma(count, tuning).matrix(rate, fft)
    theirs = librosa.filters.chroma(sr=rate, n_fft=fft, n_chroma=count, tuning=tuning, dtype=np.float64)
    np.testing.assert_allclose(ours.T, theirs, rtol=1e-9, atol=1e-12)
