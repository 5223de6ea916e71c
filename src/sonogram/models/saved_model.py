"""A SavedModel as a Keras layer whose files become part of the saved `.keras` model."""

from __future__ import annotations

import math
import os
import shutil
import tempfile
import weakref
from collections.abc import Iterable, Mapping, Sequence, Set
from pathlib import Path
from typing import Any

import keras

from sonogram.errors import SonogramError, require_import
from sonogram.files import max_unpacked
from sonogram.text import first_line

__all__ = ["SavedModelLayer", "saved_model_layer"]

_OPERATIONS = [
    name
    for line in Path(__file__).with_name("allowed_operations.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
    for name in line.split()
]
_ALLOWED = frozenset(name for name in _OPERATIONS if not name.startswith("!"))
_SAVER = frozenset(name[1:] for name in _OPERATIONS if name.startswith("!"))
"""Operations that only the saver's own functions may use: they read and write variables."""


@keras.saving.register_keras_serializable("sonogram")
class SavedModelLayer(keras.layers.Layer):
    """One frozen signature of a SavedModel; its files are part of the `.keras` file that holds it.

    Use `saved_model_layer` to make one.

    Args:
        endpoint: Name of the signature.
        output: Name of the output.
        shape: Shape of the input, with the batch axis if it has one.
        size: Number of values in an embedding.
        **kwargs: Arguments of `keras.layers.Layer`, except `dtype`, which is always float32.
    """

    def __init__(
        self, endpoint: str, output: str, shape: Sequence[int | None], size: int, **kwargs: Any
    ) -> None:
        kwargs.pop("dtype", None)
        super().__init__(dtype="float32", **kwargs)
        self.endpoint, self.output_key = endpoint, output
        self.shape, self.size = tuple(shape), int(size)
        self.trainable = False
        self._folder: Any = None
        self._loaded: Any = None

    def call(self, inputs: Any) -> Any:
        """Return the output of the signature."""
        if self._loaded is None:
            raise SonogramError(f"{self.name}: its SavedModel is not loaded. Load the whole .keras file")
        signature = self._loaded.signatures[self.endpoint]
        (name,) = signature.structured_input_signature[1]
        return signature(**{name: inputs})[self.output_key]

    def copy_from(self, folder: str | os.PathLike[str]) -> None:
        """Copy the files of a SavedModel, so that the original may be deleted, and load the copy."""
        copy = tempfile.mkdtemp(prefix="sonogram-backbone-")
        weakref.finalize(self, shutil.rmtree, copy, ignore_errors=True)
        shutil.copytree(folder, copy, dirs_exist_ok=True)
        self._loaded, self._folder = load(copy), copy

    def save_assets(self, dir_path: str) -> None:
        """Write the SavedModel into the file of the whole model."""
        shutil.copytree(self._folder, dir_path, dirs_exist_ok=True)

    def load_assets(self, dir_path: str) -> None:
        """Load the SavedModel from the file of the whole model."""
        self.copy_from(dir_path)

    def get_config(self) -> dict[str, Any]:
        """Return the configuration."""
        config: dict[str, Any] = super().get_config()
        config.pop("dtype", None)
        own = {
            "endpoint": self.endpoint,
            "output": self.output_key,
            "shape": list(self.shape),
            "size": self.size,
        }
        return {**config, **own}


def saved_model_layer(
    folder: str | os.PathLike[str], endpoint: str, output: str | int | None
) -> SavedModelLayer:
    """Return a SavedModel as a layer.

    Args:
        folder: The SavedModel.
        endpoint: Name of the signature.
        output: Name or number of the output that is the embedding; None if there is only one.

    Raises:
        SonogramError: The folder is no SavedModel, or has no such signature or output.
    """
    place = os.fspath(folder)
    found = load(place)
    if endpoint not in found.signatures:
        named = ", ".join(map(repr, found.signatures)) or "none"
        raise SonogramError(f"{place}: endpoint must be one of its signatures, {named}; got {endpoint!r}")
    signature = found.signatures[endpoint]
    inputs = signature.structured_input_signature[1]
    if len(inputs) != 1:
        raise SonogramError(
            f"{place}: the signature {endpoint!r} must take one input; it takes {list(inputs)}"
        )
    (spec,) = inputs.values()
    if spec.shape.rank is None or spec.dtype.name != "float32":
        raise SonogramError(f"{place}: must take float32 of a known number of axes; it takes {spec}")
    outputs = signature.structured_outputs
    key = select_output(sorted(outputs), output, place)
    size = outputs[key].shape[-1] if outputs[key].shape.rank else None
    if size is None:
        raise SonogramError(f"{place}: the size of the output {key!r} is not known: {outputs[key].shape}")
    layer = SavedModelLayer(endpoint, key, spec.shape.as_list(), size)
    layer.copy_from(place)
    return layer


def select_output(names: Sequence[str], wanted: str | int | None, place: str) -> str:
    """Return the name of the wanted output, or of the only one."""
    if isinstance(wanted, int) and 0 <= wanted < len(names):
        return names[wanted]
    if wanted in names:
        return str(wanted)
    if wanted is None and len(names) == 1:
        return names[0]
    raise SonogramError(f"{place}: output must be one of {', '.join(map(repr, names))}; got {wanted!r}")


def load(folder: str) -> Any:
    """Load a SavedModel after a check of its operations.

    Raises:
        SonogramError: The folder is no SavedModel, or uses an operation that might reach beyond the model.
    """
    with require_import("a SavedModel needs TensorFlow", 'pip install "sonogram[tensorflow]"'):
        import tensorflow as tf
        from tensorflow.core.protobuf import saved_model_pb2
    if keras.backend.backend() != "tensorflow":
        raise SonogramError(
            f"a SavedModel needs Keras on TensorFlow, it runs on {keras.backend.backend()}: "
            "set KERAS_BACKEND=tensorflow"
        )
    content = saved_model_pb2.SavedModel()
    try:
        content.ParseFromString((Path(folder) / "saved_model.pb").read_bytes())
        # TensorFlow loads anything else as a graph of TensorFlow 1, and runs its saver.
        second = len(content.meta_graphs) == 1 and content.meta_graphs[0].HasField("object_graph_def")
        if disallowed := sorted(
            {name for meta in content.meta_graphs for name in _find_disallowed(meta, second)}
        ):
            raise SonogramError(
                f"{folder}: not loaded, as it may reach files or run code beyond the model "
                f"({', '.join(disallowed)})"
            )
        size, limit = _size_of_constants(content, tf), max_unpacked(_size_of_files(folder))
        if size > limit:
            raise SonogramError(
                f"{folder}: not loaded, as its constants take {size >> 20} MiB, "
                "too much for the size of its files"
            )
        return tf.saved_model.load(folder)
    except SonogramError:
        raise
    except Exception as error:  # TensorFlow raises many types for corrupt files
        raise SonogramError(f"{folder}: not a SavedModel that can be loaded ({first_line(error)})") from error


def _size_of_constants(content: Any, tf: Any) -> int:
    """Return the bytes of all constants in memory; in the file one value may stand for a whole shape."""
    graphs = [meta.graph_def for meta in content.meta_graphs]
    nodes = [node for graph in graphs for node in graph.node]
    nodes += [node for graph in graphs for function in graph.library.function for node in function.node_def]
    tensors = [value.tensor for node in nodes for value in node.attr.values() if value.HasField("tensor")]
    return sum(
        math.prod(axis.size for axis in tensor.tensor_shape.dim) * tf.dtypes.as_dtype(tensor.dtype).size
        for tensor in tensors
    )


def _size_of_files(folder: str) -> int:
    return sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())


