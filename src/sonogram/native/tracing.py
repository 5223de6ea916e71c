"""Detection of functions that TensorFlow traces for `tf.data`.

An op of ours may run in a `tf.data` pipeline, which is never saved, but not in a graph that may be saved
and loaded without our library. TensorFlow has no public way to ask which of the two is being traced, so
this module looks for a private module of TensorFlow on the stack. Seen in TensorFlow 2.16.2, 2.18.1 and
2.21.0. If a later version moves that module, `test_it_runs_in_functions_of_tf_data` in
`tests/engines/test_op.py` fails first; the op is then no longer used unasked, and nothing breaks.
"""

from __future__ import annotations

import sys

import tensorflow as tf

__all__ = ["inside_tf_data", "under_xla"]


def under_xla() -> bool:
    """Return whether a function that XLA compiles is being traced."""
    if tf.executing_eagerly():
        return False
    from tensorflow.python.ops import control_flow_util

    return bool(control_flow_util.GraphOrParentsInXlaContext(tf.compat.v1.get_default_graph()))


def inside_tf_data() -> bool:
    """Return whether a function of `tf.data` is being traced in eager mode; False when in doubt.

    False in a function within that function, which may be traced here and used elsewhere, and in a
    pipeline that is part of a graph, which may be saved.
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
