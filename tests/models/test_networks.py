"""Every network, whatever the front end: padding and neighbors change nothing, and a file keeps all."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import signals

import sonogram as sg
from sonogram.errors import SonogramError
from sonogram.models import NETWORKS, Body, build, describe, register, scores
from sonogram.models.build import networks

TINY = sg.Frontend(
    8000,
    200,
    80,
    bands=sg.bands.Mel(12, 50, 4000),
    spectrum=sg.spectrum.Power(),
    scaling=sg.scaling.Log(floor=1e-6),
)
# With three labels; the counts of docs/training.md.
CLASSIFIERS = ("cnn", "crnn", "separable", "resnet", "transformer")  # test_recognizer.py has the others
PARAMETERS = {"cnn": 166_739, "crnn": 164_691, "separable": 25_219, "resnet": 448_955, "transformer": 250_627}
PARAMETERS |= {"rnn": 279_379, "conv": 455_427, "conformer": 1_273_859, "stream": 537_859}


# Scores whose sums are taken in another order. A sum of 9 * 64 products in float32 is rounded by about
# 6e-8 * sqrt(576) = 1.4e-6 of its size. Ten layers add up to 4.6e-6 on logits near 1, and the softmax has
# a slope of 1/4 at most: 1.2e-6 is typical, on any processor. 18 scores stay below 8 times that.
REORDERED = 1e-5


def clips() -> list[np.ndarray]:
    """Of unequal length; one is shorter than a frame, one is empty, one is silent."""
    found = [signals.noise(size, size) * np.linspace(0.1, 1, size) for size in (4000, 7011, 150, 1)]
    return [*(each.astype(np.float32) for each in found), np.zeros(0, np.float32), np.zeros(900, np.float32)]


@pytest.fixture(scope="module", params=CLASSIFIERS)
def model(request: pytest.FixtureRequest) -> Iterator[keras.Model]:
    keras.utils.set_random_seed(1)
    built = build(TINY, ["a", "b", "c"], request.param)
    _disturb(built)
    return built


def _disturb(model: keras.Model) -> None:
    """Gives every weight a value as after training: moving means that are not 0, biases too."""
    rng = np.random.default_rng(2)
    for variable in model.weights:
        drawn = rng.normal(scale=0.1, size=variable.shape)
        variable.assign(np.abs(drawn) + 0.5 if "variance" in variable.name else variable.numpy() + drawn)


def test_neighbors_change_nothing(model: keras.Model) -> None:
    together = scores(model, clips())
    alone = np.concatenate([scores(model, [clip]) for clip in clips()])
    assert np.isfinite(together).all()
    np.testing.assert_allclose(together, alone, atol=REORDERED)
    assert np.ptp(together[:3], axis=0).max() > 1e-4, "the network ignores the clips"
    assert np.ptp(together[2:5], axis=0).max() > 1e-5, "the network ignores clips shorter than a frame"


def test_padding_is_never_read(model: keras.Model) -> None:
    clip = clips()[0]
    padded = np.full((1, 9000), np.nan, np.float32)
    padded[0, : len(clip)] = clip
    found = np.asarray(model([padded, np.array([len(clip)])]))
    np.testing.assert_allclose(found, scores(model, [clip]), atol=REORDERED)


def test_padding_is_never_learned_from(model: keras.Model) -> None:
    """Gradients and moving statistics too are those of the valid frames."""
    network = networks(model)[0]
    rng = np.random.default_rng(0)
    features = rng.normal(size=(2, 20, 12)).astype(np.float32)
    valid = np.ones((2, 20), np.float32)
    features[:, 13:] = valid[:, 13:] = 0
    initial = network.get_weights()
    found = []
    for size in (13, 20):
        network.set_weights(initial)
        network.trainable = True
        keras.utils.set_random_seed(3)
        for layer in network.layers:
            if isinstance(layer, keras.layers.Dropout):
                layer.rate = 0.0  # would draw other numbers for another size
        loss = keras.losses.CategoricalCrossentropy(from_logits=True)
        network.compile(keras.optimizers.SGD(0.1), loss, run_eagerly=True)
        network.train_on_batch([features[:, :size], valid[:, :size]], np.eye(3)[:2])
        found.append(network.get_weights())
    moved = max(float(np.abs(a - b).max()) for a, b in zip(found[0], initial, strict=True))
    assert moved > 1e-4, "nothing was learned"
    for short, long in zip(*found, strict=True):
        np.testing.assert_allclose(short, long, atol=1e-5, rtol=1e-4)
    network.set_weights(initial)


def test_a_saved_model_is_whole(model: keras.Model, tmp_path: Path) -> None:
    model.save(tmp_path / "model.keras")
    loaded = sg.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(scores(loaded, clips()), scores(model, clips()))
    found = describe(loaded)
    assert (found.labels, found.multi_label, found.network) == (("a", "b", "c"), False, model.name)
    assert (found.frontend, found.sample_rate) == (TINY, 8000)
    assert (found.trim_db, found.peak_normalize) == (40.0, True)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_written_number_of_parameters(name: str) -> None:
    assert build(sg.preset("yamnet"), ["a", "b", "c"], name).count_params() == PARAMETERS[name]


@pytest.mark.parametrize("preset", ["kaldi-mfcc-13", "whisper-80", "librosa-pcen", "tf-stft"])
def test_every_front_end_will_do(preset: str) -> None:
    frontend = sg.preset(preset)
    model = build(frontend, ["a", "b"], "separable")
    found = scores(model, [signals.noise(9000), signals.noise(300)])
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-6)


@pytest.mark.parametrize("network", ["separable+separable", "separable+cnn"])
def test_several_are_averaged(network: str) -> None:
    keras.utils.set_random_seed(5)
    model = build(TINY, ["a", "b"], network, multi_label=True, seconds=1.5)
    _disturb(model)
    found = scores(model, clips()[:2])
    singles = []
    for name, own in zip(network.split("+"), networks(model), strict=True):
        single = build(TINY, ["a", "b"], name, multi_label=True)
        networks(single)[0].set_weights(own.get_weights())
        singles.append(scores(single, clips()[:2]))
    assert np.abs(singles[0] - singles[1]).max() > 1e-3
    np.testing.assert_allclose(found, np.mean(singles, axis=0), atol=1e-6)
    assert describe(model).network == network
    assert describe(model).multi_label
    assert describe(model).seconds == 1.5


def mean_of_bands(features: Any, valid: Any, dropout: float) -> tuple[Any, Any]:
    return keras.ops.mean(features, axis=2, keepdims=True), valid


def test_a_network_of_ones_own_is_trained_by_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(NETWORKS, "own", Body(mean_of_bands))  # deletes it after the test
    del NETWORKS["own"]
    register("own", Body(mean_of_bands, look_ahead=0, parts=3))
    register(
        "own", Body(mean_of_bands, look_ahead=0, parts=3)
    )  # again, as when a notebook's cell is run again
    model = build(TINY, ["a", "b"], "own")
    assert model.count_params() == 3 * 2 + 2
    model.save(tmp_path / "model.keras")
    np.testing.assert_array_equal(
        scores(sg.load_model(tmp_path / "model.keras"), clips()), scores(model, clips())
    )
    with pytest.raises(SonogramError, match="a network named 'cnn' already"):
        register("cnn", Body(mean_of_bands))
    with pytest.raises(SonogramError, match=r"letters, digits and underscores; got 'a\+b'"):
        register("a+b", Body(mean_of_bands))
    with pytest.raises(SonogramError, match="must be 1 or more frames; got 0"):
        register("other", Body(mean_of_bands, stride=0))


@pytest.mark.parametrize("name", NETWORKS)
def test_bodies_state_their_stride(name: str) -> None:
    features, valid = keras.Input((41, 12)), keras.Input((41,))
    frames, mask = NETWORKS[name].function(features, valid, 0.0)
    assert frames.shape[1] == mask.shape[1] == -(-41 // NETWORKS[name].stride)


def test_wrong_choices_are_named() -> None:
    with pytest.raises(SonogramError, match=r"network must be one of cnn, crnn, .*; got 'vgg'"):
        build(TINY, ["a"], "vgg")
    with pytest.raises(SonogramError, match=r"several joined by \+; got 'cnn\+'"):
        build(TINY, ["a"], "cnn+")
    with pytest.raises(SonogramError, match="without repetition"):
        build(TINY, ["a", "a"])
    with pytest.raises(SonogramError, match=r"has no sonogram\.layers\.Spectrogram"):
        describe(keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)]))
    with pytest.raises(SonogramError, match=r"got 'a\.keras'\. Use sonogram\.load_model\('a\.keras'\)"):
        describe("a.keras")
    with pytest.raises(SonogramError, match=r"must have the shape \(samples,\); got \(2, 100\)"):
        scores(build(TINY, ["a"], "separable"), [np.zeros((2, 100))])
