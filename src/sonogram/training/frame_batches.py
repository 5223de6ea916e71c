"""Batches of frames for a network as `tf.data`, a function of the step alone: a training can be continued."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from sonogram.layers import SpecAugment

__all__ = ["Finish", "frame_batches", "masked_features", "unchanged"]

Finish = Callable[[Any, Any, Any], tuple[Any, Any]]
"""Takes the step, values `(batch, frames, size)` and the number of frames; returns values and their mask."""


def frame_batches(
    make: Callable[[Any], tuple[Any, Any, Any]],
    steps: range,
    size: int,
    targets: tf.TensorSpec,
    finish: Finish,
) -> Any:
    """Return the batches of steps as `((values, mask), targets)`.

    Args:
        make: Takes the step and returns float32 values `(batch, frames, size)`, the int32 number of frames
            of each, and the targets.
        steps: The steps.
        size: Number of values in a frame.
        targets: Shape and type of the targets.
        finish: Makes the inputs of the network.
    """

    def batch(step: Any) -> Any:
        values, frames, found = tf.numpy_function(make, [step], (tf.float32, tf.int32, targets.dtype))
        inputs = finish(step, tf.ensure_shape(values, (None, None, size)), tf.ensure_shape(frames, (None,)))
        return inputs, tf.ensure_shape(found, targets.shape)

    data = tf.data.Dataset.range(steps.start, steps.stop).map(
        tf.autograph.experimental.do_not_convert(batch), num_parallel_calls=2, deterministic=True
    )
    options = tf.data.Options()
    # The clips are in the memory of one computer: there are no files to divide among replicas.
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.OFF
    return data.with_options(options).prefetch(4)


def masked_features(scaling: Any, mask: SpecAugment | None, batch_size: int) -> Finish:
    """Return a function that scales the features of a step, and masks some of them.

    Args:
        scaling: Layer that takes features and the mask of valid frames, and returns both.
        mask: Augmentation of features; None masks nothing.
        batch_size: Number of clips in a step, each with a seed of its own.
    """

    def finish(step: Any, values: Any, frames: Any) -> tuple[Any, Any]:
        values, valid = scaling(values, mask=tf.sequence_mask(frames, tf.shape(values)[1]))
        if mask is not None:
            seeds = step * batch_size + tf.range(tf.shape(values)[0], dtype=tf.int64)
            values = mask({"features": values, "lengths": frames, "seeds": seeds}, training=True)["features"]
        return values, valid

    return finish


def unchanged(step: Any, values: Any, frames: Any) -> tuple[Any, Any]:
    """Return values as they are, such as embeddings, with the mask of the valid frames."""
    return values, tf.sequence_mask(frames, tf.shape(values)[1], tf.float32)
