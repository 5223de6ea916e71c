"""The clips of a data set in memory, ready to learn from: decoded, trimmed, labels as zeros and ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sonogram.audio import load
from sonogram.dataset import Clip
from sonogram.errors import SonogramError

__all__ = ["SEPARATOR", "Sounds", "labels_of", "read", "trimmed"]

SEPARATOR = ";"
"""Between the labels of a clip that has several."""
_THREADS = 4
_BLOCK = 0.01
_MARGIN = 0.03
"""Seconds that are kept around what is heard: augmentation moves and lengthens it."""


@dataclass(frozen=True)
class Sounds:
    """Clips that were read."""

    samples: tuple[NDArray[np.float32], ...]
    """Waveforms, `(samples,)` each."""
    targets: NDArray[np.float32]
    """1 where a clip has the label, `(clips, labels)`."""
    labels: tuple[str, ...]
    """What the columns of the targets mean."""
    sample_rate: int
    """Of the waveforms, hertz."""
    paths: tuple[str, ...]
    """Where they come from."""
    groups: tuple[str | None, ...] = ()
    """What each clip shares with others."""
    broken: tuple[str, ...] = ()
    """A line for each file that could not be read."""

    def __len__(self) -> int:
        return len(self.samples)

    @property
    def seconds(self) -> float:
        """The length that 90 of 100 clips do not exceed."""
        longest = np.percentile([len(samples) for samples in self.samples], 90)
        return round(float(longest) / self.sample_rate, 3)


def labels_of(clips: Sequence[Clip], multi_label: bool) -> tuple[str, ...]:
    """Return every label of the clips, sorted; with several labels, each part of "a;b" is one."""
    if not multi_label:
        return tuple(sorted({clip.label for clip in clips}))
    return tuple(sorted({part for clip in clips for part in _parts(clip.label)}))


def read(
    clips: Sequence[Clip],
    labels: Sequence[str],
    sample_rate: int,
    *,
    multi_label: bool = False,
    on_broken: Callable[[str], None] | None = None,
) -> Sounds:
    """Read clips into memory.

    Args:
        clips: What to read.
        labels: The columns of the targets.
        sample_rate: To resample to, hertz.
        multi_label: Whether a label such as "bird;rain" means both.
        on_broken: Called with a line for each file that cannot be read, which is then left out; None
            raises at the first.

    Raises:
        SonogramError: A file is broken and `on_broken` is None, nothing is left, or a label is unknown.
    """
    column = {label: index for index, label in enumerate(labels)}

    def one(clip: Clip) -> NDArray[np.float32] | str:
        try:
            samples: NDArray[np.float32] = load(clip.path, sample_rate).samples
        except SonogramError as error:
            if on_broken is None:
                raise
            message = str(error)
            return message if clip.path in message else f"{clip.path}: {message}"
        return samples

    for clip in clips:
        if unknown := [part for part in _named(clip, multi_label) if part not in column]:
            raise SonogramError(
                f"{clip.path}: the label {unknown[0]!r} is not one of {', '.join(labels)}: correct it, "
                "or leave the clip out"
            )
    with ThreadPoolExecutor(_THREADS) as pool:
        read = list(pool.map(one, clips))
    kept, targets, paths, groups, broken = [], [], [], [], []
    for clip, samples in zip(clips, read, strict=True):
        if isinstance(samples, str):
            broken.append(samples)
            assert on_broken is not None
            on_broken(samples)
            continue
        target = np.zeros(len(column), np.float32)
        target[[column[part] for part in _named(clip, multi_label)]] = 1
        kept.append(samples)
        targets.append(target)
        paths.append(clip.path)
        groups.append(clip.group)
    if not kept:
        raise SonogramError("no clip could be read; see the lines above")
    words = tuple(labels), sample_rate, tuple(paths), tuple(groups), tuple(broken)
    return Sounds(tuple(kept), np.stack(targets), *words)


def trimmed(samples: NDArray[np.float32], sample_rate: int, trim: float | None) -> NDArray[np.float32]:
    """Return a clip without the silence at its ends, as `layers.TrimAndNormalize` does, with a margin.

    Args:
        samples: `(samples,)`.
        sample_rate: Hertz.
        trim: How far below the loudest block silence begins, dB; None trims nothing.
    """
    if trim is None or not len(samples):
        return samples
    block = max(1, round(_BLOCK * sample_rate))
    centered = samples - samples.mean()
    energy = np.add.reduceat(centered**2, np.arange(0, len(samples), block))
    heard = np.flatnonzero((energy >= energy.max() * 10 ** (-trim / 10)) & (energy > 0))
    if not len(heard):
        return samples
    margin = round(_MARGIN * sample_rate)
    return samples[max(0, heard[0] * block - margin) : (heard[-1] + 1) * block + margin]


def _named(clip: Clip, multi_label: bool) -> tuple[str, ...]:
    return _parts(clip.label) if multi_label else (clip.label,)


def _parts(label: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in label.split(SEPARATOR) if part.strip())
