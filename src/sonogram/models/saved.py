"""A SavedModel as a Keras layer that goes along whole into the saved model."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Iterable, Mapping, Sequence, Set
from pathlib import Path
from typing import Any

import keras

from sonogram.errors import SonogramError, needing
from sonogram.models.operations import ALLOWED, SAVER
from sonogram.text import first_line

__all__ = ["Saved", "saved"]


@keras.saving.register_keras_serializable("sonogram")
class Saved(keras.layers.Layer):
    """One signature of a SavedModel, frozen; its files are part of the `.keras` file that holds it.

    Use `saved` to make one.

    Args:
        endpoint: The name of the signature.
        output: The name of the output.
        shape: Of the input, the axis of the batch included, where it has one.
        size: The values of an embedding.
        **kwargs: Those of `keras.layers.Layer`, without `dtype`.
    """

    def __init__(
        self, endpoint: str, output: str, shape: Sequence[int | None], size: int, **kwargs: Any
    ) -> None:
        kwargs.pop("dtype", None)
        super().__init__(dtype="float32", **kwargs)
        self.endpoint, self.output_key = endpoint, output
        self.shape, self.size = tuple(shape), int(size)
        self.trainable = False
        self._kept: Any = None  # the folder
        self._loaded: Any = None

    def call(self, inputs: Any) -> Any:
        """Return the output of the signature."""
        if self._loaded is None:
            raise SonogramError(f"{self.name}: has lost its SavedModel; load the whole .keras file")
        signature = self._loaded.signatures[self.endpoint]
        (name,) = signature.structured_input_signature[1]
        return signature(**{name: inputs})[self.output_key]

    def take(self, folder: str | os.PathLike[str]) -> None:
        """Copy the files of a SavedModel, so that the original may go, and loads them."""
        kept = tempfile.mkdtemp(prefix="sonogram-trunk-")
        weakref.finalize(self, shutil.rmtree, kept, ignore_errors=True)
        shutil.copytree(folder, kept, dirs_exist_ok=True)
        self._loaded, self._kept = load(kept), kept

    def save_assets(self, dir_path: str) -> None:
        """Write the SavedModel into the file of the whole model."""
        shutil.copytree(self._kept, dir_path, dirs_exist_ok=True)

    def load_assets(self, dir_path: str) -> None:
        """Take the SavedModel from the file of the whole model."""
        self.take(dir_path)

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


def saved(folder: str | os.PathLike[str], endpoint: str, output: str | int | None) -> Saved:
    """Return a SavedModel as a layer.

    Args:
        folder: The SavedModel.
        endpoint: The name of the signature.
        output: The name of the output that is the embedding, or its number; None where there is only one.

    Raises:
        SonogramError: It is none, or has no such signature or output.
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
    key = picked(sorted(outputs), output, place)
    size = outputs[key].shape[-1] if outputs[key].shape.rank else None
    if size is None:
        raise SonogramError(f"{place}: the size of the output {key!r} is not known: {outputs[key].shape}")
    layer = Saved(endpoint, key, spec.shape.as_list(), size)
    layer.take(place)
    return layer


def picked(names: Sequence[str], wanted: str | int | None, place: str) -> str:
    """Return the output that was asked for, or the only one."""
    if isinstance(wanted, int) and 0 <= wanted < len(names):
        return names[wanted]
    if wanted in names:
        return str(wanted)
    if wanted is None and len(names) == 1:
        return names[0]
    raise SonogramError(f"{place}: output must be one of {', '.join(map(repr, names))}; got {wanted!r}")


def load(folder: str) -> Any:
    """Load a SavedModel after a look at what it would do.

    Raises:
        SonogramError: It is none, or uses an operation that might reach beyond it.
    """
    with needing("a SavedModel needs TensorFlow", 'pip install "sonogram[tensorflow]"'):
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
        # TensorFlow takes anything else for a graph of TensorFlow 1, whose saver it runs.
        second = len(content.meta_graphs) == 1 and content.meta_graphs[0].HasField("object_graph_def")
        if strange := sorted({name for meta in content.meta_graphs for name in _strange(meta, second)}):
            raise SonogramError(
                f"{folder}: not loaded, as it may reach files or run code beyond the model "
                f"({', '.join(strange)})"
            )
        return tf.saved_model.load(folder)
    except SonogramError:
        raise
    except Exception as error:  # of many kinds: what TensorFlow makes of broken files
        raise SonogramError(f"{folder}: not a SavedModel that can be loaded ({first_line(error)})") from error


def _strange(meta: Any, second: bool) -> set[str]:
    """The operations of a graph that are not allowed where they stand.

    TensorFlow 2 restores variables by itself: functions that only the saver's nodes call, which every graph
    has and which write files, are never run.

    Args:
        meta: The graph.
        second: Whether it is one of TensorFlow 2.
    """
    nodes, library, saver = meta.graph_def.node, meta.graph_def.library, meta.saver_def
    functions: dict[str, list[Any]] = {}
    for each in library.function:
        functions.setdefault(each.signature.name, []).extend(each.node_def)  # a name may stand twice
    ends = {saver.save_tensor_name.partition(":")[0], saver.restore_op_name} if second else set()
    called = _reached((node for node in nodes if node.name in ends), functions)
    outside = [node for node in nodes if node.name not in ends]
    outside += [node for name, body in functions.items() if name not in called for node in body]
    known = {*meta.object_graph_def.concrete_functions}
    for each in meta.object_graph_def.nodes:
        known |= {each.bare_concrete_function.concrete_function_name, *each.function.concrete_functions}
    known |= {each.gradient_func for each in (*library.gradient, *library.registered_gradients)}
    outside += [node for name in known & functions.keys() for node in functions[name]]
    called -= known | _reached(outside, functions)
    found = _unknown(nodes, ALLOWED)
    for name, body in functions.items():
        found |= _unknown(body, ALLOWED | SAVER if name in called else ALLOWED)
    return found


def _reached(nodes: Iterable[Any], functions: Mapping[str, Sequence[Any]]) -> set[str]:
    """The functions that nodes call, and those that these call."""
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
    # A function may stand in place of an operation; those of TensorFlow never have a name like that.
    return {node.op for node in nodes if node.op not in allowed and not node.op.startswith("__")}
