"""ONNX: for onnxruntime and everything that reads its format."""

from __future__ import annotations

import logging
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from sonogram.errors import SonogramError, needing
from sonogram.exporting.serving import Port, serving

__all__ = ["OPSET", "check_installed", "operators", "read", "write"]

OPSET = 17
"""The version of the operators: of 2022, which runtimes of today all have."""


def check_installed() -> None:
    """Raise an error if what writes and reads the format is missing."""
    for name in ("onnx", "onnxruntime", "tf2onnx"):
        _library(name)


def write(model: Any, ports: tuple[Port, ...], path: Path) -> None:
    """Write the model as an ONNX file, float32.

    Raises:
        SonogramError: An operation has no counterpart in ONNX.
    """
    tf2onnx = _library("tf2onnx")
    signature = [port.spec for port in ports]
    function = tf.function(serving(model), input_signature=signature, autograph=False)
    logger = logging.getLogger("tf2onnx")
    level = logger.level
    logger.setLevel(logging.CRITICAL)  # what it cannot convert is found in the graph, with a name
    try:
        converted, _ = tf2onnx.convert.from_function(
            function,
            input_signature=signature,
            opset=OPSET,
            custom_op_handlers=_OPERATORS,
        )
    finally:
        logger.setLevel(level)
    _check(converted)
    path.write_bytes(converted.SerializeToString())


def read(path: Path) -> Any:
    """Return the file as a protocol buffer."""
    return _library("onnx").load(str(path))


def operators(path: Path) -> dict[str, int]:
    """Return how often each operator stands in the file, its inner graphs included."""
    counts: Counter[str] = Counter(node.op_type for node in _nodes(read(path).graph))
    return dict(sorted(counts.items()))


def _nodes(graph: Any) -> Any:
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from _nodes(attribute.g)


def _check(model: Any) -> None:
    onnx = _library("onnx")
    unknown = {
        node.op_type: node.name
        for node in _nodes(model.graph)
        if node.domain not in ("", "ai.onnx") or not onnx.defs.has(node.op_type)
    }
    if unknown:
        named = ", ".join(f"{kind} at {name}" for kind, name in sorted(unknown.items()))
        raise SonogramError(f"ONNX has no operator for {named}")
    onnx.checker.check_model(model)


# What tf2onnx writes in another way than TensorFlow means it:
# - Rounding down is written with ONNX's Div, which cuts whole numbers off toward 0. A clip shorter than a
#   frame has a negative remainder, and so has a place before the beginning of a clip.
# - The complement of the error function, in TensorFlow's gelu, is not written at all.
# - A choice is written as `condition * x + (1 - condition) * y`, through which NaN in padding comes back.


def _floor_mod(graph: Any, node: Any, name: str, args: Any) -> Any:
    if _is_float(graph, node):
        x, y = node.input
        ratio = _made(graph, node, "Floor", [_made(graph, node, "Div", [x, y])])
        return _replaced(graph, node, "Sub", [x, _made(graph, node, "Mul", [ratio, y])])
    node.type = "Mod"  # its result has the sign of the divisor
    return node


def _floor_div(graph: Any, node: Any, name: str, args: Any) -> Any:
    x, y = node.input
    if _is_float(graph, node):
        return _replaced(graph, node, "Floor", [_made(graph, node, "Div", [x, y])])
    rest = _made(graph, node, "Mod", [x, y])
    return _replaced(graph, node, "Div", [_made(graph, node, "Sub", [x, rest]), y])


def _select(graph: Any, node: Any, name: str, args: Any) -> Any:
    node.type = "Where"
    return node


def _erfc(graph: Any, node: Any, name: str, args: Any) -> Any:
    (x,) = node.input
    one = graph.make_const(f"{name}/one", np.array(1, np.float32)).output[0]
    return _replaced(graph, node, "Sub", [one, _made(graph, node, "Erf", [x])])


_OPERATORS: dict[str, Any] = {
    "Erfc": (_erfc, []),
    "FloorDiv": (_floor_div, []),
    "FloorMod": (_floor_mod, []),
    "SelectV2": (_select, []),
}


def _is_float(graph: Any, node: Any) -> bool:
    kinds = _library("onnx").TensorProto
    return graph.get_dtype(node.input[0]) in (kinds.FLOAT, kinds.FLOAT16, kinds.DOUBLE)


def _made(graph: Any, node: Any, kind: str, inputs: list[str]) -> str:
    made = graph.make_node(kind, inputs, shapes=node.output_shapes, dtypes=node.output_dtypes)
    output: str = made.output[0]
    return output


def _replaced(graph: Any, node: Any, kind: str, inputs: list[str]) -> Any:
    shapes, dtypes, outputs = node.output_shapes, node.output_dtypes, node.output
    graph.remove_node(node.name)
    return graph.make_node(kind, inputs, name=node.name, outputs=outputs, shapes=shapes, dtypes=dtypes)


def _library(name: str) -> Any:
    from importlib import import_module

    with needing(f"ONNX files need {name}", 'pip install "sonogram[onnx]"'):
        return import_module(name)
