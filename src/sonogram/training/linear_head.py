"""Training of a linear head on a published network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from sonogram.backbones import card, split_name
from sonogram.dataset import Clips, LoadedClips, label_names, label_targets, load_clips
from sonogram.dataset.cache import Cache
from sonogram.dataset.splitting import random_subset
from sonogram.layers import Scores
from sonogram.models.pretrained import VERSION, classifier, heads_of, vector_model
from sonogram.models.vectors import ClipVectors, split_vectors
from sonogram.training.augmentation import Progress, trim_clips
from sonogram.training.classification import check_labels
from sonogram.training.digests import training_record
from sonogram.training.partition import Partition
from sonogram.training.plan import TrainingPlan
from sonogram.training.regression import RegressionProblem, choose_heads, inner_folds, to_probabilities
from sonogram.training.run import TrainingRun

__all__ = [
    "Vectors",
    "clip_rows",
    "fit_head",
    "fit_regressions",
    "head_probabilities",
    "train_head",
]

_LONGEST = 10.0
"""Longest sound to process at once, seconds. A longer clip gets the mean of the vectors of its pieces."""
_MAX_CLIPS = 2000
"""Number of clips by which the head is chosen; it is then trained on all."""
_REPORTED = 50
"""Number of clips between two reports of progress."""
Vectors = dict[str, NDArray[np.float32]]
Heads = dict[str, list[NDArray[np.float64]]]
"""Coefficients `(values, labels)` and constants `(labels,)` of each head."""


def train_head(plan: TrainingPlan, parts: Partition, labels: Sequence[str], run: TrainingRun) -> keras.Model:
    """Train a linear head on a backbone; see `sonogram.train`.

    The embedding of each clip is computed once, and kept in the folder: the same command after an
    interruption, or with other labels, begins where there is none.

    Args:
        plan: Plan with a backbone.
        parts: Partition of the data set. Validation clips are training clips here.
        labels: All labels.
        run: Where the embeddings are kept, and what is called with the number of clips that have one.
    """
    assert plan.backbone is not None
    found = card(plan.backbone)
    model = vector_model(found)
    clips = Clips([*parts.train, *parts.validation])
    loaded = trim_clips(load_clips(clips, found.sample_rate, run.report, partial=plan.settings.partial))
    vectors = clip_rows(ClipVectors(model), loaded, run.embeddings(found.digest, VERSION), run.on_progress)
    seconds = min(loaded.typical_seconds, plan.settings.seconds)
    record = training_record(plan, loaded)
    scores = Scores(labels, plan.multi_label, seconds, record, name="scores")
    return fit_head(model, vectors, loaded.clips, scores, plan)


def fit_head(
    model: keras.Model, vectors: Vectors, clips: Clips, scores: Scores, plan: TrainingPlan
) -> keras.Model:
    """Return a classifier with the heads that do best in cross-validation over the groups.

    Args:
        model: Result of `vector_model`.
        vectors: Vectors of each kind, `(clips, values)`.
        clips: The clips, with labels and groups.
        scores: The last layer of the classifier. The chosen heads are added to its record.
        plan: Plan with a backbone.

    Raises:
        SonogramError: The clips have one label.
    """
    assert plan.backbone is not None
    heads, record = fit_regressions(vectors, clips, scores.labels, plan)
    scores.training = {**(scores.training or {}), **record}
    return classifier(model, heads, scores, plan.backbone)


def fit_regressions(
    vectors: Vectors, clips: Clips, labels: Sequence[str], plan: TrainingPlan
) -> tuple[Heads, dict[str, Any]]:
    """Return coefficients and constants of the heads that do best in cross-validation, and their record.

    Args:
        vectors: Vectors of each kind, `(clips, values)`.
        clips: The clips, with labels and groups.
        labels: Labels of the outputs.
        plan: Plan with a backbone.

    Raises:
        SonogramError: The clips have one label.
    """
    present = label_names(clips, plan.multi_label)
    check_labels(present, plan.multi_label, "the readable clips have one label")
    heads = _head_values(vectors, plan)
    targets = label_targets(clips, labels, plan.multi_label)
    some = random_subset(len(targets), _MAX_CLIPS, plan.settings.seed)
    chosen = choose_heads(
        {head: values[some] for head, values in heads.items()},
        targets[some],
        inner_folds(clips.select(some), plan.settings.seed),
        plan.multi_label,
    )
    fitted = {
        head: RegressionProblem(heads[head], targets, plan.multi_label).fit(setting.strength)
        for head, setting in chosen.settings.items()
    }
    scaled = {
        head: [value / chosen.settings[head].temperature for value in regression]
        for head, regression in fitted.items()
    }
    record = {
        "heads": {head: setting._asdict() for head, setting in chosen.settings.items()},
        "inner_accuracy": chosen.accuracy,
    }
    return scaled, record


def _head_values(vectors: Vectors, plan: TrainingPlan) -> Vectors:
    """Return the values that each head of a backbone takes, `(clips, values)`."""
    parts_of = heads_of(split_name(str(plan.backbone))[0])
    return {
        head: np.concatenate([vectors[part] for part in parts], axis=1) for head, parts in parts_of.items()
    }


def head_probabilities(heads: Heads, vectors: Vectors, plan: TrainingPlan) -> NDArray[np.float64]:
    """Return the mean of the probabilities of heads, `(clips, labels)`.

    Args:
        heads: Result of `fit_regressions`.
        vectors: Vectors of each kind, `(clips, values)`.
        plan: Plan with a backbone.
    """
    values = _head_values(vectors, plan)
    logits = [values[head].astype(np.float64) @ kernel + bias for head, (kernel, bias) in heads.items()]
    return np.asarray(np.mean([to_probabilities(each, plan.multi_label) for each in logits], axis=0))


def clip_rows(
    compute: ClipVectors,
    loaded: LoadedClips,
    cache: Cache | None = None,
    on_progress: Progress | None = None,
) -> Vectors:
    """Return the vectors of each clip, `(clips, values)` of each kind."""
    longest, rows = round(_LONGEST * loaded.sample_rate), []
    for index, (clip, samples) in enumerate(zip(loaded.clips, loaded.samples, strict=True), 1):

        def row(samples: NDArray[np.float32] = samples) -> list[NDArray[np.float32]]:
            pieces = range(0, max(len(samples), 1), longest)
            found = [compute([samples[first : first + longest]]) for first in pieces]
            return [np.mean(found, axis=0)]

        rows.append(row()[0] if cache is None else cache.array(clip.path, row))
        if on_progress is not None and (index % _REPORTED == 0 or index == len(loaded)):
            on_progress("embedding", index, len(loaded))
    return split_vectors(np.concatenate(rows), compute.sizes)
