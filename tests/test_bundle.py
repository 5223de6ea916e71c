"""Several front ends as one: against the originals, in streams and layers, as JSON; delays by hand."""

import functools
import json
from pathlib import Path

import engine_names
import numpy as np
import pytest
import signals
from agreement import assert_agrees
from numpy.typing import NDArray

import sonogram as sg

GOLDEN = Path(__file__).parent / "golden"
NAMES = sg.presets.bundle_preset_names()
PARTS = {"madmom-onset-cnn": np.s_[::2], "seld-mic-salsalite": np.s_[::2]}
RATE = 16000
BINS = sg.Frontend(RATE, 400, 160, padding=sg.padding.Center(), spectrum=sg.spectrum.Complex())
CENTER = sg.padding.Center(mode="constant")
FINE, COARSE = (sg.Frontend(RATE, n, 160, padding=CENTER, bands=sg.bands.Mel(8)) for n in (1024, 256))


def clip(bundle: sg.Bundle) -> NDArray[np.float32]:
    samples = signals.chirp(bundle.sample_rate)
    if bundle.channels is None:
        return signals.to_float(samples)
    delayed = (np.pad(gain * samples, (delay, 0))[: len(samples)] for gain, delay in CHANNELS)
    return signals.to_float(np.round(np.stack(list(delayed))).astype(np.int16))


CHANNELS = ((1, 0), (0.5, 3), (-0.25, 7), (0.75, 12))


@pytest.mark.parametrize("engine", engine_names.ALL)
@pytest.mark.parametrize("name", NAMES)
def test_bundle_returns_what_the_original_returned(name: str, engine: str) -> None:
    bundle = sg.preset(name)
    samples = clip(bundle)
    features = bundle(samples, engine)[PARTS.get(name, ...)]
    with np.load(GOLDEN / f"{name}.npz") as recording:
        want = recording["features"]
    assert features.shape == want.shape
    if bundle.channels is None:
        # Logarithms of sums of magnitudes: as those of the single front ends.
        np.testing.assert_allclose(features, want, atol=2e-4)
        return
    first = bundle.members[0]
    width = first.frontend.num_bands
    for channel in range(4) if name != "seld-mic-salsalite" else ():
        part = np.s_[:, channel * width : (channel + 1) * width]
        assert_agrees(first.frontend, samples[channel], features[part], want[part])
    spatial = np.s_[:, 4 * width :]
    peak = np.abs(want[spatial]).max(axis=1, keepdims=True)
    error = (features[spatial] - want[spatial]) / peak
    # The phases of faint bins follow the rounding of float32, in a few cells by far the most.
    changes = [(changed[spatial] - want[spatial]) / peak for changed in changed_by_rounding(name)]
    assert np.abs(error).max() < 2 * np.abs(changes).max()
    assert np.sqrt(np.mean(error**2)) < np.sqrt(np.mean(np.square(changes)))


@functools.cache
def changed_by_rounding(name: str) -> list[NDArray[np.float32]]:
    """Return the features of the clip with noise of one step of float32, three times."""
    bundle = sg.preset(name)
    samples = clip(bundle)
    steps = (2.0**-23 * np.random.default_rng(seed).standard_normal(samples.shape) for seed in range(3))
    return [bundle(samples + step, "numpy")[PARTS.get(name, ...)] for step in steps]


@pytest.mark.parametrize("name", NAMES)
def test_a_streamed_bundle_has_the_bits_of_the_whole(name: str) -> None:
    bundle = sg.preset(name)
    samples = clip(bundle)[..., :20_011]
    if not bundle.streamable:
        with pytest.raises(sg.SonogramError, match="cannot be streamed"):
            sg.Stream(bundle)
        return
    stream = sg.Stream(bundle, "numpy")
    pieces = [stream.push(chunk) for chunk in np.array_split(samples, 23, axis=-1)]
    np.testing.assert_array_equal(np.concatenate([*pieces, stream.finish()]), bundle(samples, "numpy"))


@pytest.mark.parametrize("name", NAMES)
def test_a_bundle_is_data(name: str) -> None:
    bundle = sg.preset(name)
    again = sg.Bundle.from_dict(json.loads(json.dumps(bundle.to_dict(defaults=True))))
    assert again == bundle
    assert hash(again) == hash(bundle)
    assert again.fingerprint == bundle.fingerprint
    assert sg.presets.find(again).name == name


def test_the_parts_are_the_front_ends() -> None:
    samples = signals.noise(3000)
    side_by_side, image = sg.Bundle((FINE, COARSE)), sg.Bundle((FINE, COARSE), along="channels")
    np.testing.assert_array_equal(side_by_side(samples)[:, 8:], COARSE(samples))
    np.testing.assert_array_equal(image(samples)[..., 0], FINE(samples))
    assert image.shape == (8, 2)
    assert image.num_bands == 16
    assert image.latency == FINE.latency


