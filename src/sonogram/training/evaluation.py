"""Evaluation of models on labeled clips, and cross-validation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import compress
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from sonogram.audio import Audio
from sonogram.dataset import (
    Clips,
    Data,
    DatasetReport,
    LoadedClips,
    clips,
    folds as split_folds,
    label_names,
    label_targets,
    load_clips,
)
from sonogram.decoding import TextMetrics, normalize, text_metrics
from sonogram.errors import SonogramError
from sonogram.inference import Predictor, Transcriber
from sonogram.inference.prediction import MAX_WHOLE_SECONDS
from sonogram.models import describe, logits, scores
from sonogram.training import checkpoint
from sonogram.training.augmentation import Progress, trim_clips
from sonogram.training.digests import count_known
from sonogram.training.event_evaluation import evaluate_events
from sonogram.training.event_metrics import EventMetrics
from sonogram.training.folder import delete_state, reserve_folder, state_path
from sonogram.training.metrics import Metrics, metrics
from sonogram.training.partition import evaluation_clips
from sonogram.training.plan import TrainingPlan
from sonogram.training.train import train_plan

__all__ = ["cross_validate", "evaluate"]

Floats = NDArray[np.float32]


def evaluate(
    model: keras.Model,
    data: Data,
    *,
    folds: int | None = None,
    folder: Path | None = None,
    report: DatasetReport | None = None,
    partial: bool = False,
    on_progress: Progress | None = None,
    **decoding: Any,
) -> Metrics | TextMetrics | EventMetrics:
    """Evaluate a model on clips with labels, on clips with texts, or on recordings with events.

    Each clip gets the scores of `sonogram.predict`: up to 10 s it is classified at once; a longer one gets
    the mean of its windows, or with several labels a clip the maximum. If the data set has the column split,
    only test clips are used. Of a speech recognizer both texts are normalized.
    On recordings with events, the events of `sonogram.predict` are compared with those of the data set.

    Args:
        model: A model that `models.describe` understands.
        data: Clips, a folder of class folders, or a CSV manifest, with labels of the model, texts or events.
        folds: Number of models to train in the same way for cross-validation on all clips, instead of
            evaluating this one; see `training.cross_validate`.
        folder: Folder for the state of the cross-validation; None keeps none.
        report: Collects unreadable files, which are skipped; None raises at the first one.
        partial: Whether to read what is there of truncated recordings, with a warning.
        on_progress: Called before each fold.
        **decoding: For texts: `beam`, `language_model`, `language_weight`, `words` and `boost` of
            `sonogram.transcribe`; without any, decoding is greedy.

    Returns:
        For labels `Metrics`, for texts `TextMetrics`, for events `EventMetrics`: the figures that
        `sonogram evaluate` prints.

    Raises:
        SonogramError: A label is not one of the model's, or no clip is readable.

    Example:
        >>> Clip, Clips = sg.dataset.Clip, sg.dataset.Clips
        >>> clips = Clips([Clip("examples/dog.wav", "dog"), Clip("examples/bird.wav", "bird")])
        >>> model = sg.models.build(sg.Frontend(8000, 256, 128), ["bird", "dog"], "separable")
        >>> metrics = sg.evaluate(model, clips)
        >>> metrics.num_clips, metrics.labels, 0 <= metrics.accuracy <= 1
        (2, ('bird', 'dog'), True)

    See Also:
        `sonogram.train`, `sonogram.predict`.
    """
    info = describe(model)
    if info.alphabet is not None:
        if folds is not None:
            raise SonogramError("cross-validation is for labels, and the model gives text. Leave folds out")
        return _evaluate_text(Transcriber(model, **decoding), model, clips(data), report, partial)
    if decoding:
        raise SonogramError(
            f"{', '.join(decoding)}: for models that give text, which this one does not. Leave them out"
        )
    if info.event_rule is not None or clips(data).kind == "events":
        if folds is not None:
            raise SonogramError("cross-validation is for labels of clips, not for events. Leave folds out")
        return evaluate_events(model, clips(data), report, partial)
    if folds is not None:
        plan = TrainingPlan.from_model(model)
        plan = replace(plan, settings=replace(plan.settings, partial=partial))
        return cross_validate(data, plan, folds, folder=folder, report=report, on_progress=on_progress)
    chosen = evaluation_clips(clips(data))
    label_targets(chosen, info.labels, info.multi_label)  # a wrong label is an error before files are read
    loaded = load_clips(chosen, int(info.sample_rate), report, partial=partial)
    targets = label_targets(loaded.clips, info.labels, info.multi_label)
    found = metrics(_scores(model, loaded), targets, info.labels, info.multi_label)
    return replace(found, num_training_clips=count_known(info.training, trim_clips(loaded)))


def _evaluate_text(
    transcriber: Transcriber,
    model: keras.Model,
    whole: Clips,
    report: DatasetReport | None,
    partial: bool,
) -> TextMetrics:
    """Return the error rates of a speech recognizer."""
    info, chosen = describe(model), evaluation_clips(whole)
    if chosen.kind != "text":
        raise SonogramError("the model gives text, and the data set has labels. Name the column text")
    loaded = load_clips(chosen, int(info.sample_rate), report, partial=partial)
    found = [transcriber.decode(each).text for each in logits(model, loaded.samples)]
    groups = [clip.group or "" for clip in loaded.clips] if loaded.clips.groups else None
    metrics = text_metrics([normalize(str(clip.text)) for clip in loaded.clips], found, groups)
    return replace(metrics, num_training_clips=count_known(info.training, loaded))


def _scores(model: keras.Model, loaded: LoadedClips) -> Floats:
    """Return the scores of `sonogram.predict` for each clip, `(clips, labels)`, in few calls of the model."""
    predictor, rate = Predictor(model), loaded.sample_rate
    longest = rate * (predictor.window if predictor.model_info.multi_label else MAX_WHOLE_SECONDS)
    together = [predictor.takes_batches and len(samples) <= longest for samples in loaded.samples]
    found = np.zeros((len(loaded), len(predictor.model_info.labels)), np.float32)
    found[together] = scores(model, [*compress(loaded.samples, together)])
    for index, samples in enumerate(loaded.samples):
        if not together[index]:
            found[index] = predictor.predict(Audio(samples, rate)).scores
    return found


def cross_validate(
    data: Data,
    plan: TrainingPlan,
    count: int,
    *,
    folder: Path | None = None,
    report: DatasetReport | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    on_progress: Progress | None = None,
) -> Metrics:
    """Train and evaluate a model for each fold; no group is in two folds.

    All clips are used, whatever their splits. With a folder, finished folds and the state of the current
    training are kept until all are done, and a program that was killed continues.

    Args:
        data: Clips, a folder of class folders, or a CSV manifest.
        plan: Parameters of each training.
        count: Number of folds.
        folder: Folder for states and logs, with one folder inside for each fold; None keeps none.
        report: Collects unreadable files, which are skipped; None raises at the first one.
        callbacks: Keras callbacks of each training.
        on_progress: Called before each fold.

    Returns:
        Metrics over all clips, each classified by the model that was not trained on its group.

    Raises:
        SonogramError: There are fewer groups than folds, the folder has the state of another training, or
            an error of `train`.
    """
    source = clips(data)
    labels = label_names(source, plan.multi_label)
    whole = Clips((clip._replace(split=None) for clip in source), source.classes)
    parts = split_folds(whole, count, seed=plan.settings.seed)
    results = []
    with reserve_folder(folder, {**plan.to_dict(), "folds": count}, whole):
        for number, (train, test) in enumerate(parts, 1):
            if on_progress is not None:
                on_progress("fold", number, count)
            path = state_path(folder, f"fold-{number}")
            result = None if path is None else _load_result(path, report)
            if result is None:
                inner = None if folder is None else folder / f"fold-{number}"
                try:
                    model = train_plan(train, plan, inner, report, callbacks, on_progress=None)
                    result = _evaluate_fold(model, test, labels, plan, report)
                except SonogramError as error:
                    raise SonogramError(f"fold {number} of {count}: {error}") from None
                if path is not None and inner is not None:
                    broken = [list(entry) for entry in (report.broken if report else ())]
                    checkpoint.save(path, {"result": list(result)}, {"broken": broken})
                    delete_state(inner)
            results.append(result)
        if folder is not None:
            delete_state(folder)
    found, targets = (np.concatenate(arrays) for arrays in zip(*results, strict=True))
    return metrics(found, targets, labels, plan.multi_label)


def _evaluate_fold(
    model: keras.Model, test: Clips, labels: Sequence[str], plan: TrainingPlan, report: DatasetReport | None
) -> tuple[Floats, Floats]:
    """Return the scores and the targets of the test clips of a fold, `(clips, labels)` both."""
    info = describe(model)
    loaded = load_clips(test, int(info.sample_rate), report, partial=plan.settings.partial)
    found = np.zeros((len(loaded), len(labels)), np.float32)  # 0 for labels that the training clips lack
    found[:, [labels.index(label) for label in info.labels]] = _scores(model, loaded)
    return found, label_targets(loaded.clips, labels, plan.multi_label)


def _load_result(path: Path, report: DatasetReport | None) -> Any:
    """Return the result of a fold that was evaluated before, and report its broken files again."""
    found = checkpoint.load(path)
    if found is None:
        return None
    groups, plain = found
    for entry in plain["broken"]:
        if report is not None:
            report.note(*entry)
    return groups["result"]
