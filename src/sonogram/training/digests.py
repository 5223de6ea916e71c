"""Digests of the clips that a model was trained on, so that an evaluation on the same clips is noticed."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonogram.dataset import LoadedClips
from sonogram.training.plan import TrainingPlan

__all__ = ["count_known", "digest_clips", "training_record"]

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


def training_record(plan: TrainingPlan, *parts: LoadedClips | None) -> dict[str, Any]:
    """Return what a model stores of its training: the plan, and digests of the clips as "clips"."""
    return {**plan.to_dict(), "clips": digest_clips(*(part for part in parts if part is not None))}


def count_known(record: Mapping[str, Any] | None, loaded: LoadedClips) -> int:
    """Return how many clips a model was trained on by its record, that of `training_record`; None is none."""
    known = base64.b64decode((record or {}).get("clips", ""))
    found = {known[first : first + _SIZE] for first in range(0, len(known), _SIZE)}
    return sum(_digest(samples) in found for samples in loaded.samples)


def _digest(samples: NDArray[np.float32]) -> bytes:
    content = np.ascontiguousarray(samples, "<f4").tobytes()
    return hashlib.blake2b(content, digest_size=_SIZE).digest()
