"""The whole of a training: from a data set to a trained model."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras

from sonogram.backbones import split_name
from sonogram.dataset import Clips, Data, DatasetReport, clips, label_names
from sonogram.dataset.clips import Kind
from sonogram.decoding.alphabet import Units
from sonogram.errors import SonogramError
from sonogram.frontend import Frontend
from sonogram.training.augmentation import Progress
from sonogram.training.average import train_average
from sonogram.training.bank_head import train_on_bank
from sonogram.training.classification import check_labels, train_classifier
from sonogram.training.detection import train_detector
from sonogram.training.folder import reserve_folder
from sonogram.training.linear_head import train_head
from sonogram.training.partition import Partition, partition
from sonogram.training.plan import TrainingPlan
from sonogram.training.recognition import train_recognizer
from sonogram.training.run import TrainingRun
from sonogram.training.settings import TrainingSettings

__all__ = ["train", "train_plan"]


def train(  # noqa: PLR0913
    data: Data,
    frontend: Frontend | None = None,
    network: str | None = None,
    *,
    multi_label: bool = False,
    center: str | None = None,
    backbone: str | None = None,
    bank: str | os.PathLike[str] | None = None,
    join: int | None = None,
    units: Units | None = None,
    folder: Path | None = None,
    report: DatasetReport | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    on_progress: Progress | None = None,
    **settings: Any,
) -> keras.Model:
    """Train a model: waveform in, label, text or events out, whichever the data set has.

    If the data set has the column split, test clips are not used, and validation clips decide when to stop,
    unless `validation` is given. In the scope of a `tf.distribute` strategy the replicas share the work. On a
    GPU the networks compute in mixed precision; the returned model computes in float32.

    Args:
        data: Clips, a folder of class folders, or a CSV manifest with the column label, or text for speech
            recognition, or start, end and label for event detection; see `dataset.clips`.
        frontend: Definition of the features; None chooses a preset, see `training.choose_frontend`.
        network: Network, or an ensemble such as "cnn+crnn"; None chooses by the number of clips.
        multi_label: Whether a label such as "bird;rain" means both labels.
        center: Mean to subtract from the features, of the "clip" or of each "band"; None chooses.
        backbone: Name of a published network, or of several, as in "musicnn+yamnet", see
            `sonogram.backbones`. For labels only a linear head is trained, in seconds after each clip was
            processed once; of the settings, `seed`, `seconds` and `partial` apply. With
            networks, as in "yamnet+cnn", those are trained on the features as well, and the probabilities are
            averaged. For texts and events a small network is trained on the embeddings. None trains a network
            on the features.
        bank: Folder that `sonogram.embed` wrote. The data set is then a manifest of labels in its recordings,
            with the columns path and label, and optionally start, end and group; a linear head is trained in
            seconds, and no sound is read. Of the settings, `seed` applies.
        join: For speech recognition: largest number of recordings of a group, such as words of one voice, to
            join to each utterance. None takes each recording as an utterance.
        units: For speech recognition: whether "letters" or "words" are recognized; None takes words if there
            are at most 100 that each occur ten times.
        folder: Folder for the state and the logs, see `training.fit`; None writes nothing.
        report: Collects unreadable files, which are skipped; None raises at the first one.
        callbacks: Keras callbacks, called for one network after the other.
        on_progress: Called after each augmented version.
        **settings: Fields of `training.TrainingSettings`, such as `epochs=30` and `seed=1`.

    Returns:
        A model from `models.build` with trained weights. Keras's `History` of each network is its attribute
        `history`; `models.networks` lists the networks.

    Raises:
        SonogramError: An argument or the data set is invalid, the backbone is not installed, the folder has
            another training's state, or another program trains in it.

    Example:
        >>> import tempfile
        >>> place, rng = Path(tempfile.mkdtemp()), np.random.default_rng(0)
        >>> for label, hertz in (("high", 2000), ("low", 300)):
        ...     (place / label).mkdir()
        ...     for index in range(2):
        ...         tone = np.sin(2 * np.pi * hertz * np.arange(2000) / 8000)
        ...         sg.save(place / label / f"{index}.wav", 0.3 * tone, 8000)
        >>> model = train(place, sg.Frontend(8000, 256, 128), "separable", epochs=1, augment=False)
        >>> sg.models.describe(model).labels
        ('high', 'low')

    See Also:
        `sonogram.evaluate`, `sonogram.predict`, `training.cross_validate`.
    """
    given = TrainingSettings(**settings)
    if bank is not None:
        return train_on_bank(
            data, bank, TrainingPlan(frontend, network, multi_label, given, center, backbone)
        )
    plan = TrainingPlan(frontend, network, multi_label, given, center, backbone, join, units)
    return train_plan(clips(data), plan, folder, report, callbacks, on_progress)


def train_plan(
    whole: Clips,
    plan: TrainingPlan,
    folder: Path | None = None,
    report: DatasetReport | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    on_progress: Progress | None = None,
) -> keras.Model:
    """Train a model by a plan; see `train`."""
    plan.validate()
    parts = partition(whole, plan.settings)
    _require_kind(plan, whole.kind)
    trainer = _TRAINERS.get(whole.kind) or _label_trainer(plan, parts)
    with reserve_folder(folder, plan.to_dict(), whole):
        return trainer(plan, parts, TrainingRun(folder, report, callbacks, on_progress))


def _require_kind(plan: TrainingPlan, kind: Kind) -> None:
    """Raise a `SonogramError` if a plan has settings for clips of another kind."""
    if kind != "label" and plan.backbone is not None and split_name(plan.backbone)[1] is not None:
        raise SonogramError(
            f"networks are averaged with a backbone for labels only; got {plan.backbone}. Leave the networks "
            "out"
        )
    if kind != "label" and plan.multi_label:
        raise SonogramError(
            "multi_label is for clips with labels; texts and events have no such choice. Leave it out"
        )
    if kind != "text" and (plan.join is not None or plan.units is not None):
        remedy = "Leave them out for events" if kind == "events" else "Name the column text instead of label"
        raise SonogramError(f"join and units are for speech recognition. {remedy}")


def _label_trainer(plan: TrainingPlan, parts: Partition) -> Trainer:
    """Return the training of a classifier, of a linear head on a backbone, or of both for an average."""
    labels = label_names([*parts.train, *parts.validation], plan.multi_label)
    check_labels(labels, plan.multi_label, "the data set has one label")
    if plan.backbone is None:
        trainer = train_classifier
    else:
        trainer = train_head if split_name(plan.backbone)[1] is None else train_average
    return lambda plan, parts, run: trainer(plan, parts, labels, run)


Trainer = Callable[[TrainingPlan, Partition, TrainingRun], keras.Model]
_TRAINERS: Mapping[str, Trainer] = {"events": train_detector, "text": train_recognizer}
