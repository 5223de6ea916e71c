"""Training of networks next to linear heads on a backbone, whose probabilities are averaged.

They make different mistakes: a backbone has seen more sounds, and a network those of the data set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import keras
import numpy as np

from sonogram.backbones import card, split_name
from sonogram.dataset import Clips, LoadedClips, label_targets
from sonogram.dataset.splitting import fold_numbers
from sonogram.errors import SonogramError
from sonogram.models import describe, scores
from sonogram.models.average import average
from sonogram.models.pretrained import VERSION, vector_model
from sonogram.models.vectors import ClipVectors
from sonogram.training.classification import load_parts, train_networks
from sonogram.training.digests import training_record
from sonogram.training.folder import reserve_folder
from sonogram.training.linear_head import clip_rows, fit_regressions, head_probabilities
from sonogram.training.partition import Partition
from sonogram.training.plan import TrainingPlan
from sonogram.training.regression import choose_share
from sonogram.training.run import TrainingRun

__all__ = ["train_average"]

_HELD_OUT = 5
"""Number of parts of the groups, one of which chooses the weight."""
_DEFAULT_SHARE = 0.5
"""Weight of the backbone where there are too few groups to choose."""


def train_average(
    plan: TrainingPlan, parts: Partition, labels: Sequence[str], run: TrainingRun
) -> keras.Model:
    """Train linear heads on a backbone and networks, and average them; see `sonogram.train`.

    The weight of the average is chosen on a fifth of the groups, by heads and networks that were not trained
    on them; then both are trained on all. With validation clips it is chosen on those.

    Args:
        plan: Plan with a backbone and networks, such as "yamnet+cnn".
        parts: Partition of the data set.
        labels: All labels.
        run: Where embeddings, states and logs are kept, and what is called.

    Raises:
        SonogramError: The clips have one label, or the backbone has no weights for the rate of the networks.
    """
    backbone, network = split_name(str(plan.backbone))
    found, alone = card(backbone), replace(plan, backbone=None, network=network)
    front, loaded, held_out = load_parts(alone, parts, labels, run.report)
    factor, rest = divmod(loaded.sample_rate, found.sample_rate)
    if rest:
        raise SonogramError(
            f"{backbone} takes {found.sample_rate} Hz, and the networks {loaded.sample_rate} Hz, which is no "
            "multiple. Train them one by one"
        )
    whole = loaded if held_out is None else _join(loaded, held_out)
    run.claim(whole)
    vectors = vector_model(found, factor=factor)
    cache = run.embeddings(found.digest, VERSION, factor)
    rows = clip_rows(ClipVectors(vectors), whole, cache, run.on_progress)

    def train(some: LoadedClips, where: TrainingRun) -> keras.Model:
        return train_networks(alone, front, labels, (some, held_out), where)

    model = None
    known, judged = np.arange(len(loaded)), np.arange(len(loaded), len(whole))
    if held_out is not None:
        model = judge = train(loaded, run)
    elif (fold_of := fold_numbers(loaded.clips, _HELD_OUT, plan.settings.seed)) is not None:
        known, judged = np.flatnonzero(fold_of), np.flatnonzero(fold_of == 0)
        inner = run.inside("fold-inner")
        with reserve_folder(inner.folder, plan.to_dict(), loaded.clips):
            judge = train(loaded.select(known), inner)
    share, accuracy = _DEFAULT_SHARE, None
    if len(judged):
        some = {name: values[known] for name, values in rows.items()}
        others = {name: values[judged] for name, values in rows.items()}
        heads, _ = fit_regressions(some, whole.clips.select(known), labels, plan)
        test = whole.select(judged)
        share, accuracy = choose_share(
            head_probabilities(heads, others, plan),
            scores(judge, test.samples).astype(np.float64),
            label_targets(test.clips, labels, plan.multi_label),
            plan.multi_label,
        )
    model = train(loaded, run) if model is None else model
    heads, record = fit_regressions(rows, whole.clips, labels, plan)
    record |= {**training_record(plan, whole), "share": share, "inner_accuracy": accuracy}
    result = average(model, vectors, heads, backbone, share)
    result.get_layer("scores").training = record
    assert describe(result).sample_rate == loaded.sample_rate
    return result


def _join(one: LoadedClips, other: LoadedClips) -> LoadedClips:
    """Return the clips of two parts."""
    return LoadedClips(Clips([*one.clips, *other.clips]), one.samples + other.samples, one.sample_rate)
