"""Features of augmented clips: several versions of each, computed once and kept in memory.

The front end has no weights, so that a network may as well be trained on features. What costs most on a
processor, the augmentation of waveforms, is done once for each version and not in each epoch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from sonogram.layers import BandPass, Noise, Reverb, Speed, Tilt
from sonogram.models.batching import pad_batch
from sonogram.training.settings import Settings
from sonogram.training.sounds import Sounds, trimmed

__all__ = ["Bank", "Features", "features_of"]

_SLOWER = 1.25
"""Room behind a clip, as a share of its length: it may be played so much slower."""
_IN_SILENCE, _MARGIN, _MARGIN_SHARE = 0.8, 0.15, 0.25
"""How many clips are set amid silence; how long it is at each end at most, in seconds and as a share."""
_TRIM = (15.0, 40.0)
"""How far below the loudest what is trimmed lies, dB."""
_LONGER = 1.25
"""How much longer than most clips a piece may be: one long clip would fill all others with padding."""
_TOGETHER = 32
_MEMORY = 1 << 30
"""Bytes of features to keep; where eight versions take more, there are fewer, but one at least."""

Features = NDArray[np.float16]
"""Of one clip, `(frames, bands)`; half precision is enough for values around 1, in half the memory."""


class Bank:
    """Versions of the clips' features, a pure function of the clips and the seed.

    Args:
        sounds: The clips.
        front: The model `[samples, lengths]` to `[features, valid frames]`.
        settings: How clips are augmented.
        ends_vary: Whether clips are also trimmed closer by chance and set amid silence, as words are found in
            recordings; of a drum, the end is part of the sound.
        on_version: Called with the number of versions made and of those to make.
    """

    def __init__(
        self,
        sounds: Sounds,
        front: keras.Model,
        settings: Settings,
        ends_vary: bool = False,
        on_version: Callable[[int, int], None] | None = None,
    ) -> None:
        self._sounds, self._settings, self._ends_vary = sounds, settings, ends_vary
        layers = _augmentations(sounds.sample_rate, settings) if settings.augment else ()
        compute = _computing(front, layers)
        wanted = settings.versions if settings.augment else 1
        self._versions: list[list[Features]] = []
        while len(self._versions) < wanted:
            made = self._made(compute, len(self._versions))
            self._versions.append(made)
            if len(self._versions) == 1:
                size = sum(features.nbytes for features in made)
                wanted = max(1, min(wanted, _MEMORY // max(size, 1)))
            if on_version is not None:
                on_version(len(self._versions), wanted)

    def __len__(self) -> int:
        return len(self._versions)

    def __getitem__(self, number: int) -> list[Features]:
        """Return one version of all clips."""
        return self._versions[number]

    def _made(self, compute: Any, number: int) -> list[Features]:
        rng = np.random.default_rng([self._settings.seed, number])
        seconds = min(self._settings.seconds, _LONGER * self._sounds.seconds)
        longest = max(1, round(seconds * self._sounds.sample_rate))
        rate, found = self._sounds.sample_rate, self._sounds.samples
        varied = self._settings.augment and self._ends_vary
        if varied:
            found = tuple(trimmed(samples, rate, rng.uniform(*_TRIM)) for samples in found)
        clips = [_leveled(_piece(samples, longest, rng)) for samples in found]
        if varied:
            clips = [_with_margins(samples, rate, rng) for samples in clips]
        room = _SLOWER - 1 if self._settings.augment else 0.0
        return _all(compute, clips, room, number * len(clips))


def features_of(sounds: Sounds, front: keras.Model) -> list[Features]:
    """Return the features of the clips as they are."""
    return _all(_computing(front, ()), sounds.samples, 0.0, 0)


def _all(compute: Any, clips: Sequence[NDArray[np.float32]], room: float, first_seed: int) -> list[Features]:
    found: list[Any] = [None] * len(clips)
    # Clips of like length together: less padding to compute.
    order = np.argsort([len(clip) for clip in clips], kind="stable")
    for first in range(0, len(order), _TOGETHER):
        chosen = order[first : first + _TOGETHER]
        samples, lengths = pad_batch([clips[index] for index in chosen])
        samples = np.pad(samples, ((0, 0), (0, round(samples.shape[1] * room))))
        features, valid = compute(samples, lengths, (first_seed + chosen).astype(np.int64))
        counts = np.asarray(valid).sum(axis=-1).astype(int)
        for index, row, count in zip(chosen, np.asarray(features), counts, strict=True):
            found[index] = row[:count].astype(np.float16)
    return found


def _computing(front: keras.Model, layers: Sequence[Any]) -> Any:
    def compute(samples: Any, lengths: Any, seeds: Any) -> Any:
        batch = {"samples": samples, "lengths": lengths, "seeds": seeds}
        for layer in layers:
            batch = layer(batch, training=True)
        return front([batch["samples"], batch["lengths"]])

    clips = tf.TensorSpec((None, None), tf.float32), tf.TensorSpec((None,), tf.int32)
    return tf.function(compute, input_signature=[*clips, tf.TensorSpec((None,), tf.int64)], autograph=False)


def _piece(samples: NDArray[np.float32], longest: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """A piece of a long clip, from anywhere."""
    start = int(rng.integers(0, max(len(samples) - longest, 0) + 1))
    return samples[start : start + longest]


def _with_margins(
    samples: NDArray[np.float32], sample_rate: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    """A clip amid silence: what noise then fills of it is not trimmed, as in a noisy recording."""
    widest = rng.binomial(1, _IN_SILENCE) * min(_MARGIN * sample_rate, _MARGIN_SHARE * len(samples))
    before, after = (round(share * widest) for share in rng.random(2))
    return np.pad(samples, (before, after))


def _leveled(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    return samples / np.float32(max(float(np.abs(samples).max(initial=0)), 1e-4))


def _augmentations(sample_rate: int, settings: Settings) -> Sequence[Any]:
    """Other voices and instruments, rooms, microphones and noise."""
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
