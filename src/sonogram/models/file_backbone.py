"""Files with a whole network as backbones: LiteRT, ONNX, Keras and SavedModel."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from sonogram.audio.native import silent_c_stderr
from sonogram.backbones import Card
from sonogram.errors import SonogramError, require_import
from sonogram.models.backbone import frozen_layer
from sonogram.models.saved_model import select_output
from sonogram.text import first_line

__all__ = ["RuntimeLayer", "network"]

_FILE = "network"
"""Name of the file inside a saved model."""

Floats = NDArray[np.float32]
Run = Callable[[Floats], Floats]


def network(card: Card) -> tuple[Callable[[Any], Any], int]:
    """Return a frozen network, windows `(batch, samples)` to embeddings `(batch, values)`, and its window.

    Args:
        card: The file and its facts.

    Raises:
        SonogramError: The file has no such network, or the length of its window is not known.
    """
    layer: Any
    if card.kind in ("litert", "onnx"):
        layer = RuntimeLayer.read(card)
        return layer, layer.length
    layer = frozen_layer(str(card.path()), "serving_default", card.output)
    length = _length(card, layer.fixed_length(2))

    def embeddings(windows: Any) -> Any:
        counts = keras.ops.full_like(windows[:, 0], length, dtype="int32")
        return layer([windows, counts])

    return embeddings, length


def _length(card: Card, fixed: int | None) -> int:
    """Return the length of a window in samples: that of the input, or else that of the card."""
    given = round(card.window * card.sample_rate)
    if fixed is None and not given:
        raise SonogramError(f'{card.path()}: takes any length; add its "window" in seconds to the JSON file')
    if fixed and given and fixed != given:
        raise SonogramError(
            f"{card.path()}: takes {fixed} samples, {fixed / card.sample_rate:g} s; the JSON file states a "
            f"window of {card.window:g} s at {card.sample_rate} Hz. Correct it"
        )
    return fixed or given


@keras.saving.register_keras_serializable("sonogram")
class RuntimeLayer(keras.layers.Layer):
    """Frozen network that LiteRT or ONNX Runtime computes; its file is part of the `.keras` file.

    Args:
        kind: "litert" or "onnx".
        output: Output with the embedding, see `Card.output`.
        length: Number of samples of a window.
        size: Number of values of an embedding.
        **kwargs: Arguments of `keras.layers.Layer`, except `dtype`, which is always float32.

    Input shape:
        `(batch, samples)`.

    Output shape:
        `(batch, values)`.
    """

    def __init__(self, kind: str, output: str | int | None, length: int, size: int, **kwargs: Any) -> None:
        kwargs.pop("dtype", None)
        super().__init__(dtype="float32", **kwargs)
        self.kind, self.output_key, self.length, self.size = kind, output, int(length), int(size)
        self._content = b""
        self._run: Run | None = None
        self._turn = threading.Lock()

    @classmethod
    def read(cls, card: Card) -> RuntimeLayer:
        """Return the layer of a file.

        Args:
            card: The file and its facts.
        """
        content = card.path().read_bytes()
        try:
            run, fixed = _RUNTIMES[card.kind](content, card.output, str(card.path()))
            length = _length(card, fixed)
            size = run(np.zeros((1, length), np.float32)).shape[-1]
        except SonogramError:
            raise
        except Exception as error:  # the runtimes raise many types for corrupt files
            raise SonogramError(
                f"{card.path()}: not a network of waveforms that can be run ({first_line(error)})"
            ) from error
        layer = cls(card.kind, card.output, length, size)
        layer._content, layer._run = content, run
        return layer

    def call(self, inputs: Any) -> Any:
        """Return the embeddings."""
        if keras.backend.backend() != "tensorflow":
            raise SonogramError(
                f"a network in {self.kind} runs with Keras on TensorFlow; set KERAS_BACKEND=tensorflow"
            )
        import tensorflow as tf

        found = tf.numpy_function(self._compute, [inputs], tf.float32)
        return tf.ensure_shape(found, (inputs.shape[0], self.size))

    def _compute(self, windows: Floats) -> Floats:
        with self._turn:
            if self._run is None:
                self._run, _ = _RUNTIMES[self.kind](self._content, self.output_key, self.name)
            rows = [np.zeros((0, self.size), np.float32)]
            rows += [self._run(window[None]) for window in windows]
        return np.concatenate(rows).astype(np.float32)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, int]:
        """Return the shape of the embeddings."""
        return input_shape[0], self.size

    def save_assets(self, dir_path: str) -> None:
        """Write the network into the file of the whole model."""
        Path(dir_path, _FILE).write_bytes(self._content)

    def load_assets(self, dir_path: str) -> None:
        """Read the network from the file of the whole model."""
        self._content = Path(dir_path, _FILE).read_bytes()

    def get_config(self) -> dict[str, Any]:
        """Return the configuration."""
        config: dict[str, Any] = super().get_config()
        config.pop("dtype", None)
        return {
            **config,
            "kind": self.kind,
            "output": self.output_key,
            "length": self.length,
            "size": self.size,
        }


def _litert(content: bytes, output: str | int | None, place: str) -> tuple[Run, int | None]:
    with require_import("a .tflite file needs LiteRT", 'pip install "sonogram[litert]"'):
        from ai_edge_litert.interpreter import Interpreter
    # An embedding may be a tensor inside the network, whose memory would otherwise be used again.
    with silent_c_stderr(), warnings.catch_warnings():  # it prints which delegate it uses
        warnings.simplefilter("ignore")  # and that keeping all tensors takes memory
        interpreter = Interpreter(
            model_content=content, experimental_preserve_all_tensors=isinstance(output, str)
        )
        interpreter.allocate_tensors()
    (given,) = interpreter.get_input_details()
    outputs = {each["name"]: each["index"] for each in interpreter.get_output_details()}
    tensors = {each["name"]: each["index"] for each in interpreter.get_tensor_details()}
    index = tensors[output] if output in tensors else outputs[select_output([*outputs], output, place)]
    fixed = _fixed(given["shape_signature"], place)
    shapes: list[tuple[int, ...]] = []

    def run(window: Floats) -> Floats:
        shape = _shaped(given["shape_signature"], window.shape[-1])
        if shapes[-1:] != [shape]:
            interpreter.resize_tensor_input(given["index"], shape)
            interpreter.allocate_tensors()
            shapes.append(shape)
        interpreter.set_tensor(given["index"], window.reshape(shape).astype(given["dtype"]))
        interpreter.invoke()
        return _mean(interpreter.get_tensor(index))

    return run, fixed


def _onnx(content: bytes, output: str | int | None, place: str) -> tuple[Run, int | None]:
    with require_import("an .onnx file needs ONNX Runtime", 'pip install "sonogram[onnx]"'):
        import onnxruntime
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    # Of bytes, in contrast to a path, no other file is read.
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    (given,) = session.get_inputs()
    key = select_output([each.name for each in session.get_outputs()], output, place)
    axes = [axis if isinstance(axis, int) else -1 for axis in given.shape]

    def run(window: Floats) -> Floats:
        (found,) = session.run([key], {given.name: window.reshape(_shaped(axes, window.shape[-1]))})
        return _mean(found)

    return run, _fixed(axes, place)


_RUNTIMES = {"litert": _litert, "onnx": _onnx}


def _fixed(shape: Sequence[int], place: str) -> int | None:
    """Return the number of samples that a network takes; None for any number.

    Raises:
        SonogramError: It does not take one clip of samples.
    """
    long = [int(axis) for axis in shape if axis > 1]
    if len(long) > 1 or not len(shape):
        raise SonogramError(
            f"{place}: takes {tuple(map(int, shape))}; a backbone takes samples, such as (1, 16000)"
        )
    return long[0] if long else None


def _shaped(shape: Sequence[int], samples: int) -> tuple[int, ...]:
    """Return the shape of one clip: all samples on the axis of fixed length, or else on the last open one."""
    axes = [place for place, axis in enumerate(shape) if axis > 1] or [
        place for place, axis in enumerate(shape) if axis < 1
    ]
    where = axes[-1] if axes else len(shape) - 1
    return tuple(samples if place == where else 1 for place in range(len(shape)))


def _mean(found: NDArray[Any]) -> Floats:
    """Return the mean over all axes but the last, `(1, values)`."""
    return np.asarray(found.reshape(-1, found.shape[-1]).mean(axis=0, keepdims=True), np.float32)
