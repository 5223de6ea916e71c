"""Smaller weights in an ONNX file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonogram.exporting.quantize import belongs, is_weight, prove, to_int8
from sonogram.exporting.to_onnx import read

__all__ = ["constants", "quantize"]


def quantize(path: Path, frontends: Sequence[str], sizes: Sequence[int], kind: str) -> int:
    """Round the weights of the network in the file, and proves that the front end is as it was.

    Args:
        path: The file, which is written anew.
        frontends: The names of the layers to leave alone.
        sizes: The number of values in the transform of each of them.
        kind: "float16" or "int8".

    Returns:
        How many weights were rounded.
    """
    before = read(path)
    model = read(path)
    rounded = sum(_graph(graph, frontends, kind) for graph in _graphs(model.graph))
    prove(constants(before, frontends), constants(model, frontends), sizes)
    path.write_bytes(model.SerializeToString())
    return rounded


def constants(model: Any, frontends: Sequence[str]) -> list[NDArray[np.generic]]:
    """Return what the operators of the front ends have as constants, in order."""
    from onnx import numpy_helper

    found = []
    for graph in _graphs(model.graph):
        stored = {each.name: each for each in graph.initializer}
        for node in graph.node:
            if belongs(node.name, frontends):
                found += [numpy_helper.to_array(stored[name]) for name in node.input if name in stored]
    return found


def _graphs(graph: Any) -> Iterator[Any]:
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from _graphs(attribute.g)


def _graph(graph: Any, frontends: Sequence[str], kind: str) -> int:
    from onnx import TensorProto, helper, numpy_helper

    kept = {
        name
        for inner in _graphs(graph)
        for node in inner.node
        if belongs(node.name, frontends)
        for name in node.input
    }
    kept |= {output.name for output in graph.output}
    restored, rounded = [], 0
    for stored in list(graph.initializer):
        values = numpy_helper.to_array(stored)
        if stored.name in kept or not is_weight(values):
            continue
        name, small = stored.name, f"{stored.name}/{kind}"
        if kind == "float16":
            parts = {small: values.astype(np.float16)}
            node = helper.make_node("Cast", [small], [name], to=TensorProto.FLOAT)
        else:
            whole, scale, axis = to_int8(values)
            parts = {small: whole, f"{name}/scale": scale}
            node = helper.make_node("DequantizeLinear", list(parts), [name], axis=axis)
        graph.initializer.remove(stored)
        graph.initializer.extend(numpy_helper.from_array(part, key) for key, part in parts.items())
        restored.append(node)
        rounded += 1
    nodes = [*restored, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    return rounded
