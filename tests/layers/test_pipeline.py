"""The layer where the op may run, and where it must not: in `tf.data`, and in what is saved."""

import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import signals
import tensorflow as tf
from engine_names import why_not_native

import sonogram as sg

pytestmark = pytest.mark.skipif(bool(why_not_native()), reason=why_not_native() or "it is here")

OP = b"SonogramSpectrogram"
MEL = sg.Frontend(8000, 64, 32, bands=sg.bands.Mel(8), scaling=sg.scaling.Decibels(dynamic_range=60))
SAMPLES = np.stack([signals.noise(640), signals.noise(640, 2)])


def of_data(function: object) -> np.ndarray:
    return next(iter(tf.data.Dataset.from_tensors(SAMPLES).map(function, num_parallel_calls=2))).numpy()


def test_in_tf_data_the_layer_has_the_bits_of_arrays() -> None:
    want = MEL(SAMPLES, "native")
    assert not np.array_equal(MEL(tf.constant(SAMPLES), "graph"), want)  # so that equal bits say something
    np.testing.assert_array_equal(of_data(sg.layers.Spectrogram(MEL)), want)
    keras.config.set_dtype_policy("mixed_float16")
    try:
        np.testing.assert_array_equal(of_data(sg.layers.Spectrogram(MEL)), want)
    finally:
        keras.config.set_dtype_policy("float32")
    named = of_data(sg.layers.Spectrogram(MEL, "graph"))
    assert not np.array_equal(named, want)


def test_in_a_model_standard_operations_run() -> None:
    layer = sg.layers.Spectrogram(MEL)
    model = keras.Sequential([keras.Input((640,)), layer])
    want = MEL(tf.constant(SAMPLES), "graph")
    for features in (layer(SAMPLES), model(SAMPLES)):
        np.testing.assert_array_equal(features, want)
    traced = tf.function(model).get_concrete_function(tf.TensorSpec((None, 640)))
    assert OP not in traced.graph.as_graph_def().SerializeToString()


LOAD = """
import sys
import numpy as np
import tensorflow as tf

sys.modules["sonogram"] = None
model = tf.saved_model.load(sys.argv[1])
np.save(sys.argv[3], model.serve(np.load(sys.argv[2])))
"""


@pytest.mark.exhaustive
def test_a_saved_model_needs_no_library(tmp_path: Path) -> None:
    layer = sg.layers.Spectrogram(MEL)
    model = keras.Sequential([keras.Input((640,)), layer, keras.layers.Dense(3)])
    # The op is there, and has been used with this very layer.
    assert of_data(layer).shape == (2, 19, 8)
    model.export(tmp_path / "saved", verbose=False)
    assert OP not in (tmp_path / "saved" / "saved_model.pb").read_bytes()
    np.save(tmp_path / "in.npy", SAMPLES)
    paths = [str(tmp_path / name) for name in ("saved", "in.npy", "out.npy")]
    done = subprocess.run(
        [sys.executable, "-I", "-c", LOAD, *paths], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    np.testing.assert_allclose(np.load(tmp_path / "out.npy"), model(SAMPLES), rtol=1e-5, atol=1e-4)
