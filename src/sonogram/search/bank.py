"""A bank: the embeddings of the windows of recordings, as `embed` wrote them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sonogram.backbones import card
from sonogram.errors import SonogramError
from sonogram.extraction.record import INDEX, Row, read_index
from sonogram.search.embedding import Embedder

__all__ = ["Bank", "Match", "check_count", "open_bank"]

_KEPT = 1 << 28
"""Number of values that stay in memory, a gigabyte: some 70 hours. Larger banks are read for each search."""

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Match:
    """A window of a recording in a bank."""

    path: str
    """The recording, relative to the folder that was embedded."""
    start: float
    """Start of the window, seconds."""
    end: float
    """End of the window, seconds."""
    label: str
    """Name of what it is similar to: the example of a search, or a label."""
    score: float
    """Similarity, at most 1. That of unrelated sounds is about 0."""


@dataclass(frozen=True, eq=False)
class Bank:
    """Embeddings of the windows of recordings. `open_bank` opens one."""

    folder: Path
    """Folder of the bank."""
    embedder: Embedder
    """Definition of the embeddings."""
    rows: tuple[Row, ...]
    """The recordings that have windows, as in `index.csv`."""

    @cached_property
    def firsts(self) -> NDArray[np.int64]:
        """Number of the first window of each recording, and at the end the number of all windows."""
        return np.cumsum([0, *(row.frames for row in self.rows)])

    def __len__(self) -> int:
        """Return the number of windows."""
        return int(self.firsts[-1])

    def values(self, recording: int) -> NDArray[np.floating]:
        """Return all vectors of a recording, `(windows, values)`, mapped from the disk.

        Args:
            recording: Its index in `rows`.

        Raises:
            SonogramError: The file is absent, or is not that of the bank.
        """
        row = self.rows[recording]
        place = self.folder / row.shard
        try:
            found: NDArray[np.floating] = np.load(place, mmap_mode="r", allow_pickle=False)
            problem = "" if found.shape == (row.frames, self.embedder.num_bands) else f"has {found.shape}"
        except (OSError, ValueError, EOFError) as error:
            problem = getattr(error, "strerror", None) or " ".join(str(error).split())
        if problem:
            raise SonogramError(f"{place}: cannot be read ({problem}); run the same `sonogram embed` again")
        return found

    def check_network(self) -> None:
        """Raise an error if the network is no longer the one that the bank was written with.

        Its embeddings of other sounds would differ from those of the bank.

        Raises:
            SonogramError: The weights, or the way in which clips are prepared, are others now.
        """
        written = self.embedder
        found = card(written.backbone)
        if found.digest == written.digest:
            now = Embedder.of(written.backbone, written.window, written.step)
            if now == written:
                return
            difference = "another preparation of the sounds for"
        else:
            difference = "other weights of"
        raise SonogramError(
            f"{self.folder}: was written with {difference} {written.backbone}; embed again into a new folder"
        )

    def gather(self, windows: NDArray[np.int64]) -> Floats:
        """Return all vectors of some windows, `(windows, values)`.

        Args:
            windows: Their numbers, ascending.
        """
        recordings = np.searchsorted(self.firsts, windows, "right") - 1
        parts = [
            self.values(int(index))[windows[recordings == index] - self.firsts[index]]
            for index in np.unique(recordings)
        ]
        parts.append(np.zeros((0, self.embedder.num_bands), np.float32))
        return np.asarray(np.concatenate(parts), np.float32)

    @cached_property
    def mean(self) -> NDArray[np.float64]:
        """Mean of the vectors that are compared, `(values,)`."""
        total = sum(
            self.values(index)[:, self._compared].sum(axis=0, dtype=np.float64)
            for index in range(len(self.rows))
        )
        return np.asarray(total) / max(len(self), 1)

    def unit(self, vectors: NDArray[np.floating]) -> Floats:
        """Return vectors about the mean of the bank, of length 1, `(windows, values)`.

        The products of such vectors are their correlations. Without the mean, which all sounds share, any
        two would be similar.

        Args:
            vectors: Rows of the bank, or of `Embedder.vectors`.
        """
        centered = vectors[:, self._compared] - self.mean.astype(np.float32)
        norms = np.linalg.norm(centered, axis=1, keepdims=True)
        return np.asarray(centered / np.maximum(norms, 1e-9), np.float32)

    def units(self) -> Iterator[Floats]:
        """Yield the compared vectors of one recording after another, as `unit` returns them."""
        return (
            iter(self._kept)
            if self._kept is not None
            else (self.unit(self.values(index)) for index in range(len(self.rows)))
        )

    @cached_property
    def _kept(self) -> list[Floats] | None:
        size = self._compared.stop * len(self)
        return None if size > _KEPT else [self.unit(self.values(index)) for index in range(len(self.rows))]

    @property
    def _compared(self) -> slice:
        """Columns of the embedding. The other kinds of vectors found less, or nothing more, when measured."""
        edges = np.cumsum([0, *self.embedder.sizes.values()])
        place = [*self.embedder.sizes].index("embedding")
        return slice(int(edges[place]), int(edges[place + 1]))

    def match(self, window: int, label: str, score: float) -> Match:
        """Return a window with its recording and times.

        Args:
            window: Its number in the bank.
            label: What it is similar to.
            score: Similarity.
        """
        first, starts, length = self.windows_around(window)
        start = float(starts[window - first])
        return Match(self.rows[self._recording(window)].path, start, start + length, label, float(score))

    def windows_around(self, window: int) -> tuple[int, NDArray[np.float64], float]:
        """Return the first window of the recording of a window, and starts and length of all, seconds.

        Args:
            window: Its number in the bank.
        """
        recording = self._recording(window)
        return int(self.firsts[recording]), *self.embedder.windows(self.rows[recording].duration)

    def _recording(self, window: int) -> int:
        return int(np.searchsorted(self.firsts, window, "right")) - 1


def check_count(count: object) -> None:
    """Raise an error unless a number of windows is a whole number from 1."""
    if not isinstance(count, int | np.integer) or isinstance(count, bool) or count < 1:
        raise SonogramError(f"count must be a whole number, at least 1; got {count!r}")


def open_bank(folder: str | os.PathLike[str]) -> Bank:
    """Open a bank that `embed` wrote.

    Args:
        folder: The folder.

    Raises:
        SonogramError: The folder is no bank, or is not finished.

    See Also:
        `find`, `suggest`, which also take the folder itself.
    """
    if not os.fspath(folder):
        raise SonogramError("the name of the bank is empty; name a folder that `sonogram embed` wrote")
    place = Path(folder)
    path = place / "extraction.json"
    try:
        embedder = Embedder(**json.loads(path.read_bytes())["definition"])
    except (FileNotFoundError, NotADirectoryError):
        raise SonogramError(
            f"{place}: no bank ({path.name} is missing); name a folder that `sonogram embed` wrote"
        ) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SonogramError(
            f"{place}: not written by `sonogram embed` ({error}); name another folder"
        ) from None
    listed = read_index(place / INDEX)
    if not listed:
        raise SonogramError(f"{place}: has no {INDEX}; run the same `sonogram embed` again to finish it")
    return Bank(place, embedder, tuple(row for row in listed if row.status == "done" and row.frames))
