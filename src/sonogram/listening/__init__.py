"""Listening: a trained model hears files of any length, and sound while it arrives."""

from __future__ import annotations

from sonogram.errors import needing

with needing("a model needs Keras and a backend", 'pip install "sonogram[tensorflow]"'):
    import keras

from sonogram.listening.listener import Listener
from sonogram.listening.prediction import Prediction, Predictor, predict
from sonogram.listening.tables import audacity, comma_separated, raven
from sonogram.listening.timeline import Event, Heard, Timeline

__all__ = [
    "Event",
    "Heard",
    "Listener",
    "Prediction",
    "Predictor",
    "Timeline",
    "audacity",
    "comma_separated",
    "predict",
    "raven",
]

del keras
