"""The front end as a Keras layer."""

from __future__ import annotations

import os
import sys
import zipfile
from collections.abc import Mapping
from typing import Any

import keras

from sonogram.engines import run
from sonogram.engines.arrays import is_tensorflow
from sonogram.engines.plan import plan
from sonogram.errors import SonogramError
from sonogram.frontend import Frontend
from sonogram.text import first_line

__all__ = ["Spectrogram", "load_model"]

_ENGINES = (None, "graph", "portable")


@keras.saving.register_keras_serializable("sonogram")
class Spectrogram(keras.layers.Layer):
    """Samples in, features out: the definition as a layer without weights.

    It computes in float32 under every dtype policy, and an example never depends on its batch.

    Args:
        frontend: The definition.
        engine: "graph" (None is the same) for training and serving, "portable" for LiteRT and ONNX.
        **kwargs: Those of `keras.layers.Layer`, without `dtype`.

    Input shape:
        `(batch, samples)` or `(batch, channels, samples)`; or the list `[samples, lengths]` with the
        valid samples of each clip, `(batch,)` or `(batch, channels)`.

    Output shape:
        `(batch, frames, bands)` or `(batch, channels, frames, bands)`. With lengths, a mask
        `(batch, frames)` comes along.

    Raises:
        SonogramError: The engine does not exist, or cannot run in a model.

    Example:
        >>> layer = Spectrogram(sg.Frontend(16000, 400, 160))
        >>> tuple(layer(np.zeros((2, 16000), "float32")).shape)
        (2, 98, 257)
    """

    def __init__(
        self, frontend: Frontend | Mapping[str, Any], engine: str | None = None, **kwargs: Any
    ) -> None:
        if engine not in _ENGINES:
            raise SonogramError(f'engine of a layer must be "graph", "portable" or None; got {engine!r}')
        kwargs.pop("dtype", None)  # float16 has not the digits: the policy is for the layers behind
        super().__init__(dtype="float32", **kwargs)
        self.frontend = frontend if isinstance(frontend, Frontend) else Frontend.from_dict(frontend)
        self.engine = engine
        self.supports_masking = True

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        samples, lengths = _split(inputs)
        if keras.backend.backend() != "tensorflow" and is_tensorflow(samples):
            # In a tf.data function the tensors are TensorFlow's, whatever the backend.
            return run(self.frontend, samples, self._engine(), lengths)
        return super().__call__(inputs, *args, **kwargs)

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """Return the features of `inputs`; a mask over samples counts as their lengths."""
        samples, lengths = _split(inputs)
        if lengths is None and mask is not None:
            lengths = _count(mask)
        return run(self.frontend, samples, self._engine(), lengths)

    def _engine(self) -> str | None:
        """Return what runs: in a model standard operations, so that a saved one needs no library."""
        return self.engine or (None if _in_pipeline() else "graph")

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Return which frames hold features, `(batch, frames)`; None without lengths."""
        samples, lengths = _split(inputs)
        if lengths is None and previous_mask is not None and not isinstance(previous_mask, (list, tuple)):
            lengths = _count(previous_mask)
        if lengths is None:
            return None
        return FrameMask(self.frontend)(samples, lengths)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        """Return the shape of the features."""
        shape = input_shape[0] if isinstance(input_shape[0], (list, tuple)) else input_shape
        frames = None if shape[-1] is None else self.frontend.num_frames(shape[-1])
        return (*shape[:-1], frames, self.frontend.num_bands)

    def get_config(self) -> dict[str, Any]:
        """Return the configuration, the definition included as plain data."""
        config: dict[str, Any] = super().get_config()
        config.pop("dtype", None)
        return {**config, "frontend": self.frontend.to_dict(), "engine": self.engine}


@keras.saving.register_keras_serializable("sonogram")
class FrameMask(keras.Operation):
    """Which frames hold features, `(batch, frames)`, of samples and their lengths.

    An operation of its own: a model has one of it where plain arithmetic would stand a dozen times, and
    it can be put together before the number of frames is known.

    Args:
        frontend: The definition.
        name: The name in the model.
    """

    def __init__(self, frontend: Frontend | Mapping[str, Any], name: str | None = None) -> None:
        super().__init__(name=name)
        self.frontend = frontend if isinstance(frontend, Frontend) else Frontend.from_dict(frontend)

    def call(self, samples: Any, lengths: Any) -> Any:
        """Return true where a frame holds features."""
        ops = keras.ops
        counts = plan(self.frontend)
        size = samples.shape[-1]
        frames = (
            counts.features_frames(ops.shape(samples)[-1], ops.maximum)
            if size is None
            else self.frontend.num_frames(size)
        )
        valid = counts.valid_features(ops.cast(lengths, "int32"), ops.maximum)
        return ops.less(ops.arange(frames), ops.expand_dims(valid, -1))

    def compute_output_spec(self, samples: Any, lengths: Any) -> Any:
        """Return the shape of the mask."""
        size = samples.shape[-1]
        frames = None if size is None else self.frontend.num_frames(size)
        return keras.KerasTensor((*lengths.shape, frames), "bool")

    def get_config(self) -> dict[str, Any]:
        """Return the configuration."""
        return {"name": self.name, "frontend": self.frontend.to_dict()}


def load_model(path: str | os.PathLike[str]) -> Any:
    """Load a Keras file that holds layers of sonogram.

    Args:
        path: A `.keras` file.

    Returns:
        The model. No code from the file is run.

    Raises:
        SonogramError: The file is not there, or is no Keras model.
    """
    if not os.path.isfile(path):
        found = "a folder" if os.path.isdir(path) else "no such file"
        raise SonogramError(f"{os.fspath(path)}: {found}; give the path of a .keras file")
    if not (os.fspath(path).endswith(".keras") and zipfile.is_zipfile(path)):
        raise SonogramError(
            f"{os.fspath(path)}: not a Keras model, as it is no .keras archive; give what model.save wrote"
        )
    try:
        return keras.saving.load_model(path, safe_mode=True)
    except Exception as error:  # of many kinds: what Keras, zipfile and HDF5 make of broken files
        line = first_line(_origin(error))
        raise SonogramError(f"{os.fspath(path)}: not a Keras model that can be loaded ({line})") from error


def _origin(error: BaseException) -> BaseException:
    """Return the error of sonogram that Keras has put others around, or the outermost one."""
    inner: BaseException | None = error
    while inner is not None and not isinstance(inner, SonogramError):
        inner = inner.__cause__ or inner.__context__
    return inner or error


def _split(inputs: Any) -> tuple[Any, Any]:
    if not isinstance(inputs, (list, tuple)):
        return inputs, None
    if len(inputs) != 2:
        raise SonogramError(f"the layer takes samples, or [samples, lengths]; got {len(inputs)} inputs")
    return inputs[0], inputs[1]


def _count(mask: Any) -> Any:
    return keras.ops.sum(keras.ops.cast(mask, "int32"), axis=-1)


def _in_pipeline() -> bool:
    """Whether a function of `tf.data` is being traced, which no model is saved with."""
    if "tensorflow" not in sys.modules:
        return False
    from sonogram.native import ops

    return ops.inside_data()
