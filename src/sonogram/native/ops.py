"""The operations of the shared library in TensorFlow: registered once for the process."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
from functools import cache
from importlib.machinery import ModuleSpec
from typing import Any

import tensorflow as tf

from sonogram.errors import SonogramError
from sonogram.native.library import isa, load, why_not
from sonogram.native.threads import default_threads

__all__ = ["available", "inside_data", "ops"]

_OPS = ("SonogramSpectrogram", "SonogramDecode", "SonogramDecodeFiles", "SonogramResample")


@cache
def _register() -> str:
    """Report TensorFlow of the ops; returns why it cannot be, nothing where it is done."""
    library = load()[0]
    if library is None:
        return why_not()
    from tensorflow.python.framework import op_def_registry

    if op_def_registry.get(_OPS[0]) is not None:
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
    if register(os.fsencode(paths), isa().encode(), default_threads(), message, len(message)):
        return message.value.decode()
    return ""


def available() -> bool:
    """Return whether TensorFlow has the ops."""
    return not _register()


@cache
def ops() -> Any:
    """Return a module with a function for each op, as `tf.load_op_library` makes them.

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


def inside_data() -> bool:
    """Return whether a function of `tf.data` is being traced, and nothing else.

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
