"""The contract: properties that hold for every definition, whatever it computes.

`assert_frontend_contract(definition)` checks all of them. `CHECKS` has each one by name.
"""

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import framing_reference
import numpy as np
import pytest
import signals
from agreement import RECORDED, Bounds, assert_agrees
from engine_names import TENSOR, present
from numpy.typing import NDArray

import sonogram as sg

Features = NDArray[np.float32]

EVERY_STAGE = (
    "tf-stft",
    "tf-simple-audio",
    "librosa-melspectrogram",
    "librosa-mfcc",
    "whisper-80",
    "kaldi-fbank-80",
    "parakeet-80",
    "librosa-pcen",
)
"""Presets that together use every stage."""

# On |X|, as a part of the frame's maximum. An FFT rounds a few times in each of its passes (3e-7). A
# convolution adds as many products as the frame has samples (4e-6 at 4096).
SPECTRUM_BOUND = {"native": 1e-6, "graph": 1e-6, "portable": 1e-5}
# A bin of a constant-Q transform is a sum of up to 50,000 products in float32.
CONSTANT_Q_BOUND = 2e-5
# The same clip in another batch: sums may be added in another order, nothing else may differ.
REORDERED = Bounds(linear=1e-5, log_max=5e-4, log_rms=5e-5, cepstra=1e-4, pcen=5e-5)


def assert_frontend_contract(definition: sg.Frontend, bounds: Bounds = RECORDED) -> None:
    """Fail at the first check that `definition` does not pass."""
    for name, check in CHECKS.items():
        if name == "engines agree":
            assert_engines_agree(definition, bounds)
        else:
            check(definition)


def clip_length(definition: sg.Frontend) -> int:
    """Return a number of samples that gives some frames and a remainder, and is no multiple of 8."""
    num_samples = definition.frame_length * 2 + definition.frame_step * 9 + 7
    return num_samples if num_samples % 8 else num_samples + 1


def bare(definition: sg.Frontend, **changes: Any) -> sg.Frontend:
    """Return the definition without the stages after the spectrum."""
    off = {"bands": None, "scaling": None, "cepstrum": None, "deltas": None, "normalize": None, "stack": None}
    return dataclasses.replace(definition, **{**off, **changes})


