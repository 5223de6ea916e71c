"""A front end as a Keras layer."""

from __future__ import annotations

import math
import sys
import warnings
from collections.abc import Mapping
from typing import Any

import keras

from sonogram.bundle import Composite
from sonogram.engines.arrays import is_tensorflow
from sonogram.engines.plan import plan
from sonogram.errors import SonogramError
from sonogram.frontend import Frontend
from sonogram.layers.float32 import Float32Layer, to_composite
from sonogram.samples import MAX_CHANNELS

__all__ = ["Spectrogram"]

_ENGINES = (None, "graph", "portable")
_LOUDEST = 64.0
"""Peak up to which floats can be a sum of many sounds, each in [-1, 1]."""


@keras.saving.register_keras_serializable("sonogram")
class Spectrogram(Float32Layer):
    """Layer that computes the features of a front end from samples. It has no weights.

    Put it first in a model, so that the saved model takes audio. It computes in float32 under every dtype
    policy, and the features of a clip do not depend on the other clips of the batch.

    Args:
        frontend: The definition: a `Frontend`, `Bundle` or `Spatial`.
        engine: "graph" for training and serving; "portable" for export to LiteRT and ONNX, which is
            slower; None is "graph" in a model and the fastest engine in a `tf.data` function.
        **kwargs: Arguments of `keras.layers.Layer`, except `dtype`, which is always float32.

    Input shape:
        `(batch, samples)` or `(batch, channels, samples)`; or the list `[samples, lengths]` with the
        valid samples of each clip, `(batch,)` or `(batch, channels)`. Samples are floating point in
        [-1, 1] or 16-bit integers. A model casts its inputs to the type of its `keras.Input`, without
        scaling: for integers it needs `keras.Input((None,), dtype="int16")`.

    Output shape:
        `(batch, frames, bands)` or `(batch, channels, frames, bands)`; `(batch, frames, *frontend.shape)` of
        a `Bundle` or `Spatial`. With lengths, the layer also
        passes on a mask `(batch, frames)`.

    Raises:
        SonogramError: The engine does not exist, or cannot run in a model; or the input has so few samples
            that it has no frame, as where channels are the last axis.

    Example:
        >>> layer = Spectrogram(sg.Frontend(16000, 400, 160))
        >>> tuple(layer(np.zeros((2, 16000), "float32")).shape)
        (2, 98, 257)

    See Also:
        `FeatureScaling`, to normalize the features for a network.
    """

    def __init__(
        self, frontend: Frontend | Composite | Mapping[str, Any], engine: str | None = None, **kwargs: Any
    ) -> None:
        if engine not in _ENGINES:
            raise SonogramError(f'engine must be "graph", "portable" or None; got {engine!r}')
        super().__init__(**kwargs)
        self.frontend = to_composite(frontend)
        self.engine = engine
        self.supports_masking = True

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        samples, lengths = _split(inputs)
        if keras.backend.backend() != "tensorflow" and is_tensorflow(samples):
            # In a tf.data function the tensors are TensorFlow's, whatever the backend.
            return self._features(samples, lengths)
        return super().__call__(inputs, *args, **kwargs)

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """Return the features of `inputs`; a mask over samples takes the place of lengths."""
        samples, lengths = _split(inputs)
        shape = tuple(samples.shape)
        # Without an `Input` a clip may be short; as the axis before, the samples are unmistakable.
        if len(shape) > 2 and shape[-2] is not None and self.frontend.num_frames(shape[-2]) > 1:
            self._check_frames(shape)
        _warn_of_integers(samples)
        if lengths is None and mask is not None:
            lengths = _count_valid(mask)
        return self._features(samples, lengths)

    def _features(self, samples: Any, lengths: Any) -> Any:
        return self.frontend(samples, self._engine(), lengths=lengths)

    def _check_frames(self, shape: tuple[int | None, ...]) -> None:
        """Raise `SonogramError` for so few samples that a clip has no frame, or one of padding alone."""
        size = shape[-1]
        if size is None:
            return
        # A centered frame needs no more than one sample, so that channels as samples would be a frame.
        channels = len(shape) > 2 and size <= min(MAX_CHANNELS, self.frontend.frame_step - 1)
        if channels or not self.frontend.num_frames(size):
            raise SonogramError(
                "samples must be the last axis, (batch, samples) or (batch, channels, samples), and long "
                f"enough for a frame of {self.frontend.frame_length} samples; got {shape}. If channels are "
                "the last axis, use keras.ops.squeeze(x, -1) for one channel or "
                "keras.ops.moveaxis(x, -1, -2) for several"
            )

    def _engine(self) -> str | None:
        """Return the engine: standard operations in a model, so that a saved one needs no library."""
        return self.engine or (None if _in_pipeline() else "graph")

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """Return which frames hold features, `(batch, frames)`; None without lengths."""
        samples, lengths = _split(inputs)
        if lengths is None and previous_mask is not None and not isinstance(previous_mask, (list, tuple)):
            lengths = _count_valid(previous_mask)
        if lengths is None:
            return None
        return FrameMask(self.frontend)(samples, lengths)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        """Return the shape of the features."""
        shape = input_shape[0] if isinstance(input_shape[0], (list, tuple)) else input_shape
        self._check_frames(tuple(shape))
        frames = None if shape[-1] is None else self.frontend.num_frames(shape[-1])
        if not isinstance(self.frontend, Composite):
            return (*shape[:-1], frames, self.frontend.num_bands)
        clips = shape[:-1] if self.frontend.channels is None else shape[:-2]
        return (*clips, frames, *self.frontend.shape)


@keras.saving.register_keras_serializable("sonogram")
class FrameMask(keras.Operation):
    """Operation that computes which frames hold features, `(batch, frames)`, from samples and lengths.

    As an operation it is one node of a model, where the arithmetic would be a dozen, and it works before
    the number of frames is known.

    Args:
        frontend: The definition.
        name: Name of the operation in the model.
    """

    def __init__(self, frontend: Frontend | Composite | Mapping[str, Any], name: str | None = None) -> None:
        super().__init__(name=name)
        self.frontend = to_composite(frontend)

    def call(self, samples: Any, lengths: Any) -> Any:
        """Return true where a frame holds features."""
        ops = keras.ops
        own = self.frontend
        counts = plan(own.frontends[0] if isinstance(own, Composite) else own)
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


def _split(inputs: Any) -> tuple[Any, Any]:
    if not isinstance(inputs, (list, tuple)):
        return inputs, None
    if len(inputs) != 2:
        raise SonogramError(f"Spectrogram takes samples, or [samples, lengths]; got {len(inputs)} inputs")
    return inputs[0], inputs[1]


def _warn_of_integers(samples: Any) -> None:
    """Warn of floats as large as integers, which a model has cast; a traced tensor has no values yet."""
    if type(samples).__name__ != "EagerTensor" or not samples.dtype.is_floating:
        return
    peak = float(keras.ops.max(keras.ops.abs(samples), initial=0))
    if _LOUDEST < peak < math.inf:
        warnings.warn(
            f"samples reach {peak:g}, far beyond [-1, 1]. Keras casts integers to the type of keras.Input: "
            'declare keras.Input((None,), dtype="int16"), or divide the samples by 32768',
            stacklevel=2,
        )


def _count_valid(mask: Any) -> Any:
    return keras.ops.sum(keras.ops.cast(mask, "int32"), axis=-1)


def _in_pipeline() -> bool:
    """Return whether a function of `tf.data` is being traced, which is not part of a saved model."""
    if "tensorflow" not in sys.modules:
        return False
    from sonogram.native.tracing import inside_tf_data

    return inside_tf_data()
