"""What the engines take and give back, and what they refuse."""

import dataclasses

import engine_names
import numpy as np
import pytest
import signals
import tensorflow as tf

import sonogram as sg
from sonogram.audio import Audio

DEFINITION = sg.Frontend(8000, 64, 32)
SAMPLES = signals.noise(640)
ENGINES = pytest.mark.parametrize("engine", engine_names.ALL)


@ENGINES
def test_arrays_in_arrays_out(engine: str) -> None:
    features = DEFINITION(SAMPLES, engine)
    assert isinstance(features, np.ndarray)
    assert features.dtype == np.float32
    assert features.shape == (19, 33)


@pytest.mark.parametrize("engine", engine_names.TENSOR)
def test_tensors_in_tensors_out(engine: str) -> None:
    features = DEFINITION(tf.constant(SAMPLES), engine)
    assert tf.is_tensor(features)
    assert features.dtype == tf.float32
    np.testing.assert_allclose(features, DEFINITION(SAMPLES, "numpy"), rtol=0, atol=1e-5)


@ENGINES
@pytest.mark.parametrize("shape", [(), (1,), (2,), (2, 3), (2, 1, 3), (0,), (2, 0)])
def test_leading_axes_stay(shape: tuple[int, ...], engine: str) -> None:
    batch = np.random.default_rng(0).random((*shape, 100)).astype(np.float32)
    features = DEFINITION(batch, engine)
    assert features.shape == (*shape, 2, 33)
    for index in np.ndindex(*shape):
        alone = DEFINITION(batch[index], engine)
        np.testing.assert_allclose(features[index], alone, rtol=0, atol=1e-5)


@ENGINES
@pytest.mark.parametrize("num_samples", [0, 1, 63])
def test_a_clip_shorter_than_a_frame_has_none(num_samples: int, engine: str) -> None:
    assert DEFINITION(np.zeros(num_samples, np.float32), engine).shape == (0, 33)
    assert DEFINITION(np.zeros((3, num_samples), np.float32), engine).shape == (3, 0, 33)


@ENGINES
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int16"])
def test_samples_of_any_width(dtype: str, engine: str) -> None:
    scale = 32768 if dtype == "int16" else 1
    features = DEFINITION((SAMPLES * scale).astype(dtype), engine)
    assert features.dtype == np.float32
    loss = {"float16": 5e-3, "int16": 2e-3}.get(dtype, 1e-5)
    np.testing.assert_allclose(features, DEFINITION(SAMPLES, "numpy"), rtol=0, atol=loss)


@ENGINES
@pytest.mark.parametrize("view", [slice(None, None, -1), slice(None, None, 2)])
def test_views_are_read_as_they_are(view: slice, engine: str) -> None:
    strided = np.stack([SAMPLES, SAMPLES[::-1]])[:, view]
    expected = DEFINITION(np.ascontiguousarray(strided), engine)
    np.testing.assert_array_equal(DEFINITION(strided, engine), expected)


@ENGINES
def test_the_input_is_left_alone(engine: str) -> None:
    definition = dataclasses.replace(
        DEFINITION, conditioning=sg.conditioning.Conditioning(2, "frame", sg.conditioning.Preemphasis())
    )
    samples = SAMPLES.copy()
    samples.flags.writeable = False
    definition(samples, engine)
    np.testing.assert_array_equal(samples, SAMPLES)


def test_audio_must_have_the_rate_of_the_definition() -> None:
    np.testing.assert_array_equal(DEFINITION(Audio(SAMPLES, 8000), "numpy"), DEFINITION(SAMPLES, "numpy"))
    with pytest.raises(sg.SonogramError, match=r"8000 Hz.*16000 Hz\. Load it with sample_rate=8000"):
        DEFINITION(Audio(SAMPLES, 16000))


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        (np.float32(1), "got a single number"),
        (np.zeros(100, np.int32), "got int32. Divide by"),
        (np.zeros(100, np.complex64), "got complex64"),
        (np.array(["a"]), "floating point"),
        ("bird.wav", r"got the path 'bird\.wav'\. Use sonogram\.load"),
        (None, "got NoneType"),
        ({1: 2}, "got dict"),
    ],
)
def test_wrong_samples_say_what_is_right(samples: object, message: str) -> None:
    with pytest.raises(sg.SonogramError, match=message):
        DEFINITION(samples)


def test_lists_of_floats_are_samples() -> None:
    assert DEFINITION([0.0] * 100, "numpy").shape == (2, 33)


@pytest.mark.parametrize(
    ("engine", "message"),
    [
        ("gpu", "engine must be one of numpy, native, graph, portable, or None; got 'gpu'"),
        (3, "got 3"),
    ],
)
def test_wrong_engines_say_what_is_right(engine: object, message: str) -> None:
    with pytest.raises(sg.SonogramError, match=message):
        DEFINITION(SAMPLES, engine)


def test_the_reference_takes_arrays_alone() -> None:
    with pytest.raises(sg.SonogramError, match="takes NumPy arrays; tensors take"):
        DEFINITION(tf.constant(SAMPLES), "numpy")


