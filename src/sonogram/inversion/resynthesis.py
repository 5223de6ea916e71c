"""Resynthesis: sound from the features of a sound, which shows what a front end keeps."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from sonogram.audio import Audio, load, source_name
from sonogram.definition import Definition, require_definition
from sonogram.engines import run
from sonogram.errors import SonogramError
from sonogram.inversion.griffin_lim import griffin_lim
from sonogram.obstacles import require_possible
from sonogram.peers import with_known_keywords

__all__ = ["resynthesize"]


@with_known_keywords
def resynthesize(source: Any, frontend: Definition, iterations: int = 32, *, seed: int = 0) -> Audio:
    """Compute the features of a sound and samples from these features alone.

    The result holds what the front end keeps: without phases, and without the detail that bands and
    scaling remove.

    Args:
        source: Path, bytes or file object of a sound, which is resampled and mixed to one channel, or an
            `Audio` or an array `(..., samples)` at the sample rate of the front end.
        frontend: The front end.
        iterations: Number of Griffin-Lim iterations.
        seed: Seed of the initial phases.

    Returns:
        An `Audio` of the length of the source.

    Raises:
        AudioError: The file cannot be read.
        SonogramError: `frontend.obstacles("magnitudes")` prevents it, or the sound is shorter than one
            frame.

    Example:
        >>> tone = np.sin(np.arange(16000) / 9)
        >>> sg.resynthesize(tone, sg.preset("whisper-80"), iterations=2).samples.shape
        (16000,)

    See Also:
        inversion.griffin_lim: samples from features that are computed already.
    """
    require_definition(frontend)
    require_possible(frontend, "magnitudes")
    name, sample_rate = "the sound", int(frontend.sample_rate)
    if isinstance(source, (str, os.PathLike, bytes)) or hasattr(source, "read"):
        name, source = source_name(source), load(source, sample_rate)
    features = run(frontend, source)
    shape = np.shape(source.samples if isinstance(source, Audio) else source)
    num_samples = shape[-1]
    if len(shape) > 1 and num_samples == frontend.num_bands < frontend.frame_length:
        raise SonogramError(
            f"the source must be a sound; got the shape {shape}, as of features. Use "
            "sonogram.inversion.griffin_lim(features, frontend)"
        )
    if not frontend.num_frames(num_samples):
        needed = frontend.frame_length
        raise SonogramError(f"{name} must have at least one frame, {needed} samples; got {num_samples}")
    samples = griffin_lim(features, frontend, num_samples, iterations, seed=seed)
    return Audio(samples, sample_rate)
