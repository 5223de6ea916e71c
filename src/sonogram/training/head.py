"""Training of a linear head on a published network."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from sonogram.backbones import card
from sonogram.dataset import Clips, DatasetReport, LoadedClips, label_names, label_targets, load_clips
from sonogram.dataset.cache import Cache
from sonogram.errors import SonogramError
from sonogram.layers import Scores
from sonogram.models.pretrained import VERSION, classifier, heads_of, vector_model
from sonogram.models.vectors import ClipVectors, split_vectors
from sonogram.training.augmentation import Progress, trim_clips
from sonogram.training.digests import digest_clips
from sonogram.training.partition import Partition
from sonogram.training.plan import TrainingPlan
from sonogram.training.regression import RegressionProblem, choose_heads, inner_folds

__all__ = ["clip_rows", "fit_head", "train_head"]

_LONGEST = 10.0
"""Longest sound to process at once, seconds. A longer clip gets the mean of the vectors of its pieces."""
_MAX_CLIPS = 2000
"""Number of clips by which the head is chosen; it is then trained on all."""
_REPORTED = 50
"""Number of clips between two reports of progress."""
Vectors = dict[str, NDArray[np.float32]]


def train_head(
    plan: TrainingPlan,
    parts: Partition,
    labels: Sequence[str],
    folder: Path | None = None,
    report: DatasetReport | None = None,
    on_progress: Progress | None = None,
) -> keras.Model:
    """Train a linear head on a backbone; see `sonogram.train`.

    The embedding of each clip is computed once, and kept in the folder: the same command after an
    interruption, or with other labels, begins where there is none.

    Args:
        plan: Plan with a backbone.
        parts: Partition of the data set. Validation clips are training clips here.
        labels: All labels.
        folder: Folder for the embeddings; None keeps none.
        report: Collects unreadable files, which are skipped; None raises at the first one.
        on_progress: Called with the number of clips that have an embedding.
    """
    assert plan.backbone is not None
    found = card(plan.backbone)
    model = vector_model(found)
    clips = Clips([*parts.train, *parts.validation])
    loaded = trim_clips(load_clips(clips, found.sample_rate, report, partial=plan.settings.partial))
    cache = None if folder is None else Cache(folder / "embeddings", [found.digest, VERSION])
    vectors = clip_rows(ClipVectors(model), loaded, cache, on_progress)
    record = {**plan.to_dict(), "clips": digest_clips(loaded)}
    seconds = min(loaded.typical_seconds, plan.settings.seconds)
    return fit_head(
        model, vectors, loaded.clips, Scores(labels, plan.multi_label, seconds, record, name="scores"), plan
    )


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
    present = label_names(clips, plan.multi_label)
    if len(present) < (1 if plan.multi_label else 2):
        raise SonogramError(
            f"the readable clips have one label, {', '.join(present)}; classification needs two. Add clips "
            "of another"
        )
    heads = {
        head: np.concatenate([vectors[part] for part in parts], axis=1)
        for head, parts in heads_of(plan.backbone).items()
    }
    targets = label_targets(clips, scores.labels, plan.multi_label)
    some = np.arange(len(targets))
    if len(some) > _MAX_CLIPS:
        some = np.sort(np.random.default_rng(plan.settings.seed).choice(some, _MAX_CLIPS, replace=False))
    chosen = choose_heads(
        {head: values[some] for head, values in heads.items()},
        targets[some],
        inner_folds(Clips([clips[int(index)] for index in some]), plan.settings.seed),
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
    scores.training = {
        **(scores.training or {}),
        "heads": {head: setting._asdict() for head, setting in chosen.settings.items()},
        "inner_accuracy": chosen.accuracy,
    }
    return classifier(model, scaled, scores, plan.backbone)


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
