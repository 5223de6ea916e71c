"""Every augmentation inside TensorFlow: compiled, in input pipelines, in training, in exports."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from augmentations import CASES, RATE, SIZE, arrays, batch_of, values_of

import sonogram as sg
from sonogram import layers

Make = Callable[..., layers.Augmentation]

# XLA fuses and reorders float32 arithmetic, and has a Fourier transform of its own.
FUSED = {"atol": 5e-6, "rtol": 1e-4}


def test_it_compiles_with_xla_to_the_same_result(make: Make) -> None:
    layer = make(seed=7)
    batch = {name: tf.constant(part) for name, part in batch_of(layer).items()}

    @tf.function(jit_compile=True, autograph=False)
    def compiled(given: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        return layer(given, training=True)

    expected, result = layer(batch, training=True), compiled(batch)
    for name in expected:
        assert result[name].shape == expected[name].shape
        np.testing.assert_allclose(result[name], expected[name], **FUSED, err_msg=name)


def test_it_runs_in_a_pipeline_one_clip_after_the_other(make: Make) -> None:
    layer = make(seed=7)
    batch = batch_of(layer)
    if layer.needs_batch:
        one = tf.data.Dataset.from_tensor_slices(batch)
        # TensorFlow wraps what goes wrong in a function that it converts.
        with pytest.raises(Exception, match="samples must have 2 to 3 axes"):
            one.map(lambda clip: layer(clip, training=True))
        return
    expected = arrays(layer(batch, training=True))

    def clips() -> Any:
        for index, length in enumerate(batch["lengths"]):
            values = batch[layer.key][index] if layer.key == "features" else batch[layer.key][index][:length]
            yield {**{name: part[index] for name, part in batch.items()}, layer.key: values}

    inner = batch[layer.key].shape[2:]
    signature = {
        layer.key: tf.TensorSpec((None, *inner), tf.float32),
        "lengths": tf.TensorSpec((), tf.int32),
        "labels": tf.TensorSpec((5,), tf.float32),
        "seeds": tf.TensorSpec((), tf.int32),
    }
    pipeline = tf.data.Dataset.from_generator(clips, output_signature=signature)
    pipeline = pipeline.map(lambda clip: layer(clip, training=True), num_parallel_calls=2)
    if isinstance(layer, layers.RandomCrop):
        assert pipeline.element_spec["samples"].shape == (1000,)
    elif layer.key == "features":
        assert pipeline.element_spec["features"].shape == (None, *inner)
    results = list(pipeline.as_numpy_iterator())
    assert len(results) == len(batch["lengths"])
    for index, result in enumerate(results):
        kept = int(result["lengths"])
        np.testing.assert_allclose(
            result[layer.key][:kept], expected[layer.key][index][:kept], atol=2e-6, rtol=1e-5
        )


@pytest.mark.quick
def test_it_runs_in_a_pipeline_batch_after_batch(make: Make) -> None:
    layer = make(seed=7)
    batch = batch_of(layer, 6)
    expected = arrays(layer(batch, training=True))
    pipeline = (
        tf.data.Dataset.from_tensor_slices(batch).batch(6).map(lambda clips: layer(clips, training=True))
    )
    (result,) = pipeline.as_numpy_iterator()
    for name, part in result.items():
        np.testing.assert_allclose(part, expected[name], atol=2e-6, rtol=1e-5, err_msg=name)


def test_without_seeds_each_element_of_a_pipeline_differs(make: Make) -> None:
    layer = make(seed=7)
    values = np.repeat(values_of(layer, 2)[None], 8, axis=0)
    labels = np.repeat(np.eye(2, dtype=np.float32)[None], 8, axis=0)
    pipeline = tf.data.Dataset.from_tensor_slices({layer.key: values, "labels": labels})
    pipeline = pipeline.map(lambda clips: layer(clips, training=True))
    results = [result[layer.key] for result in pipeline.as_numpy_iterator()]
    assert len({result.tobytes() for result in results}) > 1


def test_an_inference_graph_does_not_show_it(make: Make, tmp_path: Path) -> None:
    layer = make(seed=7)
    shape = values_of(layer, 1).shape[1:]
    model = keras.Sequential([keras.Input(shape), layer])
    model.export(tmp_path / "exported", verbose=False)
    serve = tf.saved_model.load(str(tmp_path / "exported")).signatures["serving_default"]
    calls = [node for node in serve.graph.as_graph_def().library.function for node in node.node_def]
    kinds = {node.op for node in (*serve.graph.as_graph_def().node, *calls)}
    # Nothing but the way in and out.
    assert kinds <= {"Placeholder", "Identity", "NoOp", "StatefulPartitionedCall", "PartitionedCall"}, kinds
    values = values_of(layer, 2)
    (result,) = serve(tf.constant(values)).values()
    np.testing.assert_array_equal(result, values)


def test_a_model_trains_with_augmentation_before_and_after_the_front_end() -> None:
    frontend = sg.Frontend(RATE, 400, 160, bands=sg.bands.Mel(40), scaling=sg.scaling.Log(floor=1e-6))
    samples = keras.Input((SIZE,))
    lengths = keras.Input((), dtype="int32")
    x = [samples, lengths]
    for name in ("gain", "noise-pink", "reverb-simulated", "speed", "time-shift"):
        x = CASES[name](seed=1)(x)
    x = layers.Spectrogram(frontend)(x)
    x = layers.SpecAugment(seed=1)(x)
    x = keras.layers.GlobalAveragePooling1D()(x)
    model = keras.Model([samples, lengths], keras.layers.Dense(2)(x))
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True), jit_compile=True)
    values = np.random.default_rng(0).normal(size=(8, SIZE)).astype(np.float32)
    counts = np.array([SIZE, 2000, 1500, 900] * 2, np.int32)
    values[np.arange(SIZE) >= counts[:, None]] = np.nan
    history = model.fit([values, counts], np.array([0, 1] * 4), batch_size=4, epochs=2, verbose=0)
    assert np.isfinite(history.history["loss"]).all()
    twice = [model.predict([values, counts], verbose=0) for _ in range(2)]
    np.testing.assert_array_equal(*twice)


def test_the_same_numbers_inside_and_outside_of_a_pipeline_on_every_backend(make: Make) -> None:
    check_pipeline_agrees(make)


@pytest.mark.backends
def test_the_backend_gives_the_numbers_of_tensorflow(make: Make) -> None:
    check_pipeline_agrees(make)


def check_pipeline_agrees(make: Make) -> None:
    layer = make(seed=7)
    batch = batch_of(layer)
    expected = arrays(layer(batch, training=True))
    pipeline = tf.data.Dataset.from_tensors(batch).map(lambda clips: layer(clips, training=True))
    (result,) = pipeline.as_numpy_iterator()
    for name, part in result.items():
        np.testing.assert_allclose(part, expected[name], atol=5e-6, rtol=1e-4, err_msg=name)
