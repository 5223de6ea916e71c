"""Logits of a speech recognizer from samples that arrive in chunks, the same bits whatever the chunks."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from numpy.typing import ArrayLike, NDArray

from sonogram.errors import SonogramError
from sonogram.models.batching import traced_model
from sonogram.models.build import describe, networks
from sonogram.streaming import Stream

__all__ = ["LogitStream"]

Floats = NDArray[np.float32]
_BLOCK = 8
"""Number of frames of features, at least, between two calls of the network."""


class LogitStream:
    """Applies a recognizer whose network has a limited context to a sound while it arrives.

    The network is called on windows of one size, of a block of frames with those before and after that it
    depends on. So each frame is computed by the same operations on the same numbers, and its bits depend
    neither on the chunks nor on the length of the sound.

    Args:
        model: A recognizer with a streaming network; see `Body.look_ahead`.

    Raises:
        SonogramError: The model is no such recognizer.

    See Also:
        `sonogram.StreamingTranscriber`, which makes words of them.
    """

    def __init__(self, model: keras.Model) -> None:
        info = describe(model)
        if info.context is None or info.stride is None or info.frontend is None:
            raise SonogramError(
                f"the network of the model {model.name!r} depends on the whole sound. Train one with "
                'network="stream"'
            )
        before, after = info.context
        self._stride, frontend = info.stride, info.frontend
        self._before, self._after = -(-before // self._stride) * self._stride, after
        self._block = -(-_BLOCK // self._stride) * self._stride
        self._least = frontend.frame_length + frontend.frame_step * frontend.stack_size
        self._stream, self._network = Stream(frontend), traced_model(networks(model)[-1])
        # The features from `before` frames before the next block on, 0 before the sound.
        self._features = np.zeros((self._before, frontend.num_bands), np.float32)
        self._samples = self._start = 0
        self._classes = networks(model)[-1].outputs[0].shape[-1]
        self.latency: float = (
            (self._block + after - 1) * frontend.frame_step + frontend.frame_length
        ) / frontend.sample_rate
        """Longest time from a sound to the logits of its frame, seconds, if they are computed in no time."""

    def push(self, samples: ArrayLike) -> Floats:
        """Take the next samples and return the logits that they complete, `(frames, classes)`.

        Args:
            samples: `(samples,)`, any number of them.
        """
        chunk = np.asarray(samples)
        self._samples += len(chunk)
        self._append(self._stream.push(chunk))
        found = []
        while len(self._features) >= self._size:
            found.append(self._next(self._size))
        return self._joined(found)

    def finish(self) -> Floats:
        """End the sound and return the remaining logits."""
        found = []
        if self._samples < self._least:  # as in the model, a sound has a frame at least
            found.append(self.push(np.zeros(self._least - self._samples, np.float32)))
        self._append(self._stream.finish())
        while (count := len(self._features)) > self._before:
            left = -(-(count - self._before) // self._stride)
            found.append(self._next(min(count, self._size))[:left])
        return self._joined(found)

    @property
    def _size(self) -> int:
        """Number of frames of a window."""
        return self._before + self._block + self._after

    def _append(self, rows: Any) -> None:
        self._features = np.concatenate([self._features, rows])

    def _next(self, count: int) -> Floats:
        """Return the logits of the next block, of a window whose first frames are there."""
        window = np.zeros((self._size, self._features.shape[1]), np.float32)
        window[:count] = self._features[:count]
        place = np.arange(self._size)
        valid = (place >= self._before - self._start) & (place < count)
        logits, _ = self._network(window[None], valid[None].astype(np.float32))
        first = self._before // self._stride
        self._features = self._features[self._block :]
        self._start += self._block
        return np.asarray(logits)[0, first : first + self._block // self._stride]

    def _joined(self, found: list[Floats]) -> Floats:
        return np.concatenate([np.zeros((0, self._classes), np.float32), *found])
