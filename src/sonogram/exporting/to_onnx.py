"""ONNX files for onnxruntime and other programs that read the format."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from sonogram.errors import SonogramError, require_import
from sonogram.exporting.description import ModelDescription
from sonogram.exporting.model import ModelInput, trace

__all__ = ["OPSET", "check_installed", "describe", "graphs", "operators", "read", "write"]

OPSET = 17
"""Version of the operators, of 2022: all runtimes in use have it."""


def check_installed() -> None:
    """Raise an error if a library that writes or reads the format is missing."""
    for name in ("onnx", "onnxruntime", "tf2onnx"):
        _library(name)


def write(model: Any, inputs: tuple[ModelInput, ...], path: Path) -> None:
    """Write the model as an ONNX file, float32.

    Raises:
        SonogramError: An operation has no counterpart in ONNX.
    """
    tf2onnx = _library("tf2onnx")
    logger = logging.getLogger("tf2onnx")
    level = logger.level
    logger.setLevel(logging.CRITICAL)  # what it cannot convert is found in the graph, with a name
    try:
        converted, _ = tf2onnx.convert.from_function(
            trace(model, inputs),
            input_signature=[each.spec for each in inputs],
            opset=OPSET,
            custom_op_handlers={name: (handler, []) for name, handler in _HANDLERS.items()},
        )
    finally:
        logger.setLevel(level)
    _check(converted)
    path.write_bytes(converted.SerializeToString())


def describe(path: Path, description: ModelDescription) -> None:
    """Write the texts into the metadata properties, and name the axes of any size, which tf2onnx numbers."""
    model = read(path)
    _library("onnx").helper.set_model_props(model, description.texts())
    tensors = {**description.inputs, **description.outputs}
    for value in (*model.graph.input, *model.graph.output):
        shape = value.type.tensor_type.shape
        del shape.dim[:]
        for size in tensors[value.name]["shape"]:
            shape.dim.add(**{"dim_param" if isinstance(size, str) else "dim_value": size})
    path.write_bytes(model.SerializeToString())


def read(path: Path) -> Any:
    """Return the file as a protocol buffer."""
    return _library("onnx").load(str(path))


def operators(path: Path) -> dict[str, int]:
    """Return the number of each operator in the file, its inner graphs included."""
    counts = Counter(node.op_type for graph in graphs(read(path).graph) for node in graph.node)
    return dict(sorted(counts.items()))


def graphs(graph: Any) -> Iterator[Any]:
    """Yield a graph and the graphs inside its operators, such as loops."""
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from graphs(attribute.g)


def _check(model: Any) -> None:
    onnx = _library("onnx")
    unknown = {
        node.op_type: node.name
        for graph in graphs(model.graph)
        for node in graph.node
        if node.domain not in ("", "ai.onnx") or not onnx.defs.has(node.op_type)
    }
    if unknown:
        names = ", ".join(f"{kind} at {name}" for kind, name in sorted(unknown.items()))
        raise SonogramError(f"ONNX has no operator for {names}")
    onnx.checker.check_model(model)


# Operations that tf2onnx does not write as TensorFlow computes them:
# - It writes rounding down with ONNX's Div, which rounds whole numbers toward 0. A clip shorter than a
#   frame has a negative remainder, and so has a position before the start of a clip.
# - It does not write the complement of the error function, which TensorFlow's gelu uses.
# - It writes a choice as `condition * x + (1 - condition) * y`, through which NaN in padding comes back.


def _floor_mod(graph: Any, node: Any, name: str, args: Any) -> Any:
    if _is_float(graph, node):
        x, y = node.input
        ratio = _add(graph, node, "Floor", [_add(graph, node, "Div", [x, y])])
        return _replace(graph, node, "Sub", [x, _add(graph, node, "Mul", [ratio, y])])
    node.type = "Mod"  # its result has the sign of the divisor
    return node


def _floor_div(graph: Any, node: Any, name: str, args: Any) -> Any:
    x, y = node.input
    if _is_float(graph, node):
        return _replace(graph, node, "Floor", [_add(graph, node, "Div", [x, y])])
    remainder = _add(graph, node, "Mod", [x, y])
    return _replace(graph, node, "Div", [_add(graph, node, "Sub", [x, remainder]), y])


def _select(graph: Any, node: Any, name: str, args: Any) -> Any:
    node.type = "Where"
    return node


def _erfc(graph: Any, node: Any, name: str, args: Any) -> Any:
    (x,) = node.input
    one = graph.make_const(f"{name}/one", np.array(1, np.float32)).output[0]
    return _replace(graph, node, "Sub", [one, _add(graph, node, "Erf", [x])])


_HANDLERS = {"Erfc": _erfc, "FloorDiv": _floor_div, "FloorMod": _floor_mod, "SelectV2": _select}


def _is_float(graph: Any, node: Any) -> bool:
    types = _library("onnx").TensorProto
    return graph.get_dtype(node.input[0]) in (types.FLOAT, types.FLOAT16, types.DOUBLE)


def _add(graph: Any, node: Any, kind: str, inputs: list[str]) -> str:
    """Add an operator with the shape and type of `node`; return the name of its output."""
    added = graph.make_node(kind, inputs, shapes=node.output_shapes, dtypes=node.output_dtypes)
    output: str = added.output[0]
    return output


def _replace(graph: Any, node: Any, kind: str, inputs: list[str]) -> Any:
    shapes, dtypes, outputs = node.output_shapes, node.output_dtypes, node.output
    graph.remove_node(node.name)
    return graph.make_node(kind, inputs, name=node.name, outputs=outputs, shapes=shapes, dtypes=dtypes)


def _library(name: str) -> Any:
    with require_import(f"ONNX files need {name}", 'pip install "sonogram[onnx]"'):
        return import_module(name)
