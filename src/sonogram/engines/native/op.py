"""The native engine in TensorFlow: an op on the CPU. Its gradient is that of standard operations."""

from __future__ import annotations

import json
from functools import cache, lru_cache
from typing import Any

import tensorflow as tf

from sonogram.definition import Definition
from sonogram.engines import program, tensor
from sonogram.engines.arrays import namespace
from sonogram.engines.native import lower
from sonogram.engines.native.pack import pack
from sonogram.engines.plan import Plan, plan as plan_of
from sonogram.engines.rounding import silence_rounding
from sonogram.native.ops import available, ops as native_ops
from sonogram.native.threads import own_threads
from sonogram.native.tracing import inside_tf_data, under_xla

__all__ = ["can_run", "columns", "features", "ops", "runs_by_default"]

_NAME = "SonogramSpectrogram"
_DTYPES = (tf.float32, tf.float64, tf.int16)


def ops() -> Any:
    """Return the module of the ops, after registering the gradient of the spectrogram.

    Raises:
        SonogramError: There is no library, or this TensorFlow cannot load its ops.
    """
    module = native_ops()
    _register_gradient()
    return module


@cache
def _register_gradient() -> None:
    tf.RegisterGradient(_NAME)(_gradient)


def can_run(samples: Any) -> bool:
    """Return whether the op can replace standard operations here: on a CPU and not under XLA."""
    if tf.executing_eagerly():
        return "device:CPU" in getattr(samples, "device", "device:CPU")
    return not under_xla()


def runs_by_default(samples: Any) -> bool:
    """Return whether the op runs if no engine is given: on eager tensors and in `tf.data`."""
    here = can_run(samples) if tf.executing_eagerly() else inside_tf_data()
    return here and available()


def features(plan: Plan, samples: Any, lengths: Any) -> Any:
    """Return float32 features, `(..., frames, bands)`, of `(..., samples)`."""
    lengths = [] if lengths is None else [tf.cast(lengths, tf.int64)]
    samples = samples if samples.dtype in _DTYPES else tf.cast(samples, tf.float32)
    values = columns(plan, samples, lengths)
    return values if lower.covers_definition(plan) else _tail(plan, samples, lengths, values)


def columns(plan: Plan, samples: Any, lengths: list[Any]) -> Any:
    """Return the output of the library: features, or scaled bands if `program.over_clip` follows."""
    values = ops().sonogram_spectrogram(
        samples, lengths, packed_definition=pack(plan), definition_json=_json(plan), threads=_threads()
    )
    if not tf.executing_eagerly():
        size = samples.shape[-1]
        frames = None
        if size is not None and lower.covers_definition(plan):
            frames = plan.features_frames(size)
        elif size is not None:
            frames = plan.num_frames(plan.num_conditioned(size))
        values.set_shape((*samples.shape[:-1], frames, lower.num_columns(plan, "features")))
    return values


def _threads() -> int:
    """Return the threads of a call; 0 is the default of the process."""
    if tf.executing_eagerly():
        return own_threads() or 0
    # tf.data already runs several calls of a function at a time.
    return 1 if inside_tf_data() else 0


@lru_cache(maxsize=256)
def _json(plan: Plan) -> str:
    return json.dumps(plan.definition.to_dict())


def _tail(plan: Plan, samples: Any, lengths: list[Any], values: Any) -> Any:
    """Return the features of the columns: operations over the whole clip, in standard operations."""
    xp = namespace("tensorflow")
    shape = samples.shape[:-1].as_list()
    leading = [xp.size(samples, axis) for axis in range(-len(shape) - 1, -1)]
    frames, width = xp.size(values, -2), xp.size(values, -1)
    if len(shape) != 1:
        values = tf.reshape(values, (tf.reduce_prod([1, *leading]), frames, width))
    energy = None
    if plan.has_energy:
        values, energy = values[..., :-1], values[..., -1:]
    valid = own = None
    if lengths:
        own = tf.cast(tf.reshape(lengths[0], (-1,)), tf.int32)
        valid = plan.num_valid_frames(plan.num_conditioned(own, tf.maximum), tf.maximum)
    elif plan.definition.padding.last_frame == "zero":
        valid = tf.reshape(tf.maximum(frames - 1, 0), (1,))
    values = silence_rounding(plan, xp, values, xp.flatten(samples, 1)[0], own)
    result = program.over_clip(plan, xp, values, energy, valid)
    stacked, bands = xp.size(result, -2), plan.definition.num_bands
    return tf.reshape(result, (*leading, stacked, bands)) if len(shape) != 1 else result


def _gradient(op: Any, upstream: Any) -> list[Any]:
    """Return the gradient of the op, by computing the features again in standard operations."""
    samples, *lengths = op.inputs
    none: list[Any] = [None] * len(lengths)
    if not samples.dtype.is_floating:
        return [None, *none]
    plan = plan_of(Definition.from_dict(json.loads(op.get_attr("definition_json"))))
    with tf.GradientTape() as tape:
        tape.watch(samples)
        values = _standard_operations(plan, samples, lengths[0] if lengths else None)
    return [tape.gradient(values, samples, upstream), *none]


def _standard_operations(plan: Plan, samples: Any, lengths: Any) -> Any:
    """Return the columns, computed with standard operations."""
    xp = namespace("tensorflow")
    shape = tf.shape(samples)
    flat = tf.reshape(samples, (tf.reduce_prod(shape[:-1]), shape[-1]))
    flat.set_shape((None, samples.shape[-1]))
    if lengths is not None:
        lengths = tf.reshape(tf.cast(lengths, tf.int32), (-1,))
    if lower.covers_definition(plan):
        values = tensor.features(plan, xp, flat, lengths, tensor.fft)
    else:
        values = tensor.columns(plan, xp, flat, lengths, tensor.fft)
    sizes = (shape[:-1], tf.shape(values)[-2:])
    return tf.reshape(values, tf.concat(sizes, 0))
