"""The ops of the shared library in TensorFlow, registered once for each process."""

from __future__ import annotations

import ctypes
import os
from functools import cache
from typing import Any

import tensorflow as tf

from sonogram.errors import SonogramError
from sonogram.native.library import isa, load
from sonogram.native.threads import default_threads
from sonogram.native.wrappers import make_wrappers

__all__ = ["available", "ops"]

_OPS = ("SonogramSpectrogram", "SonogramDecode", "SonogramDecodeFiles", "SonogramResample")


@cache
def _register() -> str:
    """Register the ops with TensorFlow; return the reason if that is impossible, otherwise nothing."""
    library, reason = load()
    if library is None:
        return reason
    from tensorflow.python.framework import op_def_registry

    if op_def_registry.get(_OPS[0]) is not None:
        return ""  # registered before this module was reloaded
    folder = tf.sysconfig.get_lib()
    files = sorted(name for name in os.listdir(folder) if name.startswith("libtensorflow"))
    paths = "\n".join(os.path.join(folder, name) for name in files)
    message = ctypes.create_string_buffer(200)
    failed = library.sonogram_register_ops(
        os.fsencode(paths), isa().encode(), default_threads(), message, len(message)
    )
    return message.value.decode() if failed else ""


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
