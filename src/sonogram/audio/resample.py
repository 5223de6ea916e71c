"""Other sample rates: by soxr for what is loaded, and by a filter of our own, for streams and tensors.

Both give the numbers of the whole sound, however it is cut into pieces.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sonogram.audio.decoder import Samples
from sonogram.audio.native import functions
from sonogram.audio.rates import check_rates, num_resampled
from sonogram.errors import SonogramError, require_dense
from sonogram.native.library import isa
from sonogram.samples import to_float32

if TYPE_CHECKING:
    import soxr

__all__ = ["Resampler", "resample", "resample_chunks"]


def resample_chunks(chunks: Iterator[Samples], from_rate: int, to_rate: int) -> Iterator[Samples]:
    """Resample with soxr at its high quality (20 bits), with silence before and after the sound.

    The result does not depend on how the sound is cut into chunks: soxr keeps its state.

    Args:
        chunks: `(channels, samples)` each.
        from_rate: their rate in hertz.
        to_rate: the wanted rate in hertz.

    Yields:
        `(channels, samples)` at the wanted rate, `num_resampled` in all.
    """
    if from_rate == to_rate:
        yield from chunks
        return
    import soxr

    streams: list[soxr.ResampleStream] = []
    consumed = produced = 0

    def push(chunk: Samples, *, last: bool) -> Samples:
        rows = [stream.resample_chunk(row, last=last) for stream, row in zip(streams, chunk, strict=True)]
        return rows[0][None] if len(rows) == 1 else np.stack(rows)

    for chunk in chunks:
        if not streams:
            streams = [
                soxr.ResampleStream(from_rate, to_rate, 1, dtype="float32", quality="HQ") for _ in chunk
            ]
        consumed += chunk.shape[1]
        piece = push(chunk, last=False)
        produced += piece.shape[1]
        if piece.size:
            yield piece
    if not streams:
        return
    # soxr rounds the length where we round up: feed it the silence that the last sample needs.
    silence = np.zeros((len(streams), -(-from_rate // to_rate) + 1), np.float32)
    tail = push(silence, last=True)
    yield tail[:, : num_resampled(consumed, from_rate, to_rate) - produced]


def resample(samples: Any, from_rate: int, to_rate: int) -> Any:
    """Change the sample rate of sounds in memory.

    The filter passes 0.9 of the lower Nyquist frequency (ripple below 0.001 dB) and removes what would alias
    or mirror (below -100 dB). Silence is assumed before and after the sound.

    Args:
        samples: floating point or 16-bit integers, `(..., samples)`: an array, or a TensorFlow tensor, also
            inside `tf.data`. Integers become [-1, 1).
        from_rate: their rate in hertz.
        to_rate: the wanted rate in hertz.

    Returns:
        float32, `(..., ceil(samples * to_rate / from_rate))`; the same bits as a `Resampler` gives, however
        the sound is cut. A tensor where a tensor came; it is not differentiable.

    Raises:
        SonogramError: a rate is invalid, the rates are more than 256 times apart, the samples have another
            type, or the library is missing.

    Example:
        >>> sg.audio.resample(np.zeros(441), 44_100, 16_000).shape
        (160,)

    See Also:
        `Resampler` for a sound that comes in pieces; `load`, which resamples with soxr.
    """
    require_dense(samples)
    if type(samples).__module__.startswith("tensorflow."):
        from sonogram.audio import ops

        return ops.resample(samples, from_rate, to_rate)
    if np.ndim(samples) == 0:
        raise SonogramError("samples must be (..., samples); got a single number")
    values = np.ascontiguousarray(to_float32(samples))
    stream = Resampler(from_rate, to_rate)
    size = values.shape[-1]
    count = num_resampled(size, int(from_rate), int(to_rate))
    result = np.empty((*values.shape[:-1], count), np.float32)
    for place in np.ndindex(values.shape[:-1]):
        stream._whole(values[place], result[place])
    return result


class Resampler:
    """A change of the sample rate for a sound that comes in pieces, with the bits of the whole.

    Threads may share it: their pieces are taken one after the other, in the order in which they come.

    Args:
        from_rate: the rate of the pieces, in hertz.
        to_rate: the wanted rate in hertz.

    Raises:
        SonogramError: a rate is invalid, the rates are more than 256 times apart, or the library is missing.

    Example:
        >>> stream = sg.audio.Resampler(44_100, 16_000)
        >>> pieces = [stream.push(np.zeros(1000)), stream.push(np.zeros(1205)), stream.finish()]
        >>> sum(map(len, pieces))
        800

    See Also:
        `resample` for a whole sound; `blocks`, which reads and resamples a file piece by piece.
    """

    def __init__(self, from_rate: int, to_rate: int) -> None:
        self._handle = None
        self._lock = threading.Lock()  # a call into the library lets go of Python's own
        check_rates(from_rate, to_rate)
        self._functions = functions()
        self._handle = self._functions.sonogram_resampler_create(int(from_rate), int(to_rate), isa().encode())
        if not self._handle:
            raise MemoryError("the filter between these rates does not fit into memory")

    def __del__(self) -> None:
        if getattr(self, "_handle", None):
            self._functions.sonogram_resampler_destroy(self._handle)

    def push(self, samples: Any) -> NDArray[np.float32]:
        """Take samples and return those that can be computed already.

        Args:
            samples: one channel, `(samples,)` at `from_rate`: floating point or 16-bit integers.

        Returns:
            float32, `(samples,)` at `to_rate`: those after what was returned so far; maybe none.

        Raises:
            SonogramError: `samples` has more than one axis or another type.
        """
        values = np.ascontiguousarray(to_float32(samples))
        if values.ndim != 1:
            raise SonogramError(
                f"a Resampler takes samples of one channel, (samples,); got shape {values.shape}"
            )
        with self._lock:
            out = self._output(len(values))
            count = self._functions.sonogram_resampler_push(
                self._handle, values.ctypes.data, len(values), out.ctypes.data
            )
        return out[:count]

    def finish(self) -> NDArray[np.float32]:
        """Return the rest, as if silence followed; then a new sound may begin.

        Returns:
            float32, `(samples,)` at `to_rate`: together with all pieces before
            `ceil(samples * to_rate / from_rate)` samples.
        """
        with self._lock:
            out = self._output(0)
            count = self._functions.sonogram_resampler_finish(self._handle, out.ctypes.data)
        return out[:count]

    def _whole(self, samples: NDArray[np.float32], out: NDArray[np.float32]) -> None:
        """Resample a sound from its beginning to its end, into memory of its size."""
        self._functions.sonogram_resampler_whole(
            self._handle, samples.ctypes.data, len(samples), out.ctypes.data
        )

    def _output(self, count: int) -> NDArray[np.float32]:
        """Return memory for the output of `count` more samples; the lock is held."""
        return np.empty(self._functions.sonogram_resampler_max_output(self._handle, count), np.float32)
