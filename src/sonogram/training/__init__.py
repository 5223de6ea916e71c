"""Models are trained and judged here: from clips to a model, and from a model to figures."""

from sonogram.training.fit import Plan, Watch, fit
from sonogram.training.settings import Settings

__all__ = ["Plan", "Settings", "Watch", "fit"]
