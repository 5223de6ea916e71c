"""Every network on the Keras backend in use: built, called, fitted, saved, loaded, used."""

from pathlib import Path

import keras
import keras_backend
import numpy as np
import pytest
import signals

import sonogram as sg
from sonogram.models import NETWORKS, build, scores
from sonogram.models.build import networks

pytestmark = keras_backend.on_every_backend

TINY = sg.Frontend(8000, 200, 80, bands=sg.bands.Mel(12, 50, 4000), scaling=sg.scaling.Log(floor=1e-6))
RATE = 8000
# On TensorFlow the other tests of this folder run all networks.
NAMES = NETWORKS if keras_backend.BACKEND != "tensorflow" else ("separable",)
# The same sums in another order, see test_networks.py.
REORDERED = 1e-5


def batch() -> tuple[np.ndarray, np.ndarray]:
    """Two clips of noise, the second one shorter, with NaN in its padding."""
    samples = np.stack([0.3 * signals.noise(4000, 1), 0.1 * signals.noise(4000, 2)]).astype(np.float32)
    samples[1, 2500:] = np.nan
    return samples, np.array([4000, 2500], np.int32)


@pytest.mark.parametrize("name", NAMES)
def test_a_whole_model_runs_trains_and_is_saved(name: str, tmp_path: Path) -> None:
    keras.utils.set_random_seed(1)
    model = build(TINY, ["a", "b", "c"], name)
    samples, lengths = batch()
    initial = keras_backend.array(model([samples, lengths]))
    alone = keras_backend.array(model([samples[1:, :2500], lengths[1:]]))
    np.testing.assert_allclose(initial[1:], alone, rtol=0, atol=REORDERED)
    np.testing.assert_allclose(initial.sum(axis=1), 1, atol=1e-6)

    model.compile(keras.optimizers.SGD(0.1), "categorical_crossentropy")
    before = [np.array(weight) for weight in model.get_weights()]
    history = model.fit([samples, lengths], np.eye(3, dtype="float32")[:2], epochs=1, verbose=0)
    assert np.isfinite(history.history["loss"]).all()
    assert any(np.abs(old - new).max() > 1e-6 for old, new in zip(before, model.get_weights(), strict=True))
    assert all(np.isfinite(weight).all() for weight in model.get_weights())

    model.save(tmp_path / "model.keras")
    loaded = sg.load_model(tmp_path / "model.keras")
    clips = [samples[0], samples[1, :2500]]
    np.testing.assert_allclose(scores(loaded, clips), scores(model, clips), rtol=0, atol=REORDERED)
    found = sg.predict(loaded, sg.Audio(samples[0], RATE))
    np.testing.assert_allclose(found.scores, scores(model, clips)[0], rtol=0, atol=REORDERED)
    assert found.labels == ("a", "b", "c")


def test_an_ensemble_on_a_preset_detects_in_a_long_recording() -> None:
    model = build(sg.preset("yamnet"), ["a", "b"], "separable+crnn", seconds=1.0)
    assert [network.name for network in networks(model)] == ["separable_0", "crnn_1"]
    found = sg.predict(model, sg.Audio(signals.noise(16_000 * 12), 16_000))
    assert found.num_windows > 1
    assert np.isfinite(found.scores).all()
