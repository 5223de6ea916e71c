"""Base of the augmentations: when they act, on which inputs, and with which random numbers."""

from __future__ import annotations

import dataclasses
import numbers
import random
import zlib
from typing import Any, ClassVar

import keras

from sonogram.engines.arrays import Arrays, dtype_name, is_tensorflow, library, namespace
from sonogram.errors import SonogramError
from sonogram.layers.augment.clips import Clips, Inputs, read
from sonogram.layers.augment.draws import Draws, Keys, seeded_keys, step_keys, words
from sonogram.layers.float32 import Float32Layer

__all__ = ["Augmentation", "span"]


class Augmentation(Float32Layer):
    """Base of the layers that change each clip at random during training.

    Outside training a layer returns its input. In training (`training=True` in a call, or `fit`) each
    example gets random numbers of its own. They depend on the seeds of the layer and of the example; without
    seeds of examples, on the seed of the layer, the number of the call, and the position in the batch.
    They are the same on every backend.

    Everything is computed in float32 under every dtype policy. Samples beyond a clip's length have no
    effect and become 0. All channels of a clip are changed in the same way.

    Args:
        probability: Share of the examples that are changed. Lower it if a change is rare in your data.
        seed: Seed of the random numbers; None draws one.
        **kwargs: Arguments of `keras.layers.Layer`, except `dtype`, which is always float32.

    Input shape:
        `(batch, samples)`, `(batch, channels, samples)` or `(samples,)`; or `[samples, lengths]`;
        or a dictionary with "samples" and optionally "lengths", "labels" and "seeds", integers of shape
        `(batch,)`. Other entries are passed on.

    Output shape:
        The structure of the input.

    Raises:
        SonogramError: A parameter or the input is invalid.

    See Also:
        `sonogram.dataset.batches`, which provides the dictionaries.
    """

    key: ClassVar[str] = "samples"
    """Name of the values in a dictionary."""
    inner_rank: ClassVar[int] = 1
    """Number of axes of one channel of one example."""
    keeps_lengths: ClassVar[bool] = True
    """Whether a clip keeps its length."""
    needs_batch: ClassVar[bool] = False
    """Whether the layer needs several examples."""

    def __init__(self, *, probability: float = 1.0, seed: int | None = None, **kwargs: Any) -> None:
        fits = isinstance(probability, numbers.Real) and 0 <= probability <= 1
        self._require_not(not fits, f"probability must be between 0 and 1; got {probability!r}")
        self._require_not(
            not isinstance(seed, numbers.Integral | None) or isinstance(seed, bool),
            f"seed must be a whole number, or None; got {seed!r}",
        )
        super().__init__(**kwargs)
        self.probability = float(probability)
        self.seed = None if seed is None else int(seed)
        self.supports_masking = True
        # From the state that keras.utils.set_random_seed sets, like the seeds of Keras's own layers.
        self._start = random.randrange(1 << 30) if self.seed is None else self.seed
        self._generator = keras.random.SeedGenerator(self._start)
        self._calls: Any = None

    def transform(self, clips: Clips, draws: Draws) -> Clips:
        """Return the changed clips; samples beyond their lengths need not be 0."""
        raise NotImplementedError

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        given = read(inputs, None, self.key)
        self._check(given)
        if keras.backend.backend() != "tensorflow" and is_tensorflow(given.values):
            # In a tf.data function the tensors are TensorFlow's, whatever the backend.
            return self.call(inputs, *args, **kwargs)
        return super().__call__(inputs, *args, **kwargs)

    def call(self, inputs: Any, mask: Any = None, training: bool = False) -> Any:
        """Return `inputs`, changed in training; a mask over samples takes the place of lengths."""
        given = read(inputs, mask, self.key)
        if given.masked and not self.keeps_lengths:
            self._require_not(True, f"changes lengths, which a mask cannot state: pass [{self.key}, lengths]")
        if not training:
            return inputs
        xp = namespace(library(given.values))
        if given.values.shape[-self.inner_rank] == 0:
            return inputs
        keys = self._keys(xp, given)
        clips = self._rows(xp, given)
        channels = words(xp, xp.arange(0, clips.channels, clips.values) * 0, clips.values)[0]
        # One key for all the channels of an example.
        shared, own = (xp.reshape(xp.expand(part, -1) + channels, (-1,)) for part in keys)
        return self._pack(given, self._apply(clips, (shared, own)))

    def _apply(self, clips: Clips, keys: Keys) -> Clips:
        xp = clips.xp
        salt = zlib.crc32(type(self).__name__.encode()) >> 1
        clips = clips.silence_padding()
        changed = self.transform(clips, Draws(xp, keys, salt))
        if self.probability < 1:
            chosen = Draws(xp, keys, salt ^ 1).uniform() < self.probability
            values = xp.where(clips.column(chosen), changed.values, clips.values)
            lengths = changed.lengths
            if lengths is not None:
                lengths = xp.where(chosen, lengths, clips.lengths)
            labels = changed.labels
            if labels is not clips.labels:
                chosen = xp.crop(xp.reshape(chosen, (-1, clips.channels)), 0, 1, -1)
                labels = xp.where(chosen, labels, xp.floats(clips.labels))
            changed = dataclasses.replace(changed, values=values, lengths=lengths, labels=labels)
        return changed.silence_padding()

    def _check(self, given: Inputs) -> None:
        values = given.values
        for part in (values, given.lengths, given.seeds):
            self._require_not(
                part is not None and not hasattr(part, "shape"),
                f"takes arrays or tensors; got {type(part).__name__}",
            )
        name = dtype_name(values)
        self._require_not(
            not name.startswith(("float", "bfloat")),
            f"{self.key} must be floating point; got {name}: divide integers by their full scale",
        )
        rank, inner = len(values.shape), self.inner_rank
        least = inner + self.needs_batch
        self._require_not(
            not least <= rank <= inner + 2,
            f"{self.key} must have {least} to {inner + 2} axes; got shape {_shape(values)}",
        )
        batch = values.shape[:1] if rank > inner else ()
        for name, part in (("lengths", given.lengths), ("seeds", given.seeds)):
            if part is not None:
                self._require_count(name, part, part.shape, batch)
                self._require_not(
                    "int" not in dtype_name(part), f"{name} must be integers; got {dtype_name(part)}"
                )
        if batch and hasattr(given.labels, "shape"):
            self._require_count("labels", given.labels, given.labels.shape[:1], batch)

    def _require_count(self, name: str, part: Any, shape: Any, batch: Any) -> None:
        """Raise an error unless there is one `part` for each example; an unknown size fits all."""
        fits = len(shape) == len(batch) and all(
            None in (size, other) or size == other for size, other in zip(shape, batch, strict=True)
        )
        message = f"{name} must be one for each example; got shape {_shape(part)} for a batch of {(*batch,)}"
        self._require_not(not fits, message)

    def _rows(self, xp: Arrays, given: Inputs) -> Clips:
        values = xp.samples(given.values)
        rank, inner = len(values.shape), self.inner_rank
        channels = 1
        if rank == inner:
            values = xp.expand(values, 0)
        elif rank == inner + 2:
            channels = values.shape[1]
            self._require_not(channels is None, "needs a known number of channels: set the static shape")
            sizes = [xp.size(values, axis) for axis in range(-inner, 0)]
            values = xp.reshape(values, (xp.size(values, -rank) * channels, *sizes))
        lengths = given.lengths
        if lengths is not None:
            lengths = xp.reshape(xp.integers(lengths, values), (-1, 1))
            lengths = xp.minimum(xp.maximum(lengths, 0), xp.size(values, -inner))
            lengths = xp.reshape(lengths + xp.arange(0, channels, values) * 0, (-1,))
        return Clips(xp, values, lengths, channels, given.labels)

    def _keys(self, xp: Arrays, given: Inputs) -> Keys:
        if given.seeds is not None:
            return seeded_keys(xp, self._start, xp.reshape(given.seeds, (-1,)), given.values)
        rank = len(given.values.shape)
        count = 1 if rank == self.inner_rank else xp.size(given.values, -rank)
        return step_keys(xp, self._state(xp), count, given.values)

    def _state(self, xp: Arrays) -> Any:
        """Return the seed and the number of this call."""
        if xp.name == keras.backend.backend():
            return self._generator.next()
        import tensorflow as tf

        if self._calls is None:
            # A tf.data function on another backend counts in its own variable.
            with tf.init_scope():
                self._calls = tf.Variable(0, dtype=tf.int64, trainable=False)
        return tf.constant(self._start, tf.int64), self._calls.assign_add(1) - 1

    def _pack(self, given: Inputs, changed: Clips) -> Any:
        xp, values, lengths = changed.xp, changed.values, changed.lengths
        rank, inner = len(given.values.shape), self.inner_rank
        if rank == inner:
            values = xp.reshape(values, [xp.size(values, axis) for axis in range(-inner, 0)])
        elif rank == inner + 2:
            sizes = [xp.size(values, axis) for axis in range(-inner, 0)]
            values = xp.reshape(values, (-1, changed.channels, *sizes))
        if lengths is not None and not given.masked:
            lengths = xp.crop(xp.reshape(lengths, (-1, changed.channels)), 0, 1, -1)
            lengths = xp.cast(xp.reshape(lengths, (-1,) if rank > inner else ()), given.lengths)
        return given.pack(values, lengths, changed.labels)

    def compute_output_spec(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Return the shapes and types of the outputs: those of the inputs."""
        return keras.tree.map_structure(lambda x: keras.KerasTensor(x.shape, x.dtype), inputs)

    def _require_not(self, wrong: bool, message: str) -> None:
        if wrong:
            raise SonogramError(f"{type(self).__name__}: {message}")


def span(
    name: str, value: Any, low: float = -float("inf"), high: float = float("inf")
) -> tuple[float, float]:
    """Return a number, or a range, as the two ends of a range between `low` and `high`.

    Raises:
        SonogramError: It is neither, or it is outside.
    """
    try:
        ends = (value, value) if isinstance(value, (int, float)) else tuple(value)
        first, last = (float(end) for end in ends)
    except (TypeError, ValueError):
        raise SonogramError(f"{name} must be a number or a range (low, high); got {value!r}") from None
    if not low <= first <= last <= high:
        raise SonogramError(
            f"{name} must be a range (low, high) between {low:g} and {high:g}; got ({first:g}, {last:g})"
        )
    return first, last


def _shape(part: Any) -> tuple[int | None, ...]:
    return () if part is None else tuple(part.shape)
