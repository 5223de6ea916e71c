"""Parts of networks that take the valid frames along: `[values, valid]` goes in.

They stand here and not beside the networks, so that whoever can load a front end can load a model.
"""

from __future__ import annotations

import math
from typing import Any

import keras

from sonogram.errors import SonogramError

__all__ = [
    "MaskFrames",
    "MaskedBatchNormalization",
    "MaskedTimePooling",
    "SelfAttention",
    "SinusoidalPositions",
    "ValidFrames",
]


@keras.saving.register_keras_serializable("sonogram")
class MaskFrames(keras.layers.Layer):
    """Sets frames that are not valid to 0: takes `[values, valid]`.

    Args:
        **kwargs: Those of `keras.layers.Layer`.

    Input shape:
        `(batch, frames, ...)` and `(batch, frames)`.

    Output shape:
        `(batch, frames, ...)`.
    """

    def call(self, inputs: Any) -> Any:
        values, valid = inputs
        return values * keras.ops.cast(_beside(valid, values), values.dtype)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        return tuple(input_shape[0])


@keras.saving.register_keras_serializable("sonogram")
class ValidFrames(keras.layers.Layer):
    """The valid frames after pooling: a frame is valid where the first of those it is made of is.

    Args:
        pool: Frames that become one.
        **kwargs: Those of `keras.layers.Layer`.

    Input shape:
        `(batch, frames)`.

    Output shape:
        `(batch, ceil(frames / pool))`.
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
class MaskedBatchNormalization(keras.layers.BatchNormalization):
    """Batch normalization over the valid frames alone, 0 beyond them: takes `[values, valid]`.

    Args:
        momentum: Of the moving mean and variance; Keras' own 0.99 would need hundreds of steps, more than
            a training on a few clips has.
        **kwargs: Those of `keras.layers.BatchNormalization`.

    Input shape:
        `(batch, frames, channels)` or `(batch, frames, bands, channels)`, and `(batch, frames)`.

    Output shape:
        That of the values.
    """

    def __init__(self, momentum: float = 0.9, **kwargs: Any) -> None:
        super().__init__(momentum=momentum, **kwargs)

    def build(self, input_shape: Any) -> None:
        super().build(input_shape[0])
        self.input_spec = None  # Keras' own is for one input

    def call(self, inputs: Any, training: bool = False) -> Any:
        ops = keras.ops
        values, valid = inputs
        dtype = values.dtype
        values = ops.cast(values, "float32")  # sums over a batch do not fit into float16
        valid = _beside(ops.cast(valid, "float32"), values)
        mean, variance = self.moving_mean, self.moving_variance
        if training:
            axes = tuple(range(len(values.shape) - 1))
            between = values.shape[2] if len(values.shape) == 4 else 1
            count = ops.maximum(ops.sum(valid) * between, 1.0)
            inside = values * valid
            mean = ops.sum(inside, axes) / count
            # Around the moving mean, which is near, so that the difference of squares keeps its digits.
            away = (values - self.moving_mean) * valid
            variance = ops.sum(ops.square(away), axes) / count - ops.square(mean - self.moving_mean)
            variance = ops.maximum(variance, 0.0)
            self._follow(self.moving_mean, mean)
            self._follow(self.moving_variance, variance)
        scale = ops.rsqrt(variance + self.epsilon) * self.gamma
        return ops.cast((values * scale + (self.beta - mean * scale)) * valid, dtype)

    def _follow(self, moving: Any, value: Any) -> None:
        moving.assign(moving * self.momentum + keras.ops.stop_gradient(value) * (1 - self.momentum))

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        return tuple(input_shape[0])


@keras.saving.register_keras_serializable("sonogram")
class MaskedTimePooling(keras.layers.Layer):
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


@keras.saving.register_keras_serializable("sonogram")
class SelfAttention(keras.layers.Layer):
    """Attention of the valid frames to one another: takes `[values, valid]`.

    Args:
        heads: How many; they divide the channels.
        **kwargs: Those of `keras.layers.Layer`.

    Input shape:
        `(batch, frames, channels)` and `(batch, frames)`.

    Output shape:
        `(batch, frames, channels)`.

    Raises:
        SonogramError: The heads do not divide the channels, which are known when it is built.

    Source:
        A. Vaswani et al., "Attention is all you need", NeurIPS 2017.
    """

    def __init__(self, heads: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.heads = int(heads)

    def build(self, input_shape: Any) -> None:
        width = input_shape[0][-1]
        if width % self.heads:
            raise SonogramError(f"SelfAttention: heads must divide {width} channels; got {self.heads}")
        self.inward = keras.layers.Dense(3 * width, name="inward", dtype=self.dtype_policy)
        self.outward = keras.layers.Dense(width, name="outward", dtype=self.dtype_policy)
        self.inward.build(input_shape[0])
        self.outward.build(input_shape[0])
        self.built = True

    def call(self, inputs: Any) -> Any:
        ops = keras.ops
        values, valid = inputs
        width = values.shape[-1]
        each = width // self.heads
        parts = ops.reshape(self.inward(values), (-1, ops.shape(values)[1], 3 * self.heads, each))
        parts = ops.transpose(parts, (0, 2, 1, 3))
        query, key, value = (parts[:, k * self.heads : (k + 1) * self.heads] for k in range(3))
        likeness = ops.matmul(query, ops.transpose(key, (0, 1, 3, 2))) * each**-0.5
        # In float32: the sum of many weights does not fit into float16, nor does the least number below.
        likeness = ops.cast(likeness, "float32")
        far = (ops.cast(valid, "float32") - 1.0) * 1e9
        likeness = likeness + ops.expand_dims(ops.expand_dims(far, 1), 1)
        found = ops.matmul(ops.cast(ops.softmax(likeness), value.dtype), value)
        found = ops.transpose(found, (0, 2, 1, 3))
        return self.outward(ops.reshape(found, (-1, ops.shape(values)[1], width)))

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        return tuple(input_shape[0])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "heads": self.heads}


@keras.saving.register_keras_serializable("sonogram")
class SinusoidalPositions(keras.layers.Layer):
    """Adds to each frame sines and cosines that tell where it stands, for clips of any length.

    Args:
        **kwargs: Those of `keras.layers.Layer`.

    Input shape:
        `(batch, frames, channels)`, an even number of channels.

    Output shape:
        `(batch, frames, channels)`.

    Source:
        A. Vaswani et al., "Attention is all you need", NeurIPS 2017, section 3.5.
    """

    def call(self, inputs: Any) -> Any:
        ops = keras.ops
        half = inputs.shape[-1] // 2
        rates = ops.exp(ops.arange(half, dtype="float32") * (-math.log(10_000.0) / half))
        place = ops.cast(ops.arange(ops.shape(inputs)[1]), "float32")
        angles = ops.expand_dims(place, -1) * ops.expand_dims(rates, 0)
        waves = ops.concatenate([ops.sin(angles), ops.cos(angles)], axis=-1)
        return inputs + ops.cast(ops.expand_dims(waves, 0), inputs.dtype)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        return tuple(input_shape)


def _beside(valid: Any, values: Any) -> Any:
    """The valid frames with as many axes as the values; no size that is known is lost by it."""
    for _ in range(len(values.shape) - 2):
        valid = keras.ops.expand_dims(valid, -1)
    return valid
