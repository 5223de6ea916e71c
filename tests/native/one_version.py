"""Computes every preset on arrays and with TensorFlow's op, and prints a digest; see versions.py."""

import hashlib
import sys

import numpy as np
import tensorflow as tf

import sonogram as sg
from sonogram.engines.native import call, op
from sonogram.engines.plan import plan


def signal(count: int) -> np.ndarray:
    """Noise from whole numbers alone: the same with every NumPy."""
    words = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    words ^= words >> np.uint64(29)
    words *= np.uint64(0xBF58476D1CE4E5B9)
    return ((words >> np.uint64(48)).astype(np.float32) / 32768 - 1) / 4


def check(name: str) -> bytes:
    """The columns of one preset, from arrays; the op's must be the same, where it computes them."""
    definition = sg.preset(name)
    compiled = plan(definition)
    batch = signal(3 * 8000).reshape(3, 8000)
    lengths = np.array([8000, 4321, 0])
    if compiled.kernels is not None or compiled.is_complex:  # the op does not compute these
        return definition(batch, "native", lengths=lengths).tobytes()
    want = call.run(compiled, "features", batch, lengths)

    def compute(samples: tf.Tensor, counts: tf.Tensor) -> tf.Tensor:
        return op.columns(compiled, samples, [counts])

    data = tf.data.Dataset.from_tensors((batch, lengths)).repeat(2).map(compute, num_parallel_calls=2)
    results = {
        "eager": compute(tf.constant(batch), tf.constant(lengths)),
        "function": tf.function(compute)(tf.constant(batch), tf.constant(lengths)),
        "data": list(data)[1],
    }
    for where, got in results.items():
        if not np.array_equal(got, want):
            sys.exit(f"{name}, {where}: not the bits of arrays")
    return want.tobytes()


def check_rest() -> None:
    """What runs where: gradients, XLA, errors, the choice of the engine."""
    definition = sg.preset("whisper-80")
    samples = tf.constant(signal(4000))
    want = definition(samples.numpy(), "native")
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(samples)
        ours, theirs = (tf.reduce_sum(definition(samples, engine)) for engine in (None, "graph"))
    np.testing.assert_allclose(
        tape.gradient(ours, samples), tape.gradient(theirs, samples), rtol=0, atol=1e-4
    )
    np.testing.assert_array_equal(definition(samples), want)
    data = tf.data.Dataset.from_tensors(samples).map(definition)
    np.testing.assert_array_equal(next(iter(data)), want)
    compiled = tf.function(lambda x: definition(x, "native"), jit_compile=True)
    np.testing.assert_allclose(compiled(samples), want, rtol=0, atol=1e-4)
    given = tf.data.Dataset.from_tensors((samples, 4001)).map(lambda x, n: definition(x, lengths=n))
    for wrong in (lambda: definition(samples, lengths=4001), lambda: next(iter(given))):
        try:
            wrong()
            message = "nothing"
        except (sg.SonogramError, tf.errors.InvalidArgumentError) as error:
            message = str(error)
        if "between 0 and the 4000 samples" not in message:
            sys.exit(f"a wrong length: {message}")


if __name__ == "__main__":
    digest = hashlib.sha256()
    for preset in sg.preset_names():
        digest.update(check(preset))
    check_rest()
    print(digest.hexdigest()[:16])
