"""Training of a classifier of clips on features."""

from __future__ import annotations

from collections.abc import Sequence

import keras

from sonogram.dataset import Clips, DatasetReport, LoadedClips, label_names, label_targets, load_clips
from sonogram.errors import SonogramError
from sonogram.frontend import Frontend
from sonogram.models import build, networks
from sonogram.models.build import front_model
from sonogram.training.augmentation import compute_features, trim_clips
from sonogram.training.auto import choose_center, choose_frontend, choose_network
from sonogram.training.digests import training_record
from sonogram.training.fit import fit
from sonogram.training.partition import Partition
from sonogram.training.plan import TrainingPlan
from sonogram.training.precision import mixed_precision, to_float32
from sonogram.training.run import TrainingRun

__all__ = ["check_labels", "load_parts", "resolve", "train_classifier", "train_networks"]


def train_classifier(
    plan: TrainingPlan, parts: Partition, labels: Sequence[str], run: TrainingRun
) -> keras.Model:
    """Train a classifier by a plan; see `train`."""
    front, loaded, held_out = load_parts(plan, parts, labels, run.report)
    run.claim(loaded, held_out)
    return train_networks(plan, front, labels, (loaded, held_out), run)


def train_networks(
    plan: TrainingPlan,
    front: tuple[Frontend, str],
    labels: Sequence[str],
    clips: tuple[LoadedClips, LoadedClips | None],
    run: TrainingRun,
) -> keras.Model:
    """Train the networks of a plan on clips in memory.

    Args:
        plan: The plan. Its front end and the mean to subtract are not used.
        front: The front end, and the mean to subtract.
        labels: Labels of the outputs.
        clips: Clips to train on, and those for early stopping; None trains to the last epoch.
        run: Where states and logs are kept, and what is called.
    """
    loaded, held_out = clips
    record = training_record(plan, loaded, held_out)

    def build_model() -> keras.Model:
        model = build(
            front[0],
            labels,
            plan.network or choose_network(len(loaded)),
            multi_label=plan.multi_label,
            seconds=min(loaded.typical_seconds, plan.settings.seconds),
            center=front[1],
        )
        model.get_layer("scores").training = record
        return model

    with mixed_precision():
        keras.utils.set_random_seed(plan.settings.seed)
        model = build_model()
        histories = fit(
            model,
            loaded,
            held_out,
            plan.settings,
            folder=run.folder,
            callbacks=run.callbacks,
            on_progress=run.on_progress,
        )
    trained = to_float32(model, build_model)
    for network, history in zip(networks(trained), histories, strict=True):
        network.history = history
    return trained


def load_parts(
    plan: TrainingPlan, parts: Partition, labels: Sequence[str], report: DatasetReport | None
) -> tuple[tuple[Frontend, str], LoadedClips, LoadedClips | None]:
    """Return the front end and the mean to subtract, the training clips, and the validation clips if any.

    Raises:
        SonogramError: The readable clips have too few labels.
    """
    frontend, center, loaded = resolve(plan, parts.train, labels, report)
    present = label_names(loaded.clips, plan.multi_label)
    check_labels(present, plan.multi_label, "the readable clips have one label")
    held_out = None
    if len(parts.validation):
        held_out = _load_part(parts.validation, frontend, report, plan.settings.partial)
    return (frontend, center), loaded, held_out


def resolve(
    plan: TrainingPlan, train: Clips, labels: Sequence[str], report: DatasetReport | None
) -> tuple[Frontend, str, LoadedClips]:
    """Return the front end and the mean to subtract, chosen if the plan leaves them open, and the clips."""
    frontend = plan.frontend or choose_frontend(None, ())
    partial = plan.settings.partial
    loaded = _load_part(train, frontend, report, partial)
    if plan.center is None and len(loaded.clips.groups) < 2:
        return frontend, "clip", loaded  # without groups there is nothing to compare
    center = plan.center
    if center is None:
        features = compute_features(loaded, front_model(frontend, "clip"))
        center = choose_center(loaded.clips, features, label_targets(loaded.clips, labels, plan.multi_label))
    if plan.frontend is None:
        suitable = choose_frontend(center, loaded.clips.paths)
        if suitable != frontend:
            return suitable, center, _load_part(train, suitable, report, partial)
    return frontend, center, loaded


def _load_part(part: Clips, frontend: Frontend, report: DatasetReport | None, partial: bool) -> LoadedClips:
    """Return the clips of a part at the rate of a front end, trimmed."""
    return trim_clips(load_clips(part, int(frontend.sample_rate), report, partial=partial))


def check_labels(labels: Sequence[str], multi_label: bool, found: str) -> None:
    """Raise a `SonogramError` if there are too few labels to distinguish.

    Args:
        labels: The labels.
        multi_label: Whether a clip may have several, or none.
        found: The finding for the message.
    """
    if len(labels) < (1 if multi_label else 2):
        raise SonogramError(f"{found}, {', '.join(labels)}; classification needs two. Add clips of another")
