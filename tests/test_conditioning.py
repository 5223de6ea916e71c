"""Conditioning by hand: three samples say what happens to them."""

import engine_names
import numpy as np
import pytest
import signals

import sonogram as sg


def conditioned(conditioning: sg.conditioning.Conditioning, samples: list[float]) -> list[float]:
    """The samples of one frame after conditioning, through an exact inverse transform."""
    frame = len(samples) - conditioning.dropped
    definition = sg.Frontend(
        8000, frame, frame, frame, conditioning=conditioning, window=sg.windows.Rectangular()
    )
    spectrum = np.asarray(definition.stft(np.array(samples, np.float64)))[0]
    return np.fft.irfft(spectrum, frame).tolist()


@pytest.mark.parametrize(
    ("conditioning", "expected"),
    [
        (sg.conditioning.Conditioning(), [1, 2, 6]),
        (sg.conditioning.Conditioning(scale=32768), [32768, 65536, 196608]),
        (sg.conditioning.Conditioning(remove_mean="frame"), [-2, -1, 3]),
        (sg.conditioning.Conditioning(remove_mean="clip"), [-2, -1, 3]),
        (sg.conditioning.Conditioning(preemphasis=sg.conditioning.Preemphasis(0.5)), [0.5, 1.5, 5]),
        (
            sg.conditioning.Conditioning(preemphasis=sg.conditioning.Preemphasis(0.5, boundary="zero")),
            [1, 1.5, 5],
        ),
        (sg.conditioning.Conditioning(preemphasis=sg.conditioning.Preemphasis(0.5, "clip")), [0.5, 1.5, 5]),
        (
            sg.conditioning.Conditioning(preemphasis=sg.conditioning.Preemphasis(0.5, "clip", "zero")),
            [1, 1.5, 5],
        ),
        (
            sg.conditioning.Conditioning(preemphasis=sg.conditioning.Preemphasis(0.5, "clip", "drop")),
            [1.5, 5],
        ),
        (
            sg.conditioning.Conditioning(preemphasis=sg.conditioning.Preemphasis(0.5, "clip", "wrap")),
            [-2, 1.5, 5],
        ),
        (sg.conditioning.Conditioning(10, "frame", sg.conditioning.Preemphasis(0.5)), [-10, 0, 35]),
        (
            sg.conditioning.Conditioning(10, "clip", sg.conditioning.Preemphasis(0.5, "clip", "zero")),
            [-20, 0, 35],
        ),
    ],
    ids=repr,
)
def test_samples_become(conditioning: sg.conditioning.Conditioning, expected: list[float]) -> None:
    assert conditioned(conditioning, [1, 2, 6]) == pytest.approx(expected, rel=1e-6, abs=1e-5)


@pytest.mark.parametrize("engine", ["numpy", "graph", "portable"])
def test_a_frames_emphasis_starts_again_and_a_clips_does_not(engine: str) -> None:
    samples = np.array([1, 1, 1, 1, 5, 5, 5, 5], np.float32)
    common = {"sample_rate": 8000, "frame_length": 4, "frame_step": 4, "window": sg.windows.Rectangular()}
    frame = sg.Frontend(
        **common, conditioning=sg.conditioning.Conditioning(preemphasis=sg.conditioning.Preemphasis(0.5))
    )
    clip = sg.Frontend(
        **common,
        conditioning=sg.conditioning.Conditioning(preemphasis=sg.conditioning.Preemphasis(0.5, "clip")),
    )
    # The sum of a frame is its first bin.
    assert frame(samples, engine)[:, 0].tolist() == pytest.approx([2, 10])
    assert clip(samples, engine)[:, 0].tolist() == pytest.approx([2, 12])


@pytest.mark.parametrize("engine", ["numpy", "graph", "portable"])
def test_the_mean_is_each_clips_own(engine: str) -> None:
    definition = sg.Frontend(
        8000,
        4,
        4,
        conditioning=sg.conditioning.Conditioning(remove_mean="clip"),
        window=sg.windows.Rectangular(),
    )
    batch = np.array([[1, 1, 1, 1], [0, 0, 0, 8], [3, 3, 9, 9]], np.float32)
    features = definition(batch, engine, lengths=np.array([4, 4, 4]))
    assert features[0].tolist() == [[0, 0, 0]]
    assert features[1, 0, 1] == pytest.approx(8)
    np.testing.assert_allclose(features[:, 0, 0], 0, atol=1e-6)


@pytest.mark.parametrize("engine", engine_names.ALL)
@pytest.mark.parametrize("kind", ["ends in silence", "stands on an offset"])
def test_a_frames_mean_costs_no_digits(kind: str, engine: str) -> None:
    definition = sg.Frontend(
        16000,
        400,
        160,
        conditioning=sg.conditioning.Conditioning(32768, "frame", sg.conditioning.Preemphasis()),
        window=sg.windows.Povey(),
    )
    samples = signals.noise(2000, level=1e-3).astype(np.float64)
    if kind == "ends in silence":
        samples[1:], samples[0] = 0, 0.4  # the window takes off what made the mean
    else:
        samples += 0.5
    samples = samples.astype(np.float32)
    want = definition(samples, "numpy")
    error = np.abs(definition(samples, engine) - want).max(axis=1)
    # The bound of |X| is 1e-5 of the frame's maximum; where there is nothing, of a sample's digits.
    assert (error <= 1e-5 * want.max(axis=1) + 1e-7 * 32768).all()


def test_integers_are_read_as_fractions() -> None:
    definition = sg.Frontend(8000, 4, 4)
    integers = np.array([100, -200, 300, -32768], np.int16)
    for engine in ("numpy", "graph", "portable"):
        np.testing.assert_array_equal(
            definition(integers, engine), definition(integers / np.float32(32768), engine)
        )


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: sg.conditioning.Preemphasis(scope="batch"), "'frame', 'clip'; got 'batch'"),
        (
            lambda: sg.conditioning.Preemphasis(boundary="keep"),
            "'repeat', 'zero', 'reflect', 'wrap', 'drop'; got 'keep'",
        ),
        (lambda: sg.conditioning.Preemphasis(boundary="drop"), 'needs scope="clip"'),
        (lambda: sg.conditioning.Conditioning(scale=0), "scale must not be 0"),
        (lambda: sg.conditioning.Conditioning(remove_mean="batch"), "None, 'clip', 'frame'; got 'batch'"),
        (
            lambda: sg.conditioning.Conditioning(1, "frame", sg.conditioning.Preemphasis(scope="clip")),
            'needs scope="frame"',
        ),
    ],
)
def test_wrong_conditioning_says_what_is_right(make: object, message: str) -> None:
    with pytest.raises(sg.DefinitionError, match=message):
        make()
