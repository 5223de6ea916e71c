"""Layers around networks that take patches: windows of a fixed number of frames, a fixed step apart."""

from __future__ import annotations

from typing import Any

import keras

from sonogram.errors import SonogramError
from sonogram.layers.float32 import ConfiguredLayer, Float32Layer

__all__ = ["FillPatches", "PartMeans", "Patches", "SplitMask", "WholePatches"]


@keras.saving.register_keras_serializable("sonogram")
class FillPatches(Float32Layer):
    """Layer that lengthens each clip to whole patches, so that no sound at its end is lost.

    Args:
        length: Length of a patch in samples.
        step: Distance of patches in samples.
        repeat: Whether a clip shorter than a patch is repeated to fill it. Otherwise zeros follow it. Repeat
            single sounds for a network that was trained on continuous sound; words need silence.
        margin: Zeros before and after each clip, in samples, where it is not repeated: a word is then in the
            middle of some patch, and the first patches hold its beginning alone.
        **kwargs: Arguments of `keras.layers.Layer`, except `dtype`, which is always float32.

    Input shape:
        The list `[samples, lengths]`: `(batch, samples)` and the valid samples of each clip, `(batch,)`.

    Output shape:
        `(batch, length + k * step)` for the smallest k that holds the clips with their margins, and
        `(batch,)`, int32. Samples after the end of a clip are 0.

    Raises:
        SonogramError: `step` is not between 1 and `length`, or clips are to have a margin and be repeated.

    Example:
        >>> clip = np.array([[1.0, 2.0, 3.0]], "float32")
        >>> samples, lengths = FillPatches(5, 2, repeat=True)([clip, np.array([3])])
        >>> np.asarray(samples).tolist(), np.asarray(lengths).tolist()
        ([[1.0, 2.0, 3.0, 1.0, 2.0]], [5])

    See Also:
        `Patches`, which cuts the features.
    """

    def __init__(self, length: int, step: int, repeat: bool = False, margin: int = 0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not 1 <= step <= length:
            raise SonogramError(f"FillPatches: step must be between 1 and length ({length}); got {step}")
        if repeat and margin:
            raise SonogramError(f"FillPatches: margin must be 0 where clips are repeated; got {margin}")
        self.length, self.step, self.repeat = int(length), int(step), bool(repeat)
        self.margin = int(margin)

    def call(self, inputs: Any) -> tuple[Any, Any]:
        """Return the lengthened clips and their lengths."""
        ops = keras.ops
        samples, lengths = ops.cast(inputs[0], "float32"), ops.cast(inputs[1], "int32")
        size = self._filled(ops.shape(samples)[1])
        samples = ops.pad(samples, ((0, 0), (self.margin, self.length + self.step + self.margin)))[:, :size]
        position = ops.expand_dims(ops.arange(size, dtype="int32"), 0)
        ends = ops.expand_dims(ops.maximum(lengths, 1) + self.margin, -1)
        if self.repeat:
            source = ops.where(ends < self.length, position % ends, position)
            samples = ops.take_along_axis(samples, source, axis=1)
            ends = ops.maximum(ends, self.length)
        valid = ops.logical_and(position < ends, ops.expand_dims(lengths, -1) > 0)
        return ops.where(valid, samples, ops.zeros_like(samples)), self._filled(lengths)

    def _filled(self, count: Any) -> Any:
        """Return the number of samples in the patches that hold `count` samples."""
        excess = (count + 2 * self.margin - self.length + self.step - 1) // self.step
        more = max(excess, 0) if isinstance(count, int) else keras.ops.maximum(excess, 0)
        return self.length + self.step * more

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, Any]:
        """Return the shapes of the samples and of the lengths."""
        (batch, samples), lengths = input_shape
        return (batch, None if samples is None else self._filled(samples)), tuple(lengths)

    def compute_output_spec(self, inputs: Any) -> tuple[Any, Any]:
        """Return the shapes and types of the samples and of the lengths."""
        samples, lengths = self.compute_output_shape([part.shape for part in inputs])
        return keras.KerasTensor(samples, "float32"), keras.KerasTensor(lengths, "int32")


