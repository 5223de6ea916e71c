"""The engine `native` inside TensorFlow: an op on the CPU, with the gradient of standard operations."""

from __future__ import annotations

import ctypes
import importlib.util
import json
import os
import sys
from functools import cache, lru_cache
from importlib.machinery import ModuleSpec
from typing import Any

import tensorflow as tf

from sonogram.engines import graph, program, tensor
from sonogram.engines.arrays import namespace
from sonogram.engines.native import call, lower
from sonogram.engines.native.library import isa, load, why_not
from sonogram.engines.native.pack import packed
from sonogram.engines.plan import Plan, plan as plan_of
from sonogram.errors import SonogramError
from sonogram.frontend import Frontend

__all__ = ["available", "channels", "chosen", "features", "inside_data", "may_run", "ops"]

_NAME = "SonogramSpectrogram"
_OPS = (_NAME, "SonogramDecode", "SonogramDecodeFiles", "SonogramResample")
_DTYPES = (tf.float32, tf.float64, tf.int16)


# Registration: once for the process.


@cache
def _register() -> str:
    """Tells TensorFlow of the ops; returns why it cannot be, nothing where it is done."""
    library = load()[0]
    if library is None:
        return why_not()
    from tensorflow.python.framework import op_def_registry

    if op_def_registry.get(_NAME) is not None:
        return ""  # registered before this module was loaded anew
    try:
        register = library.sonogram_register_ops
    except AttributeError:
        return "the library belongs to another version of sonogram: install sonogram again"
    register.restype = ctypes.c_int32
    register.argtypes = (ctypes.c_char_p, ctypes.c_char_p, ctypes.c_int32, ctypes.c_char_p, ctypes.c_int64)
    folder = tf.sysconfig.get_lib()
    files = sorted(name for name in os.listdir(folder) if name.startswith("libtensorflow"))
    paths = "\n".join(os.path.join(folder, name) for name in files)
    message = ctypes.create_string_buffer(200)
    if register(os.fsencode(paths), isa().encode(), call.default_threads(), message, len(message)):
        return message.value.decode()
    tf.RegisterGradient(_NAME)(_gradient)
    return ""


def available() -> bool:
    """Returns whether TensorFlow has the ops."""
    return not _register()


@cache
def ops() -> Any:
    """Returns a module with a function for each op, as `tf.load_op_library` makes them.

    Raises:
        SonogramError: There is no library, or this TensorFlow cannot take its ops.
    """
    if _register():
        raise SonogramError(f'engine="native" is not available in TensorFlow: {_register()}')
    # What tf.load_op_library does with a library whose ops register themselves as it is loaded; ours
    # was loaded before, perhaps without TensorFlow.
    from tensorflow.core.framework import op_def_pb2
    from tensorflow.python.framework import _pywrap_python_op_gen, op_def_registry

    definitions = op_def_pb2.OpList(op=[op_def_registry.get(name) for name in _OPS])
    source = _pywrap_python_op_gen.GetPythonWrappers(definitions.SerializeToString())
    name = f"{__name__}_wrappers"
    module = importlib.util.module_from_spec(ModuleSpec(name, None))
    exec(source, module.__dict__)
    module.__dict__["_IS_TENSORFLOW_PLUGIN"] = True  # autograph leaves it as it is
    sys.modules[name] = module
    return module


# Where it runs.


def may_run(samples: Any) -> bool:
    """Returns whether the op can take the place of standard operations here: on a CPU, not under XLA."""
    if tf.executing_eagerly():
        return "device:CPU" in getattr(samples, "device", "device:CPU")
    from tensorflow.python.ops import control_flow_util

    return not control_flow_util.GraphOrParentsInXlaContext(tf.compat.v1.get_default_graph())


def chosen(samples: Any) -> bool:
    """Returns whether the op runs where no engine was asked for: on eager tensors and in `tf.data`."""
    here = may_run(samples) if tf.executing_eagerly() else inside_data()
    return here and available()


def inside_data() -> bool:
    """Returns whether a function of `tf.data` is being traced, and nothing else.

    Not in a function within that function, which may be traced here and then be used elsewhere, nor in
    a pipeline that is part of a graph, which may be saved: what is not certain counts as no.
    """
    outside = getattr(tf.compat.v1.get_default_graph(), "outer_graph", None)
    if outside is None or hasattr(outside, "outer_graph"):
        return False
    frame = sys._getframe()
    while frame.f_back is not None:
        frame = frame.f_back
        module, name = frame.f_globals.get("__name__"), frame.f_code.co_name
        if module == "tensorflow.python.data.ops.structured_function":
            return True
        if (module, name) == ("tensorflow.python.framework.func_graph", "func_graph_from_py_func"):
            return False
    return False


