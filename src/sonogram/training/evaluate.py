"""A model judged on clips that it has not learned from."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import keras
import numpy as np

from sonogram.dataset import Clip, Clips, folds
from sonogram.errors import SonogramError
from sonogram.models import about, scores
from sonogram.training.fit import Plan, Watch, fit
from sonogram.training.metrics import Figures, figures
from sonogram.training.sounds import labels_of, read

__all__ = ["crossed", "evaluate", "plan_of"]


def evaluate(
    model: keras.Model, clips: Sequence[Clip], on_broken: Callable[[str], None] | None = None
) -> Figures:
    """Judges a model on clips.

    Args:
        model: One that `sonogram.models.about` understands.
        clips: What to judge it on, labeled with its labels.
        on_broken: Called with a line for each file that cannot be read, which is left out; None raises.

    Raises:
        SonogramError: A label is not one of the model's, or no clip can be read.
    """
    known = about(model)
    rate = int(known.sample_rate)
    sounds = read(clips, known.labels, rate, multi_label=known.multi_label, on_broken=on_broken)
    return figures(scores(model, sounds.samples), sounds.targets, known.labels, known.multi_label)


def crossed(clips: Clips, plan: Plan, count: int, watch: Watch | None = None) -> Figures:
    """Trains and judges a model for each of some folds that no group crosses.

    Args:
        clips: What to divide.
        plan: What each model is, and how it is trained.
        count: How many folds.
        watch: Who is told what is going on.

    Returns:
        The figures over all clips, each judged by the model that has not learned from its group.

    Raises:
        SonogramError: There are fewer groups than folds, or what `fit` raises.
    """
    watch = watch or Watch()
    labels = labels_of(clips, plan.multi_label)
    given, wanted = [], []
    for train, judged in folds(clips, count, seed=plan.settings.seed):
        model = fit(train, plan, None, watch)
        rate = int(plan.frontend.sample_rate)
        sounds = read(judged, labels, rate, multi_label=plan.multi_label, on_broken=watch.on_broken)
        # A label may be nowhere in the clips of a fold's training: it is never given then.
        known = {label: column for column, label in enumerate(about(model).labels)}
        found = scores(model, sounds.samples)
        columns = [
            found[:, known[label]] if label in known else np.zeros(len(found), np.float32) for label in labels
        ]
        given.append(np.stack(columns, axis=-1))
        wanted.append(sounds.targets)
    return figures(np.concatenate(given), np.concatenate(wanted), labels, plan.multi_label)


def plan_of(model: keras.Model) -> Plan:
    """Returns how a model was trained.

    Raises:
        SonogramError: It does not say.
    """
    training = about(model).training
    if training is None:
        raise SonogramError(
            f"the model {model.name!r} does not say how it was trained, so it cannot be trained again on "
            "folds: train it with `sonogram train`"
        )
    return Plan.from_dict(dict(training))