@keras.saving.register_keras_serializable("sonogram")
class Patches(keras.layers.Layer):
    """Layer that applies a network to overlapping patches of features.

    Args:
        network: Model of one patch, `(batch, length, bands)` to `(batch, values)`.
        step: Distance of patches in frames, half of their length; rounded up, if the length is odd.
        **kwargs: Arguments of `keras.layers.Layer`.

    Input shape:
        `(batch, frames, bands)`.

    Output shape:
        `(batch, frames // step - 1, values)`.

    Example:
        >>> network = keras.Sequential([keras.Input((4, 1)), keras.layers.Flatten()])
        >>> np.asarray(Patches(network, 2)(np.arange(6.0).reshape(1, 6, 1))).tolist()
        [[[0.0, 1.0, 2.0, 3.0], [2.0, 3.0, 4.0, 5.0]]]

    See Also:
        `FillPatches`, which gives each clip whole patches.
    """

    def __init__(self, network: Any, step: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.network, self.step = network, int(step)

    def call(self, inputs: Any) -> Any:
        """Return the output of the network for each patch."""
        ops = keras.ops
        bands = inputs.shape[-1]
        halves = ops.shape(inputs)[1] // self.step
        parts = ops.reshape(inputs[:, : halves * self.step], (-1, halves, self.step, bands))
        patches = ops.concatenate([parts[:, :-1], parts[:, 1:]], axis=2)
        patches = ops.reshape(patches, (-1, 2 * self.step, bands))
        values = self.network(patches[:, : self.network.input_shape[1]])
        return ops.reshape(values, (-1, halves - 1, values.shape[-1]))

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        """Return the shape of the output."""
        batch, frames, _ = input_shape
        return batch, None if frames is None else frames // self.step - 1, self.network.output_shape[-1]

    def get_config(self) -> dict[str, Any]:
        """Return the configuration."""
        network = keras.saving.serialize_keras_object(self.network)
        return {**super().get_config(), "network": network, "step": self.step}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Patches:
        """Return the layer."""
        network = keras.saving.deserialize_keras_object(config.pop("network"))
        return cls(network, **config)


@keras.saving.register_keras_serializable("sonogram")
class WholePatches(ConfiguredLayer):
    """Layer that marks the patches of each clip, where another clip of the batch has more.

    Args:
        length: Length of a patch in samples.
        step: Distance of patches in samples.
        **kwargs: Arguments of `keras.layers.Layer`.

    Input shape:
        The list `[patches, lengths]`: `(batch, patches, values)`, and the samples of each clip, `(batch,)`.

    Output shape:
        `(batch, patches)`: 1 for the patches of the clip, 0 for others.
    """

    def __init__(self, length: int, step: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.length, self.step = int(length), int(step)

    def call(self, inputs: Any) -> Any:
        """Return the marks."""
        ops = keras.ops
        patches, lengths = inputs
        counts = (ops.cast(lengths, "int32") - self.length) // self.step + 1
        place = ops.arange(ops.shape(patches)[1], dtype="int32")
        return ops.cast(place < ops.expand_dims(counts, -1), patches.dtype)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        """Return the shape of the marks."""
        return tuple(input_shape[0][:2])


@keras.saving.register_keras_serializable("sonogram")
class PartMeans(ConfiguredLayer):
    """Layer that computes the means of equal parts of each clip: takes `[values, valid]`.

    Each part has at least one frame, so parts of a clip with few frames overlap. In contrast to
    `MaskedTimePooling`, no part of a short clip is empty.

    Args:
        count: Number of parts. 1 is the mean over time; 8 keep the order of the sounds in a word.
        **kwargs: Arguments of `keras.layers.Layer`.

    Input shape:
        `(batch, frames, values)` and `(batch, frames)`.

    Output shape:
        `(batch, count * values)`.

    Example:
        >>> values = np.array([[[1.0], [3.0], [5.0], [9.0]]], "float32")
        >>> np.asarray(PartMeans(2)([values, np.array([[1, 1, 1, 0]])])).tolist()
        [[2.0, 4.0]]

    See Also:
        `MaskedTimePooling`, whose parts fade into one another.
    """

    def __init__(self, count: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.count = int(count)

    def call(self, inputs: Any) -> Any:
        """Return the means, concatenated in the order of time."""
        ops = keras.ops
        values, valid = inputs
        frames = ops.maximum(ops.sum(ops.cast(valid, "int32"), axis=-1, keepdims=True), 1)
        part = ops.expand_dims(ops.arange(self.count, dtype="int32"), 0)
        low = ops.minimum(part * frames // self.count, frames - 1)
        high = ops.maximum(((part + 1) * frames + self.count - 1) // self.count, low + 1)
        position = ops.reshape(ops.arange(ops.shape(values)[1], dtype="int32"), (1, 1, -1))
        low, high = ops.expand_dims(low, -1), ops.expand_dims(high, -1)
        inside = ops.cast(ops.logical_and(position >= low, position < high), values.dtype)
        means = ops.matmul(inside / ops.cast(high - low, values.dtype), values)
        return ops.reshape(means, (-1, self.count * values.shape[-1]))

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        """Return the shape of the means."""
        return input_shape[0][0], self.count * input_shape[0][-1]


@keras.saving.register_keras_serializable("sonogram")
class SplitMask(keras.layers.Layer):
    """Layer that turns the mask of features into an output, for networks that do not pass masks on.

    Args:
        **kwargs: Arguments of `keras.layers.Layer`.

    Input shape:
        `(batch, frames, bands)`, with or without the mask that `Spectrogram` passes on.

    Output shape:
        `(batch, frames, bands)`, and `(batch, frames)`: 1 in valid frames, 0 in padding.

    Example:
        >>> features, valid = SplitMask()(np.ones((1, 3, 2), "float32"))
        >>> np.asarray(valid).tolist()
        [[1.0, 1.0, 1.0]]

    See Also:
        `FeatureScaling`, which also returns both.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def call(self, inputs: Any, mask: Any = None) -> tuple[Any, Any]:
        """Return the features and the valid frames."""
        ops = keras.ops
        valid = ops.ones_like(inputs[:, :, 0]) if mask is None else ops.cast(mask, inputs.dtype)
        # A product is another tensor: Keras keeps a mask with the tensor, and networks would warn of it.
        return inputs * ops.expand_dims(valid, -1), valid

    def compute_mask(self, inputs: Any, mask: Any = None) -> tuple[None, None]:
        """Return no mask: the valid frames are an output."""
        return None, None

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, Any]:
        """Return the shapes of the features and of the valid frames."""
        return tuple(input_shape), tuple(input_shape[:2])