def _find_disallowed(meta: Any, second: bool) -> set[str]:
    """Return the operations of a graph that are not allowed in their place.

    TensorFlow 2 restores variables by itself. So functions that only the saver's nodes call, which every
    graph has and which write files, never run.

    Args:
        meta: The graph.
        second: Whether it is a graph of TensorFlow 2.
    """
    nodes, library, saver = meta.graph_def.node, meta.graph_def.library, meta.saver_def
    functions: dict[str, list[Any]] = {}
    for each in library.function:
        functions.setdefault(each.signature.name, []).extend(each.node_def)  # a name may occur twice
    ends = {saver.save_tensor_name.partition(":")[0], saver.restore_op_name} if second else set()
    called = _find_reachable((node for node in nodes if node.name in ends), functions)
    outside = [node for node in nodes if node.name not in ends]
    outside += [node for name, body in functions.items() if name not in called for node in body]
    known = {*meta.object_graph_def.concrete_functions}
    for each in meta.object_graph_def.nodes:
        known |= {each.bare_concrete_function.concrete_function_name, *each.function.concrete_functions}
    known |= {each.gradient_func for each in (*library.gradient, *library.registered_gradients)}
    outside += [node for name in known & functions.keys() for node in functions[name]]
    called -= known | _find_reachable(outside, functions)
    found = _unknown(nodes, _ALLOWED)
    for name, body in functions.items():
        found |= _unknown(body, _ALLOWED | _SAVER if name in called else _ALLOWED)
    return found


def _find_reachable(nodes: Iterable[Any], functions: Mapping[str, Sequence[Any]]) -> set[str]:
    """Return the functions that nodes call, directly or through other functions."""
    found: set[str] = set()
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        names = {node.op}
        for value in node.attr.values():
            names |= {value.func.name, value.s.decode(errors="replace")}
            names |= {each.name for each in value.list.func}
        new = (names & functions.keys()) - found
        found |= new
        waiting += [each for name in new for each in functions[name]]
    return found


def _unknown(nodes: Iterable[Any], allowed: Set[str]) -> set[str]:
    # A node may name a function instead of an operation; TensorFlow names no operation like that.
    return {node.op for node in nodes if node.op not in allowed and not node.op.startswith("__")}
