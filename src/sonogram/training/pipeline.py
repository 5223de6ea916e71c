"""What the network sees in each step: a pure function of the seed and the number of the step.

So a training that was killed goes on with the very batches that it would have seen.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from sonogram.layers import Mixup, SpecAugment
from sonogram.training.bank import Bank
from sonogram.training.settings import Settings

__all__ = ["batches", "class_weights", "steps_per_epoch"]


_ALIKE = 4
"""Batches whose clips are sorted by length: fewer batches are mostly padding, and all of them differ."""


def steps_per_epoch(num_clips: int, settings: Settings) -> int:
    """Return how many batches an epoch has; the clips that fill none wait for the next epoch."""
    return max(1, num_clips // settings.batch_size)


def batches(
    bank: Bank,
    targets: NDArray[np.float32],
    settings: Settings,
    first_epoch: int,
    epochs: int,
    member: int = 0,
) -> Any:
    """Return the batches of the epochs from `first_epoch` to before `epochs`, as one `tf.data.Dataset`.

    Each is `((features, valid frames), targets, weights)`: augmented, mixed, padded with 0.

    Args:
        bank: The features.
        targets: What is heard, `(clips, labels)`.
        settings: How the model is trained.
        first_epoch: Where to begin.
        epochs: Where to end.
        member: Which network of several it is for: each has its own order and mixtures.
    """
    count, labels = targets.shape
    steps = steps_per_epoch(count, settings)
    size = min(settings.batch_size, count)
    weights = class_weights(targets)
    bands = bank[0][0].shape[-1]
    frames = np.array([len(clip) for clip in bank[0]])

    @lru_cache(2)
    def _order(epoch: int) -> NDArray[np.int64]:
        """The clips of an epoch: at random, those of like length together in a batch."""
        rng = np.random.default_rng([settings.seed, member, epoch])
        order = rng.permutation(count)[: steps * size]
        stretch = _ALIKE * size
        parts = [order[first : first + stretch] for first in range(0, len(order), stretch)]
        order = np.concatenate([part[np.argsort(frames[part], kind="stable")] for part in parts])
        return np.concatenate(rng.permutation(order.reshape(steps, size)))

    def drawn(step: Any) -> tuple[Any, Any, Any, Any]:
        epoch, place = divmod(int(step), steps)
        chosen = _order(epoch)[place * size : (place + 1) * size]
        # Each clip has its own order of versions, so that an epoch is not all from one.
        version = (epoch + chosen) % len(bank)
        clips = [bank[int(number)][index] for number, index in zip(version, chosen, strict=True)]
        lengths = np.array([len(clip) for clip in clips], np.int32)
        features = np.zeros((size, max(int(lengths.max()), 1), bands), np.float32)
        for row, clip in zip(features, clips, strict=True):
            row[: len(clip)] = clip
        both = np.concatenate([targets[chosen], weights[chosen, None]], axis=-1)
        return features, lengths, both, (np.int64(epoch) * count + chosen).astype(np.int64)

    seed = 1000 * settings.seed + 10 * member
    mask = SpecAugment(2, 24, 0.15, 2, max(1, bands // 8), fill=0.0, seed=seed)
    mixup = Mixup(seed=seed + 1, probability=settings.mixup)

    def made(step: Any) -> Any:
        kinds = (tf.float32, tf.int32, tf.float32, tf.int64)
        features, lengths, both, seeds = tf.numpy_function(drawn, [step], kinds)
        features = tf.ensure_shape(features, (size, None, bands))
        lengths, seeds = tf.reshape(lengths, (size,)), tf.reshape(seeds, (size,))
        # The weight goes through the mixing beside the targets.
        both = tf.reshape(both, (size, labels + 1))
        if settings.mixup and size > 1:
            flat = tf.reshape(features, (size, -1))
            batch = {"samples": flat, "lengths": lengths * bands, "labels": both, "seeds": seeds}
            batch = mixup(batch, training=True)
            features, both = tf.reshape(batch["samples"], tf.shape(features)), batch["labels"]
            lengths = batch["lengths"] // bands
        if settings.augment:
            batch = {"features": features, "lengths": lengths, "seeds": seeds}
            features = mask(batch, training=True)["features"]
        valid = tf.cast(tf.sequence_mask(lengths, tf.shape(features)[1]), tf.float32)
        return (tf.ensure_shape(features, (size, None, bands)), valid), both[:, :-1], both[:, -1]

    data = tf.data.Dataset.range(first_epoch * steps, epochs * steps).map(
        tf.autograph.experimental.do_not_convert(made), tf.data.AUTOTUNE, deterministic=True
    )
    options = tf.data.Options()
    # All replicas share one computer's clips: there are no files to divide among them.
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.OFF
    return data.with_options(options).prefetch(2)


def class_weights(targets: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the weight of each clip: rare classes count more, by the root, so that one clip is not all."""
    present = np.maximum(targets.sum(axis=0), 1)
    by_class = np.sqrt(present.mean() / present)
    number = targets.sum(axis=1)
    own = np.where(number > 0, (targets * by_class).sum(axis=1) / np.maximum(number, 1), 1.0)
    return np.asarray(own / own.mean(), np.float32)
