"""What `train` prints: the extent of a training, its progress, and whether it failed."""

from __future__ import annotations

import dataclasses
import math
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

from sonogram.cli.report import warn
from sonogram.text import numbered

if TYPE_CHECKING:
    from sonogram.dataset import Clips
    from sonogram.training import TrainingSettings

__all__ = ["count_networks", "print_extent", "progress", "warn_if_guessing"]

_GUESSING = 0.95
"""Share of the loss of guessing above which a training has failed."""
_FEW_STEPS = 300
"""With fewer a network from the start learns little."""
EpochEnd: TypeAlias = Callable[[str, int, int, dict[str, float]], None]
"""Called with the name of the network, the epoch, from 1, the number of epochs, and Keras's logs."""


def print_extent(
    clips: Clips, settings: TrainingSettings, network: str | None, join: int | None, backbone: str | None
) -> None:
    """Print the numbers of clips, epochs and steps, and a warning where the user's epochs are too few."""
    warn(_extent(clips, settings, network, join, backbone))
    if network is not None and clips.kind == "label":
        _warn_of_few_steps(clips, settings)


def _extent(
    clips: Clips, settings: TrainingSettings, network: str | None, join: int | None, backbone: str | None
) -> str:
    """Return the numbers of clips, epochs and steps in one line; without a network there are no epochs."""
    from sonogram.backbones import split_name
    from sonogram.training.batches import steps_per_epoch
    from sonogram.training.detection import STEPS, num_event_epochs
    from sonogram.training.recognition import num_text_epochs
    from sonogram.training.utterances import steps_per_text_epoch

    if backbone is not None:
        network = split_name(backbone)[1]
    groups = f" in {numbered(len(clips.groups), 'group')}" if clips.groups else ""
    found = f"{numbered(len(clips), 'training clip')}{groups}"
    if clips.kind == "text":
        epochs = num_text_epochs(settings, len(clips), join, backbone)
        steps = steps_per_text_epoch(len(clips), settings, join)
    elif clips.kind == "events":
        epochs, steps = num_event_epochs(settings, backbone), STEPS
    elif network is None:
        return f"{found}; preparing"
    else:
        epochs, steps = settings.num_epochs(len(clips)), steps_per_epoch(len(clips), settings)
    count = count_networks(network, None)
    each = f" for each of {count} networks" if count > 1 else ""
    if backbone is not None and network is not None:
        each += ", twice: first without a fifth of the groups, which chooses the weight of the backbone"
    return f"{found}, {numbered(epochs, 'epoch')} of {numbered(steps, 'step')}{each}; preparing"


def _warn_of_few_steps(clips: Clips, settings: TrainingSettings) -> None:
    """Print a warning where the number of epochs that the user gave makes too few steps for a network."""
    from sonogram.training.batches import steps_per_epoch

    steps = steps_per_epoch(len(clips), settings)
    total = (settings.epochs or 0) * steps
    verb = "is" if total == 1 else "are"
    if settings.epochs is not None and total < _FEW_STEPS:
        warn(
            f"{numbered(total, 'step')} {verb} few: a network needs some {_FEW_STEPS}. Give --epochs "
            f"{math.ceil(_FEW_STEPS / steps)} or more, or leave --epochs out, which gives "
            f"{dataclasses.replace(settings, epochs=None).num_epochs(len(clips))}"
        )


def count_networks(network: str | None, backbone: str | None) -> int:
    """Return the number of networks that are trained one after the other, at least 1."""
    from sonogram.backbones import split_name

    if backbone is not None:
        network = split_name(backbone)[1]
    return len(network.split("+")) if network else 1


@contextmanager
def progress(count: int) -> Iterator[tuple[Callable[[str, int, int], None], EpochEnd]]:
    """Yield what is called after each augmented version, and after each epoch of `count` networks.

    Each epoch becomes one line, and so does each version, which on a terminal is a step of a bar.
    """

    def print_epoch(network: str, epoch: int, epochs: int, logs: dict[str, float]) -> None:
        which = f"network {_member(network) + 1} of {count}, " if count > 1 else ""
        warn(f"{which}epoch {epoch} of {epochs}: {_figures(logs)}")

    if not sys.stderr.isatty():
        yield lambda stage, done, total: warn(f"{stage} {done} of {total}"), print_epoch
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("augmentation", total=None)

        def on_progress(stage: str, done: int, total: int) -> None:
            bar.update(task, description=stage, completed=done, total=total)

        def on_epoch(network: str, epoch: int, epochs: int, logs: dict[str, float]) -> None:
            done = _member(network) * epochs + epoch
            bar.update(task, description="epochs", completed=done, total=epochs * count)
            print_epoch(network, epoch, epochs, logs)

        yield on_progress, on_epoch


def warn_if_guessing(model: Any, clips: Clips, settings: TrainingSettings, multi_label: bool) -> None:
    """Print a warning for each network whose loss ended near that of one that has learned nothing."""
    from sonogram.models import networks
    from sonogram.training.batches import steps_per_epoch
    from sonogram.training.guessing import guessing_loss

    guessing = guessing_loss(clips, settings, multi_label)
    steps = settings.num_epochs(len(clips)) * steps_per_epoch(len(clips), settings)
    remedy = "Check the labels" if settings.epochs is None else "Give more epochs, or leave --epochs out"
    for network in networks(model):
        losses = network.history.history.get("loss", [])
        if losses and losses[-1] > _GUESSING * guessing:
            warn(
                f"{network.name} has learned next to nothing in {steps} steps: its loss is {losses[-1]:.2f}, "
                f"that of guessing {guessing:.2f}. {remedy}"
            )


def _member(network: str) -> int:
    return int(network.rpartition("_")[2])


def _figures(logs: dict[str, float]) -> str:
    text = f"loss {logs['loss']:.3f}"
    if "accuracy" in logs:
        text += f", accuracy {logs['accuracy']:.1%}"
    if "val_loss" in logs:
        text += f"; validation loss {logs['val_loss']:.3f}"
    if "val_accuracy" in logs:
        text += f", accuracy {logs['val_accuracy']:.1%}"
    return text
