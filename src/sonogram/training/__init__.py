"""Training and evaluation of models on clips."""

from __future__ import annotations

from sonogram.errors import require_keras

with require_keras("training needs Keras on TensorFlow", ("tensorflow",)):
    import keras
    import tensorflow

from sonogram.training.auto import choose_center, choose_frontend, choose_network
from sonogram.training.comparison import compare_backbones
from sonogram.training.evaluation import cross_validate, evaluate
from sonogram.training.event_metrics import (
    Detections,
    EventClassMetrics,
    EventMetrics,
    event_metrics,
    match_events,
)
from sonogram.training.fit import fit
from sonogram.training.metrics import ClassMetrics, Metrics, metrics
from sonogram.training.partition import Partition, evaluation_clips, partition, published_partition
from sonogram.training.plan import TrainingPlan
from sonogram.training.recognition import SPEECH, choose_units
from sonogram.training.settings import TrainingSettings
from sonogram.training.train import train

__all__ = [
    "SPEECH",
    "ClassMetrics",
    "Detections",
    "EventClassMetrics",
    "EventMetrics",
    "Metrics",
    "Partition",
    "TrainingPlan",
    "TrainingSettings",
    "choose_center",
    "choose_frontend",
    "choose_network",
    "choose_units",
    "compare_backbones",
    "cross_validate",
    "evaluate",
    "evaluation_clips",
    "event_metrics",
    "fit",
    "match_events",
    "metrics",
    "partition",
    "published_partition",
    "train",
]

del keras, tensorflow
