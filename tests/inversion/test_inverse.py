"""The inverse of the complex spectrum is exact wherever a window saw the sample."""

import dataclasses

import numpy as np
import pytest
import signals

import sonogram as sg

SAMPLES = signals.noise(1000)
BASE = sg.Frontend(8000, 64, 16, window=sg.windows.Hann())


def emphasized(scale: float, first: str) -> sg.conditioning.Conditioning:
    return sg.conditioning.Conditioning(scale, None, sg.conditioning.Preemphasis(0.97, "clip", first))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"padding": sg.padding.Center()},
        {"padding": sg.padding.Center(mode="constant"), "fft_length": 100},
        {"padding": sg.padding.Center(last_frame="drop")},
        {"frame_length": 63, "frame_step": 20, "fft_length": 63},
        {"padding": sg.padding.HalfOverlap()},
        {"padding": sg.padding.Same()},
        {"padding": sg.padding.End()},
        {"padding": sg.padding.StepCenter()},
        {"padding": sg.padding.Causal()},
        {"padding": sg.padding.Valid(span="fft"), "fft_length": 99},
        {"window": sg.windows.Rectangular(), "frame_step": 64},
        {"window": sg.windows.Hamming("symmetric", "sum")},
        {"conditioning": sg.conditioning.Conditioning(32768)},
        # A pre-emphasis is undone from the first sample on, which must have been seen.
        {"padding": sg.padding.Center(), "conditioning": emphasized(2, "repeat")},
        {"padding": sg.padding.Center(), "conditioning": emphasized(1, "zero")},
        {"bands": sg.bands.Mel(8), "scaling": sg.scaling.Decibels()},
    ],
    ids=str,
)
@pytest.mark.parametrize("num_samples", [1000, 997])
def test_samples_come_back(changes: dict, num_samples: int) -> None:
    definition = dataclasses.replace(BASE, **changes)
    samples = SAMPLES[:num_samples]
    spectrum = definition.stft(samples)
    restored = definition.istft(spectrum, num_samples)
    assert restored.dtype == np.float32
    assert restored.shape == (num_samples,)
    # complex64 has seven digits; an undone pre-emphasis sums 1 / (1 - 0.97) of its errors.
    tolerance = 1e-4 if definition.conditioning.preemphasis else 2e-6
    seen = slice(2 * definition.frame_length, num_samples - 2 * (definition.fft_length or 64))
    np.testing.assert_allclose(restored[seen], samples[seen], rtol=0, atol=tolerance)
    if isinstance(definition.padding, sg.padding.Center) and definition.padding.last_frame == "keep":
        np.testing.assert_allclose(restored, samples, rtol=0, atol=tolerance)


def test_a_batch_comes_back() -> None:
    definition = dataclasses.replace(BASE, padding=sg.padding.Center())
    batch = np.stack([SAMPLES, SAMPLES[::-1]])
    restored = definition.istft(definition.stft(batch), 1000)
    np.testing.assert_allclose(restored, batch, rtol=0, atol=2e-6)


def test_tensors_come_back_as_tensors_with_a_gradient() -> None:
    import tensorflow as tf

    definition = dataclasses.replace(BASE, padding=sg.padding.Center())
    samples = tf.constant(SAMPLES)
    with tf.GradientTape() as tape:
        tape.watch(samples)
        restored = definition.istft(definition.stft(samples), 1000)
        loss = tf.reduce_sum(restored * restored)
    np.testing.assert_allclose(restored, SAMPLES, rtol=0, atol=2e-6)
    # The round trip is the identity, so the gradient of the square is twice the samples.
    np.testing.assert_allclose(tape.gradient(loss, samples), 2 * SAMPLES, rtol=0, atol=2e-5)


def test_what_no_window_saw_is_silent() -> None:
    restored = BASE.istft(BASE.stft(SAMPLES), 1000)
    last = (BASE.num_frames(1000) - 1) * 16 + 64
    assert last < 1000
    assert not restored[last:].any()
    skipping = dataclasses.replace(BASE, frame_step=100, window=sg.windows.Rectangular())
    restored = skipping.istft(skipping.stft(SAMPLES), 1000)
    assert not restored[64:100].any()
    np.testing.assert_allclose(restored[:64], SAMPLES[:64], rtol=0, atol=2e-6)


def test_nothing_comes_back_from_no_frames() -> None:
    assert not BASE.istft(np.zeros((0, 33), np.complex64), 40).any()


@pytest.mark.parametrize(
    ("conditioning", "reason"),
    [
        (
            sg.conditioning.Conditioning(preemphasis=sg.conditioning.Preemphasis()),
            "starts again in each frame",
        ),
        (sg.conditioning.Conditioning(remove_mean="clip"), "the mean of each"),
        (sg.conditioning.Conditioning(remove_mean="frame"), "the mean of each"),
        (
            sg.conditioning.Conditioning(
                preemphasis=sg.conditioning.Preemphasis(scope="clip", boundary="drop")
            ),
            "the first sample is dropped",
        ),
    ],
)
def test_what_cannot_be_undone_says_so(conditioning: sg.conditioning.Conditioning, reason: str) -> None:
    definition = dataclasses.replace(BASE, conditioning=conditioning)
    spectrum = definition.stft(SAMPLES)
    with pytest.raises(sg.SonogramError, match=f"cannot be inverted: .*{reason}.*Use "):
        definition.istft(spectrum, 1000)


def test_wrong_shapes_say_what_is_right() -> None:
    spectrum = BASE.stft(SAMPLES)
    with pytest.raises(sg.SonogramError, match=r"\(..., frames, 33\) in this front end; got \(59, 32\)"):
        BASE.istft(spectrum[:, :-1], 1000)
    with pytest.raises(sg.SonogramError, match="must have 59 frames in this front end; got 58"):
        BASE.istft(spectrum[:-1], 1000)
