"""Models are trained and judged here: from clips to a model, and from a model to figures."""

from __future__ import annotations

from sonogram.errors import SonogramError

try:
    import keras
    import tensorflow
except (ImportError, ValueError) as error:  # Keras raises a ValueError for a backend that it does not know
    raise SonogramError(
        f'training needs Keras on TensorFlow ({error}): pip install "sonogram[tensorflow]", and set '
        "KERAS_BACKEND=tensorflow"
    ) from error

from sonogram.training.evaluate import crossed, evaluate, plan_of
from sonogram.training.fit import Plan, Watch, fit
from sonogram.training.logs import Epoch
from sonogram.training.metrics import ClassFigures, Figures, figures
from sonogram.training.settings import Settings
from sonogram.training.splits import Parts, divided, parts

__all__ = [
    "ClassFigures",
    "Epoch",
    "Figures",
    "Parts",
    "Plan",
    "Settings",
    "Watch",
    "crossed",
    "divided",
    "evaluate",
    "figures",
    "fit",
    "parts",
    "plan_of",
]

del keras, tensorflow
