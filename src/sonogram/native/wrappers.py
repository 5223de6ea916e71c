"""Python functions for ops that are already registered, made with private parts of TensorFlow.

`tf.load_op_library` returns such functions only for ops that register themselves while a library is
loaded. Our library registers its ops later, on demand, because it also serves processes without
TensorFlow. A second library that registers them on loading, empty otherwise, would have to find the
first one, be built for every platform and be shipped in every wheel; and the ops would still be the
first library's. So this module calls what `tf.load_op_library` calls: the generator of the wrappers'
source. Seen in TensorFlow 2.16.2, 2.18.1 and 2.21.0. If a later version moves it,
`test_every_preset_has_the_bits_of_arrays` in `tests/engines/test_op.py` fails first.
"""

from __future__ import annotations

import importlib.util
import sys
from importlib.machinery import ModuleSpec
from typing import Any

__all__ = ["make_wrappers"]


def make_wrappers(names: tuple[str, ...]) -> Any:
    """Return a module with a function for each registered op, as `tf.load_op_library` does."""
    from tensorflow.core.framework import op_def_pb2
    from tensorflow.python.framework import _pywrap_python_op_gen, op_def_registry

    definitions = op_def_pb2.OpList(op=[op_def_registry.get(name) for name in names])
    source = _pywrap_python_op_gen.GetPythonWrappers(definitions.SerializeToString())
    module = importlib.util.module_from_spec(ModuleSpec(__name__ + "_made", None))
    exec(source, module.__dict__)
    module.__dict__["_IS_TENSORFLOW_PLUGIN"] = True  # autograph does not convert it
    sys.modules[module.__name__] = module
    return module
