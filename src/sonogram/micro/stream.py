"""`MicroStream`: the micro front end on samples that arrive in pieces, as on the device."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from sonogram.errors import SonogramError
from sonogram.micro.definition import MicroDefinition
from sonogram.micro.steps import amplitudes, features, reduce_noise
from sonogram.samples import check_dtype

__all__ = ["MicroStream", "to_int16"]

_BLOCK = 512  # frames computed at once; the transform then stays in the cache


class MicroStream:
    """Features of a clip whose samples arrive in pieces, the same bits as those of the whole clip.

    A row of features is returned as soon as its last sample is there.

    Args:
        frontend: The front end.

    Example:
        >>> stream = sg.Stream(sg.preset("microwakeword"))
        >>> stream.push(np.zeros(1000, np.int16)).shape
        (4, 40)

    See Also:
        MicroFrontend: the definition. Stream: streams of any front end.
    """

    def __init__(self, frontend: MicroDefinition) -> None:
        self.frontend = frontend
        self._samples: NDArray[np.int16] | None = None  # those of later frames, (clips, samples)
        self._estimate: NDArray[np.int64] | None = None  # of the noise, (clips, bands)
        self._flat = False
        self._finished = False

    def push(self, samples: ArrayLike) -> NDArray[np.float32]:
        """Add the next samples and return the features that they complete.

        Args:
            samples: `(samples,)` or `(channels, samples)`, any number of them: 16-bit integers, or floating
                point in [-1, 1].

        Returns:
            float32, `(frames, bands)` or `(channels, frames, bands)`; often no frame or a few.

        Raises:
            SonogramError: The stream is finished, the number of channels changed, or the samples have
                another type.
        """
        self._check_unfinished()
        array = to_int16(np.asarray(samples))
        if array.ndim not in (1, 2) or (self._samples is not None and self._flat != (array.ndim == 1)):
            raise SonogramError(
                f"a stream takes (samples,) or (channels, samples), not both; got {array.shape}"
            )
        self._flat = array.ndim == 1
        rows = self.integers(array[None] if self._flat else array)
        scaled = rows.astype(np.float32) * np.float32(self.frontend.scale)
        return scaled[0] if self._flat else scaled

    def finish(self) -> NDArray[np.float32]:
        """End the clip. There are no remaining features: a frame needs all its samples.

        Raises:
            SonogramError: The stream is finished already.
        """
        self._check_unfinished()
        self._finished = True
        channels = () if self._flat or self._samples is None else (len(self._samples),)
        return np.zeros((*channels, 0, self.frontend.num_bands), np.float32)

    def integers(self, samples: NDArray[np.int16]) -> NDArray[np.uint16]:
        """Add the next samples and return the features that they complete as integers.

        Args:
            samples: `(clips, samples)`.
        """
        definition = self.frontend
        if self._samples is None or self._estimate is None:
            self._samples = np.zeros((len(samples), 0), np.int16)
            self._estimate = np.zeros((len(samples), definition.num_bands), np.int64)
        if len(samples) != len(self._samples):
            raise SonogramError(f"this stream has {len(self._samples)} channels; got {len(samples)}")
        clips = np.concatenate([self._samples, samples], axis=1)
        count = definition.num_frames(clips.shape[1])
        self._samples = clips[:, count * definition.frame_step :].copy()
        rows = np.zeros((len(clips), count, definition.num_bands), np.uint16)
        if rows.size:
            frames = sliding_window_view(clips, definition.frame_length, axis=1)[:, :: definition.frame_step]
            for first in range(0, count, _BLOCK):
                signal = amplitudes(definition, frames[:, first : min(first + _BLOCK, count)])
                estimates = reduce_noise(definition, signal, self._estimate)
                self._estimate = estimates[:, -1]
                rows[:, first : first + _BLOCK] = features(definition, signal, estimates)
        return rows

    def _check_unfinished(self) -> None:
        if self._finished:
            raise SonogramError("this stream is finished; make a new Stream for the next clip")


def to_int16(samples: NDArray[Any]) -> NDArray[np.int16]:
    """Return samples as 16-bit integers; floating point in [-1, 1] is rounded, NaN becomes 0."""
    check_dtype(samples.dtype.name)
    if samples.dtype.kind == "i":
        return samples.astype(np.int16, copy=False)
    scaled = np.clip(
        np.rint(np.nan_to_num(samples.astype(np.float64), posinf=1, neginf=-1) * 32768), -32768, 32767
    )
    return scaled.astype(np.int16)
