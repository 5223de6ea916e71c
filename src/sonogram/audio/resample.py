"""Another sample rate, piece by piece, with the numbers of the whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from sonogram.audio.decoder import Frames

if TYPE_CHECKING:
    import soxr

__all__ = ["MAX_RATIO", "num_resampled", "resampled"]

MAX_RATIO = 256
"""The largest factor between two rates: beyond it a header lies, and the memory is its prey."""


def num_resampled(num_samples: int, rate_in: int, rate_out: int) -> int:
    """The number of samples after resampling: ``ceil(num_samples * rate_out / rate_in)``.

    Every instant of the new rate that lies before the end of the sound has a sample.
    """
    return -(-num_samples * rate_out // rate_in)


def resampled(chunks: Iterator[Frames], rate_in: int, rate_out: int) -> Iterator[Frames]:
    """Resample with soxr at its high quality (20 bits); silence lies before and after the sound.

    The result does not depend on how the sound is cut into chunks: soxr keeps its state.

    Args:
        chunks: ``(samples, channels)`` each.
        rate_in: their rate in hertz.
        rate_out: the wanted rate in hertz.

    Yields:
        ``(samples, channels)`` at the wanted rate, ``num_resampled`` in all.
    """
    if rate_in == rate_out:
        yield from chunks
        return
    import soxr

    stream: soxr.ResampleStream | None = None
    consumed = produced = channels = 0
    for chunk in chunks:
        if stream is None:
            channels = chunk.shape[1]
            stream = soxr.ResampleStream(rate_in, rate_out, channels, dtype="float32", quality="HQ")
        consumed += len(chunk)
        piece = _push(stream, chunk, last=False)
        produced += len(piece)
        if len(piece):
            yield piece
    if stream is None:
        return
    # soxr rounds the length where we round up: feed it the silence that the last sample needs.
    silence = np.zeros((-(-rate_in // rate_out) + 1, channels), np.float32)
    tail = _push(stream, silence, last=True)
    yield tail[: num_resampled(consumed, rate_in, rate_out) - produced]


def _push(stream: soxr.ResampleStream, chunk: Frames, *, last: bool) -> Frames:
    channels = chunk.shape[1]
    # For one channel soxr wants no channel axis.
    piece: Frames = stream.resample_chunk(chunk[:, 0] if channels == 1 else chunk, last=last)
    return piece.reshape(-1, channels)
