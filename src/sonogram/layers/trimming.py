"""What is done to a clip before its features: silence at its ends goes, and its level is made equal."""

from __future__ import annotations

from typing import Any

import keras

from sonogram.errors import SonogramError

__all__ = ["TrimAndNormalize"]

_BLOCK = 0.01
"""Seconds over which the energy is taken: shorter than the shortest click of a drum with its ring."""
_QUIETEST = 1e-4
"""Peak (-80 dB) below which a clip is not made louder: nothing but noise is left there."""


@keras.saving.register_keras_serializable("sonogram")
class TrimAndNormalize(keras.layers.Layer):
    """Trims the silence at both ends of each clip and divides it by its peak, in the model itself.

    So a phone that runs the exported model prepares its sounds as the training did. A trimmed clip is
    moved to the front; the batch keeps its size, the lengths become shorter, and what lies beyond them
    is 0. Each clip is prepared by itself: its neighbors and its padding change nothing.

    Args:
        sample_rate: That of the clips, hertz.
        trim: Blocks of 10 ms that lie further than this below the loudest one, about the mean of the
            clip, are silence, where they stand at an end, dB; None trims nothing.
        level: Whether the clip is divided by its peak.
        room: Silent samples to add behind the clips, and the least length of a clip: where it is that of
            a frame, the shortest click fills one.
        **kwargs: Those of `keras.layers.Layer`, without `dtype`.

    Input shape:
        The list `[samples, lengths]`: `(batch, samples)`, and the valid samples of each, `(batch,)`.

    Output shape:
        The same; `(batch, samples + room)` and `(batch,)`, int32.

    Raises:
        SonogramError: A parameter or the input cannot be meant.

    Example:
        >>> clip = np.zeros((1, 16000), "float32")
        >>> clip[0, 4000:8000] = 0.5 * (-1.0) ** np.arange(4000)
        >>> samples, lengths = TrimAndNormalize(16000)([clip, np.array([16000])])
        >>> int(lengths[0]), float(samples[0, 0])
        (4000, 1.0)
    """

    def __init__(
        self,
        sample_rate: float,
        trim: float | None = 40.0,
        level: bool = True,
        room: int = 0,
        **kwargs: Any,
    ) -> None:
        if not sample_rate > 0:
            raise SonogramError(f"TrimAndNormalize: sample_rate must be above 0 Hz; got {sample_rate}")
        if trim is not None and not trim > 0:
            raise SonogramError(f"TrimAndNormalize: trim must be above 0 dB, such as 40, or None; got {trim}")
        kwargs.pop("dtype", None)  # float16 has not the digits
        super().__init__(dtype="float32", **kwargs)
        self.sample_rate, self.trim, self.level, self.room = sample_rate, trim, bool(level), int(room)

    def call(self, inputs: Any) -> tuple[Any, Any]:
        """Return the prepared samples and their lengths."""
        ops = keras.ops
        if not isinstance(inputs, (list, tuple)) or len(inputs) != 2:
            raise SonogramError("TrimAndNormalize: takes the list [samples, lengths]")
        samples = ops.cast(inputs[0], "float32")
        lengths = ops.cast(inputs[1], "int32")
        samples = _kept(samples, lengths)
        if self.trim is not None:
            start, lengths = self._span(samples, lengths)
            samples = _kept(_moved(samples, start), lengths)
        if self.level:
            peak = ops.max(ops.abs(samples), axis=-1, keepdims=True, initial=0.0)
            samples = samples / ops.maximum(peak, _QUIETEST)
        if self.room:
            samples = ops.pad(samples, ((0, 0), (0, self.room)))
            lengths = ops.maximum(lengths, self.room)
        return samples, lengths

    def _span(self, samples: Any, lengths: Any) -> tuple[Any, Any]:
        """Return where sound begins, `(batch,)`, and how many samples it lasts."""
        ops = keras.ops
        assert self.trim is not None
        block = max(1, round(_BLOCK * self.sample_rate))
        # About the mean of the clip: a microphone's constant offset is no sound.
        count = ops.expand_dims(ops.maximum(lengths, 1), -1)
        offset = ops.sum(samples, axis=-1, keepdims=True) / ops.cast(count, "float32")
        samples = _kept(samples - offset, lengths)
        # Padded to whole blocks with zeros, so that a clip has the same blocks alone and in a batch.
        padded = ops.pad(ops.square(samples), ((0, 0), (0, block - 1)))
        energy = ops.squeeze(ops.average_pool(ops.expand_dims(padded, -1), block), -1)
        loudest = ops.max(energy, axis=-1, keepdims=True, initial=0.0)
        heard = ops.logical_and(energy >= loudest * 10 ** (-self.trim / 10), energy > 0)
        place = ops.arange(ops.shape(energy)[1], dtype="int32")
        far = ops.full_like(place, 2**30)
        first = ops.min(ops.where(heard, place, far), axis=-1, initial=2**30)
        last = ops.max(ops.where(heard, place + 1, ops.zeros_like(place)), axis=-1, initial=0)
        start = ops.where(last > 0, first * block, ops.zeros_like(first))
        return start, ops.maximum(ops.minimum(last * block, lengths) - start, 0)

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, Any]:
        """Return the shapes of the samples and of the lengths."""
        (batch, samples), lengths = input_shape
        return (batch, None if samples is None else samples + self.room), tuple(lengths)

    def compute_output_spec(self, inputs: Any) -> tuple[Any, Any]:
        """Return the shapes and types of the samples and of the lengths."""
        samples, lengths = self.compute_output_shape([part.shape for part in inputs])
        return keras.KerasTensor(samples, "float32"), keras.KerasTensor(lengths, "int32")

    def get_config(self) -> dict[str, Any]:
        """Return the configuration."""
        config: dict[str, Any] = super().get_config()
        config.pop("dtype", None)
        own = {name: getattr(self, name) for name in ("sample_rate", "trim", "level", "room")}
        return {**config, **own}


def _kept(samples: Any, lengths: Any) -> Any:
    """The samples within their lengths, and 0 beyond, whatever stood there."""
    ops = keras.ops
    place = ops.arange(ops.shape(samples)[1], dtype="int32")
    return ops.where(place < ops.expand_dims(lengths, -1), samples, ops.zeros_like(samples))


def _moved(samples: Any, start: Any) -> Any:
    """The samples from `start` on, `(batch, samples)`."""
    ops = keras.ops
    size = ops.shape(samples)[1]
    place = ops.arange(size, dtype="int32") + ops.expand_dims(start, -1)
    return ops.take_along_axis(samples, ops.minimum(place, size - 1), axis=1)
