"""The numbers of the native engine against those of numpy: every length, edge, stage and instruction set."""

import dataclasses

import numpy as np
import pytest
import signals
import strategies
from engine_names import why_not_native
from hypothesis import given, settings

import sonogram as sg
from sonogram.engines import native, numpy as numpy_engine
from sonogram.engines.plan import plan

pytestmark = [
    pytest.mark.skipif(bool(why_not_native()), reason=why_not_native() or "it is here"),
    pytest.mark.usefixtures("isa"),
]

# On |X|, as a part of the frame's maximum. A transform of log2 N passes rounds about that often, so 4 to
# 12 roundings of 6e-8 add up like a random walk: 1e-7 to 2e-7, and the largest of many bins is a little
# more. The bound is twice that, for processors that add in another order. A prime factor above 7 is a
# sum of as many products, which rounds more often.
SMOOTH_BOUND, GENERAL_BOUND = 5e-7, 1e-6


def magnitude_error(definition: sg.Frontend, samples: np.ndarray) -> float:
    """The worst |X|, of its frame's maximum."""
    want = numpy_engine.stft(
        plan(definition),
        numpy_engine.frame_samples(plan(definition), samples, 0, definition.num_frames(len(samples))),
    )
    got = native.spectrum(plan(definition), samples[None])[0]
    assert got.shape == want.shape
    peak = np.abs(want).max(axis=1, keepdims=True)
    return float((np.abs(got - want) / peak).max())


def smooth_lengths() -> list[int]:
    """Products of 2, 3, 5 and 7: all the short ones, and those that people take."""
    short = [n for n in range(1, 260) if _largest_factor(n) <= 7]
    return [*short, 320, 343, 384, 400, 441, 480, 490, 512, 640, 800, 882, 1024, 1536, 2048, 4096]


def _largest_factor(number: int) -> int:
    largest, factor = 1, 2
    while number > 1:
        if number % factor == 0:
            largest, number = factor, number // factor
        else:
            factor += 1
    return largest


