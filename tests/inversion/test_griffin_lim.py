"""Griffin-Lim: nearer with each round, as near as librosa's, undoing what can be undone."""

import dataclasses
import warnings
from pathlib import Path

import librosa
import numpy as np
import pytest

import sonogram as sg
from sonogram.inversion import griffin_lim
from sonogram.inversion.magnitudes import magnitudes

PLAIN = sg.Frontend(8000, 512, 128, padding=sg.padding.Center(mode="constant"), window=sg.windows.Hann())
MEL = dataclasses.replace(PLAIN, spectrum=sg.spectrum.Power(), bands=sg.bands.Mel(64, mel_scale="slaney"))
LOG = dataclasses.replace(MEL, scaling=sg.scaling.Log(floor=1e-8))


@pytest.fixture(scope="module")
def speech() -> np.ndarray:
    path = Path(__file__).parents[2] / "examples" / "speech.wav"
    return sg.load(path, 8000, duration=3).samples


def convergence(samples: np.ndarray, wanted: np.ndarray, frontend: sg.Frontend = PLAIN) -> float:
    """How far the magnitudes of `samples` are from the wanted ones, as a share of them."""
    return float(np.linalg.norm(frontend(samples, "numpy") - wanted) / np.linalg.norm(wanted))


def test_more_rounds_come_nearer(speech: np.ndarray) -> None:
    wanted = PLAIN(speech, "numpy")
    errors = [convergence(griffin_lim(wanted, PLAIN, len(speech), n), wanted) for n in (0, 1, 4, 16, 64)]
    assert errors == sorted(errors, reverse=True)
    assert errors[0] > 0.5, "random phases are far away"
    assert errors[-1] < 0.05


def test_momentum_is_faster(speech: np.ndarray) -> None:
    wanted = PLAIN(speech, "numpy")
    slow, fast = (
        np.mean(
            [
                convergence(griffin_lim(wanted, PLAIN, len(speech), momentum=momentum, seed=seed), wanted)
                for seed in range(3)
            ]
        )
        for momentum in (0.0, 0.99)
    )
    assert fast < 0.7 * slow


@pytest.mark.parametrize("momentum", [0.0, 0.99])
@pytest.mark.exhaustive
def test_it_is_as_near_as_librosa_in_the_same_rounds(speech: np.ndarray, momentum: float) -> None:
    wanted = PLAIN(speech, "numpy")
    ours, theirs = [], []
    for seed in range(8):
        samples = griffin_lim(wanted, PLAIN, len(speech), momentum=momentum, seed=seed)
        ours.append(convergence(samples, wanted))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # those of the other library are not ours
            samples = librosa.griffinlim(
                wanted.T,
                n_iter=32,
                hop_length=128,
                n_fft=512,
                length=len(speech),
                momentum=momentum,
                random_state=seed,
            )
        theirs.append(convergence(samples, wanted))
    # The phases in the beginning are drawn: single runs differ by 15 %, the means of eight by 5 %.
    assert np.mean(ours) < 1.1 * np.mean(theirs)


