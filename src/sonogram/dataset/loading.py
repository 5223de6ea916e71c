"""Clips in memory, and the labels of a data set as targets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sonogram.audio import load
from sonogram.dataset.checking import map_clips
from sonogram.dataset.clips import Clip, Clips
from sonogram.dataset.report import DatasetReport
from sonogram.dataset.source import Data, clips
from sonogram.errors import SonogramError

__all__ = ["LoadedClips", "label_names", "label_targets", "load_clips"]

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class LoadedClips:
    """Clips with their samples in memory."""

    clips: Clips
    """The clips that could be read."""
    samples: tuple[Floats, ...]
    """Waveform of each clip, `(samples,)`."""
    sample_rate: int
    """Sample rate of the waveforms, Hz."""

    def __len__(self) -> int:
        return len(self.samples)

    def select(self, indices: Iterable[int]) -> LoadedClips:
        """Return some of the clips.

        Args:
            indices: Their indices, in the order of the result.
        """
        chosen = tuple(indices)
        samples = tuple(self.samples[index] for index in chosen)
        return LoadedClips(self.clips.select(chosen), samples, self.sample_rate)

    @property
    def typical_seconds(self) -> float:
        """Length that 90 % of the clips do not exceed, seconds."""
        longest = np.percentile([len(samples) for samples in self.samples], 90)
        return round(float(longest) / self.sample_rate, 3)


def load_clips(
    data: Data, sample_rate: int, report: DatasetReport | None = None, *, partial: bool = False
) -> LoadedClips:
    """Load all clips of a data set into memory: decoded, resampled and mixed to mono, as `batches` does.

    Args:
        data: Clips, a folder of class folders, or a CSV manifest.
        sample_rate: Sample rate to resample to, Hz.
        report: Collects unreadable files, which are skipped; None raises at the first one.
        partial: Whether to read what is there of truncated recordings, with a warning.

    Raises:
        AudioError: A file is unreadable, and there is no report.
        SonogramError: No file is readable; or an event begins after its recording, and there is no report.

    See Also:
        `batches`, for data sets that do not fit into memory.
    """
    whole = clips(data)

    def read(clip: Clip) -> Floats:
        samples = load(clip.path, sample_rate, partial=partial).samples
        if not partial:  # of what is missing the events are too
            _check_events(clip, len(samples) / sample_rate)
        return samples

    loaded = [*map_clips(read, whole, report)]
    if not loaded:
        raise SonogramError("no clip could be read; see the reasons above")
    readable, samples = zip(*loaded, strict=True)
    return LoadedClips(Clips(readable, whole.classes), samples, sample_rate)


def _check_events(clip: Clip, duration: float) -> None:
    """Raise `SonogramError` if an event begins after the recording: the times have another unit or file."""
    late = next((event for event in clip.events or () if event.start >= duration), None)
    if late is not None:
        raise SonogramError(
            f"{clip.path}: the event {late.label!r} begins at {late.start:g} s, and the recording ends at "
            f"{duration:g} s; correct the time, in seconds, or leave the event out"
        )


def label_names(clips: Sequence[Clip], multi_label: bool = False) -> tuple[str, ...]:
    """Return the labels of clips, sorted.

    Args:
        clips: Clips of a data set.
        multi_label: Whether a label may be several names, separated by ";".

    Example:
        >>> label_names([Clip("1.wav", "rain;bird"), Clip("2.wav", "bird")], multi_label=True)
        ('bird', 'rain')
    """
    return tuple(sorted({label for clip in clips for label in _labels(clip, multi_label)}))


def label_targets(clips: Sequence[Clip], labels: Sequence[str], multi_label: bool = False) -> Floats:
    """Return 1 where a clip has a label and 0 elsewhere, float32 `(clips, labels)`.

    Args:
        clips: The clips.
        labels: Label of each column.
        multi_label: Whether a label such as "bird;rain" means both labels.

    Raises:
        SonogramError: A clip has a label that is not among `labels`.

    Example:
        >>> label_targets([Clip("1.wav", "rain;bird")], ("bird", "rain", "wind"), multi_label=True).tolist()
        [[1.0, 1.0, 0.0]]
    """
    if any(clip.text is not None for clip in clips):
        raise SonogramError(
            "the clips have texts instead of labels. Name the column label, or train on the texts"
        )
    if any(clip.events is not None for clip in clips):
        raise SonogramError(
            "the recordings have events instead of one label. Leave out the columns start and end, or train "
            "on the events"
        )
    column = {label: index for index, label in enumerate(labels)}
    targets = np.zeros((len(clips), len(labels)), np.float32)
    for row, clip in zip(targets, clips, strict=True):
        for label in _labels(clip, multi_label):
            if label not in column:
                raise SonogramError(
                    f"{clip.path}: the label {label!r} is not one of {', '.join(labels)}. Correct it, or "
                    "leave the clip out"
                )
            row[column[label]] = 1
    return targets


def _labels(clip: Clip, multi_label: bool) -> tuple[str, ...]:
    return clip.labels if multi_label else (clip.label,)
