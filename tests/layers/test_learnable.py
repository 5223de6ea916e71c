"""Front ends with weights: as the definition or the original before training, and able to learn.

recordings.npz has what LEAF and SincNet returned at their initial state for the signal of tests/golden; the
metadata of each states the original and the call.
"""

from collections.abc import Callable
from pathlib import Path

import keras
import keras_backend
import numpy as np
import pytest
import signals

import sonogram as sg
from sonogram.layers import Leaf, SincConv, TrainableBands

pytestmark = keras_backend.on_every_backend

LEAF = sg.Frontend(
    16000,
    401,
    160,
    bands=sg.bands.Mel(40, 60, 7800, slopes="mel"),
    scaling=sg.scaling.Pcen(0.04, 0.96, 2, 0.5, 1e-12),
)
SMALL = sg.Frontend(
    8000, 65, 32, padding=sg.padding.Same(), bands=sg.bands.Mel(8, 100, 3900), scaling=sg.scaling.Pcen()
)
LAYERS: dict[str, Callable[[], keras.Layer]] = {
    "bands": lambda: TrainableBands(SMALL),
    "leaf": lambda: Leaf(SMALL),
    "sinc": lambda: SincConv(SMALL),
}
CLIPS = np.stack([signals.noise(640), signals.noise(640, 2)])


def recorded(name: str) -> np.ndarray:
    with np.load(Path(__file__).with_name("recordings.npz")) as arrays:
        return arrays[name]


def computed(layer: keras.Layer, *inputs: np.ndarray) -> np.ndarray:
    return keras_backend.array(layer(list(inputs) if len(inputs) > 1 else inputs[0]))


def test_leaf_begins_as_the_original() -> None:
    layer = Leaf(LEAF)
    features = computed(layer, signals.to_float(signals.chirp(16000))[None])[0]
    filters = np.stack([keras_backend.array(each) for each in (layer.centers, layer.widths)], 1)
    np.testing.assert_allclose(filters, recorded("leaf_filters"), rtol=1e-6)
    # The bound of the recording's own float64 replay, of the largest value.
    np.testing.assert_allclose(features, recorded("leaf"), rtol=0, atol=4e-5 * recorded("leaf").max())


def test_filters_of_sincnet_are_those_of_the_original() -> None:
    layer = SincConv(sg.Frontend(16000, 129, 10, bands=sg.bands.Mel(80)))
    samples = signals.to_float(signals.chirp(16000))[None]
    layer.build(samples.shape)
    # SpeechBrain adds both least values to edges that lie next to one another, so that its filters overlap.
    mel = np.linspace(2595 * np.log10(1 + 50 / 700), 2595 * np.log10(1 + 7900 / 700), 81)
    edges = 700 * (10 ** (mel / 2595) - 1)
    layer.set_weights([edges[:-1] / 16000, np.diff(edges) / 16000])
    filtered = computed(layer, samples)[0]
    assert filtered.shape == (3200, 80)
    # It mirrors the edges of the clip, which are zeros here: they enter the first frame of those recorded.
    want = recorded("sincnet")[1:]
    np.testing.assert_allclose(filtered[8::8, ::4], want, rtol=0, atol=2e-5 * np.abs(want).max())


def test_filters_of_sincnet_begin_next_to_one_another() -> None:
    layer = SincConv(SMALL)
    layer.build((None, 640))
    low, band = (8000 * keras_backend.array(each) for each in (layer.low, layer.band))
    np.testing.assert_allclose(low[1:], (low + 50 + band)[:-1], rtol=1e-5)
    assert low[0] + 50 == pytest.approx(100)
    assert low[-1] + 50 + band[-1] + 50 == pytest.approx(3900)


@pytest.mark.parametrize("name", ["yamnet", "librosa-mfcc", "kaldi-fbank-80", "perch-pcen"])
def test_trainable_bands_begin_as_the_front_end(name: str) -> None:
    frontend = sg.preset(name)
    samples = signals.eventful(frontend.frame_length * 9)[None]
    lengths = np.array([frontend.frame_length * 7], "int32")
    plain, trained = sg.layers.Spectrogram(frontend), TrainableBands(frontend)
    for inputs in ((samples,), (samples, lengths)):
        want = computed(plain, *inputs)
        np.testing.assert_allclose(
            computed(trained, *inputs), want, rtol=1e-4, atol=1e-5 * np.abs(want).max()
        )
    channels = computed(trained, samples[None])
    assert channels.shape == (1, *computed(plain, samples).shape)


@pytest.mark.parametrize("name", LAYERS)
def test_every_weight_learns_and_is_saved(name: str, tmp_path: Path) -> None:
    keras.utils.set_random_seed(1)
    layer = LAYERS[name]()
    model = keras.Sequential([keras.Input((640,)), layer, keras.layers.Flatten(), keras.layers.Dense(1)])
    before = [keras_backend.array(weight).copy() for weight in layer.weights]
    model.compile(keras.optimizers.Adam(1e-3), "mse")
    samples = np.concatenate([CLIPS, np.zeros((1, 640), np.float32)])  # silence has finite gradients
    model.fit(samples, np.array([[1.0], [0.0], [2.0]]), epochs=2, verbose=0)
    for weight, first in zip(layer.weights, before, strict=True):
        value = keras_backend.array(weight)
        assert np.isfinite(value).all(), weight.name
        assert not np.array_equal(value, first), weight.name
    model.save(tmp_path / "model.keras")
    again = sg.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(computed(again, CLIPS), computed(model, CLIPS))


@pytest.mark.parametrize("name", LAYERS)
def test_a_clip_does_not_depend_on_its_padding(name: str) -> None:
    layer = LAYERS[name]()
    padded = CLIPS.copy()
    padded[1, 300:] = np.nan
    features = computed(layer, padded, np.array([640, 300], "int32"))
    alone = computed(layer, CLIPS[1:, :300])
    frames = -(-300 // SMALL.frame_step)
    assert layer.compute_output_shape((1, 300)) == alone.shape == (1, frames, 8)
    np.testing.assert_allclose(features[1, :frames], alone[0], rtol=1e-4, atol=1e-5)
    assert not features[1, frames:].any()
    mask = keras_backend.array(layer.compute_mask([padded, keras_backend.tensor(np.array([640, 300]))]))
    assert mask.sum(axis=1).tolist() == [20, frames]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: TrainableBands(SMALL.replace(bands=None)), "needs a front end with bands"),
        (lambda: TrainableBands(sg.preset("kaldi-mfcc-13")), "cepstrum__energy=None"),
        (lambda: Leaf(SMALL.replace(scaling=None)), "Leaf begins with scaling=Pcen"),
        (lambda: Leaf(SMALL.replace(frame_length=64)), "odd frame_length; got 64: use 65"),
        (lambda: SincConv(SMALL.replace(bands=sg.bands.Linear(8))), "begins as mel bands"),
        (lambda: SincConv(sg.preset("micro-speech")), "must be a Frontend"),
    ],
)
def test_errors_name_what_is_wrong(make: Callable[[], object], words: str) -> None:
    with pytest.raises(sg.SonogramError, match=words):
        make()