def test_the_transform_is_exact_at_lengths_of_small_factors() -> None:
    for length in smooth_lengths():
        definition = sg.Frontend(16000, length, max(length // 3, 1), length)
        error = magnitude_error(definition, signals.noise(length * 8 + 3).astype(np.float64))
        assert error < SMOOTH_BOUND, f"length {length}: {error:.1e}"


@pytest.mark.parametrize("fft_length", [11, 13, 22, 97, 202, 209, 551, 1021, 1102, 2018, 2047])
def test_the_transform_is_right_at_every_other_length(fft_length: int) -> None:
    definition = sg.Frontend(16000, fft_length, fft_length // 2, fft_length)
    assert magnitude_error(definition, signals.noise(fft_length * 3).astype(np.float64)) < GENERAL_BOUND


@pytest.mark.parametrize(
    ("frame_length", "fft_length"), [(400, 512), (25, 64), (100, 1024), (33, 128), (5, 80)]
)
@pytest.mark.parametrize("span", ["window", "fft"])
def test_a_short_window_in_a_long_transform(frame_length: int, fft_length: int, span: str) -> None:
    definition = sg.Frontend(
        16000, frame_length, frame_length // 2, fft_length, padding=sg.padding.Valid(span)
    )
    assert magnitude_error(definition, signals.noise(5000).astype(np.float64)) < SMOOTH_BOUND


PADDINGS = (
    sg.padding.Valid(),
    sg.padding.Valid("fft", lookahead=2),
    sg.padding.End(),
    sg.padding.Same(),
    sg.padding.Causal(),
    *(sg.padding.Center(mode=mode) for mode in ("constant", "reflect", "symmetric")),
    sg.padding.Center(last_frame="zero"),
    sg.padding.Center("window", last_frame="drop"),
    sg.padding.HalfOverlap(),
    sg.padding.StepCenter(),
    sg.padding.StepCenter("fft", mode="reflect"),
)


@pytest.mark.parametrize("padding", PADDINGS, ids=repr)
def test_edges_are_padded_as_numpy_pads_them(padding: sg.padding.Valid) -> None:
    # Powers of a few samples: a wrong one among them shows in every bin.
    definition = sg.Frontend(16000, 20, 7, 32, padding=padding, spectrum=sg.spectrum.Power())
    for num_samples in (*range(45), 200, 1000, 3001):
        samples = signals.noise(num_samples) + np.float32(1)
        want, got = definition(samples, "numpy"), definition(samples, "native")
        np.testing.assert_allclose(
            got, want, rtol=0, atol=1e-6 * want.max(initial=1), err_msg=str(num_samples)
        )


CONDITIONINGS = (
    sg.conditioning.Conditioning(scale=32768),
    sg.conditioning.Conditioning(scale=-0.3),
    sg.conditioning.Conditioning(remove_mean="clip"),
    sg.conditioning.Conditioning(remove_mean="frame"),
    *(
        sg.conditioning.Conditioning(scale, mean, sg.conditioning.Preemphasis(0.97, "frame", first))
        for scale in (1, 3)
        for mean in (None, "frame", "clip")
        for first in ("repeat", "zero")
    ),
    *(
        sg.conditioning.Conditioning(scale, mean, sg.conditioning.Preemphasis(0.95, "clip", first))
        for scale in (1, 3)
        for mean in (None, "clip")
        for first in ("repeat", "zero", "drop")
    ),
)


@pytest.mark.parametrize("conditioning", CONDITIONINGS, ids=repr)
@pytest.mark.parametrize(
    "padding", [sg.padding.Valid(), sg.padding.Center(), sg.padding.Center(mode="constant")], ids=repr
)
def test_samples_are_conditioned(
    conditioning: sg.conditioning.Conditioning, padding: sg.padding.Valid
) -> None:
    definition = sg.Frontend(
        16000, 50, 20, padding=padding, conditioning=conditioning, window=sg.windows.Hamming()
    )
    for num_samples in (0, 1, 2, 49, 50, 51, 500, 2500):
        samples = signals.noise(num_samples, level=0.3) + np.float32(0.5)
        want, got = definition(samples, "numpy"), definition(samples, "native")
        # Of the clip's maximum: what a difference leaves is no finer than what it was taken from.
        np.testing.assert_allclose(
            got, want, rtol=0, atol=6e-7 * max(want.max(initial=0), 25 * abs(conditioning.scale))
        )


def test_a_constant_without_its_mean_is_silence() -> None:
    for preemphasis in (None, sg.conditioning.Preemphasis(), sg.conditioning.Preemphasis(boundary="zero")):
        definition = sg.Frontend(
            16000,
            400,
            160,
            conditioning=sg.conditioning.Conditioning(32768, "frame", preemphasis),
            spectrum=sg.spectrum.Power(),
        )
        assert not definition(np.full(2000, 0.3, np.float32), "native").any()


@pytest.mark.parametrize(
    "bands",
    [
        sg.bands.Mel(80),
        sg.bands.Mel(128, norm="slaney", mel_scale="slaney"),
        sg.bands.Mel(40, lower_hz=300, upper_hz=4000),
        sg.bands.Mel(3),
        sg.bands.Mel(300),
        sg.bands.HtkMel(40),
        sg.bands.SymmetricMel(40),
        sg.bands.Filterbank(sg.Matrix(np.random.default_rng(0).standard_normal((257, 17)))),
        sg.bands.Filterbank(sg.Matrix(np.eye(257)[:, ::-1])),
        sg.bands.Filterbank(sg.Matrix(np.zeros((257, 2)))),
    ],
    ids=repr,
)
@pytest.mark.parametrize(
    "spectrum",
    [
        sg.spectrum.Power(),
        sg.spectrum.Magnitude(),
        sg.spectrum.Magnitude(1e-3),
        sg.spectrum.Magnitude(0, 1e-2),
    ],
)
def test_bands_sum_the_bins(bands: sg.bands.Mel, spectrum: sg.spectrum.Power) -> None:
    definition = sg.Frontend(16000, 512, 160, bands=bands, spectrum=spectrum)
    samples = signals.noise(6000)
    want, got = definition(samples, "numpy"), definition(samples, "native")
    np.testing.assert_allclose(got, want, rtol=2e-6, atol=2e-6 * np.abs(want).max())


SCALINGS = (
    sg.scaling.Log(floor=1e-10),
    sg.scaling.Log(10, 1e-10, multiplier=-2),
    sg.scaling.Log(offset=1e-6, reference=3),
    sg.scaling.Log(floor=1e-3, offset=0.5, multiplier=0.1),
    sg.scaling.Decibels(),
    sg.scaling.Decibels(reference="peak", dynamic_range=60),
    sg.scaling.Log(floor=1e-9, dynamic_range=8),
    sg.scaling.Log(floor=1e-9, reference="peak"),
)


@pytest.mark.parametrize("scaling", SCALINGS, ids=repr)
@pytest.mark.parametrize(
    "normalize",
    [None, sg.normalize.Affine(-4, 4.5), sg.normalize.Standardize(), sg.normalize.MinMax()],
    ids=repr,
)
def test_logarithms_and_what_follows_over_the_clip(
    scaling: sg.scaling.Log, normalize: sg.normalize.Affine | None
) -> None:
    definition = sg.Frontend(
        16000,
        400,
        160,
        bands=sg.bands.Mel(40),
        spectrum=sg.spectrum.Power(),
        scaling=scaling,
        normalize=normalize,
    )
    batch = np.stack([signals.noise(4000, seed, level) for seed, level in ((1, 0.1), (2, 1.0), (3, 1e-4))])
    lengths = np.array([4000, 1999, 401])
    want = definition(batch, "numpy", lengths=lengths)
    got = definition(batch, "native", lengths=lengths)
    # Noise has no faint cell: a few units in the last place of values up to a hundred.
    np.testing.assert_allclose(got, want, rtol=1e-5, atol=5e-5)


def test_the_logarithm_is_right_in_every_binade() -> None:
    # A transform of one sample is the sample: the engine's logarithm, bare.
    definition = sg.Frontend(
        16000, 1, 1, 1, window=sg.windows.Rectangular(), scaling=sg.scaling.Log(floor=1e-37)
    )
    random = np.random.default_rng(5)
    exponents = np.arange(-60, 60, 0.01)
    values = (2.0**exponents * random.uniform(0.9, 1.1, len(exponents))).astype(np.float32)
    near_one = (1 + np.linspace(-0.3, 0.3, 20001)).astype(np.float32)
    for samples in (values, near_one):
        # |x| is a square root of a square: half a unit in the last place of x on its own.
        want = np.log(
            np.sqrt((samples.astype(np.float32) ** 2).astype(np.float64))
            .astype(np.float32)
            .astype(np.float64)
        )
        got = definition(samples, "native")[:, 0]
        assert np.abs(got - want).max() <= 2 * np.spacing(np.float32(np.abs(want).max()))
        np.testing.assert_allclose(got, want, rtol=2.5e-7, atol=1.2e-7 if samples is values else 3e-8)


def test_zero_subnormal_infinite_and_missing_values_in_a_logarithm() -> None:
    bare = sg.Frontend(16000, 1, 1, 1, window=sg.windows.Rectangular(), spectrum=sg.spectrum.Power())
    offset = dataclasses.replace(bare, scaling=sg.scaling.Log(offset=1e-37))
    with np.errstate(over="ignore"):
        samples = np.array([0, 1e-21, 1, 1e19, 1e30, np.inf, np.nan, 2], np.float32)
        want = offset(samples, "numpy")[:, 0]
    want[4] = np.inf  # the power of 1e30 is beyond float32
    np.testing.assert_allclose(offset(samples, "native")[:, 0], want, rtol=1e-6)
    floor = dataclasses.replace(bare, scaling=sg.scaling.Log(floor=1e-10))
    want = np.log(np.float32([1e-10, 1e-10, 1, 1e38, np.inf, np.inf, np.nan, 4]))
    np.testing.assert_allclose(floor(samples, "native")[:, 0], want, rtol=1e-6)


@given(strategies.definitions())
@settings(max_examples=60)
def test_drawn_definitions_agree(definition: sg.Frontend) -> None:
    # Up to the spectrum, so that the bound means the same for all.
    bare = dataclasses.replace(
        definition,
        bands=None,
        scaling=None,
        cepstrum=None,
        normalize=None,
        stack=None,
        spectrum=sg.spectrum.Magnitude(),
    )
    longest = definition.frame_length * 2 + definition.frame_step * 9 + 7
    for num_samples in (0, 1, 2, definition.frame_length - 1, definition.frame_length, longest):
        samples = signals.eventful(num_samples)
        want, got = bare(samples, "numpy"), bare(samples, "native")
        assert got.shape == want.shape
        # Of the clip's maximum: a stretch without its mean is rounding noise.
        np.testing.assert_allclose(got, want, rtol=0, atol=1e-6 * want.max(initial=1e-9))