def test_a_seed_is_a_result(speech: np.ndarray) -> None:
    wanted = PLAIN(speech[:4000], "numpy")
    first, again, other = (griffin_lim(wanted, PLAIN, 4000, 4, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("num_samples", [0, 1, 511, 512, 1000, 1023, 1024, 1025])
@pytest.mark.parametrize(
    "padding",
    [
        sg.padding.Valid(),
        sg.padding.End(),
        sg.padding.Center(),
        sg.padding.Same(),
        sg.padding.StepCenter(),
        sg.padding.Causal(),
        sg.padding.HalfOverlap(),
    ],
)
def test_lengths_are_exact(num_samples: int, padding: sg.padding.Valid) -> None:
    frontend = dataclasses.replace(PLAIN, padding=padding)
    wanted = frontend(np.random.default_rng(0).normal(size=(2, num_samples)) * 0.1, "numpy")
    samples = griffin_lim(wanted, frontend, num_samples, 2)
    assert samples.shape == (2, num_samples)
    assert samples.dtype == np.float32
    assert np.isfinite(samples).all()
    assert np.abs(samples).max(initial=0) < 5, "the ends must not burst"


def test_silence_stays_silent() -> None:
    for frontend in (PLAIN, MEL):
        assert not griffin_lim(frontend(np.zeros(4000), "numpy"), frontend, 4000).any()


def test_bands_are_met_by_bins_that_are_not_negative(speech: np.ndarray) -> None:
    wanted = MEL(speech, "numpy").astype(np.float64)
    bins = magnitudes(wanted, MEL)
    assert bins.min() >= 0
    weights = sg.bands.Mel(64, mel_scale="slaney").matrix(8000, 512)
    assert np.linalg.norm(bins**2 @ weights - wanted) < 0.01 * np.linalg.norm(wanted)


@pytest.mark.parametrize(
    "frontend",
    [
        LOG,
        dataclasses.replace(MEL, scaling=sg.scaling.Decibels()),
        dataclasses.replace(MEL, scaling=sg.scaling.Log(base=10, offset=1e-6, multiplier=3, reference=0.1)),
        dataclasses.replace(LOG, normalize=sg.normalize.Affine(-4, 4)),
        dataclasses.replace(
            LOG, normalize=sg.normalize.Affine(sg.Matrix(np.arange(64) / 9), sg.Matrix(np.arange(1, 65)))
        ),
        dataclasses.replace(LOG, cepstrum=sg.cepstrum.Cepstrum(64)),
        dataclasses.replace(LOG, cepstrum=sg.cepstrum.Cepstrum(64, norm="htk", lifter=22.5)),
        dataclasses.replace(LOG, stack=sg.stack.Stack(2, remainder="pad")),
        dataclasses.replace(LOG, spectrum=sg.spectrum.Magnitude(epsilon=1e-6)),
        dataclasses.replace(LOG, conditioning=sg.conditioning.Conditioning(scale=32768)),
    ],
    ids=lambda frontend: repr(frontend)[-40:],
)
def test_every_stage_is_undone(speech: np.ndarray, frontend: sg.Frontend) -> None:
    features = frontend(speech, "numpy")
    bins = magnitudes(features, frontend)
    # The same bands, made from the samples without what was undone.
    bare = dataclasses.replace(
        MEL, spectrum=dataclasses.replace(frontend.spectrum), conditioning=sg.conditioning.Conditioning()
    )
    wanted = bare(speech, "numpy").astype(np.float64)
    weights = sg.bands.Mel(64, mel_scale="slaney").matrix(8000, 512)
    power = isinstance(frontend.spectrum, sg.spectrum.Power)
    reached = (bins**2 if power else bins) @ weights
    reached = reached[: len(wanted)]
    # Features are float32 and their exponents reach 10: a millionth of each; bands are met to 1 %.
    assert np.linalg.norm(reached - wanted) < 0.015 * np.linalg.norm(wanted)


@pytest.mark.parametrize("scope", ["frame", "clip"])
def test_pre_emphasis_is_undone(speech: np.ndarray, scope: str) -> None:
    rule = sg.conditioning.Conditioning(
        preemphasis=sg.conditioning.Preemphasis(0.97, scope=scope, boundary="zero")
    )
    frontend = dataclasses.replace(PLAIN, conditioning=rule)
    samples = griffin_lim(frontend(speech, "numpy"), frontend, len(speech), 32)
    # WindowScores without pre-emphasis: not much further than the rounds themselves leave (0.05), for the
    # ends of a frame do not follow the response of an endless filter.
    assert convergence(samples, PLAIN(speech, "numpy")) < 0.2


def test_a_dropped_first_sample_shifts_nothing(speech: np.ndarray) -> None:
    rule = sg.conditioning.Conditioning(
        preemphasis=sg.conditioning.Preemphasis(0.9, scope="clip", boundary="drop")
    )
    frontend = dataclasses.replace(PLAIN, conditioning=rule)
    samples = griffin_lim(frontend(speech[:4000], "numpy"), frontend, 4000, 8)
    assert samples.shape == (4000,)
    assert samples[0] == 0


def test_what_a_mel_front_end_keeps_has_its_features(speech: np.ndarray) -> None:
    wanted = LOG(speech, "numpy")
    samples = griffin_lim(wanted, LOG, len(speech), 64)
    # 64 bands leave the phase free; the level of each is met to a few decibels, 1 dB = 0.23.
    assert np.abs(LOG(samples, "numpy") - wanted).mean() < 0.5


def test_a_lost_level_becomes_half_of_full_scale(speech: np.ndarray) -> None:
    frontend = dataclasses.replace(MEL, scaling=sg.scaling.Decibels(reference="peak"))
    samples = griffin_lim(frontend(speech, "numpy"), frontend, len(speech), 4)
    assert np.abs(samples).max() == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("librosa-pcen", "Pcen removes the level"),
        ("parakeet-80", "Standardize removes the level"),
        ("librosa-mfcc", "20 cepstral coefficients of 128 bands"),
        ("kaldi-mfcc-13", "the energy replaces"),
    ],
)
def test_what_is_gone_is_named(name: str, reason: str) -> None:
    assert any(reason in obstacle.reason for obstacle in sg.preset(name).obstacles("magnitudes"))
    with pytest.raises(sg.SonogramError, match=f"{reason}.*Use "):
        griffin_lim(np.zeros((10, 10)), sg.preset(name), 1000)


def test_wrong_shapes_and_numbers_are_refused() -> None:
    features = np.ones((10, 257))
    with pytest.raises(sg.SonogramError, match=r"shape \(..., 32, 257\)"):
        griffin_lim(features, PLAIN, 4000)
    with pytest.raises(sg.SonogramError, match="momentum must be at least 0 and below 1"):
        griffin_lim(np.ones((32, 257)), PLAIN, 4000, momentum=1.0)
    with pytest.raises(sg.SonogramError, match="must be finite"):
        griffin_lim(np.full((32, 257), np.nan), PLAIN, 4000)
