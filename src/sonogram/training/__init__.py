"""Models are trained and judged here: from clips to a model, and from a model to figures."""

from sonogram.training.evaluate import crossed, evaluate, plan_of
from sonogram.training.fit import Plan, Watch, fit, start
from sonogram.training.logs import Epoch
from sonogram.training.metrics import ClassFigures, Figures, figures
from sonogram.training.settings import Settings

__all__ = [
    "ClassFigures",
    "Epoch",
    "Figures",
    "Plan",
    "Settings",
    "Watch",
    "crossed",
    "evaluate",
    "figures",
    "fit",
    "plan_of",
    "start",
]
