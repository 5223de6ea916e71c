"""Quantized weights in a LiteRT file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sonogram.exporting.cases import Values
from sonogram.exporting.quantize import assert_unchanged, is_part_of, is_weight, to_int8
from sonogram.exporting.to_litert import flatbuffer_tools, read

__all__ = ["constants", "quantize"]

# Numbers of the file format's schema.
_FLOAT32, _FLOAT16, _INT8 = 0, 1, 9
_DEQUANTIZE = 6
_VERSIONS = {"float16": 3, "int8": 5}
_DTYPES = {_FLOAT32: np.float32, _FLOAT16: np.float16, 2: np.int32, 4: np.int64, _INT8: np.int8}


def quantize(path: Path, frontends: Sequence[str], sizes: Sequence[int], kind: str) -> int:
    """Round the weights of the network in a file, and verify that the front end is unchanged.

    Args:
        path: The file, which is replaced.
        frontends: The names of the layers to leave as they are.
        sizes: The number of values in the largest matrix of the transform of each of them.
        kind: "float16" or "int8".

    Returns:
        The number of rounded arrays.

    Raises:
        SonogramError: The front end cannot be distinguished from the network.
    """
    before = constants(read(path), frontends)
    model = read(path)
    code = _operator_code(model, kind)
    rounded = sum(_quantize_graph(model, graph, frontends, code, kind) for graph in model.subgraphs)
    used = {tensor.buffer for graph in model.subgraphs for tensor in graph.tensors}
    used |= {entry.buffer for entry in model.metadata or ()}
    for index, buffer in enumerate(model.buffers):
        if index not in used:
            buffer.data = None
    path.write_bytes(bytes(flatbuffer_tools().convert_object_to_bytearray(model)))
    assert_unchanged(before, constants(read(path), frontends), sizes)
    return rounded


def constants(model: Any, frontends: Sequence[str]) -> list[Values]:
    """Return the constants of the front ends' operators, in order."""
    found = []
    for graph in model.subgraphs:
        for operator in graph.operators:
            if _is_in_frontend(graph, operator, frontends):
                found += [values for _, values in _constants_of(model, graph, operator)]
    return found


def _constants_of(model: Any, graph: Any, operator: Any) -> Iterator[tuple[int, Values]]:
    for index in operator.inputs:
        if index < 0:
            continue
        tensor = graph.tensors[index]
        data = model.buffers[tensor.buffer].data
        if data is None or len(data) == 0 or tensor.type not in _DTYPES:
            continue
        values = np.frombuffer(bytes(data), _DTYPES[tensor.type])
        shape = [] if tensor.shape is None else list(tensor.shape)
        yield int(index), values.reshape(shape)


def _is_in_frontend(graph: Any, operator: Any, frontends: Sequence[str]) -> bool:
    return any(is_part_of(graph.tensors[index].name.decode(), frontends) for index in operator.outputs)


def _operator_code(model: Any, kind: str) -> int:
    from ai_edge_litert import schema_py_generated as schema

    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = _DEQUANTIZE
    code.version = _VERSIONS[kind]
    model.operatorCodes.append(code)
    return len(model.operatorCodes) - 1


def _quantize_graph(model: Any, graph: Any, frontends: Sequence[str], code: int, kind: str) -> int:
    from ai_edge_litert import schema_py_generated as schema

    excluded = {
        int(index)
        for operator in graph.operators
        if _is_in_frontend(graph, operator, frontends)
        for index in operator.inputs
    }
    excluded |= {int(index) for index in graph.outputs}
    weights = {
        index: values
        for operator in graph.operators
        for index, values in _constants_of(model, graph, operator)
        if index not in excluded and is_weight(values)
    }
    restored = []
    for index, values in weights.items():
        tensor = graph.tensors[index]
        small = schema.TensorT()
        small.name, small.shape, small.hasRank = tensor.name + b"/" + kind.encode(), tensor.shape, True
        buffer = schema.BufferT()
        if kind == "float16":
            small.type, content = _FLOAT16, values.astype(np.float16).tobytes()
        else:
            whole, scale, axis = to_int8(values.astype(np.float32))
            small.type, content = _INT8, whole.tobytes()
            small.quantization = schema.QuantizationParametersT()
            small.quantization.scale = scale
            small.quantization.zeroPoint = np.zeros(len(scale), np.int64)
            small.quantization.quantizedDimension = axis
        buffer.data = np.frombuffer(content, np.uint8)
        model.buffers.append(buffer)
        small.buffer = len(model.buffers) - 1
        graph.tensors.append(small)
        tensor.buffer = 0  # the added operator computes it
        operator = schema.OperatorT()
        operator.opcodeIndex = code
        operator.inputs, operator.outputs = [len(graph.tensors) - 1], [index]
        operator.builtinOptionsType = schema.BuiltinOptions.DequantizeOptions
        operator.builtinOptions = schema.DequantizeOptionsT()
        restored.append(operator)
    graph.operators = [*restored, *graph.operators]
    return len(restored)
