"""The ops of the shared library in TensorFlow, registered once for each process."""

from __future__ import annotations

import ctypes
import os
from functools import cache
from typing import Any

import tensorflow as tf

from sonogram.errors import SonogramError
from sonogram.native.library import isa, load, why_not
from sonogram.native.threads import default_threads
from sonogram.native.wrappers import make_wrappers

__all__ = ["available", "ops"]

_OPS = ("SonogramSpectrogram", "SonogramDecode", "SonogramDecodeFiles", "SonogramResample")


@cache
def _register() -> str:
    """Register the ops with TensorFlow; return the reason if that is impossible, otherwise nothing."""
    library = load()[0]
    if library is None:
        return why_not()
    from tensorflow.python.framework import op_def_registry

    if op_def_registry.get(_OPS[0]) is not None:
        return ""  # registered before this module was reloaded
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
    """Return whether the ops are registered with TensorFlow."""
    return not _register()


@cache
def ops() -> Any:
    """Return a module with a function for each op.

    Raises:
        SonogramError: There is no library, or this TensorFlow cannot load its ops.
    """
    if _register():
        raise SonogramError(f'engine="native" is not available in TensorFlow: {_register()}')
    return make_wrappers(_OPS)
