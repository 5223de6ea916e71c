"""Quantized weights in an ONNX file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sonogram.exporting.cases import Values
from sonogram.exporting.quantize import assert_unchanged, is_part_of, is_weight, to_int8
from sonogram.exporting.to_onnx import graphs, read

__all__ = ["constants", "quantize"]


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
    before = read(path)
    model = read(path)
    rounded = sum(_quantize_graph(graph, frontends, kind) for graph in graphs(model.graph))
    assert_unchanged(constants(before, frontends), constants(model, frontends), sizes)
    path.write_bytes(model.SerializeToString())
    return rounded


def constants(model: Any, frontends: Sequence[str]) -> list[Values]:
    """Return the constants of the front ends' operators, in order."""
    from onnx import numpy_helper

    found = []
    for graph in graphs(model.graph):
        stored = {each.name: each for each in graph.initializer}
        for node in graph.node:
            if is_part_of(node.name, frontends):
                found += [numpy_helper.to_array(stored[name]) for name in node.input if name in stored]
    return found


def _quantize_graph(graph: Any, frontends: Sequence[str], kind: str) -> int:
    from onnx import TensorProto, helper, numpy_helper

    excluded = {
        name
        for inner in graphs(graph)
        for node in inner.node
        if is_part_of(node.name, frontends)
        for name in node.input
    }
    excluded |= {output.name for output in graph.output}
    restored = []
    for stored in list(graph.initializer):
        values = numpy_helper.to_array(stored)
        if stored.name in excluded or not is_weight(values):
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
    nodes = [*restored, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    return len(restored)
