"""Where a training keeps its state and its logs, and to whom it reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras

from sonogram.dataset import DatasetReport, LoadedClips
from sonogram.dataset.cache import Cache
from sonogram.training.augmentation import Progress
from sonogram.training.folder import claim_sounds

__all__ = ["TrainingRun"]


@dataclass(frozen=True)
class TrainingRun:
    """What a training writes and calls, none of which changes its result."""

    folder: Path | None = None
    """Folder for embeddings, states and logs, reserved by `claim_folder`; None writes nothing."""
    report: DatasetReport | None = None
    """Collects unreadable files, which are skipped; None raises at the first one."""
    callbacks: Sequence[keras.callbacks.Callback] = ()
    """Keras callbacks."""
    on_progress: Progress | None = None
    """Called with the number of clips that have an embedding, and after each augmented version."""

    def claim(self, *parts: LoadedClips | None) -> None:
        """Reserve the folder for a training on these samples; see `folder.claim_sounds`."""
        if self.folder is not None:
            claim_sounds(self.folder, *(part for part in parts if part is not None))

    def embeddings(self, *settings: Any) -> Cache | None:
        """Return the cache of embeddings with these settings."""
        return None if self.folder is None else Cache(self.folder / "embeddings", [*settings])

    def inside(self, name: str) -> TrainingRun:
        """Return the run of a training whose folder is inside of this one."""
        return self if self.folder is None else replace(self, folder=self.folder / name)
