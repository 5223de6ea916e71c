"""LiteRT: for phones and small devices, with built-in operators alone."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import tensorflow as tf

from sonogram.errors import SonogramError, needing
from sonogram.exporting import to_saved_model
from sonogram.exporting.serving import Port, parts
from sonogram.layers import MaskedGRU

__all__ = ["check_installed", "operators", "read", "tools", "write"]


def check_installed() -> None:
    """Raise an error if what reads the format is missing."""
    tools()


def write(model: Any, ports: tuple[Port, ...], path: Path) -> None:
    """Write the model as a LiteRT file, float32, with the signature "serving_default".

    The converter's own optimizations stay off: they round the transform of the front end as well.
    """
    with tempfile.TemporaryDirectory() as folder:
        with _appending(model):
            to_saved_model.write(model, ports, Path(folder))
        converter = tf.lite.TFLiteConverter.from_saved_model(folder, signature_keys=["serving_default"])
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
        path.write_bytes(converter.convert())


def read(path: Path) -> Any:
    """Return the file as objects of its schema."""
    return tools().read_model_from_bytearray(bytearray(path.read_bytes()))


def operators(path: Path) -> dict[str, int]:
    """Return how often each operator stands in the file.

    Raises:
        SonogramError: One of them is not built into LiteRT.
    """
    model = read(path)
    counts: Counter[str] = Counter()
    for graph in model.subgraphs:
        for operator in graph.operators:
            code = model.operatorCodes[operator.opcodeIndex]
            if code.customCode:
                name = bytes(code.customCode).decode()
                raise SonogramError(f"the LiteRT file needs the operator {name}, which is not built in")
            counts[tools().opcode_to_name(model, operator.opcodeIndex)] += 1
    return dict(sorted(counts.items()))


def tools() -> Any:
    """Return the library that reads and writes the file format."""
    with needing("LiteRT files are checked with ai-edge-litert", 'pip install "sonogram[litert]"'):
        from ai_edge_litert.tools import flatbuffer_utils
    return flatbuffer_utils


@contextmanager
def _appending(model: Any) -> Iterator[None]:
    """Let the recurrent layers compute by a loop that LiteRT has, for as long as the context lasts."""
    layers = [layer for layer in parts(model) if isinstance(layer, MaskedGRU)]
    try:
        for layer in layers:
            layer.appends = True
        yield
    finally:
        for layer in layers:
            layer.appends = False
