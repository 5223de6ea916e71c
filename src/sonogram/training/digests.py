"""Digests of the clips that a model was trained on, so that an evaluation on the same clips is noticed."""

from __future__ import annotations

import base64
import hashlib

import numpy as np
from numpy.typing import NDArray

from sonogram.dataset import LoadedClips

__all__ = ["count_known", "digest_clips"]

_SIZE = 6
"""Bytes of a digest. Among 10,000 training clips and 10,000 others, two are equal by chance once in a million
data sets, and a model of 10,000 clips grows by 80 kB."""


def digest_clips(*parts: LoadedClips) -> str:
    """Return the sorted digests of clips as text, in base64.

    Args:
        *parts: Clips as they are trained on, trimmed and at the sample rate of the model. So a copy of a file
            in another lossless format has the same digest.
    """
    found = {_digest(samples) for part in parts for samples in part.samples}
    return base64.b64encode(b"".join(sorted(found))).decode()


def count_known(digests: str, loaded: LoadedClips) -> int:
    """Return how many clips are among those whose digests `digest_clips` returned."""
    known = base64.b64decode(digests)
    found = {known[first : first + _SIZE] for first in range(0, len(known), _SIZE)}
    return sum(_digest(samples) in found for samples in loaded.samples)


def _digest(samples: NDArray[np.float32]) -> bytes:
    content = np.ascontiguousarray(samples, "<f4").tobytes()
    return hashlib.blake2b(content, digest_size=_SIZE).digest()
