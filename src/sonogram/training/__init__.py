"""Models are trained and judged here: from clips to a model, and from a model to figures."""

from __future__ import annotations

from sonogram.errors import require_import

with require_import(
    "training needs Keras on TensorFlow",
    'pip install "sonogram[tensorflow]", and set KERAS_BACKEND=tensorflow',
):
    import keras
    import tensorflow

from sonogram.training.choice import frontend_for, network_for
from sonogram.training.evaluate import cross_validation, evaluate, plan_of
from sonogram.training.fit import Plan, Watch, fit
from sonogram.training.logs import Epoch
from sonogram.training.metrics import ClassMetrics, Metrics, metrics
from sonogram.training.settings import Settings
from sonogram.training.splits import Parts, divided, parts, to_judge

__all__ = [
    "ClassMetrics",
    "Epoch",
    "Metrics",
    "Parts",
    "Plan",
    "Settings",
    "Watch",
    "cross_validation",
    "divided",
    "evaluate",
    "fit",
    "frontend_for",
    "metrics",
    "network_for",
    "parts",
    "plan_of",
    "to_judge",
]

del keras, tensorflow
