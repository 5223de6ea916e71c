"""Layers of networks that ignore padding: they take `[values, valid]`.

They are part of this package, so that a process that can load a front end can load a model.
"""

from __future__ import annotations

import math
from typing import Any

import keras

from sonogram.errors import SonogramError
from sonogram.layers.float32 import ConfiguredLayer

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
    """Layer that sets frames that are not valid to 0: takes `[values, valid]`.

    Use it after layers that write into padding, such as convolutions with a bias.

    Args:
        **kwargs: Arguments of `keras.layers.Layer`.

    Input shape:
        `(batch, frames, ...)` and `(batch, frames)`.

    Output shape:
        `(batch, frames, ...)`.

    Example:
        >>> np.asarray(MaskFrames()([np.ones((1, 3, 1), "float32"), np.array([[1, 1, 0]])]))[0, :, 0].tolist()
        [1.0, 1.0, 0.0]

    See Also:
        `ValidFrames`, which follows the valid frames through pooling.
    """

    def call(self, inputs: Any) -> Any:
        values, valid = inputs
        return values * keras.ops.cast(_expand_like(valid, values), values.dtype)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        return tuple(input_shape[0])


@keras.saving.register_keras_serializable("sonogram")
class ValidFrames(ConfiguredLayer):
    """The valid frames after pooling: a pooled frame is valid if the first frame it covers is.

    Args:
        pool: Number of frames that become one, as in the pooling layer it accompanies.
        **kwargs: Arguments of `keras.layers.Layer`.

    Input shape:
        `(batch, frames)`.

    Output shape:
        `(batch, ceil(frames / pool))`.

    Example:
        >>> np.asarray(ValidFrames(2)(np.array([[1, 1, 1, 0, 0]]))).tolist()
        [[1, 1, 0]]

    See Also:
        `MaskFrames`, which applies them.
    """

    def __init__(self, pool: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pool = int(pool)

    def call(self, inputs: Any) -> Any:
        return inputs[:, :: self.pool]

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        batch, frames = input_shape
        return batch, None if frames is None else -(-frames // self.pool)


@keras.saving.register_keras_serializable("sonogram")
class MaskedBatchNormalization(keras.layers.BatchNormalization):
    """Batch normalization with statistics over the valid frames alone: takes `[values, valid]`.

    Args:
        momentum: Momentum of the moving mean and variance. Keras's default, 0.99, needs hundreds of
            steps, more than a training on a few clips has.
        **kwargs: Arguments of `keras.layers.BatchNormalization`.

    Input shape:
        `(batch, frames, channels)` or `(batch, frames, bands, channels)`, and `(batch, frames)`.

    Output shape:
        The shape of the values; 0 in frames that are not valid.

    Example:
        >>> tuple(MaskedBatchNormalization()([np.ones((2, 5, 3), "float32"), np.ones((2, 5))]).shape)
        (2, 5, 3)

    See Also:
        `FeatureScaling`, which normalizes each clip by itself.
    """

    def __init__(self, momentum: float = 0.9, **kwargs: Any) -> None:
        super().__init__(momentum=momentum, **kwargs)

    def build(self, input_shape: Any) -> None:
        super().build(input_shape[0])
        self.input_spec = None  # that of Keras allows only one input

    def call(self, inputs: Any, training: bool = False) -> Any:
        ops = keras.ops
        values, valid = inputs
        dtype = values.dtype
        values = ops.cast(values, "float32")  # sums over a batch do not fit into float16
        valid = _expand_like(ops.cast(valid, "float32"), values)
        mean, variance = self.moving_mean, self.moving_variance
        if training:
            axes = tuple(range(len(values.shape) - 1))
            bands = values.shape[2] if len(values.shape) == 4 else 1
            count = ops.maximum(ops.sum(valid) * bands, 1.0)
            mean = ops.sum(values * valid, axes) / count
            # var = E[(x - m)^2] - (E[x] - m)^2 for any m. The moving mean is close to E[x], so the second
            # term is small and the difference keeps its digits; with m = 0 it would lose them.
            distance = (values - self.moving_mean) * valid
            variance = ops.sum(ops.square(distance), axes) / count - ops.square(mean - self.moving_mean)
            variance = ops.maximum(variance, 0.0)
            self._update(self.moving_mean, mean)
            self._update(self.moving_variance, variance)
        scale = ops.rsqrt(variance + self.epsilon)
        scale = scale if self.gamma is None else scale * self.gamma
        shift = -mean * scale if self.beta is None else self.beta - mean * scale
        return ops.cast((values * scale + shift) * valid, dtype)

    def _update(self, moving: Any, value: Any) -> None:
        moving.assign(moving * self.momentum + keras.ops.stop_gradient(value) * (1 - self.momentum))

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        return tuple(input_shape[0])


@keras.saving.register_keras_serializable("sonogram")
class MaskedTimePooling(ConfiguredLayer):
    """Pooling of the valid frames to a fixed number of segments: takes `[values, valid]`.

    A clip of any length becomes `count` weighted means in temporal order. The weights of neighboring
    segments are overlapping triangles, so a frame between two segments contributes to both.

    Args:
        count: Number of segments. 1 is the mean over time; a few keep the order of events within a clip,
            such as the syllables of a word.
        **kwargs: Arguments of `keras.layers.Layer`.

    Input shape:
        `(batch, frames, features)` and `(batch, frames)`.

    Output shape:
        `(batch, count, features)`.

    Example:
        >>> values = np.array([[[1.0], [1.0], [3.0], [3.0], [9.0]]], "float32")
        >>> np.asarray(MaskedTimePooling(1)([values, np.array([[1, 1, 1, 1, 0]])])).tolist()
        [[[2.0]]]

    See Also:
        `SelfAttention`, for weights that are learned.
    """

    def __init__(self, count: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.count = int(count)

    def call(self, inputs: Any) -> Any:
        ops = keras.ops
        values, valid = inputs
        valid = ops.cast(valid, "float32")
        frames = ops.maximum(ops.sum(valid, axis=-1, keepdims=True), 1.0)
        center = ops.cast(ops.arange(ops.shape(valid)[1]), "float32") + 0.5
        position = ops.expand_dims(center / frames * self.count - 0.5, 1)
        # Before the center of the first segment, and after that of the last one, there is no neighbor.
        position = ops.clip(position, 0.0, self.count - 1.0)
        segments = ops.reshape(ops.arange(self.count, dtype="float32"), (1, -1, 1))
        weights = ops.maximum(1.0 - ops.abs(position - segments), 0.0) * ops.expand_dims(valid, 1)
        total = ops.maximum(ops.sum(weights, axis=-1, keepdims=True), 1e-3)
        return ops.matmul(ops.cast(weights / total, values.dtype), values)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        return input_shape[0][0], self.count, input_shape[0][-1]


@keras.saving.register_keras_serializable("sonogram")
class SelfAttention(ConfiguredLayer):
    """Multi-head self-attention over the valid frames: takes `[values, valid]`.

    Args:
        heads: Number of attention heads; must divide the number of features. 32 to 64 features for each
            head are usual.
        **kwargs: Arguments of `keras.layers.Layer`.

    Input shape:
        `(batch, frames, features)` and `(batch, frames)`.

    Output shape:
        `(batch, frames, features)`.

    Raises:
        SonogramError: `heads` does not divide the number of features, which is known when it is built.

    Example:
        >>> tuple(SelfAttention(2)([np.ones((1, 5, 8), "float32"), np.ones((1, 5))]).shape)
        (1, 5, 8)

    Source:
        A. Vaswani et al., "Attention is all you need", NeurIPS 2017.

    See Also:
        `SinusoidalPositions`, without which attention does not see the order of frames.
    """

    def __init__(self, heads: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.heads = int(heads)

    def build(self, input_shape: Any) -> None:
        width = input_shape[0][-1]
        if width % self.heads:
            raise SonogramError(f"SelfAttention: heads must divide the {width} features; got {self.heads}")
        self.qkv = keras.layers.Dense(3 * width, name="qkv", dtype=self.dtype_policy)
        self.projection = keras.layers.Dense(width, name="projection", dtype=self.dtype_policy)
        self.qkv.build(input_shape[0])
        self.projection.build(input_shape[0])
        self.built = True

    def call(self, inputs: Any) -> Any:
        ops = keras.ops
        values, valid = inputs
        width = values.shape[-1]
        head_width = width // self.heads
        parts = ops.reshape(self.qkv(values), (-1, ops.shape(values)[1], 3 * self.heads, head_width))
        parts = ops.transpose(parts, (0, 2, 1, 3))
        query, key, value = (parts[:, k * self.heads : (k + 1) * self.heads] for k in range(3))
        logits = ops.matmul(query, ops.transpose(key, (0, 1, 3, 2))) * head_width**-0.5
        # In float32: the sum of many weights overflows in float16, and so does the mask's -1e9.
        logits = ops.cast(logits, "float32")
        masked = (ops.cast(valid, "float32") - 1.0) * 1e9
        logits = logits + ops.expand_dims(ops.expand_dims(masked, 1), 1)
        attended = ops.matmul(ops.cast(ops.softmax(logits), value.dtype), value)
        attended = ops.transpose(attended, (0, 2, 1, 3))
        return self.projection(ops.reshape(attended, (-1, ops.shape(values)[1], width)))

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        return tuple(input_shape[0])


@keras.saving.register_keras_serializable("sonogram")
class SinusoidalPositions(keras.layers.Layer):
    """Layer that adds the position of each frame as sines and cosines, for clips of any length.

    Args:
        **kwargs: Arguments of `keras.layers.Layer`.

    Input shape:
        `(batch, frames, features)`, with an even number of features.

    Output shape:
        `(batch, frames, features)`.

    Example:
        >>> np.asarray(SinusoidalPositions()(np.zeros((1, 1, 4), "float32"))).tolist()
        [[[0.0, 0.0, 1.0, 1.0]]]

    Source:
        A. Vaswani et al., "Attention is all you need", NeurIPS 2017, section 3.5.

    See Also:
        `SelfAttention`, which needs positions.
    """

    def call(self, inputs: Any) -> Any:
        ops = keras.ops
        half = inputs.shape[-1] // 2
        rates = ops.exp(ops.arange(half, dtype="float32") * (-math.log(10_000.0) / half))
        position = ops.cast(ops.arange(ops.shape(inputs)[1]), "float32")
        angles = ops.expand_dims(position, -1) * ops.expand_dims(rates, 0)
        waves = ops.concatenate([ops.sin(angles), ops.cos(angles)], axis=-1)
        return inputs + ops.cast(ops.expand_dims(waves, 0), inputs.dtype)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        return tuple(input_shape)


def _expand_like(valid: Any, values: Any) -> Any:
    """Return the valid frames with as many axes as the values; known sizes stay known."""
    for _ in range(len(values.shape) - 2):
        valid = keras.ops.expand_dims(valid, -1)
    return valid
