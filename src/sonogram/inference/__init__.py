"""Inference: labels and events in files of any length, and in sound that arrives in chunks."""

from __future__ import annotations

from sonogram.errors import require_keras

with require_keras("a model needs Keras and a backend"):
    import keras

from sonogram.inference.detection import Detector, ScoredFrames, find_events
from sonogram.inference.prediction import Prediction, Predictor
from sonogram.inference.predictors import make_predictor, predict
from sonogram.inference.recordings import (
    Outcome,
    RecordingPrediction,
    predict_recordings,
    process_recordings,
)
from sonogram.inference.streaming import StreamingPredictor
from sonogram.inference.streaming_transcription import StreamingTranscriber
from sonogram.inference.tables import audacity, comma_separated, raven
from sonogram.inference.timeline import Event, Timeline, WindowScores
from sonogram.inference.transcription import Transcriber, align, transcribe

__all__ = [
    "Detector",
    "Event",
    "Outcome",
    "Prediction",
    "Predictor",
    "RecordingPrediction",
    "ScoredFrames",
    "StreamingPredictor",
    "StreamingTranscriber",
    "Timeline",
    "Transcriber",
    "WindowScores",
    "align",
    "audacity",
    "comma_separated",
    "find_events",
    "make_predictor",
    "predict",
    "predict_recordings",
    "process_recordings",
    "raven",
    "transcribe",
]

del keras
