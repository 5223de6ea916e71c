"""The native engine as TensorFlow's op: the same bits as on arrays, and only where it may run."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import signals
import tensorflow as tf
from agreement import assert_agrees
from engine_names import why_not_native

import sonogram as sg
from sonogram.engines import dispatch
from sonogram.engines.native import call, lower, op
from sonogram.engines.native.pack import pack
from sonogram.engines.plan import plan
from sonogram.native import ops as native_ops
from sonogram.native.threads import threads
from sonogram.padding import Padding

pytestmark = pytest.mark.skipif(bool(why_not_native()), reason=why_not_native() or "it is here")

OP = "SonogramSpectrogram"
LOUD = dataclasses.replace(sg.preset("whisper-80"), sample_rate=8000, bands=sg.bands.Mel(20))
SAMPLES = np.stack([signals.noise(3000, seed) for seed in range(4)])
LENGTHS = np.array([3000, 1234, 0, 300])


def mapped(definition: sg.Frontend, *arrays: Any, known: bool = True) -> list[Any]:
    """The features of each example, computed in `tf.data`; with sizes that are known, or not."""
    data = tf.data.Dataset.from_tensor_slices(arrays)
    if not known:
        specs = tuple(tf.TensorSpec((None,) * (array.ndim - 1), array.dtype) for array in arrays)
        data = tf.data.Dataset.from_generator(lambda: zip(*arrays, strict=True), output_signature=specs)
    data = data.map(lambda samples, lengths=None: definition(samples, lengths=lengths), num_parallel_calls=2)
    return [each.numpy() for each in data]


def test_subnormal_numbers_are_kept_in_every_thread() -> None:
    # TensorFlow's threads replace them by 0, and threads of the pool that these start would inherit that.
    definition = sg.Frontend(8000, 256, 128)
    faint = np.float32(1e-22) * SAMPLES.astype(np.float32)
    want = definition(faint, "native")
    assert np.count_nonzero(want) > want.size / 2
    np.testing.assert_array_equal(mapped(definition, faint[None])[0], want)
    np.testing.assert_array_equal(mapped(definition, faint), want)
    np.testing.assert_array_equal(definition(faint, "native"), want)


FOURIER = [name for name in sg.preset_names() if isinstance(sg.preset(name).transform, sg.transform.Fourier)]


@pytest.mark.parametrize("name", FOURIER)
def test_every_preset_has_the_bits_of_arrays(name: str) -> None:
    definition = sg.preset(name)
    compiled = plan(definition)
    batch = np.stack([signals.eventful(6000), signals.noise(6000)])
    lengths = np.array([6000, 4321])
    want = definition(batch, "native", lengths=lengths)
    eager = definition(tf.constant(batch), lengths=lengths)
    data = mapped(definition, batch[None], lengths[None])[0]
    alone = mapped(definition, batch[:1], known=False)[0]
    columns = op.columns(compiled, tf.constant(batch), [tf.constant(lengths)])
    np.testing.assert_array_equal(columns, call.run(compiled, "features", batch, lengths))
    if lower.covers_definition(compiled):
        np.testing.assert_array_equal(eager, want)
        np.testing.assert_array_equal(data, want)
        np.testing.assert_array_equal(alone, want[0])
    else:
        # What follows over the whole clip runs in float64 on arrays and in float32 in TensorFlow.
        for features in (eager, data):
            for clip, length, got, wanted in zip(batch, lengths, features, want, strict=True):
                frames = definition.num_frames(length)
                assert_agrees(definition, clip[:length], got[:frames], wanted[:frames])
        assert_agrees(definition, batch[0], alone, want[0])


PADDINGS = (
    *(sg.padding.Valid(span) for span in ("window", "fft")),
    sg.padding.Valid(lookahead=3),
    sg.padding.End(),
    *(
        sg.padding.Center(mode=mode, last_frame=last)
        for mode in ("constant", "reflect")
        for last in ("keep", "drop")
    ),
    sg.padding.Center("window", "symmetric", "zero"),
    *(sg.padding.HalfOverlap(span) for span in ("window", "fft")),
    *(sg.padding.Same(span) for span in ("window", "fft")),
    *(sg.padding.StepCenter(span) for span in ("window", "fft")),
    sg.padding.Causal(),
    sg.padding.Causal("fft", lookahead=2),
)


@pytest.mark.parametrize("padding", PADDINGS, ids=repr)
@pytest.mark.parametrize("step", [5, 13])
def test_frames_are_counted_and_placed_as_in_framing(padding: Padding, step: int) -> None:
    dropped = sg.conditioning.Conditioning(
        preemphasis=sg.conditioning.Preemphasis(scope="clip", boundary="drop")
    )
    for conditioning in (sg.conditioning.Conditioning(), dropped):
        definition = sg.Frontend(8000, 11, step, 16, padding=padding, conditioning=conditioning)
        batch = np.tile(signals.noise(45), (46, 1))
        lengths = np.arange(46)
        want = definition(batch, "native", lengths=lengths)
        np.testing.assert_array_equal(definition(tf.constant(batch), lengths=lengths), want)
        for length in lengths:
            clip = batch[0, :length]
            np.testing.assert_array_equal(definition(tf.constant(clip)), definition(clip, "native"))


@pytest.mark.parametrize("shape", [(), (1,), (2, 3), (2, 1, 3), (0,), (2, 0), (0, 3)])
def test_leading_axes_stay(shape: tuple[int, ...]) -> None:
    batch = np.random.default_rng(0).random((*shape, 500)).astype(np.float32)
    for name in ("whisper-80", "granite-speech", "kaldi-mfcc-13"):
        definition = sg.preset(name)
        features = definition(tf.constant(batch))
        assert features.shape == definition(batch, "native").shape
        traced = tf.function(lambda x, definition=definition: definition(x, "native"))
        spec = tf.TensorSpec([None] * batch.ndim, tf.float32)
        open_features = traced.get_concrete_function(spec)(tf.constant(batch))
        np.testing.assert_allclose(open_features, features, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("dtype", ["float16", "float64", "int16"])
def test_samples_of_any_width(dtype: str) -> None:
    samples = (SAMPLES * (32768 if dtype == "int16" else 1)).astype(dtype)
    np.testing.assert_array_equal(LOUD(tf.constant(samples)), LOUD(samples, "native"))
    wide = tf.cast(SAMPLES, tf.bfloat16)
    np.testing.assert_array_equal(LOUD(wide), LOUD(tf.cast(wide, tf.float32).numpy(), "native"))


@pytest.mark.parametrize("name", ["whisper-80", "parakeet-80", "seamless-m4t", "perch-pcen"])
def test_what_stands_beyond_the_length_changes_nothing(name: str) -> None:
    definition = sg.preset(name)
    padded = SAMPLES.copy()
    for clip, length in zip(padded, LENGTHS, strict=True):
        clip[length:] = np.nan
    together = mapped(definition, padded[None], LENGTHS[None])[0]
    for row, clip, length in zip(together, padded, LENGTHS, strict=True):
        alone = definition(clip[:length], "native")
        assert_agrees(definition, clip[:length], row[: len(alone)], alone)
        assert not row[len(alone) :].any()


# Where it runs.


def kind_of(features: Any) -> bool:
    """Whether the op computed them, of definitions without a tail."""
    return bool(features.op.type == OP)


def traces(build: Callable[[Callable[[Any], Any]], Any]) -> list[bool]:
    """Whether the op was taken each time that a function in what `build` makes was traced."""
    seen: list[bool] = []

    def features(samples: Any) -> Any:
        result = LOUD(samples)
        seen.append(kind_of(result))
        return result

    for each in build(features):
        np.testing.assert_allclose(each, LOUD(SAMPLES[0], "native"), rtol=1e-4, atol=1e-3)
    return seen


def clips() -> Any:
    return tf.data.Dataset.from_tensors(SAMPLES[0])


def test_it_runs_in_functions_of_tf_data() -> None:
    assert traces(lambda f: clips().map(f)) == [True]
    assert traces(lambda f: clips().map(f, num_parallel_calls=2, deterministic=False)) == [True]
    assert traces(lambda f: clips().map(lambda x: {"x": f(x)}).map(lambda d: d["x"])) == [True]
    assert all(traces(lambda f: clips().flat_map(lambda x: tf.data.Dataset.from_tensors(f(x)))))
    assert all(traces(lambda f: clips().filter(lambda x: tf.reduce_all(f(x) < 9)).map(f)))


def test_it_runs_nowhere_else_unasked() -> None:
    """What a function within a function computes may be traced here and be used elsewhere."""
    assert traces(lambda f: [tf.function(f)(SAMPLES[0])]) == [False]
    assert traces(lambda f: clips().map(tf.function(f))) == [False]
    assert not any(traces(lambda f: clips().map(lambda x: tf.cond(x[0] < 9, lambda: f(x), lambda: f(x)))))
    assert not any(traces(lambda f: clips().batch(1).map(lambda b: tf.map_fn(f, b)).unbatch()))

    def inside_a_graph(f: Callable[[Any], Any]) -> list[Any]:
        @tf.function
        def first() -> Any:
            return clips().map(f).reduce(tf.zeros((18, 20)), lambda _, x: x)

        return [first()]

    assert not any(traces(inside_a_graph))


def test_it_runs_on_eager_tensors(monkeypatch: pytest.MonkeyPatch) -> None:
    samples = tf.constant(SAMPLES)
    want = LOUD(SAMPLES, "native")
    assert not np.array_equal(LOUD(samples, "graph"), want)  # so that equal bits say something
    np.testing.assert_array_equal(LOUD(samples), want)
    np.testing.assert_array_equal(LOUD(tf.Variable(samples)), want)
    monkeypatch.setattr(op, "can_run", lambda samples: False)  # a tensor on another device
    np.testing.assert_array_equal(LOUD(samples), LOUD(samples, "graph"))
    np.testing.assert_array_equal(LOUD(samples, "native"), LOUD(samples, "graph"))


def test_under_xla_standard_operations_run() -> None:
    want = LOUD(SAMPLES, "native")
    compiled = tf.function(lambda x: LOUD(x, "native"), jit_compile=True)
    np.testing.assert_allclose(compiled(SAMPLES), want, rtol=0, atol=1e-4)
    concrete = compiled.get_concrete_function(tf.TensorSpec(SAMPLES.shape))
    assert OP not in {node.type for node in concrete.graph.get_operations()}
    inner = tf.function(lambda x: LOUD(x, "native"))
    outer = tf.function(lambda x: inner(x) + 0, jit_compile=True)
    np.testing.assert_allclose(outer(SAMPLES), want, rtol=0, atol=1e-4)


def test_asked_for_by_name_it_runs_in_a_function() -> None:
    traced = tf.function(lambda x: LOUD(x, "native"))
    np.testing.assert_array_equal(traced(SAMPLES), LOUD(SAMPLES, "native"))
    for size, frames in ((3000, 18), (None, None)):
        concrete = traced.get_concrete_function(tf.TensorSpec((None, size)))
        assert OP in {node.type for node in concrete.graph.get_operations()}
        assert concrete.structured_outputs.shape.as_list() == [None, frames, 20]


def test_sizes_are_known_where_those_of_the_samples_are() -> None:
    for name in ("whisper-80", "granite-speech", "kaldi-mfcc-13"):
        definition = sg.preset(name)
        data = tf.data.Dataset.from_tensor_slices(SAMPLES).map(definition)
        assert data.element_spec.shape == definition(SAMPLES[0]).shape


def test_without_the_op_standard_operations_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native_ops, "_register", lambda: "this TensorFlow has no TF_NewKernelBuilder")
    native_ops.ops.cache_clear()
    np.testing.assert_array_equal(LOUD(tf.constant(SAMPLES)), LOUD(tf.constant(SAMPLES), "graph"))
    with pytest.raises(sg.SonogramError, match="not available in TensorFlow: this TensorFlow has no TF_New"):
        LOUD(tf.constant(SAMPLES), "native")
    monkeypatch.undo()
    native_ops.ops.cache_clear()
    np.testing.assert_array_equal(LOUD(tf.constant(SAMPLES), "native"), LOUD(SAMPLES, "native"))


def test_tf_data_has_one_thread_for_each_call() -> None:
    seen = []

    def features(samples: Any) -> Any:
        result = LOUD(samples)
        seen.append(result.op.get_attr("threads"))
        return result

    list(clips().map(features))
    assert seen == [1]
    assert op._threads() == 0
    with threads(3):
        assert op._threads() == 3
        np.testing.assert_array_equal(LOUD(tf.constant(SAMPLES)), LOUD(SAMPLES, "native"))


# Gradients.


def gradient(definition: sg.Frontend, engine: str | None, lengths: Any, samples: Any) -> Any:
    x = tf.convert_to_tensor(samples)
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = tf.reduce_sum(tf.sin(definition(x, engine, lengths=lengths)))
    return tape.gradient(loss, x)


@pytest.mark.parametrize("lengths", [None, LENGTHS], ids=["whole", "lengths"])
@pytest.mark.parametrize("name", ["whisper-80", "kaldi-mfcc-13", "parakeet-80", "perch-pcen", "tf-stft"])
def test_the_gradient_is_that_of_standard_operations(name: str, lengths: Any) -> None:
    definition = sg.preset(name)
    want = gradient(definition, "graph", lengths, SAMPLES)
    # The values that the gradient is taken at differ by float32 noise, which the sine's slope passes on.
    near: dict[str, Any] = {"rtol": 0, "atol": 1e-3 * float(np.abs(want).max())}
    np.testing.assert_allclose(gradient(definition, None, lengths, SAMPLES), want, **near)
    traced = tf.function(lambda x: gradient(definition, "native", lengths, x))
    np.testing.assert_allclose(traced(SAMPLES), want, **near)
    assert np.abs(want).max() > 0


def test_the_gradient_is_finite_at_silence_and_none_for_integers() -> None:
    assert np.isfinite(gradient(LOUD, None, None, np.zeros((2, 900), np.float32))).all()
    assert gradient(LOUD, None, None, np.zeros((2, 0), np.float32)).shape == (2, 0)
    assert gradient(LOUD, None, None, SAMPLES.astype(np.float64)).dtype == tf.float64
    samples = tf.constant((SAMPLES * 32768).astype(np.int16))
    with tf.GradientTape() as tape:
        tape.watch(samples)
        LOUD(samples)


# Errors.


def run_op(samples: Any, *lengths: Any, **changed: Any) -> Any:
    """Call the op itself, past all that Python checks."""
    attributes = {"packed_definition": pack(plan(LOUD)), "definition_json": "", **changed}
    return op.ops().sonogram_spectrogram(
        samples, [tf.constant(each, tf.int64) for each in lengths], **attributes
    )


def test_a_wrong_call_is_an_error_of_tensorflow() -> None:
    bad = tf.errors.InvalidArgumentError
    with pytest.raises(bad, match=r"samples must be \(..., samples\); got a single number"):
        run_op(tf.constant(0.5))
    with pytest.raises(bad, match="lengths must be one for each of the 4 clips; got 2"):
        run_op(SAMPLES, [1, 2])
    with pytest.raises(bad, match="between 0 and the 3000 samples of a clip; got 3001"):
        run_op(SAMPLES, [3001, 2, 3, 4])
    with pytest.raises(bad, match="got -1"):
        mapped(LOUD, SAMPLES[None], np.array([[1, 2, 3, -1]]))
    whole = pack(plan(LOUD))
    broken = {
        "nothing": b"",
        "short": whole[:-1],
        "long": whole + b"x",
        "head": b"x" + whole[1:],
        "no step": whole[:24] + bytes(8) + whole[32:],
        "endless": whole[:32] + b"\xff" * 8 + whole[40:],
    }
    for name, text in broken.items():
        with pytest.raises(bad, match="was written by another version of sonogram"):
            run_op(SAMPLES, packed_definition=text, definition_json=name)
    np.testing.assert_array_equal(run_op(SAMPLES), LOUD(SAMPLES, "native"))


def test_other_libraries_keep_their_own_engines() -> None:
    with pytest.raises(sg.SonogramError, match="takes NumPy arrays and tensors of TensorFlow"):
        dispatch._tensors(plan(LOUD), None, SAMPLES, None, "native")  # type: ignore[arg-type]


def test_constant_q_in_tf_data_takes_standard_operations() -> None:
    transform = sg.transform.ConstantQ(14, 330)
    definition = sg.Frontend(8000, transform.min_frame_length(8000), 100, transform=transform)
    clip = signals.noise(3000)
    for features in (definition(tf.constant(clip)), mapped(definition, clip[None])[0]):
        np.testing.assert_allclose(features, definition(clip), atol=1e-5)
    with pytest.raises(NotImplementedError):
        pack(plan(definition))
