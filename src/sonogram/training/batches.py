"""Training batches as a function of the seed and the step number alone.

So a training that was killed continues with exactly the batches that it would have had.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from sonogram.layers import Mixup, SpecAugment
from sonogram.models.batching import pad_batch
from sonogram.training.augmentation import AugmentedFeatures
from sonogram.training.settings import TrainingSettings

__all__ = ["class_weights", "map_steps", "shuffle_batches", "steps_per_epoch", "training_batches"]

_SORTED_BATCHES = 4
"""Number of batches whose clips are sorted by length together, which limits padding but keeps randomness."""


def steps_per_epoch(num_clips: int, settings: TrainingSettings) -> int:
    """Return the number of full batches in an epoch; the remaining clips are left out of that epoch."""
    return max(1, num_clips // settings.batch_size)


def training_batches(
    features: AugmentedFeatures,
    targets: NDArray[np.float32],
    settings: TrainingSettings,
    first_epoch: int,
    epochs: int,
    member: int = 0,
) -> Any:
    """Return the batches of the epochs from `first_epoch` to before `epochs`, as one `tf.data.Dataset`.

    Each batch is `((features, mask), targets, weights)`, with SpecAugment and mixup, padded with 0.

    Args:
        features: Augmented versions of the features of all clips.
        targets: 1 where a clip has a label, `(clips, labels)`.
        settings: Training settings.
        first_epoch: First epoch to yield.
        epochs: Total number of epochs.
        member: Index of the network in an ensemble: each has its own order of clips and mixtures.
    """
    count, labels = targets.shape
    steps = steps_per_epoch(count, settings)
    size = min(settings.batch_size, count)
    weights = class_weights(targets)
    bands = features[0][0].shape[-1]
    frames = np.array([len(clip) for clip in features[0]])

    @lru_cache(2)
    def epoch_batches(epoch: int) -> NDArray[np.int64]:
        rng = np.random.default_rng([settings.seed, member, epoch])
        return shuffle_batches(frames, steps, size, rng)

    def step_batch(step: Any) -> tuple[Any, Any, Any, Any]:
        epoch, place = divmod(int(step), steps)
        chosen = epoch_batches(epoch)[place]
        # Each clip cycles through the versions with its own offset, so that an epoch mixes them.
        version = (epoch + chosen) % len(features)
        clips = [features[int(number)][index] for number, index in zip(version, chosen, strict=True)]
        both = np.concatenate([targets[chosen], weights[chosen, None]], axis=-1)
        return *pad_batch(clips), both, (np.int64(epoch) * count + chosen).astype(np.int64)

    seed = 1000 * settings.seed + 10 * member
    mask = SpecAugment(2, 24, 0.15, 2, max(1, bands // 8), fill=0.0, seed=seed)
    mixup = Mixup(seed=seed + 1, probability=settings.mixup)

    def augmented(step: Any) -> Any:
        kinds = (tf.float32, tf.int32, tf.float32, tf.int64)
        values, lengths, both, seeds = tf.numpy_function(step_batch, [step], kinds)
        values = tf.ensure_shape(values, (size, None, bands))
        lengths, seeds = tf.reshape(lengths, (size,)), tf.reshape(seeds, (size,))
        # The weight is mixed together with the targets.
        both = tf.reshape(both, (size, labels + 1))
        if settings.mixup and size > 1:
            flat = tf.reshape(values, (size, -1))
            batch = {"samples": flat, "lengths": lengths * bands, "labels": both, "seeds": seeds}
            batch = mixup(batch, training=True)
            values, both = tf.reshape(batch["samples"], tf.shape(values)), batch["labels"]
            lengths = batch["lengths"] // bands
        if settings.augment:
            batch = {"features": values, "lengths": lengths, "seeds": seeds}
            values = mask(batch, training=True)["features"]
        valid = tf.cast(tf.sequence_mask(lengths, tf.shape(values)[1]), tf.float32)
        return (tf.ensure_shape(values, (size, None, bands)), valid), both[:, :-1], both[:, -1]

    return map_steps(augmented, range(first_epoch * steps, epochs * steps), tf.data.AUTOTUNE, prefetch=2)


def shuffle_batches(
    lengths: NDArray[np.int64], steps: int, size: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return the clips of each batch of an epoch, `(steps, size)`, in random order but of similar lengths.

    Args:
        lengths: Length of each clip.
        steps: Number of batches.
        size: Number of clips in a batch.
        rng: Random numbers of the epoch.
    """
    order = rng.permutation(len(lengths))[: steps * size]
    stretch = _SORTED_BATCHES * size
    parts = [order[first : first + stretch] for first in range(0, len(order), stretch)]
    order = np.concatenate([part[np.argsort(lengths[part], kind="stable")] for part in parts])
    return rng.permutation(order.reshape(steps, size))


def map_steps(make: Callable[[Any], Any], steps: range, parallel: int, prefetch: int) -> Any:
    """Return the batches of steps in order, as a `tf.data.Dataset`.

    Args:
        make: Function of the step to a batch, of tensors.
        steps: The steps.
        parallel: Number of batches to make at a time.
        prefetch: Number of batches to make ahead.
    """
    data = tf.data.Dataset.range(steps.start, steps.stop).map(
        tf.autograph.experimental.do_not_convert(make), parallel, deterministic=True
    )
    options = tf.data.Options()
    # The clips are in the memory of one computer: there are no files to divide among replicas.
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.OFF
    return data.with_options(options).prefetch(prefetch)


def class_weights(targets: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the weight of each clip, `(clips,)`, 1 / sqrt(class size), so that rare classes count more."""
    present = np.maximum(targets.sum(axis=0), 1)
    by_class = np.sqrt(present.mean() / present)
    number = targets.sum(axis=1)
    own = np.where(number > 0, (targets * by_class).sum(axis=1) / np.maximum(number, 1), 1.0)
    return np.asarray(own / own.mean(), np.float32)