# What it computes.


def features(plan: Plan, samples: Any, lengths: Any) -> Any:
    """Returns float32 features, `(..., frames, bands)`, of `(..., samples)`."""
    lengths = [] if lengths is None else [tf.cast(lengths, tf.int64)]
    samples = samples if samples.dtype in _DTYPES else tf.cast(samples, tf.float32)
    values = channels(plan, samples, lengths)
    return values if lower.finishes(plan) else _tail(plan, samples, lengths, values)


def channels(plan: Plan, samples: Any, lengths: list[Any]) -> Any:
    """Returns what the library computes: features, or compressed bands where a tail follows."""
    values = ops().sonogram_spectrogram(
        samples, lengths, plan=packed(plan), definition=_definition(plan), threads=_threads()
    )
    if not tf.executing_eagerly():
        size = samples.shape[-1]
        frames = None if size is None else plan.num_frames(plan.kept(size))
        values.set_shape((*samples.shape[:-1], frames, lower.num_channels(plan, "features")))
    return values


def _threads() -> int:
    """Returns how many threads a call uses; 0 leaves it to the library."""
    if tf.executing_eagerly():
        return call.own_threads() or 0
    # tf.data calls a function side by side as often as it is told to.
    return 1 if inside_data() else 0


@lru_cache(maxsize=256)
def _definition(plan: Plan) -> str:
    return json.dumps(plan.frontend.to_dict())


def _tail(plan: Plan, samples: Any, lengths: list[Any], values: Any) -> Any:
    """Returns the features from the channels: what needs the whole clip, in standard operations."""
    xp = namespace("tensorflow")
    shape = samples.shape[:-1].as_list()
    leading = [xp.size(samples, axis) for axis in range(-len(shape) - 1, -1)]
    frames, channels = xp.size(values, -2), xp.size(values, -1)
    if len(shape) != 1:
        values = tf.reshape(values, (tf.reduce_prod([1, *leading]), frames, channels))
    energy = None
    if lower.has_energy(plan):
        values, energy = values[..., :-1], values[..., -1:]
    valid = None
    if lengths:
        own = plan.kept(tf.cast(tf.reshape(lengths[0], (-1,)), tf.int32), tf.maximum)
        valid = plan.num_valid_frames(own, tf.maximum)
    elif plan.frontend.padding.last == "blank":
        valid = tf.reshape(tf.maximum(frames - 1, 0), (1,))
    result = program.tail(plan, xp, values, energy, valid)
    stacked, bands = xp.size(result, -2), plan.frontend.num_bands
    return tf.reshape(result, (*leading, stacked, bands)) if len(shape) != 1 else result


def _gradient(op: Any, upstream: Any) -> list[Any]:
    """Returns the gradient of the op: that of the same in standard operations, computed anew."""
    samples, *lengths = op.inputs
    none: list[Any] = [None] * len(lengths)
    if not samples.dtype.is_floating:
        return [None, *none]
    definition = op.get_attr("definition")
    plan = plan_of(Frontend.from_dict(json.loads(definition)))
    with tf.GradientTape() as tape:
        tape.watch(samples)
        values = _in_operations(plan, samples, lengths[0] if lengths else None)
    return [tape.gradient(values, samples, upstream), *none]


def _in_operations(plan: Plan, samples: Any, lengths: Any) -> Any:
    """Returns what the op computes, in standard operations."""
    xp = namespace("tensorflow")
    shape = tf.shape(samples)
    flat = tf.reshape(samples, (tf.reduce_prod(shape[:-1]), shape[-1]))
    flat.set_shape((None, samples.shape[-1]))
    if lengths is not None:
        lengths = tf.reshape(tf.cast(lengths, tf.int32), (-1,))
    if lower.finishes(plan):
        values = tensor.features(plan, xp, flat, lengths, graph.transform)
    else:
        values = tensor.channels(plan, xp, flat, lengths, graph.transform)
    sizes = (shape[:-1], tf.shape(values)[-2:])
    return tf.reshape(values, tf.concat(sizes, 0))
