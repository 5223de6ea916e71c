"""Streams of definitions that are made of several front ends."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sonogram.engines.arrays import namespace
from sonogram.engines.samples import add_offset, check_channels
from sonogram.streaming.stream import Stream

__all__ = ["BundleStream"]


class BundleStream:
    """Features of a `Bundle` or `Spatial` whose samples arrive in pieces; use `Stream`.

    Args:
        definition: The definition.
        engine: "numpy" or "native"; None chooses.
    """

    def __init__(self, definition: Any, engine: str | None) -> None:
        self.frontend = definition
        self._streams = [Stream(each, engine) for each in definition.frontends]
        self._rows: list[NDArray[np.float32] | None] = [None] * len(self._streams)

    def push(self, samples: ArrayLike) -> NDArray[np.float32]:
        """Add the next samples, and return the features that they complete.

        Args:
            samples: Samples `(samples,)`, or `(channels, samples)` if a front end is of several channels.

        Returns:
            Features of the frames that all front ends have completed, shaped like those of the bundle.

        Raises:
            SonogramError: The samples are invalid, or the stream has ended.

        See Also:
            `Stream.push`.
        """
        samples = np.asarray(samples)
        if self.frontend.channels is not None:
            check_channels(samples.shape, self.frontend.channels)
        raised = (add_offset(namespace("numpy"), samples, offset) for offset in self.frontend.offsets)
        return self._complete([stream.push(each) for stream, each in zip(self._streams, raised, strict=True)])

    def finish(self) -> NDArray[np.float32]:
        """End the clip and return the remaining features; see `Stream.finish`."""
        return self._complete([stream.finish() for stream in self._streams])

    def _complete(self, added: list[NDArray[np.float32]]) -> NDArray[np.float32]:
        """Return the frames that all front ends have completed."""
        rows = [
            new if old is None else np.concatenate([old, new], axis=-2)
            for old, new in zip(self._rows, added, strict=True)
        ]
        count = min(each.shape[-2] for each in rows)
        self._rows = [each[..., count:, :] for each in rows]
        if self.frontend.channels is not None and rows[0].ndim == 2:  # no samples yet
            return np.zeros((0, *self.frontend.shape), np.float32)
        combined = self.frontend.combine(namespace("numpy"), [each[..., :count, :] for each in rows])
        return np.asarray(combined, np.float32)
