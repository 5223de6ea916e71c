"""Utterances to train on, as a function of the seed and the step alone: a training can be continued."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonogram.dataset import LoadedClips
from sonogram.decoding import Alphabet
from sonogram.frontend import Frontend
from sonogram.layers.trimming import trim_silence
from sonogram.models.batching import pad_batch
from sonogram.training.batches import shuffle_batches, steps_per_epoch
from sonogram.training.settings import TrainingSettings
from sonogram.training.variation import Noises, vary_bands, vary_speech, vary_tempo

__all__ = ["Utterances", "min_frames", "steps_per_text_epoch"]

Floats = NDArray[np.float32]
Classes = NDArray[np.int32]

_GAP = (-0.04, 0.35)
"""Range of the gap between two joined clips, seconds; below 0 they overlap."""
_TRIM_DB, _TRIM_MARGIN = (20.0, 30.0, 40.0), 0.02
"""Levels below the loudest block at which clips are trimmed before they are joined, dB; seconds to keep."""
_LEVEL_DB = 4.0
"""Largest change of the level of a clip within an utterance, dB."""
_ENDS = 0.4
"""Longest silence before and after an utterance, seconds."""
_EMPTY = 0.03
"""Share of utterances that are only noise, with an empty text: otherwise a breath becomes a word."""
_STEPS_OF_JOINED = 200
"""Number of steps of an epoch of joined clips, which has no end of its own."""


def min_frames(classes: Classes) -> int:
    """Return the number of frames that CTC needs for symbols: a repeated one needs a blank before it.

    Example:
        >>> min_frames(np.array([2, 2, 3]))
        4
    """
    return len(classes) + int(np.sum(classes[1:] == classes[:-1]))


def steps_per_text_epoch(num_clips: int, settings: TrainingSettings, join: int | None) -> int:
    """Return the number of steps of an epoch, of which joined recordings have no natural number.

    Args:
        num_clips: Number of recordings.
        settings: `batch_size` is used.
        join: Largest number of recordings in an utterance; None if they are not joined.
    """
    return _STEPS_OF_JOINED if join else steps_per_epoch(num_clips, settings)


@dataclass(frozen=True, eq=False)
class Utterances:
    """Batches of features and symbols, new in each step.

    Args:
        loaded: Recordings with their texts.
        alphabet: Symbols of the texts.
        frontend: Front end of the features.
        stride: Frames of features for each frame of the network.
        settings: `seed`, `batch_size` and `augment` are used.
        join: Largest number of recordings of a group to join to an utterance; None takes each by itself.
        quietest_db: Lowest peak of an utterance; the highest is 0 dB.
    """

    loaded: LoadedClips
    alphabet: Alphabet
    frontend: Frontend
    stride: int
    settings: TrainingSettings
    join: int | None = None
    quietest_db: float = 0.0

    @cached_property
    def _texts(self) -> list[Classes]:
        return [self.alphabet.encode(str(clip.text)) for clip in self.loaded.clips]

    @cached_property
    def _noises(self) -> Noises:
        return Noises(self.loaded.sample_rate, self.settings.seed)

    @cached_property
    def _groups(self) -> list[list[int]]:
        """Numbers of the clips of each group."""
        groups: dict[str | None, list[int]] = {}
        for index, clip in enumerate(self.loaded.clips):
            groups.setdefault(clip.group, []).append(index)
        return [*groups.values()]

    @cached_property
    def _trimmed(self) -> list[list[Floats]]:
        """Clips trimmed at each level, views of the originals."""
        rate, clips = self.loaded.sample_rate, self.loaded.samples
        return [[trim_silence(clip, rate, level, _TRIM_MARGIN) for clip in clips] for level in _TRIM_DB]

    @cached_property
    def _order(self) -> Callable[[int], NDArray[np.int64]]:
        """The clips of each batch of an epoch; those of two epochs are kept, since batches are made ahead."""
        return lru_cache(2)(self._epoch_batches)

    @property
    def steps(self) -> int:
        """Number of steps of an epoch."""
        return steps_per_text_epoch(len(self.loaded), self.settings, self.join)

    def batch(self, step: int) -> tuple[Floats, NDArray[np.int32], Classes]:
        """Return a batch of features, the number of frames of each utterance, and the padded symbols."""
        rng = np.random.default_rng([self.settings.seed, 2, step])
        if self.join is None:
            made = [self._one(index, rng) for index in self._chosen(step)]
        else:
            # Utterances of about as many clips share a batch, which limits padding.
            most = int(rng.integers(1, self.join + 1))
            counts = rng.integers(max(1, most - 1), most + 1, self.settings.batch_size)
            made = [self._joined(int(count), rng) for count in counts]
        features = [self._features(samples, classes, rng) for samples, classes in made]
        values, frames = pad_batch(features)
        symbols, _ = pad_batch([classes for _, classes in made])
        return values, frames, symbols.astype(np.int32)

    def _chosen(self, step: int) -> NDArray[np.int64]:
        epoch, place = divmod(step, self.steps)
        chosen: NDArray[np.int64] = self._order(epoch)[place]
        return chosen

    def _epoch_batches(self, epoch: int) -> NDArray[np.int64]:
        """Return the clips of each batch of an epoch."""
        rng = np.random.default_rng([self.settings.seed, 3, epoch])
        size = min(self.settings.batch_size, len(self.loaded))
        lengths = np.array([len(samples) for samples in self.loaded.samples])
        return shuffle_batches(lengths, self.steps, size, rng)

    def _one(self, index: int, rng: np.random.Generator) -> tuple[Floats, Classes]:
        samples = self.loaded.samples[index]
        if self.settings.augment:
            left, right = (round(rng.random() * _ENDS * self.loaded.sample_rate / 2) for _ in range(2))
            samples = np.pad(samples, (left, right))
        return samples, self._texts[index]

    def _joined(self, count: int, rng: np.random.Generator) -> tuple[Floats, Classes]:
        """Return clips of one group, in random order, as one utterance."""
        rate, groups = self.loaded.sample_rate, self._groups
        if rng.random() < _EMPTY:
            return np.zeros(round(rng.uniform(0.5, 3) * rate), np.float32), np.zeros(0, np.int32)
        # Large groups come up more often, but not as often as they are large: a voice counts, not its clips.
        sizes = np.sqrt([len(group) for group in groups])
        group = groups[int(rng.choice(len(groups), p=sizes / sizes.sum()))]
        chosen = rng.choice(group, count)
        parts = []
        for index in chosen:
            clip = self._trimmed[int(rng.integers(len(_TRIM_DB)))][index]
            peak = max(float(np.abs(clip).max(initial=0)), 1e-4)
            parts.append(clip * np.float32(10 ** (rng.uniform(-_LEVEL_DB, _LEVEL_DB) / 20) / peak))
        gaps = [round(rng.uniform(*_GAP) * rate) for _ in parts[1:]]
        texts = [self._texts[index] for index in chosen]
        return _chain(parts, gaps, *(round(rng.random() * _ENDS * rate) for _ in range(2))), self._sentence(
            texts
        )

    def _sentence(self, texts: Sequence[Classes]) -> Classes:
        space = self.alphabet.space
        if space is None:
            return np.concatenate(texts)
        between = np.array([space], np.int32)
        return np.concatenate([part for text in texts for part in (between, text)][1:])

    def _features(self, samples: Floats, classes: Classes, rng: np.random.Generator) -> Floats:
        rate = self.loaded.sample_rate
        if self.settings.augment:
            samples = vary_speech(samples, rate, self._noises, rng)
        least = self.frontend.frame_length + self.frontend.frame_step * self.frontend.stack_size
        samples = np.pad(samples, (0, max(0, least - len(samples))))
        samples = samples / np.float32(max(float(np.abs(samples).max()), 1e-4))
        if self.quietest_db:
            samples = samples * np.float32(10 ** (rng.uniform(self.quietest_db, 0) / 20))
        features: Any = self.frontend(samples)
        needed = min_frames(classes) * self.stride
        if self.settings.augment:
            if self.frontend.cepstrum is None:
                features = vary_bands(features, rng)
            features = vary_tempo(features, len(features) / max(needed, 1), rng)
        return np.asarray(features, np.float32)


def _chain(parts: Sequence[Floats], gaps: Sequence[int], before: int, after: int) -> Floats:
    """Return clips one after the other, with gaps, which may be negative, and silence at both ends."""
    starts = [before]
    for part, gap in zip(parts, gaps, strict=False):
        starts.append(max(starts[-1] + len(part) + gap, 0))
    whole = np.zeros(
        max(start + len(part) for start, part in zip(starts, parts, strict=True)) + after, np.float32
    )
    for start, part in zip(starts, parts, strict=True):
        whole[start : start + len(part)] += part
    return whole
