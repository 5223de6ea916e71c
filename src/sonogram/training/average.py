"""Training of networks next to linear heads on a backbone, whose probabilities are averaged.

They make different mistakes: a backbone has seen more sounds, and a network those of the data set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np

from sonogram.backbones import card, split_name
from sonogram.dataset import Clips, DatasetReport, LoadedClips, folds, label_names, label_targets
from sonogram.dataset.cache import Cache
from sonogram.errors import SonogramError
from sonogram.models import describe, scores
from sonogram.models.average import average
from sonogram.models.pretrained import VERSION, vector_model
from sonogram.models.vectors import ClipVectors
from sonogram.training.augmentation import Progress
from sonogram.training.classification import check_labels, load_part, resolve, train_networks
from sonogram.training.digests import digest_clips
from sonogram.training.folder import claim_sounds, reserve_folder
from sonogram.training.head import clip_rows, fit_regressions, head_probabilities
from sonogram.training.partition import Partition
from sonogram.training.plan import TrainingPlan
from sonogram.training.regression import choose_share

__all__ = ["train_average"]

_HELD_OUT = 5
"""Number of parts of the groups, one of which chooses the weight."""
_DEFAULT_SHARE = 0.5
"""Weight of the backbone where there are too few groups to choose."""


def train_average(
    plan: TrainingPlan,
    parts: Partition,
    labels: Sequence[str],
    folder: Path | None = None,
    report: DatasetReport | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    on_progress: Progress | None = None,
) -> keras.Model:
    """Train linear heads on a backbone and networks, and average them; see `sonogram.train`.

    The weight of the average is chosen on a fifth of the groups, by heads and networks that were not trained
    on them; then both are trained on all. With validation clips it is chosen on those.

    Args:
        plan: Plan with a backbone and networks, such as "yamnet+cnn".
        parts: Partition of the data set.
        labels: All labels.
        folder: Folder for embeddings, states and logs; None keeps none.
        report: Collects unreadable files, which are skipped; None raises at the first one.
        callbacks: Keras callbacks.
        on_progress: Called with the number of clips that have an embedding, and after each augmented version.

    Raises:
        SonogramError: The clips have one label, or the backbone has no weights for the rate of the networks.
    """
    backbone, network = split_name(str(plan.backbone))
    found, alone = card(backbone), replace(plan, backbone=None, network=network)
    frontend, center, loaded = resolve(alone, parts.train, labels, report)
    check_labels(
        label_names(loaded.clips, plan.multi_label), plan.multi_label, "the readable clips have one label"
    )
    factor, rest = divmod(loaded.sample_rate, found.sample_rate)
    if rest:
        raise SonogramError(
            f"{backbone} takes {found.sample_rate} Hz, and the networks {loaded.sample_rate} Hz, which is no "
            "multiple. Train them one by one"
        )
    held_out = (
        load_part(parts.validation, frontend, report, plan.settings.partial) if parts.validation else None
    )
    whole = loaded if held_out is None else _join(loaded, held_out)
    if folder is not None:
        claim_sounds(folder, whole)
    vectors = vector_model(found, factor=factor)
    cache = None if folder is None else Cache(folder / "embeddings", [found.digest, VERSION, factor])
    rows = clip_rows(ClipVectors(vectors), whole, cache, on_progress)

    def train(some: LoadedClips, place: Path | None) -> keras.Model:
        return train_networks(
            alone, (frontend, center), labels, (some, held_out), place, callbacks, on_progress
        )

    model = None
    if held_out is not None:
        known, judged = np.arange(len(loaded)), np.arange(len(loaded), len(whole))
        model = judge = train(loaded, folder)
    else:
        known, judged = _hold_out(loaded.clips, plan.settings.seed)
        if len(judged):
            inner = None if folder is None else folder / "fold-inner"
            with reserve_folder(inner, plan.to_dict(), loaded.clips):
                judge = train(_part(loaded, known), inner)
    share, accuracy = _DEFAULT_SHARE, None
    if len(judged):
        some = {name: values[known] for name, values in rows.items()}
        others = {name: values[judged] for name, values in rows.items()}
        heads, _ = fit_regressions(some, _part(whole, known).clips, labels, plan)
        test = _part(whole, judged)
        share, accuracy = choose_share(
            head_probabilities(heads, others, plan),
            scores(judge, test.samples).astype(np.float64),
            label_targets(test.clips, labels, plan.multi_label),
            plan.multi_label,
        )
    model = train(loaded, folder) if model is None else model
    heads, record = fit_regressions(rows, whole.clips, labels, plan)
    record |= {**plan.to_dict(), "clips": digest_clips(whole), "share": share, "inner_accuracy": accuracy}
    result = average(model, vectors, heads, backbone, share)
    result.get_layer("scores").training = record
    assert describe(result).sample_rate == loaded.sample_rate
    return result


def _hold_out(clips: Clips, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the indices of clips to train on and to choose the weight on, of other groups."""
    numbered = Clips(
        (clip._replace(path=str(index), split=None) for index, clip in enumerate(clips)), clips.classes
    )
    groups = len({clip.group or clip.path for clip in numbered})
    if groups < 2:
        return np.arange(len(clips)), np.arange(0)
    part = folds(numbered, min(_HELD_OUT, groups), seed=seed)[0]
    known, judged = (np.sort([int(path) for path in some.paths]) for some in (part.train, part.validation))
    return known, judged


def _part(loaded: LoadedClips, chosen: np.ndarray) -> LoadedClips:
    """Return some of the clips."""
    clips = Clips((loaded.clips[int(index)] for index in chosen), loaded.clips.classes)
    return LoadedClips(clips, tuple(loaded.samples[int(index)] for index in chosen), loaded.sample_rate)


def _join(one: LoadedClips, other: LoadedClips) -> LoadedClips:
    """Return the clips of two parts."""
    return LoadedClips(Clips([*one.clips, *other.clips]), one.samples + other.samples, one.sample_rate)
