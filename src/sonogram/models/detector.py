"""Event detectors: samples in, scores of labels for each frame out."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np
from numpy.typing import NDArray

from sonogram.definition import require_definition
from sonogram.errors import SonogramError
from sonogram.frontend import Frontend
from sonogram.layers import FrameScores
from sonogram.models import embeddings
from sonogram.models.bodies import NETWORKS, network_names
from sonogram.models.build import front_model
from sonogram.models.pretrained import SPEECH_FRONTEND
from sonogram.models.recognizer import frame_model, front_part

__all__ = ["build_detector", "detector_on_backbone"]


def build_detector(
    frontend: Frontend, labels: Sequence[str], network: str = "crnn", *, seconds: float = 10.0
) -> keras.Model:
    """Build an untrained event detector: samples in, scores of each frame out, everything else inside.

    The model takes `[samples, lengths]`, as that of `build`, and returns the scores, float32
    `(batch, frames, labels)`, and the number of valid frames of each clip, int32 `(batch,)`. In a frame there
    may be several labels, or none. Silence is not trimmed, so that frames keep their times.

    Args:
        frontend: Definition of the features.
        labels: Labels of the events, in the order of the scores.
        network: Name of a network, such as "crnn" or "conv".
        seconds: Length of the segments that it will be trained on; longer recordings are computed in parts.

    Returns:
        A Keras model with the inputs "samples" and "lengths"; not compiled.

    Raises:
        SonogramError: There is no such network, or the labels are invalid.

    Example:
        >>> model = build_detector(sg.Frontend(8000, 200, 80), ["cat", "dog"])
        >>> scores, frames = model([np.zeros((1, 8000), "float32"), np.array([8000])])
        >>> tuple(scores.shape), int(frames[0])
        ((1, 26, 2), 25)

    See Also:
        `sonogram.train`, which also trains it; `sonogram.predict`, for events with start and end.
    """
    require_definition(frontend)
    if "+" in network:
        raise SonogramError(f"an event detector has one network; got {network!r}. Use one of its parts")
    (name,) = network_names(network)
    front = front_model(frontend, "band", trim_db=None)
    body = NETWORKS[name]
    scores = FrameScores(labels, body.stride, seconds, name="scores")
    return frame_model(front, body, len(labels) + 1, scores, name)


def detector_on_backbone(
    labels: Sequence[str], weights: Sequence[NDArray[np.float32]] | None = None, seconds: float = 10.0
) -> keras.Model:
    """Build an untrained event detector on the frozen speech embedding; see `build_detector`.

    Args:
        labels: Labels of the events, such as words, in the order of the scores.
        weights: Weights of the backbone; None reads them from the installed distribution.
        seconds: Length of the segments that it will be trained on.

    Raises:
        SonogramError: The weights are not installed, or the labels are invalid.
    """
    front = front_part(SPEECH_FRONTEND, embeddings.event_frames(weights))
    scores = FrameScores(labels, embeddings.EVENT_STRIDE, seconds, name="scores")
    return frame_model(front, embeddings.EVENT_BODY, len(labels) + 1, scores, "speech-embedding")
