"""Training on the vectors of a bank: no sound is read."""

from __future__ import annotations

import os
from dataclasses import replace

import keras
import numpy as np

from sonogram.dataset import Clip, Clips, Data, label_names
from sonogram.errors import SonogramError
from sonogram.layers import Scores
from sonogram.models.vectors import split_vectors
from sonogram.search import open_bank, read_bank_labels
from sonogram.search.embedding import vector_network
from sonogram.training.digests import training_record
from sonogram.training.linear_head import fit_head
from sonogram.training.plan import TrainingPlan

__all__ = ["train_on_bank"]


def train_on_bank(labels: Data, bank: str | os.PathLike[str], plan: TrainingPlan) -> keras.Model:
    """Train a linear head on windows of a bank; see `sonogram.train`.

    Each label is an example: the mean of the vectors of its windows.

    Args:
        labels: CSV manifest with the columns path and label, and optionally start, end and group; see
            `search.read_bank_labels`.
        bank: Folder of the bank.
        plan: Plan of a head.

    Raises:
        SonogramError: The bank or the labels cannot be read, the bank was written with other weights of the
            backbone, or the plan is not that of a head.
    """
    opened = open_bank(bank)
    if plan.backbone not in (None, opened.embedder.backbone):
        raise SonogramError(
            f"the bank has embeddings of {opened.embedder.backbone}, not of {plan.backbone}. Leave the "
            "backbone out"
        )
    if isinstance(labels, Clips):
        raise SonogramError("the labels of a bank must be a CSV manifest; got Clips. Use clips.save(path)")
    plan = replace(plan, backbone=opened.embedder.backbone)
    plan.validate()
    opened.check_network()
    known = read_bank_labels(opened, labels)
    clips = Clips([Clip(str(index), each.label, each.group or each.path) for index, each in enumerate(known)])
    names = label_names(clips, plan.multi_label)
    rows = np.stack([opened.gather(each.windows).mean(axis=0) for each in known])
    record = training_record(plan)
    scores = Scores(names, plan.multi_label, opened.embedder.window, record, name="scores")
    vectors = split_vectors(rows, opened.embedder.sizes)
    return fit_head(vector_network(opened.embedder.backbone), vectors, clips, scores, plan)