@pytest.mark.parametrize("length", [0, 1, 255, 256, 1023, 1024, 4097])
def test_clips_of_any_length(length: int) -> None:
    image, samples = sg.Bundle((FINE, COARSE), along="channels"), signals.noise(4097)[:length]
    assert image(samples).shape == (image.num_frames(length), 8, 2)
    stream = sg.Stream(image)
    assert len(stream.push(samples)) + len(stream.finish()) == image.num_frames(length)


def test_a_layer_computes_a_bundle_with_lengths(tmp_path: Path) -> None:
    import keras

    bundle = sg.Bundle((sg.Spatial(BINS, sg.spatial.Intensity()), sg.Spatial(BINS)))
    batch = np.stack([signals.noise(4 * 4000, seed).reshape(4, 4000) for seed in (1, 2)])
    inputs = keras.Input((4, None)), keras.Input((), dtype="int32")
    model = keras.Model(inputs, sg.layers.Spectrogram(bundle)([*inputs]))
    assert model.output_shape == (None, None, *bundle.shape)
    model.save(tmp_path / "model.keras")
    found = np.asarray(sg.load_model(tmp_path / "model.keras")([batch, np.array([4000, 2000])]))
    np.testing.assert_allclose(found[0], bundle(batch[0]), atol=1e-4)
    alone = bundle(batch[1][:, :2000])
    np.testing.assert_allclose(found[1, : len(alone)], alone, atol=1e-4)


@pytest.mark.parametrize("engine", engine_names.ALL)
def test_a_delay_is_a_peak_of_the_cross_correlation(engine: str) -> None:
    samples = signals.noise(4000)
    pair = np.stack([samples, np.roll(samples, 5)])
    correlation = sg.Spatial(BINS, sg.spatial.CrossCorrelation(32), num_channels=2)(pair, engine)
    assert (correlation[5:-5].argmax(axis=1) == 16 + 5).all()


@pytest.mark.parametrize("engine", engine_names.ALL)
def test_a_delay_is_one_distance_at_all_frequencies(engine: str) -> None:
    samples = signals.noise(4000)
    pair = np.stack([samples, np.roll(samples, 1)])
    meters = sg.Spatial(BINS, sg.spatial.PhaseDifference(4000), num_channels=2)(pair, engine)
    used = np.arange(257) * RATE / 512 < 4000
    # Later by a sample: a longer path, and a phase that falls.
    np.testing.assert_allclose(np.median(meters[5:-5, used]), -343 / RATE, rtol=0.01)
    assert not meters[:, ~used].any()


@pytest.mark.parametrize("engine", engine_names.ALL)
@pytest.mark.parametrize("sign", [1, -1])
def test_opposite_phases_are_half_a_wavelength(engine: str, sign: int) -> None:
    phases = sg.Spatial(BINS, sg.spatial.PhaseDifference(), num_channels=2)
    constant = np.full(RATE, 0.5 * sign, np.float32)
    # The bin of 0 Hz is real: its phase is pi, whatever the sign of its imaginary part, which is 0. It takes
    # the frequency of the next bin.
    want = 343 / 2 / (RATE / BINS.fft_size)
    np.testing.assert_allclose(phases(np.stack([constant, -constant]), engine)[:, 0], want, rtol=1e-6)


def test_silence_has_no_direction() -> None:
    bundle = sg.preset("seld-mic-gcc")
    features = bundle(np.zeros((4, 4800), np.float32))
    assert np.isfinite(features).all()
    assert (features[:, 256:].reshape(-1, 6, 64).argmax(axis=-1) == 32).all()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: sg.Bundle((FINE,)), "members must be two or more front ends"),
        (lambda: sg.Bundle((FINE, FINE.replace(sample_rate=8000))), "share their sample_rate"),
        (lambda: sg.Bundle((FINE, FINE.replace(padding=sg.padding.Valid()))), "the same number of frames"),
        (lambda: sg.Bundle((FINE, sg.Spatial(FINE))), "share their channels"),
        (lambda: sg.Bundle((FINE, FINE.replace(bands=None)), along="channels"), "one number of bands"),
        (lambda: sg.Spatial(FINE, sg.spatial.Intensity()), "needs a front end with spectrum"),
        (lambda: sg.Spatial(BINS, sg.spatial.Intensity(), 3), "needs the 4 channels"),
        (lambda: BINS.replace(scaling=sg.scaling.Decibels()), "scaling must be None with spectrum=Complex"),
        (lambda: BINS.replace(bands=sg.bands.Mel(8)), "bands must be None or Bins with spectrum=Complex"),
    ],
)
def test_what_does_not_fit_is_named(make: object, message: str) -> None:
    with pytest.raises(sg.DefinitionError, match=message):
        make()


def test_a_bundle_of_channels_refuses_other_shapes() -> None:
    for shape in ((4800,), (3, 4800)):
        with pytest.raises(sg.SonogramError, match="with 4 channels; got"):
            sg.preset("seld-foa")(np.zeros(shape, np.float32))