def assert_counts(definition: sg.Frontend) -> None:
    """`num_frames`, `times` and every engine count the same frames, for every remainder of the step."""
    step, length = definition.frame_step, definition.frame_length
    longest = max(definition.fft_length or 0, length)
    few = {0, 1, 2, 3, step - 1, step, step + 1, length - 1, length, length + 1, longest // 2}
    every = {longest + residue for residue in range(step + 2)}
    framed = bare(definition, stack=definition.stack)
    runs = {"numpy": lambda x: framed(x, "numpy"), **{e: dynamic(framed, e) for e in TENSOR}}
    ends = (min(every), max(every))
    for num_samples in sorted({n for n in few | every if n >= 0}):
        expected = framing_reference.num_frames(definition, num_samples)
        assert definition.num_frames(num_samples) == expected, f"{num_samples} samples"
        assert definition.times(expected).shape == (expected,)
        samples = np.zeros((1, num_samples), np.float32)
        # The tensor engines at every residue where steps are short, and at the corners of long ones.
        tensors = step <= 64 or num_samples in few or min(abs(num_samples - e) for e in ends) < 8
        for engine, run in runs.items():
            if engine == "numpy" or tensors:
                shape = tuple(run(samples).shape)
                assert shape == (1, expected, framed.num_bands), f"{engine}, {num_samples}: {shape}"


def dynamic(definition: sg.Frontend, engine: str, lengths: bool = False) -> Callable[..., Any]:
    """Return the engine in a `tf.function` traced without any size."""
    import tensorflow as tf

    signature = [tf.TensorSpec([None, None], tf.float32)]
    if lengths:
        signature.append(tf.TensorSpec([None], tf.int32))
        return tf.function(lambda x, n: definition(x, engine, lengths=n), input_signature=signature)
    return tf.function(lambda x: definition(x, engine), input_signature=signature)


def assert_neighbors_change_nothing(definition: sg.Frontend) -> None:
    """A clip's features do not depend on the other clips of its batch."""
    quiet = signals.eventful(clip_length(definition)) * np.float32(1e-4)
    loud = signals.noise(len(quiet), 7, 0.5)
    batch = np.stack([quiet, loud, quiet])
    for engine in present():
        alone, batched = definition(quiet, engine), definition(batch, engine)
        if engine in ("numpy", "native"):
            np.testing.assert_array_equal(batched[0], alone, f"{engine}, first of the batch")
            np.testing.assert_array_equal(batched[2], alone, f"{engine}, last of the batch")
        else:
            assert_agrees(definition, quiet, batched[0], alone, REORDERED)
            assert_agrees(definition, quiet, batched[2], alone, REORDERED)


def assert_engines_agree(definition: sg.Frontend, bounds: Bounds = RECORDED) -> None:
    """Engines agree: |X| to float32 noise, features within the bounds."""
    samples = signals.eventful(clip_length(definition))
    length = definition.frame_length
    for num_samples in (len(samples), length + 1, length // 2 + 1, 2, 1, 0):
        for engine in present()[1:]:
            _assert_spectra_agree(definition, engine, samples[:num_samples])
    features = definition(samples, "numpy")
    for engine in present()[1:]:
        assert_agrees(definition, samples, definition(samples, engine), features, bounds)


def _assert_spectra_agree(definition: sg.Frontend, engine: str, samples: Features) -> None:
    magnitude = bare(definition, spectrum=sg.spectrum.Magnitude())
    want, got = (magnitude(samples, name).astype(np.float64) for name in ("numpy", engine))
    peak = want.max(axis=1, keepdims=True)
    rule = definition.conditioning
    if rule.remove_mean or rule.preemphasis:
        # A difference of two nearly equal samples keeps the rounding error of the samples: a unit in the last
        # place of each, 1e-7, and of a few more in the offset that is removed. A quarter of the bound.
        emphasis = rule.preemphasis and dataclasses.replace(rule.preemphasis, coefficient=0)
        for mean in (rule.remove_mean, None):
            untouched = dataclasses.replace(rule, remove_mean=mean, preemphasis=emphasis)
            before = dataclasses.replace(magnitude, conditioning=untouched)(samples, "numpy")
            peak = np.maximum(peak, 0.25 * before.max(axis=1, keepdims=True))
        peak = np.maximum(peak, 0.01 * peak.max(initial=0))
    bound = SPECTRUM_BOUND[engine]
    if isinstance(definition.transform, sg.transform.ConstantQ):
        # Of an offset the products cancel: what is left is the rounding of a sum of large terms.
        kernels = definition.transform.kernels(definition.sample_rate, definition.frame_length)
        largest = max(np.abs(kernel.values).sum() for kernel in kernels) * np.abs(samples).max(initial=0)
        peak, bound = np.maximum(peak, 0.1 * largest), CONSTANT_Q_BOUND
    worst = (np.abs(got - want) / np.maximum(peak, 1e-30)).max(initial=0)
    assert worst <= bound, f"{engine}: |X| {worst:.1e} of its maximum, {len(samples)} samples"


def assert_chunks_are_the_whole(definition: sg.Frontend) -> None:
    """A stream in chunks of any size equals the whole clip bit for bit."""
    samples = signals.eventful(clip_length(definition))
    if not definition.streamable:
        with pytest.raises(sg.SonogramError, match="cannot be streamed"):
            sg.Stream(definition)
        return
    for engine in ("numpy", "native")[: 1 + ("native" in present())]:
        sizes = (1, 3, definition.frame_step, definition.frame_length, len(samples))
        # A frame of a constant-Q transform is many sums of thousands of samples.
        most = 40 if isinstance(definition.transform, sg.transform.ConstantQ) else 200
        for size in {max(size, len(samples) // most) for size in sizes}:
            stream = sg.Stream(definition, engine)
            pieces = [stream.push(samples[at : at + size]) for at in range(0, len(samples), size)]
            streamed = np.concatenate([*pieces, stream.finish()])
            whole = definition(samples, engine)
            np.testing.assert_array_equal(streamed, whole, f"{engine}, pieces of {size}")


def assert_padding_changes_nothing(definition: sg.Frontend) -> None:
    """Values beyond a clip's length, even NaN, change nothing, and frames there are 0."""
    total = clip_length(definition)
    lengths = np.array([total, total - definition.frame_step // 2 - 1, total // 2, 1, 0])
    batch = np.stack([signals.eventful(total, seed) for seed in range(len(lengths))])
    for clip, length in zip(batch, lengths, strict=True):
        clip[length:] = np.nan
    for engine in present():
        features = definition(batch, engine, lengths=lengths)
        assert features.shape[1] == definition.num_frames(total)
        for index, length in enumerate(lengths):
            alone = definition(batch[index, :length], engine)
            padded, beyond = features[index, : len(alone)], features[index, len(alone) :]
            assert not beyond.any(), f"{engine}: frames beyond a length of {length} are not 0"
            if engine in ("numpy", "native"):
                np.testing.assert_array_equal(padded, alone, f"{engine}, length {length}")
            elif length:
                assert_agrees(definition, batch[index, :length], padded, alone, REORDERED)


def assert_extremes_are_finite(definition: sg.Frontend) -> None:
    """Features and gradients of silence, clicks, full scale and offsets are finite."""
    clips = signals.extremes(clip_length(definition))
    batch = np.stack(list(clips.values()))
    for engine in present():
        features = definition(batch, engine)
        for name, values in zip(clips, features, strict=True):
            assert np.isfinite(values).all(), f"{engine}: {name}"
    lengths = np.full(len(batch), batch.shape[1] - 3)
    for engine in TENSOR:
        for name, gradient in zip(clips, gradients(definition, engine, batch), strict=True):
            assert np.isfinite(gradient).all(), f"{engine}: the gradient at {name}"
        batch[:, lengths[0] :] = np.nan
        gradient = gradients(definition, engine, batch, lengths)
        assert np.isfinite(gradient).all(), f"{engine}: the gradient of padding that is NaN"
        assert not gradient[:, lengths[0] :].any(), f"{engine}: the padding has a gradient"
        batch[:, lengths[0] :] = 0


def assert_byte_orders_agree(definition: sg.Frontend) -> None:
    """Samples in the other byte order give the same bits, 16-bit integers included."""
    integers = np.round(signals.eventful(clip_length(definition)) * 32767).astype(np.int16)
    floats = signals.to_float(integers)
    for samples in (integers, floats, floats.astype(np.float64)):
        other = samples.astype(samples.dtype.newbyteorder("S"))
        assert not other.dtype.isnative
        for engine in present():
            got, want = definition(other, engine), definition(samples, engine)
            np.testing.assert_array_equal(got, want, f"{engine}, {other.dtype.str}")
        np.testing.assert_array_equal(definition.stft(other), definition.stft(samples))
    want = definition(floats, "numpy")
    assert_agrees(definition, floats, definition(integers.astype(">i2"), "numpy"), want, REORDERED)
    for engine in ("numpy", "native")[: 1 + ("native" in present())] if definition.streamable else ():
        stream = sg.Stream(definition, engine)
        streamed = np.concatenate([stream.push(integers.astype(">i2")), stream.finish()])
        np.testing.assert_array_equal(streamed, definition(integers, engine), f"stream, {engine}")


def assert_invalid_samples_stay_visible(definition: sg.Frontend) -> None:
    """NaN and infinity reach each frame that covers them, in every engine, and no other clip of the batch."""
    valid = signals.noise(clip_length(definition), 5)
    # One sample; more where frames leave samples out between them, so that a frame covers one.
    count = max(definition.frame_step - definition.frame_length, 0) + 1
    place = slice(len(valid) // 2, len(valid) // 2 + count)
    # Found by a change of these samples: a window may be 0 at its ends, and the transform longer than it.
    even = dataclasses.replace(definition, window=sg.windows.Rectangular())
    changed = valid.copy()
    changed[place] += 10
    covered = (framing_reference.frames(even, valid) != framing_reference.frames(even, changed)).any(axis=1)
    for value in (np.nan, np.inf, -np.inf):
        invalid = valid.copy()
        invalid[place] = value
        with np.errstate(all="ignore"):
            for engine in present():
                for spectrum in (sg.spectrum.Magnitude(), sg.spectrum.Power()):
                    spectra = np.asarray(bare(definition, spectrum=spectrum)(invalid, engine))
                    found = ~np.isfinite(spectra).all(axis=1)
                    # A last frame that is declared zero covers samples and does not show them.
                    np.testing.assert_array_equal(found[:-1], covered[:-1], f"{engine}, {spectrum}, {value}")
            want = np.isfinite(definition(invalid, "numpy")).all(axis=-1)
            # A stack may drop the last frames.
            assert definition.stack or not (covered[:-1].any() and want.all())
            for engine in present():
                features = definition(np.stack([valid, invalid]), engine)
                assert np.isfinite(features[0]).all(), f"{engine}: {value} in another clip"
                found = np.isfinite(features[1]).all(axis=-1)
                np.testing.assert_array_equal(found, want, f"{engine}, {value}")


def gradients(
    definition: sg.Frontend, engine: str, batch: Features, lengths: NDArray[np.int64] | None = None
) -> Features:
    """Return the gradient of a weighted sum of the features."""
    import tensorflow as tf

    samples = tf.constant(batch)
    with tf.GradientTape() as tape:
        tape.watch(samples)
        features = definition(samples, engine, lengths=lengths)
        weights = np.cos(np.arange(features.shape[-1], dtype=np.float32))
        loss = tf.reduce_sum(features * weights)
    return np.asarray(tape.gradient(loss, samples))


def assert_a_tone_peaks_at_its_frequency(definition: sg.Frontend) -> None:
    """The largest band of a tone is the one whose frequency is nearest."""
    if definition.frequencies is None:
        return
    rate = definition.sample_rate
    linear = dataclasses.replace(
        definition, scaling=None, normalize=None, conditioning=sg.conditioning.Conditioning()
    )
    frequencies = linear.frequencies
    assert frequencies is not None
    # The main lobe of a window is some bins wide, so low mel bands share them.
    resolution = 2 * rate / definition.frame_length
    spacing = np.gradient(frequencies) if len(frequencies) > 1 else np.array([rate])
    for band in np.linspace(1, len(frequencies) - 2, 4).astype(int) if len(frequencies) > 3 else ():
        tone = np.sin(2 * np.pi * frequencies[band] / rate * np.arange(clip_length(definition)))
        response = linear(tone, "numpy").mean(axis=0)
        found = frequencies[np.argmax(response)]
        allowed = max(resolution, abs(spacing[band]))
        assert abs(found - frequencies[band]) <= allowed, f"{frequencies[band]:.0f}: {found:.0f} Hz"


def assert_energy_is_conserved(definition: sg.Frontend) -> None:
    """The spectrum has the energy of the windowed samples (Parseval), if it is a Fourier transform."""
    if not isinstance(definition.transform, sg.transform.Fourier):
        return
    samples = signals.eventful(clip_length(definition))
    framed = framing_reference.frames(definition, samples)
    fft_length = definition.fft_length or 1 << (definition.frame_length - 1).bit_length()
    power = bare(definition, spectrum=sg.spectrum.Power())(samples, "numpy").astype(np.float64)
    if definition.padding.last_frame == "zero":
        framed, power = framed[:-1], power[:-1]
    both_sides = np.full(power.shape[1], 2.0)
    both_sides[0] = 1
    if fft_length % 2 == 0:
        both_sides[-1] = 1
    energy = (framed**2).sum(axis=1)
    loudest = energy.max(initial=0)
    np.testing.assert_allclose(power @ both_sides / fft_length, energy, 1e-6, 1e-9 * loudest)


def assert_it_is_data(definition: sg.Frontend) -> None:
    """A definition written as JSON and read back is equal, with the same hash and fingerprint."""
    plain = definition.to_dict()
    again = sg.Frontend.from_dict(json.loads(json.dumps(plain, allow_nan=False)))
    assert again == definition
    assert hash(again) == hash(definition)
    assert again.fingerprint == definition.fingerprint
    assert again.to_dict() == plain
    assert dataclasses.replace(definition) == definition
    assert len(definition.fingerprint) == 64
    other = dataclasses.replace(definition, frame_step=definition.frame_step * 2)
    assert other != definition
    assert other.fingerprint != definition.fingerprint
    assert repr(again) == repr(definition)


CHECKS: dict[str, Callable[[sg.Frontend], None]] = {
    "counts": assert_counts,
    "neighbors": assert_neighbors_change_nothing,
    "engines agree": assert_engines_agree,
    "chunks": assert_chunks_are_the_whole,
    "padding": assert_padding_changes_nothing,
    "extremes": assert_extremes_are_finite,
    "byte orders": assert_byte_orders_agree,
    "invalid samples": assert_invalid_samples_stay_visible,
    "tone": assert_a_tone_peaks_at_its_frequency,
    "energy": assert_energy_is_conserved,
    "data": assert_it_is_data,
}
