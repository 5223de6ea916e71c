"""LiteRT files for phones and small devices, with built-in operators only."""

from __future__ import annotations

import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import tensorflow as tf

from sonogram.errors import SonogramError, require_import
from sonogram.exporting.description import ModelDescription
from sonogram.exporting.model import ModelInput, all_layers, write_saved_model
from sonogram.layers import MaskedGRU

__all__ = ["describe", "flatbuffer_tools", "operators", "read", "write"]


def write(model: Any, inputs: tuple[ModelInput, ...], path: Path) -> None:
    """Write the model as a LiteRT file, float32, with the signature "serving_default".

    The converter's own optimizations are off: they would round the transform of the front end, too.
    """
    with tempfile.TemporaryDirectory() as folder:
        with _litert_loops(model):
            write_saved_model(model, inputs, Path(folder))
        converter = tf.lite.TFLiteConverter.from_saved_model(folder, signature_keys=["serving_default"])
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
        path.write_bytes(converter.convert())


def describe(path: Path, description: ModelDescription) -> None:
    """Append the texts as a ZIP archive, as the associated files of TensorFlow Lite's metadata are.

    A runtime reads the file from its beginning and an archive is read from its end, so neither sees the
    other.
    """
    with zipfile.ZipFile(path, "a") as archive:
        for name, text in description.texts().items():
            archive.writestr(zipfile.ZipInfo(name), text)  # without the time: equal exports are equal files


def read(path: Path) -> Any:
    """Return the file as objects of its schema."""
    return flatbuffer_tools().read_model_from_bytearray(bytearray(path.read_bytes()))


def operators(path: Path) -> dict[str, int]:
    """Return the number of each operator in the file.

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
            counts[flatbuffer_tools().opcode_to_name(model, operator.opcodeIndex)] += 1
    return dict(sorted(counts.items()))


def flatbuffer_tools() -> Any:
    """Return the module that reads and writes the file format."""
    with require_import("LiteRT files are checked with ai-edge-litert", 'pip install "sonogram[litert]"'):
        from ai_edge_litert.tools import flatbuffer_utils
    return flatbuffer_utils


@contextmanager
def _litert_loops(model: Any) -> Iterator[None]:
    """Let the recurrent layers use a loop that LiteRT has, inside the context."""
    layers = [layer for layer in all_layers(model) if isinstance(layer, MaskedGRU)]
    try:
        for layer in layers:
            layer.unrolled_for_litert = True
        yield
    finally:
        for layer in layers:
            layer.unrolled_for_litert = False
