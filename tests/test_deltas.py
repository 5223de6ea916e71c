"""Derivatives over time, against torchaudio's rule by hand, librosa and SciPy."""

import dataclasses

import engine_names
import librosa
import numpy as np
import pytest
import scipy.signal
import signals

import sonogram as sg

BASE = sg.Frontend(
    8000, 64, 32, spectrum=sg.spectrum.Power(), bands=sg.bands.Mel(8), scaling=sg.scaling.Log(floor=1e-6)
)
SAMPLES = signals.noise(32 * 19 + 64)
VALUES = BASE(SAMPLES, "numpy").astype(np.float64)
ENGINES = pytest.mark.parametrize("engine", engine_names.ALL)


def regression(values: np.ndarray, width: int) -> np.ndarray:
    """Return the slope at each frame, with the edges repeated, one frame at a time."""
    padded = np.pad(values, ((width, width), (0, 0)), mode="edge")
    steps = range(1, width + 1)
    norm = 2 * sum(k * k for k in steps)
    return np.stack(
        [
            sum(k * (padded[t + width + k] - padded[t + width - k]) for k in steps) / norm
            for t in range(len(values))
        ]
    )


FIRST = regression(VALUES, 2)


@ENGINES
@pytest.mark.parametrize(
    ("deltas", "expected"),
    [
        (sg.deltas.Regression(), [FIRST, regression(FIRST, 2)]),
        (sg.deltas.Regression(1, 3), [regression(VALUES, 3)]),
        (sg.deltas.Difference(1), [2 * regression(VALUES, 1)]),
        (
            sg.deltas.SavitzkyGolay(),
            [librosa.feature.delta(VALUES.T, order=order).T for order in (1, 2)],
        ),
        (
            sg.deltas.SavitzkyGolay(1, 5),
            [scipy.signal.savgol_filter(VALUES, 5, deriv=1, polyorder=1, axis=0, mode="interp")],
        ),
    ],
    ids=repr,
)
def test_derivatives(deltas: sg.deltas.Deltas, expected: list[np.ndarray], engine: str) -> None:
    features = dataclasses.replace(BASE, deltas=deltas)(SAMPLES, engine)
    np.testing.assert_allclose(features, np.concatenate([VALUES, *expected], axis=1), atol=2e-5, rtol=1e-5)


@ENGINES
@pytest.mark.parametrize("deltas", [sg.deltas.Regression(), sg.deltas.SavitzkyGolay()], ids=repr)
def test_each_clip_of_a_batch_has_its_own_edges(deltas: sg.deltas.Deltas, engine: str) -> None:
    frontend = dataclasses.replace(BASE, deltas=deltas)
    lengths = np.array([len(SAMPLES), 32 * 12 + 64, 64 + 32 * 3, 0])
    batch = np.stack([np.where(np.arange(len(SAMPLES)) < n, SAMPLES, np.nan) for n in lengths])
    together = frontend(batch.astype(np.float32), engine, lengths=lengths)
    for row, length in zip(together, lengths, strict=True):
        alone = frontend(SAMPLES[:length], engine)
        np.testing.assert_allclose(row[: len(alone)], alone, atol=2e-6)
        assert not row[len(alone) :].any()


def test_a_clip_shorter_than_the_polynomial_has_no_derivative() -> None:
    features = dataclasses.replace(BASE, deltas=sg.deltas.SavitzkyGolay())(SAMPLES[: 64 + 32 * 7], "numpy")
    assert features.shape == (8, 24)
    assert features[:, :8].any()
    assert not features[:, 8:].any()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: sg.deltas.Regression(0), "order must be a whole number of at least 1; got 0"),
        (lambda: sg.deltas.Regression(2, 0), "width must be 1 or more frames; got 0"),
        (lambda: sg.deltas.Difference(1, 2), "Take Regression instead"),
        (lambda: sg.deltas.SavitzkyGolay(2, 4), "odd number of frames above the order"),
        (lambda: sg.stack.Stack(3, step=4), "from 1 frame to the size"),
        (lambda: sg.stack.Stack(3, before=3), "less than the size"),
    ],
)
def test_wrong_deltas_say_what_is_right(make: object, message: str) -> None:
    with pytest.raises(sg.DefinitionError, match=message):
        make()


@ENGINES
def test_overlapping_stacks_repeat_the_edges(engine: str) -> None:
    """By hand: seven frames every six, three of them before the first, edges repeated (FunASR)."""
    stack = sg.stack.Stack(7, "pad", step=6, before=3, edges="repeat")
    features = dataclasses.replace(BASE, stack=stack)(SAMPLES, engine)
    rows = [np.clip(np.arange(7) + 6 * row - 3, 0, len(VALUES) - 1) for row in range(-(-len(VALUES) // 6))]
    expected = np.stack([VALUES[row].ravel() for row in rows])
    np.testing.assert_allclose(features, expected, atol=2e-5, rtol=1e-5)


@ENGINES
def test_context_can_be_laid_out_band_by_band(engine: str) -> None:
    stack = sg.stack.Stack(3, "pad", step=1, before=1, layout="bands")
    features = dataclasses.replace(BASE, stack=stack)(SAMPLES, engine)
    padded = np.pad(VALUES, ((1, 1), (0, 0)))
    expected = np.stack([padded[t : t + 3].T.ravel() for t in range(len(VALUES))])
    np.testing.assert_allclose(features, expected, atol=2e-5, rtol=1e-5)
