"""Inference: labels and events in files of any length, and in sound that arrives in chunks."""

from __future__ import annotations

from sonogram.errors import require_keras

with require_keras("a model needs Keras and a backend"):
    import keras

from sonogram.inference.prediction import Prediction, Predictor, predict
from sonogram.inference.recordings import RecordingPrediction, predict_recordings
from sonogram.inference.streaming import StreamingPredictor
from sonogram.inference.tables import audacity, comma_separated, raven
from sonogram.inference.timeline import Event, Timeline, WindowScores

__all__ = [
    "Event",
    "Prediction",
    "Predictor",
    "RecordingPrediction",
    "StreamingPredictor",
    "Timeline",
    "WindowScores",
    "audacity",
    "comma_separated",
    "predict",
    "predict_recordings",
    "raven",
]

del keras
