"""The layer where TensorFlow runs it: functions, XLA, unknown sizes; and where there is no Keras."""

import subprocess
import sys
from collections.abc import Callable

import keras
import numpy as np
import pytest
import signals
import tensorflow as tf

import sonogram as sg

MEL = sg.Frontend(
    8000, 64, 32, padding=sg.padding.Center(), bands=sg.bands.Mel(8), scaling=sg.scaling.Decibels(floor=1e-3)
)
SAMPLES = np.stack([signals.noise(640), signals.noise(640, 2)])
ENGINES = pytest.mark.parametrize("engine", ["graph", "portable"])


@ENGINES
@pytest.mark.parametrize("xla", [False, True])
def test_compiled_is_eager(engine: str, xla: bool) -> None:
    layer = sg.layers.Spectrogram(MEL, engine)
    compiled = tf.function(layer, jit_compile=xla)
    np.testing.assert_allclose(compiled(SAMPLES), layer(SAMPLES), rtol=1e-4, atol=1e-3)


@ENGINES
def test_a_compiled_model_trains(engine: str) -> None:
    model = keras.Sequential([keras.Input((640,)), sg.layers.Spectrogram(MEL, engine), keras.layers.Dense(1)])
    model.compile("sgd", "mse", jit_compile=True)
    history = model.fit(SAMPLES, np.zeros((2, 21, 1)), epochs=2, verbose=0)
    assert np.isfinite(history.history["loss"]).all()


@ENGINES
def test_unknown_sizes(engine: str) -> None:
    layer = sg.layers.Spectrogram(MEL, engine)
    run = tf.function(layer, input_signature=[tf.TensorSpec([None, None])])
    for num_samples in (640, 33, 1, 0):
        got = run(SAMPLES[:, :num_samples])
        np.testing.assert_allclose(got, MEL(SAMPLES[:, :num_samples], "numpy"), rtol=1e-4, atol=1e-3)
    assert run(SAMPLES[:0]).shape == (0, 21, 8)


@pytest.mark.parametrize("sizes", [(64, 32, 64), (50, 20, 64), (63, 20, 63)])
def test_gradients_are_those_of_tf_signal(sizes: tuple[int, int, int]) -> None:
    samples = tf.constant(SAMPLES)

    def gradients(magnitudes: Callable[[tf.Tensor], tf.Tensor]) -> list[tf.Tensor]:
        with tf.GradientTape() as outer:
            outer.watch(samples)
            with tf.GradientTape() as inner:
                inner.watch(samples)
                loss = tf.reduce_sum(magnitudes(samples) ** 3)
            first = inner.gradient(loss, samples)
        return [first, outer.gradient(first, samples, first)]

    ours = gradients(lambda x: sg.Frontend(8000, *sizes)(x, "graph"))
    theirs = gradients(lambda x: tf.abs(tf.signal.stft(x, *sizes)))
    for got, wanted in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-3, atol=1e-4 * float(tf.reduce_max(tf.abs(wanted))))


def test_keras_goes_without_sonogram_and_sonogram_without_keras() -> None:
    code = (
        "import sys\n"
        "sys.modules['keras'] = None\n"
        "import sonogram as sg, numpy as np\n"
        "assert sg.Frontend(8000, 64, 32)(np.zeros(100), 'numpy').shape == (2, 33)\n"
        "try:\n"
        "    sg.layers\n"
        "except sg.SonogramError as error:\n"
        "    print(error)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert 'pip install "sonogram[tensorflow]"' in ran.stdout


def test_tensor_engines_without_a_library_say_what_to_install() -> None:
    code = (
        "import sys\n"
        "for name in ('tensorflow', 'jax', 'torch'):\n"
        "    sys.modules[name] = None\n"
        "import sonogram as sg, numpy as np\n"
        "try:\n"
        "    sg.Frontend(8000, 64, 32)(np.zeros(100), 'graph')\n"
        "except sg.SonogramError as error:\n"
        "    print(error)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert 'engine="graph" needs TensorFlow, JAX or PyTorch: pip install' in ran.stdout


def test_ragged_and_sparse_tensors_are_refused_with_the_remedy() -> None:
    ragged = tf.RaggedTensor.from_row_lengths(SAMPLES.reshape(-1), [500, 780])
    layer = sg.layers.Spectrogram(MEL)
    calls = (MEL, MEL.stft, layer, lambda x: layer([x, [500, 780]]), lambda x: sg.audio.resample(x, 2, 1))
    for call in calls:
        with pytest.raises(
            sg.SonogramError, match=r"got a RaggedTensor\. Pass samples\.to_tensor\(\) with leng"
        ):
            call(ragged)
        with pytest.raises(sg.SonogramError, match=r"got a SparseTensor\. Use tf\.sparse\.to_dense"):
            call(tf.sparse.from_dense(SAMPLES))
    # What the remedy names works, and a clip has the features that it has alone.
    features = layer([ragged.to_tensor(), ragged.row_lengths()])
    np.testing.assert_allclose(features[0, :10], MEL(SAMPLES.reshape(-1)[:500])[:10], rtol=1e-4, atol=1e-3)
