"""Training of a linear head on a published network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from sonogram.backbones import card
from sonogram.dataset import Clips, DatasetReport, LoadedClips, label_names, label_targets, load_clips
from sonogram.dataset.cache import Cache
from sonogram.errors import SonogramError
from sonogram.layers import Scores
from sonogram.models.batching import pad_batch
from sonogram.models.pretrained import HEADS, VERSION, classifier, vector_model
from sonogram.training.augmentation import Progress, trim_clips
from sonogram.training.digests import digest_clips
from sonogram.training.partition import Partition
from sonogram.training.plan import TrainingPlan
from sonogram.training.regression import RegressionProblem, choose_heads, inner_folds

__all__ = ["train_head"]

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
    present = label_names(loaded.clips, plan.multi_label)
    if len(present) < (1 if plan.multi_label else 2):
        raise SonogramError(
            f"the readable clips have one label, {', '.join(present)}; classification needs two. Add clips "
            "of another"
        )
    cache = None if folder is None else Cache(folder / "embeddings", [found.digest, VERSION])
    vectors = _vectors(model, loaded, cache, on_progress)
    heads = {
        head: np.concatenate([vectors[part] for part in parts], axis=1)
        for head, parts in HEADS[found.name].items()
    }
    targets = label_targets(loaded.clips, labels, plan.multi_label)
    some = np.arange(len(targets))
    if len(some) > _MAX_CLIPS:
        some = np.sort(np.random.default_rng(plan.settings.seed).choice(some, _MAX_CLIPS, replace=False))
    chosen = choose_heads(
        {head: values[some] for head, values in heads.items()},
        targets[some],
        inner_folds(Clips([loaded.clips[int(index)] for index in some]), plan.settings.seed),
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
        **plan.to_dict(),
        "clips": digest_clips(loaded),
        "heads": {head: setting._asdict() for head, setting in chosen.settings.items()},
        "inner_accuracy": chosen.accuracy,
    }
    seconds = min(loaded.typical_seconds, plan.settings.seconds)
    scores = Scores(labels, plan.multi_label, seconds, record, name="scores")
    return classifier(model, scaled, scores, found.name)


def _vectors(
    model: keras.Model, loaded: LoadedClips, cache: Cache | None, on_progress: Progress | None
) -> Vectors:
    """Return the outputs of the model for each clip, `(clips, values)` each."""
    names = sorted(model.output)
    compute = _trace(model, names)
    longest, rows = round(_LONGEST * loaded.sample_rate), []
    for index, (clip, samples) in enumerate(zip(loaded.clips, loaded.samples, strict=True), 1):

        def row(samples: NDArray[np.float32] = samples) -> list[NDArray[np.float32]]:
            pieces = range(0, max(len(samples), 1), longest)
            found = [compute(*pad_batch([samples[first : first + longest]])) for first in pieces]
            return [np.mean(found, axis=0)]

        rows.append(row()[0] if cache is None else cache.array(clip.path, row))
        if on_progress is not None and (index % _REPORTED == 0 or index == len(loaded)):
            on_progress("embedding", index, len(loaded))
    sizes = [model.output[name].shape[-1] for name in names]
    table = np.concatenate(rows)
    return dict(zip(names, np.split(table, np.cumsum(sizes)[:-1], axis=1), strict=True))


def _trace(model: keras.Model, names: Sequence[str]) -> Any:
    """Return a function of samples and lengths that returns all outputs in one row, as NumPy."""
    import tensorflow as tf

    def call(samples: Any, lengths: Any) -> Any:
        found: Mapping[str, Any] = model([samples, lengths], training=False)
        return tf.concat([found[name] for name in names], axis=-1)

    clips = tf.TensorSpec((None, None), tf.float32), tf.TensorSpec((None,), tf.int32)
    traced = tf.function(call, input_signature=clips, autograph=False)
    return lambda samples, lengths: np.asarray(traced(samples, lengths))
