"""A model judged on clips that it has not learned from."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from itertools import compress
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from sonogram.audio import Audio
from sonogram.dataset import Clip, Clips, Split, folds
from sonogram.errors import SonogramError
from sonogram.inference import Predictor
from sonogram.inference.prediction import WHOLE_SECONDS
from sonogram.models import describe, scores
from sonogram.training import checkpoint
from sonogram.training.fit import Plan, Watch, fit
from sonogram.training.folder import claim, forget, state
from sonogram.training.metrics import Metrics, metrics
from sonogram.training.sounds import Sounds, labels_of, read

__all__ = ["cross_validation", "evaluate", "plan_of"]

Floats = NDArray[np.float32]


def evaluate(
    model: keras.Model, clips: Sequence[Clip], on_broken: Callable[[str], None] | None = None
) -> Metrics:
    """Judge a model on clips.

    Each clip gets the scores that `sonogram.predict` gives it: up to 10 s at once, a longer one the mean of
    its windows; of several labels each the highest of its windows.

    Args:
        model: One that `sonogram.models.describe` understands.
        clips: What to judge it on, labeled with its labels.
        on_broken: Called with a line for each file that cannot be read, which is left out; None raises.

    Raises:
        SonogramError: A label is not one of the model's, or no clip can be read.
    """
    known = describe(model)
    rate = int(known.sample_rate)
    sounds = read(clips, known.labels, rate, multi_label=known.multi_label, on_broken=on_broken)
    return metrics(_heard(model, sounds), sounds.targets, known.labels, known.multi_label)


def _heard(model: keras.Model, sounds: Sounds) -> Floats:
    """What `sonogram.predict` makes of each sound, `(clips, labels)`: many in one call where it can be."""
    predictor, rate = Predictor(model), sounds.sample_rate
    longest = rate * (predictor.window if predictor.model_info.multi_label else WHOLE_SECONDS)
    together = [predictor.takes_many and len(samples) <= longest for samples in sounds.samples]
    found = np.zeros((len(sounds), len(predictor.model_info.labels)), np.float32)
    found[together] = scores(model, [*compress(sounds.samples, together)])
    for index, samples in enumerate(sounds.samples):
        if not together[index]:
            found[index] = predictor.predict(Audio(samples, rate)).scores
    return found


def cross_validation(
    clips: Clips, plan: Plan, count: int, watch: Watch | None = None, folder: Path | None = None
) -> Metrics:
    """Train and judges a model for each of some folds that no group crosses.

    All clips are divided anew, whatever their splits are. With a folder, each fold that was judged, and the
    state of the one that is trained, are kept there until all are done: one that was killed goes on.

    Args:
        clips: What to divide.
        plan: What each model is, and how it is trained.
        count: How many folds.
        watch: Who is told what is going on; of a broken file once, whatever the number of folds.
        folder: Where the states and the logs go, one folder below for each fold; None keeps none.

    Returns:
        The figures over all clips, each judged by the model that has not learned from its group.

    Raises:
        SonogramError: There are fewer groups than folds, the folder has the state of another training, or
            what `fit` raises.
    """
    told: dict[str, None] = {}
    watch = _telling_once(watch or Watch(), told)
    labels = labels_of(clips, plan.multi_label)
    whole = Clips((clip._replace(split=None) for clip in clips), clips.classes)
    divided = folds(whole, count, seed=plan.settings.seed)
    if folder is not None:
        claim(folder, {**plan.to_dict(), "folds": count}, whole)
    results = []
    for number, fold in enumerate(divided, 1):
        if watch.on_fold is not None:
            watch.on_fold(number, count)
        kept = None if folder is None else _kept(folder, number, watch)
        if kept is None:
            below = None if folder is None else folder / f"fold-{number}"
            try:
                kept = _judged(fold, plan, labels, watch, below)
            except SonogramError as error:
                raise SonogramError(f"fold {number} of {count}: {error}") from None
            if folder is not None and below is not None:
                groups = {"given": [kept[0]], "wanted": [kept[1]]}
                checkpoint.save(state(folder, f"fold-{number}"), groups, {"broken": list(told)})
                forget(below)
        results.append(kept)
    if folder is not None:
        forget(folder)
    given, wanted = (np.concatenate(each) for each in zip(*results, strict=True))
    return metrics(given, wanted, labels, plan.multi_label)


_Judged = tuple[Floats, Floats]
"""The scores and the targets of the clips of a fold, `(clips, labels)` both."""


def _judged(fold: Split, plan: Plan, labels: tuple[str, ...], watch: Watch, folder: Path | None) -> _Judged:
    model = fit(fold.train, plan, folder, watch)
    rate = int(describe(model).sample_rate)
    sounds = read(fold.validation, labels, rate, multi_label=plan.multi_label, on_broken=watch.on_broken)
    # A label may be nowhere in the clips of a fold's training: it is never given then.
    known = {label: column for column, label in enumerate(describe(model).labels)}
    found = _heard(model, sounds)
    columns = [
        found[:, known[label]] if label in known else np.zeros(len(found), np.float32) for label in labels
    ]
    return np.stack(columns, axis=-1), sounds.targets


def _kept(folder: Path, number: int, watch: Watch) -> _Judged | None:
    """What a fold gave that was judged before, its broken files told again."""
    found = checkpoint.load(state(folder, f"fold-{number}"))
    if found is None:
        return None
    groups, plain = found
    for line in plain["broken"]:
        if watch.on_broken is not None:
            watch.on_broken(line)
    return groups["given"][0], groups["wanted"][0]


def _telling_once(watch: Watch, told: dict[str, None]) -> Watch:
    """A file that is broken is so in every fold."""
    tell = watch.on_broken
    if tell is None:
        return watch

    def once(line: str) -> None:
        if line not in told:
            told[line] = None
            tell(line)

    return dataclasses.replace(watch, on_broken=once)


def plan_of(model: keras.Model) -> Plan:
    """Return how a model was trained.

    Raises:
        SonogramError: It does not say.
    """
    training = describe(model).training
    if training is None:
        raise SonogramError(
            f"the model {model.name!r} does not say how it was trained, so it cannot be trained again on "
            "folds: train it with `sonogram train`"
        )
    try:
        return Plan.from_dict(dict(training))
    except (KeyError, TypeError) as error:
        raise SonogramError(
            f"the model {model.name!r} was trained as this version of sonogram cannot train ({error}); judge "
            "it with the version that trained it"
        ) from None
