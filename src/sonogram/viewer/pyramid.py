"""`Pyramid`: the features of a recording at every zoom, as maxima of 1, 2, 4, ... frames."""

from __future__ import annotations

import threading
from collections.abc import Callable
from enum import Enum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sonogram.frontend import Frontend
from sonogram.viewer.levels import Levels, num_levels, reduce
from sonogram.viewer.rows import Rows
from sonogram.viewer.statistics import Moments
from sonogram.viewer.track import Track

__all__ = ["CancelledError", "Pyramid", "Tile", "tile_columns"]

Floats = NDArray[np.float32]

_KEPT_FROM = 5
"""Lowest level that is kept, of 32 frames in a column. Finer tiles are computed in milliseconds."""
_VALUES = 1 << 20
"""Features computed at once: little enough for the cache of a processor, and for a quick cancellation."""
_WHOLE_VALUES = 1 << 24
"""Samples and features of a recording that is computed in one call if the definition needs all of it."""


class Stage(Enum):
    """What a pyramid computes."""

    STATISTICS = "statistics"
    """Statistics of the whole recording, or all features of a short one, which its definition needs first."""
    OVERVIEW = "overview"
    """The kept levels."""
    COMPLETE = "complete"
    """Nothing more."""


class CancelledError(Exception):
    """Nobody waits for the tile any more."""


class Tile(NamedTuple):
    """Columns of one level."""

    values: Floats
    """`(bands, columns)`; fewer columns than asked for where the recording ends, or where it is known to."""
    first_frame: int
    """First frame of the first column."""
    frames_per_column: int
    complete: bool
    """Whether the columns are all that there will be."""


def tile_columns(frontend: Frontend) -> int:
    """Return the number of columns of a full tile."""
    return 1024 if frontend.num_bands <= 256 else 512


