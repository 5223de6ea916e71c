"""`Thumbnails`: small pictures of the recordings of a folder, with one definition for all."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sonogram.errors import SonogramError
from sonogram.frontend import Frontend
from sonogram.picture.color_scale import color_scale
from sonogram.picture.recording import whole_rate
from sonogram.picture.viewing import common_frontend
from sonogram.viewer.levels import reduce
from sonogram.viewer.pyramid import Pyramid
from sonogram.viewer.recording import Recording
from sonogram.viewer.track import Track

__all__ = ["Thumbnails"]

_COLUMNS = 256
_KEPT = 2000
_SAMPLE = 20
"""Recordings whose sample rates determine the common definition."""

Thumbnail = tuple[NDArray[np.float32], float, float]
"""Values to draw, `(bands, columns)`, and the range of the colors."""


class Thumbnails:
    """Pictures of at most 256 columns, computed when they are looked at.

    Args:
        recordings: The recordings.
    """

    def __init__(self, recordings: Sequence[Recording]) -> None:
        self._recordings = recordings
        self._lock = threading.Lock()
        self._frontend: Frontend | None = None
        self._kept: OrderedDict[str, Thumbnail] = OrderedDict()

    def read(self, recording: Recording) -> Thumbnail:
        """Return the picture of a recording.

        Raises:
            SonogramError: The recording cannot be read.
        """
        with self._lock:
            if recording.name in self._kept:
                return self._kept[recording.name]
            if self._frontend is None:
                paths = [each.path for each in self._recordings if each.path is not None]
                self._frontend = common_frontend(paths[:_SAMPLE])
            frontend = self._frontend
        columns = _columns(recording, frontend)
        scale = color_scale([columns], [frontend])
        image = np.maximum(scale.images[0], scale.low)  # digital silence, -inf dB, is as dark as noise
        found = np.ascontiguousarray(image.T, np.float32), scale.low, scale.high
        with self._lock:
            self._kept[recording.name] = found
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return found


def _columns(recording: Recording, frontend: Frontend) -> NDArray[np.float32]:
    """Return the features in few columns, `(columns, bands)`; what was decoded for them is dropped."""
    track = Track(recording.source, recording.facts, whole_rate(frontend), mono=True)
    pyramid = Pyramid(track, 0, frontend)
    try:
        error = pyramid.wait() or track.error
        if error is not None:
            raise SonogramError(error)
        features = pyramid.tile(pyramid.num_levels - 1, 0).values.T
        return reduce(features, max(-(-len(features) // _COLUMNS), 1))
    finally:
        pyramid.close()
        track.close()