@pytest.mark.parametrize(
    ("lengths", "message"),
    [
        ([1, 2, 3], r"of shape \(2,\), one for each clip; got int64 of shape \(3,\)"),
        ([0.5, 1], "whole numbers"),
        ([-1, 2], "between 0 and the 640 samples of a clip; got -1 to 2"),
        ([641, 2], "got 2 to 641"),
    ],
)
def test_wrong_lengths_say_what_is_right(lengths: list, message: str) -> None:
    batch = np.stack([SAMPLES, SAMPLES])
    with pytest.raises(sg.SonogramError, match=message):
        DEFINITION(batch, "numpy", lengths=lengths)


@pytest.mark.parametrize("engine", [None, "native", "graph", "portable"])
@pytest.mark.parametrize(
    ("lengths", "message"),
    [
        ([1], r"of shape \(2,\), one for each clip; got int32 of shape \(1,\)"),
        ([[1, 2]], r"of shape \(2,\), one for each clip; got int32 of shape \(1, 2\)"),
        ([100.7, 5.5], "whole numbers"),
        ([-1, 2], "between 0 and the 640 samples of a clip; got -1 to 2"),
        ([641, 2], "got 2 to 641"),
    ],
)
def test_wrong_lengths_of_tensors_say_what_arrays_do(lengths: list, message: str, engine: str | None) -> None:
    batch = tf.constant(np.stack([SAMPLES, SAMPLES]))
    for given in (tf.constant(lengths), np.asarray(tf.constant(lengths))):
        with pytest.raises(sg.SonogramError, match=message):
            DEFINITION(batch, engine, lengths=given)
    with pytest.raises(sg.SonogramError, match=message.replace("int32", "int64")):
        DEFINITION(batch, engine, lengths=lengths)


@pytest.mark.parametrize("engine", engine_names.TENSOR)
def test_lengths_in_a_graph_are_checked_as_far_as_they_are_known(engine: str) -> None:
    batch = np.stack([SAMPLES, SAMPLES])

    @tf.function(input_signature=[tf.TensorSpec([None, None]), tf.TensorSpec([None], tf.int32)])
    def both(samples: tf.Tensor, lengths: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        for wrong in ([-1, 2], [[1, 2]], [0.5, 2]):
            with pytest.raises(sg.SonogramError, match="lengths must"):
                DEFINITION(samples, engine, lengths=wrong)
        return DEFINITION(samples, engine, lengths=lengths), DEFINITION(samples, engine, lengths=[640, 100])

    want = DEFINITION(batch, "numpy", lengths=[640, 100])
    for features in both(batch, [640, 100]):
        np.testing.assert_allclose(features, want, rtol=0, atol=1e-5)


@pytest.mark.parametrize("engine", [None, "native", "graph", "portable"])
def test_samples_of_unknown_rank_are_refused(engine: str | None) -> None:
    @tf.autograph.experimental.do_not_convert  # which puts a traceback around the line
    def features(samples: tf.Tensor) -> tf.Tensor:
        return DEFINITION(samples, engine)

    with pytest.raises(sg.SonogramError, match=r"^samples have no known rank: call set_shape first$"):
        tf.function(features, input_signature=[tf.TensorSpec(None)]).get_concrete_function()
    data = tf.data.Dataset.from_generator(lambda: [SAMPLES], output_signature=tf.TensorSpec(None))
    with pytest.raises(sg.SonogramError, match=r"^samples have no known rank: call set_shape first$"):
        data.map(features)


def test_a_symbolic_tensor_belongs_in_the_layer() -> None:
    import keras

    with pytest.raises(sg.SonogramError, match=r"sonogram.layers.Spectrogram\(frontend\)"):
        DEFINITION(keras.Input((640,)))


@pytest.mark.parametrize("engine", engine_names.TENSOR)
def test_shapes_are_static_where_the_input_is(engine: str) -> None:
    seen = []

    @tf.function(input_signature=[tf.TensorSpec([4, 640]), tf.TensorSpec([None, 640])])
    def both(known: tf.Tensor, unknown: tf.Tensor) -> tf.Tensor:
        seen.append(DEFINITION(known, engine).shape)
        seen.append(DEFINITION(unknown, engine).shape)
        return DEFINITION(known, engine)

    both.get_concrete_function()
    assert seen[0] == (4, 19, 33)
    assert seen[1].as_list() == [None, 19, 33]


@pytest.mark.parametrize("engine", engine_names.TENSOR)
def test_xla_compiles_it(engine: str) -> None:
    definition = dataclasses.replace(
        sg.Frontend(8000, 64, 32, padding=sg.padding.Center(), bands=sg.bands.Mel(8)),
        scaling=sg.scaling.Decibels(),
    )
    compiled = tf.function(lambda x: definition(x, engine), jit_compile=True)
    features = compiled(tf.constant(SAMPLES[None]))
    np.testing.assert_allclose(features[0], definition(SAMPLES, "numpy"), rtol=1e-4, atol=1e-3)


def test_a_lone_definition_is_planned_once() -> None:
    from sonogram.engines.plan import plan

    first = plan(sg.Frontend(16000, 320, 77))
    assert plan(sg.Frontend(16000.0, 320, 77)) is first
    for constant in (first.window, plan(sg.preset("whisper-80")).bands):
        assert constant.dtype == np.float64
        with pytest.raises(ValueError, match="read-only"):
            constant[0] = 1
