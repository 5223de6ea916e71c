"""Parts of networks that take the valid frames along: `[values, valid]` goes in.

They stand here and not beside the networks, so that whoever can load a front end can load a model.
"""

from __future__ import annotations

from typing import Any

import keras

__all__ = ["Kept", "MaskedNormalization", "TimeBins", "ValidFrames"]


@keras.saving.register_keras_serializable("sonogram")
class Kept(keras.layers.Layer):
    """Sets frames that are not valid to 0: takes `[values, valid]`.

    Args:
        **kwargs: Those of `keras.layers.Layer`.
    """

    def call(self, inputs: Any) -> Any:
        values, valid = inputs
        extra = (1,) * (len(values.shape) - 2)
        valid = keras.ops.reshape(valid, (-1, keras.ops.shape(valid)[1], *extra))
        return values * keras.ops.cast(valid, values.dtype)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        return tuple(input_shape[0])


@keras.saving.register_keras_serializable("sonogram")
class ValidFrames(keras.layers.Layer):
    """The valid frames after pooling: a frame is valid where the first of those it is made of is.

    Args:
        pool: Frames that become one.
        **kwargs: Those of `keras.layers.Layer`.
    """

    def __init__(self, pool: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pool = int(pool)

    def call(self, inputs: Any) -> Any:
        return inputs[:, :: self.pool]

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        batch, frames = input_shape
        return batch, None if frames is None else -(-frames // self.pool)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "pool": self.pool}


@keras.saving.register_keras_serializable("sonogram")
class MaskedNormalization(keras.layers.BatchNormalization):
    """Batch normalization over the valid frames alone: takes `[values, valid]`.

    Args:
        **kwargs: Those of `keras.layers.BatchNormalization`.
    """

    def build(self, input_shape: Any) -> None:
        super().build(input_shape[0])
        self.input_spec = None  # Keras' own is for one input

    def call(self, inputs: Any, training: bool = False) -> Any:
        values, valid = inputs
        if not training:
            return super().call(values, training=False)
        # Keras wants a mask of all axes but the last.
        extra = len(values.shape) - 3
        mask = keras.ops.reshape(valid, (-1, keras.ops.shape(valid)[1], *(1,) * extra))
        mask = keras.ops.broadcast_to(mask, keras.ops.shape(values)[:-1])
        return super().call(values, training=True, mask=mask)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        return tuple(input_shape[0])


@keras.saving.register_keras_serializable("sonogram")
class TimeBins(keras.layers.Layer):
    """Means over equal parts of each clip's valid frames, in order: takes `[values, valid]`.

    Neighboring parts overlap as triangles do, so that a frame between two counts for both. A clip of any
    length has as many parts; with one part this is the mean over time.

    Args:
        count: Parts.
        **kwargs: Those of `keras.layers.Layer`.

    Input shape:
        `(batch, frames, channels)` and `(batch, frames)`.

    Output shape:
        `(batch, count, channels)`.
    """

    def __init__(self, count: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.count = int(count)

    def call(self, inputs: Any) -> Any:
        ops = keras.ops
        values, valid = inputs
        valid = ops.cast(valid, "float32")
        frames = ops.maximum(ops.sum(valid, axis=-1, keepdims=True), 1.0)
        middle = ops.cast(ops.arange(ops.shape(valid)[1]), "float32") + 0.5
        place = ops.expand_dims(middle / frames * self.count - 0.5, 1)
        # Beyond the middles of the first and the last part there is no neighbor to share with.
        place = ops.clip(place, 0.0, self.count - 1.0)
        parts = ops.reshape(ops.arange(self.count, dtype="float32"), (1, -1, 1))
        weights = ops.maximum(1.0 - ops.abs(place - parts), 0.0) * ops.expand_dims(valid, 1)
        total = ops.maximum(ops.sum(weights, axis=-1, keepdims=True), 1e-3)
        return ops.matmul(ops.cast(weights / total, values.dtype), values)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        return input_shape[0][0], self.count, input_shape[0][-1]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "count": self.count}
