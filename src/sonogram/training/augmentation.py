"""Features of augmented clips: several versions of each clip, computed once and kept in memory.

The front end has no weights, so a network may as well be trained on features. Augmenting waveforms is the
most expensive part on a CPU; it happens once for each version instead of once for each epoch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from sonogram.dataset import LoadedClips
from sonogram.layers import BandPass, Noise, Reverb, Speed, Tilt
from sonogram.layers.trimming import trim_silence
from sonogram.models.batching import batches_by_length, pad_batch
from sonogram.training.settings import TrainingSettings

__all__ = ["AugmentedFeatures", "Features", "Progress", "compute_features", "trim_clips"]

_TRIM_MARGIN = 0.03
"""Seconds to keep around a trimmed sound: augmentation moves and lengthens it."""
_SLOWEST = 1.25
"""Length of the batch relative to its longest clip: augmentation may slow a clip down by as much."""
_MARGIN_PROBABILITY, _MARGIN, _MARGIN_SHARE = 0.8, 0.15, 0.25
"""Share of the clips that get silence at both ends, and its limits in seconds and relative to the clip."""
_TRIM_DB = (15.0, 40.0)
"""Range of the random trim level below the loudest block, dB."""
_MAX_LENGTH = 1.25
"""Longest segment relative to the typical clip: one long clip would pad all others of its batch."""
_BATCH = 32
_MAX_BYTES = 1 << 30
"""Memory for features. If eight versions exceed it, there are fewer, but at least one."""

Samples = NDArray[np.float32]
Features = NDArray[np.float16]
"""Features of one clip, `(frames, bands)`. Half precision suffices for values around 1 and saves memory."""
Progress = Callable[[str, int, int], None]
"""Called with the name of a stage, "augmentation" or "fold", the number of steps done, and their total."""


class AugmentedFeatures:
    """Sequence of augmented versions of the features of all clips, determined by the clips and the seed.

    Args:
        loaded: The clips.
        front: Model of the front end, `[samples, lengths]` to `[features, mask]`; see `models.front_model`.
        settings: Settings of the augmentation.
        vary_ends: Whether to trim clips at random levels and to put them into silence, as suits words cut
            from speech. The end of a drum hit, in contrast, is part of the sound.
        on_progress: Called after each version.
    """

    def __init__(
        self,
        loaded: LoadedClips,
        front: keras.Model,
        settings: TrainingSettings,
        vary_ends: bool = False,
        on_progress: Progress | None = None,
    ) -> None:
        self._loaded, self._settings, self._vary_ends = loaded, settings, vary_ends
        compute = _trace(front, _augmentations(loaded.sample_rate, settings) if settings.augment else ())
        # Each epoch takes one version of every clip, so no clip needs more versions than there are epochs.
        count = min(settings.versions, settings.num_epochs(len(loaded))) if settings.augment else 1
        self._versions: list[list[Features]] = []
        while len(self._versions) < count:
            version = self._compute_version(compute, len(self._versions))
            self._versions.append(version)
            if len(self._versions) == 1:
                size = sum(features.nbytes for features in version)
                count = max(1, min(count, _MAX_BYTES // max(size, 1)))
            if on_progress is not None:
                on_progress("augmentation", len(self._versions), count)

    def __len__(self) -> int:
        return len(self._versions)

    def __getitem__(self, number: int) -> list[Features]:
        """Return one version of all clips."""
        return self._versions[number]

    def _compute_version(self, compute: Any, number: int) -> list[Features]:
        rng = np.random.default_rng([self._settings.seed, number])
        rate, clips = self._loaded.sample_rate, self._loaded.samples
        seconds = min(self._settings.seconds, _MAX_LENGTH * self._loaded.typical_seconds)
        longest = max(1, round(seconds * rate))
        vary_ends = self._settings.augment and self._vary_ends
        if vary_ends:
            levels = (rng.uniform(*_TRIM_DB) for _ in clips)
            clips = tuple(
                trim_silence(samples, rate, level, _TRIM_MARGIN)
                for samples, level in zip(clips, levels, strict=True)
            )
        segments = [_normalize_peak(_random_segment(samples, longest, rng)) for samples in clips]
        if vary_ends:
            segments = [_add_silence(samples, rate, rng) for samples in segments]
        slowest = _SLOWEST if self._settings.augment else 1.0
        return _compute_all(compute, segments, slowest, number * len(segments))


def trim_clips(loaded: LoadedClips) -> LoadedClips:
    """Return clips trimmed as the model will trim them: silence must not return with the augmentation."""
    rate = loaded.sample_rate
    samples = tuple(trim_silence(clip, rate, margin=_TRIM_MARGIN) for clip in loaded.samples)
    return replace(loaded, samples=samples)


def compute_features(loaded: LoadedClips, front: keras.Model) -> list[Features]:
    """Return the features of clips without augmentation."""
    return _compute_all(_trace(front, ()), loaded.samples, 1.0, 0)


def _compute_all(compute: Any, clips: Sequence[Samples], slowest: float, first_seed: int) -> list[Features]:
    found: list[Any] = [None] * len(clips)
    for chosen in batches_by_length(clips, _BATCH):
        samples, lengths = pad_batch([clips[index] for index in chosen])
        samples = np.pad(samples, ((0, 0), (0, round(samples.shape[1] * (slowest - 1)))))
        features, valid = compute(samples, lengths, (first_seed + chosen).astype(np.int64))
        counts = np.asarray(valid).sum(axis=-1).astype(int)
        for index, row, count in zip(chosen, np.asarray(features), counts, strict=True):
            found[index] = row[:count].astype(np.float16)
    return found


def _trace(front: keras.Model, layers: Sequence[Any]) -> Any:
    def compute(samples: Any, lengths: Any, seeds: Any) -> Any:
        batch = {"samples": samples, "lengths": lengths, "seeds": seeds}
        for layer in layers:
            batch = layer(batch, training=True)
        return front([batch["samples"], batch["lengths"]])

    clips = tf.TensorSpec((None, None), tf.float32), tf.TensorSpec((None,), tf.int32)
    return tf.function(compute, input_signature=[*clips, tf.TensorSpec((None,), tf.int64)], autograph=False)


def _random_segment(samples: Samples, longest: int, rng: np.random.Generator) -> Samples:
    start = int(rng.integers(0, max(len(samples) - longest, 0) + 1))
    return samples[start : start + longest]


def _add_silence(samples: Samples, sample_rate: int, rng: np.random.Generator) -> Samples:
    """Add silence at both ends. Noise that fills it later is not trimmed, as in a noisy recording."""
    widest = rng.binomial(1, _MARGIN_PROBABILITY) * min(_MARGIN * sample_rate, _MARGIN_SHARE * len(samples))
    left, right = (round(share * widest) for share in rng.random(2))
    return np.pad(samples, (left, right))


def _normalize_peak(samples: Samples) -> Samples:
    return samples / np.float32(max(float(np.abs(samples).max(initial=0)), 1e-4))


def _augmentations(sample_rate: int, settings: TrainingSettings) -> Sequence[Any]:
    """Return layers that imitate other voices, instruments, acoustics, microphones and noise."""
    seed, top = 10 * settings.seed, 0.49 * sample_rate
    wider = max(1.0, sample_rate / 16_000)
    upper = (min(2800.0 * wider, top), min(7600.0 * wider, top))
    return (
        Speed((0.82, 1.22), seed=seed, probability=0.8),
        Tilt(sample_rate, (-4.0, 4.0), seed=seed + 1, probability=0.5),
        BandPass(sample_rate, (50.0, 350.0), upper, seed=seed + 2, probability=0.25),
        Reverb(sample_rate, (0.1, 0.5), (0.0, 15.0), seed=seed + 3, probability=0.25),
        Noise((8.0, 35.0), "pink", seed=seed + 4, probability=0.3),
        Noise((8.0, 35.0), "white", seed=seed + 5, probability=0.2),
    )
