"""Sounds in blocks at the sample rate of a model, in memory that does not grow with them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from sonogram.audio import Audio, SoundSource, blocks
from sonogram.errors import SonogramError
from sonogram.inference.scoring import check_samples

__all__ = ["model_blocks"]

Samples = NDArray[np.float32]
_BLOCK_SECONDS = 10.0


def model_blocks(source: SoundSource | Audio, sample_rate: int) -> Iterator[Samples]:
    """Yield the samples of a sound, mixed to mono, 10 s at a time.

    Args:
        source: A path, the bytes of a file, a binary file object, or `Audio`.
        sample_rate: Hz; files are resampled to it.

    Raises:
        AudioError: The sound cannot be read.
        SonogramError: The `Audio` has another sample rate or several axes.
    """
    size = round(_BLOCK_SECONDS * sample_rate)
    if not isinstance(source, Audio):
        yield from map(check_samples, _prefetch(blocks(source, size, sample_rate, partial=True)))
        return
    if source.sample_rate != sample_rate:
        raise SonogramError(
            f"the sample rate must be {sample_rate} Hz, that of the model; got {source.sample_rate} Hz. Load "
            f"the sound with sample_rate={sample_rate}"
        )
    samples = check_samples(source.samples, is_chunk=False)
    for start in range(0, len(samples), size):
        yield samples[start : start + size]


def _prefetch(blocks: Iterator[Samples]) -> Iterator[Samples]:
    """Yield the blocks; the next one is decoded in a thread while the model processes one."""
    with ThreadPoolExecutor(1) as executor:
        following = executor.submit(next, blocks, None)
        while (block := following.result()) is not None:
            following = executor.submit(next, blocks, None)
            yield block
