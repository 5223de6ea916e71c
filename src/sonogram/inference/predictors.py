"""Prediction by any model: a classifier of windows, or an event detector."""

from __future__ import annotations

from typing import Any

from sonogram import models
from sonogram.audio import Audio, SoundSource
from sonogram.errors import SonogramError
from sonogram.inference.detection import Detector
from sonogram.inference.prediction import Prediction, Predictor
from sonogram.peers import with_known_keywords

__all__ = ["make_predictor", "predict"]


def make_predictor(
    model: Any,
    *,
    window: float | None = None,
    step: float | None = None,
    threshold: float | None = None,
) -> Predictor | Detector:
    """Return a model prepared for many sounds: a `Predictor`, or a `Detector` if it was trained on events.

    Args:
        model: A Keras model from `load_model`, `train`, `models.build` or `models.build_detector`.
        window: Length of a window, seconds; None takes the length of the training clips.
        step: Step from window to window of a classifier, seconds; None takes half a window.
        threshold: Minimum score of an event; None takes that of the model.

    Raises:
        SonogramError: The model has no labels, or an argument is invalid.
    """
    if models.describe(model).event_rule is None:
        return Predictor(model, window=window, step=step, threshold=threshold)
    if step is not None:
        raise SonogramError(
            f"the model {model.name!r} scores frames, so there is no step from window to window. Leave it out"
        )
    return Detector(model, window=window, threshold=threshold)


@with_known_keywords
def predict(
    model: Any,
    source: SoundSource | Audio,
    *,
    window: float | None = None,
    step: float | None = None,
    threshold: float | None = None,
) -> Prediction:
    """Return the labels and events of a sound of any length, in memory that does not grow with it.

    The sound is cut into windows, and the model classifies each; a sound no longer than a window is
    classified as a whole. Consecutive windows with a score above the threshold are one event. The label of
    the whole sound is decided at once up to 10 s, and by the mean over the windows beyond. A model that was
    trained on events scores frames of some 40 ms instead, so that the times are that exact.

    Args:
        model: A Keras model from `load_model`, `train`, `models.build` or `models.build_detector`.
        source: A path, the bytes of a file, a binary file object, or `Audio` at the model's sample rate.
        window: Length of a window, seconds; None takes the length of the training clips.
        step: Step from the start of one window to the next, seconds; None takes half a window.
        threshold: Minimum score of an event, in sounds of any length. None is 0.5, or for a model that was
            trained on events the threshold of each label.

    Returns:
        The scores of the whole sound and the events in it.

    Raises:
        AudioError: The sound cannot be read.
        SonogramError: The model has no labels, or an argument is invalid.

    Example:
        >>> model = sonogram.models.build(sonogram.Frontend(8000, 256, 128), ["cat", "dog"])
        >>> found = predict(model, sonogram.Audio(np.zeros(20_000, np.float32), 8000), threshold=0)
        >>> found.duration, found.num_windows, found.label == found.events[0].label
        (2.5, 4, True)

    See Also:
        `inference.Predictor`, for many sounds; `sonogram.StreamingPredictor`, for a sound that arrives in
        chunks; `sonogram.models.scores`, for clips in memory.
    """
    return make_predictor(model, window=window, step=step, threshold=threshold).predict(source)