class Pyramid:
    """Tiles of the features of one channel.

    Level 0 holds the features themselves, as the running engine computes them, level k the maxima over
    `2**k` frames. Levels from 5 on are computed once, by a thread that follows the decoder, and kept; finer
    tiles are computed when they are read.

    Args:
        track: The recording at the rate of the front end.
        channel: Number of the channel of the track.
        frontend: The front end.
    """

    def __init__(self, track: Track, channel: int, frontend: Frontend) -> None:
        self.frontend = frontend
        self._track, self._channel = track, channel
        self.rows = Rows(frontend, lambda start, stop: track.samples(channel, start, stop))
        self._whole: Floats | None = None  # all features, where they are computed in one call
        expected = -(-self.num_frames >> _KEPT_FROM)
        self._levels = Levels(frontend.num_bands, np.float32, tile_columns(frontend), expected)
        self._closed = False
        self._stage = Stage.OVERVIEW if frontend.streamable else Stage.STATISTICS
        self.error: str | None = None
        """Why computing stopped."""
        self.frames = 0
        """Frames in the kept levels so far."""
        self._thread = threading.Thread(target=self._build, name="sonogram-overview", daemon=True)
        self._thread.start()

    # Sizes.

    @property
    def num_frames(self) -> int:
        """Number of frames of the recording, as far as its length is known."""
        return self.rows.count(self._track.total)

    @property
    def num_levels(self) -> int:
        """Number of levels: the highest one is a single tile."""
        return num_levels(self.num_frames, tile_columns(self.frontend))

    def num_known(self) -> int:
        """Return the number of frames that can be computed now."""
        if self._stage is Stage.STATISTICS:
            return 0
        if self._track.complete:
            return self.rows.count(self._track.total)
        return self.rows.num_known(self._track.available)

    def _all_are_known(self) -> bool:
        """Return whether no further frames become known. Call it before `num_known`, which may grow."""
        return self._stage is not Stage.STATISTICS and self._track.complete

    # Reading.

    def tile(self, level: int, index: int, cancelled: threading.Event | None = None) -> Tile:
        """Return a tile.

        Args:
            level: 0 for frames, k for maxima over `2**k` of them.
            index: Number of the tile.
            cancelled: Set by another thread when the tile is not needed any more.

        Raises:
            CancelledError: `cancelled` was set, or the pyramid closed.
        """
        size, per_column = tile_columns(self.frontend), 1 << level
        first = index * size
        if level >= _KEPT_FROM and self._whole is None:
            complete = self._stage is Stage.COMPLETE  # read before the columns, which still grow
            columns = self._levels.read(level - _KEPT_FROM, first, first + size)
        else:
            complete = self._all_are_known()
            stop = min((first + size) * per_column, self.num_known())
            stop = stop if complete else stop // per_column * per_column
            columns = self._columns(first * per_column, stop, per_column, cancelled)
        return Tile(
            np.ascontiguousarray(columns.T), first * per_column, per_column, complete or len(columns) == size
        )

    def values(self, first: int, count: int) -> tuple[Floats, bool]:
        """Return frames, `(frames, bands)`, or as many as are known; and whether these are all."""
        complete = self._all_are_known()
        stop = min(first + count, self.num_known())
        rows = self._columns(first, stop, 1, None)
        return rows, complete or len(rows) == count

    def _columns(self, first: int, stop: int, per_column: int, cancelled: threading.Event | None) -> Floats:
        if stop <= first:
            return np.empty((0, self.frontend.num_bands), np.float32)
        if self._whole is not None:
            return reduce(self._whole[first:stop], per_column)
        chunk = max(self._chunk(), per_column)
        parts = []
        for start in range(first, stop, chunk):
            if self._closed or (cancelled is not None and cancelled.is_set()):
                raise CancelledError
            rows = self.rows.read(start, min(chunk, stop - start), self._known_total())
            parts.append(reduce(rows, per_column))
        return np.concatenate(parts)

    def _known_total(self) -> int:
        return self._track.total if self._track.complete else self._track.available

    def _chunk(self) -> int:
        """Return the number of rows computed at once: a multiple of those in a kept column."""
        return max(_VALUES // self.frontend.num_bands // 1024, 1) * 1024

    # Computing.

    def _build(self) -> None:
        try:
            if self._stage is Stage.STATISTICS:
                self._track.wait(self._track.total + 1)
                self._gather()
            self._stage = Stage.OVERVIEW
            self._overview()
            if not self._closed:
                self._stage = Stage.COMPLETE
        except CancelledError:
            pass
        except OSError as error:
            self.error = f"the overview cannot be kept on disk ({error.strerror or error}); free some space"
        except MemoryError:
            self.error = "the features do not fit into memory; choose a definition with fewer bands"

    def _gather(self) -> None:
        """Compute the whole features of a short recording; of a long one the statistics it needs."""
        total, statistics = self._track.total, self.rows.statistics
        frames = self.rows.count(total)
        if total + frames * self.frontend.num_bands <= _WHOLE_VALUES:
            self._whole = self.frontend(self._track.samples(self._channel, 0, total))
            return
        if statistics.needs_mean:
            mean = Moments()
            for start in range(0, total, _VALUES):
                self._check_open()
                mean.push(self._track.samples(self._channel, start, start + _VALUES)[:, None])
            statistics.mean = float(mean.mean[0])
        if statistics.needs_peak:
            moments = self._moments(total, lambda *part: self.rows.bands(*part)[0][0])
            statistics.peak = float(np.max(moments.highest))
        if statistics.needs_moments:
            statistics.moments = self._moments(total, lambda *part: self.rows.frames(*part, normalized=False))

    def _moments(self, total: int, read: Callable[[int, int, int], Floats]) -> Moments:
        """Return the moments of all single frames."""
        moments, frames = Moments(), self.rows.num_frames(total)
        for start in range(0, frames, self._chunk()):
            self._check_open()
            moments.push(read(start, min(self._chunk(), frames - start), total))
        return moments

    def _overview(self) -> None:
        if self._whole is not None:
            self.frames = len(self._whole)
            return
        chunk, per_column = self._chunk(), 1 << _KEPT_FROM
        while True:
            self._check_open()
            last = self._track.complete
            known = self.num_known()
            count = min(known - self.frames, chunk)
            if count == chunk or (last and count > 0):
                rows = self.rows.read(self.frames, count, self._known_total())
                self._levels.push(reduce(rows, per_column), last=last and self.frames + count == known)
                self.frames += count
            elif last:
                return
            else:
                self._track.wait(self._track.available + 1)

    def _check_open(self) -> None:
        if self._closed:
            raise CancelledError

    def wait(self, seconds: float | None = None) -> str | None:
        """Wait until all levels are computed; return why not, if they are not."""
        self._thread.join(seconds)
        return self.error

    def close(self) -> None:
        """Stop computing, and release memory and files."""
        self._closed = True
        self._levels.close()

    def progress(self) -> dict[str, Any]:
        """Return how far the kept levels are."""
        return {
            "frames": self.frames,
            "total": self.num_frames,
            "complete": self._stage is Stage.COMPLETE,
            "stage": self._stage.value,
            "error": self.error,
        }
