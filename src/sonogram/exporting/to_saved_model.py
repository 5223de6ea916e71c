"""SavedModel: for TensorFlow, its serving programs, and the way to LiteRT."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import keras
from tensorflow.core.protobuf import saved_model_pb2

from sonogram.exporting.serving import Port, serving

__all__ = ["check_installed", "operators", "write"]


def check_installed() -> None:
    """TensorFlow is all it needs, and that is here."""


def write(model: Any, ports: tuple[Port, ...], path: Path) -> None:
    """Write the model as a SavedModel folder with the signature "serving_default"."""
    archive = keras.export.ExportArchive()
    archive.track(model)
    archive.add_endpoint("serve", serving(model), input_signature=[port.spec for port in ports])
    archive.write_out(str(path), verbose=False)


def operators(path: Path) -> dict[str, int]:
    """Return how often each operation stands in the file, in the functions of all its graphs."""
    saved = saved_model_pb2.SavedModel()
    saved.ParseFromString((path / "saved_model.pb").read_bytes())
    counts: Counter[str] = Counter()
    for meta in saved.meta_graphs:
        counts.update(node.op for node in meta.graph_def.node)
        for function in meta.graph_def.library.function:
            counts.update(node.op for node in function.node_def)
    return dict(sorted(counts.items()))
