"""From clips to a trained model: the whole of it, and again from where it was stopped."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import keras

from sonogram.dataset import Clip
from sonogram.errors import SonogramError
from sonogram.frontend import Frontend
from sonogram.layers import TrimAndNormalize
from sonogram.models.build import _features as front, build, network_names, networks
from sonogram.training import logs
from sonogram.training.bank import Bank, features_of
from sonogram.training.centering import better_center
from sonogram.training.choice import frontend_for, network_for
from sonogram.training.folder import claim, claim_sounds, state
from sonogram.training.learn import Held, Lesson, learn
from sonogram.training.machine import in_float32, mixed_precision
from sonogram.training.settings import Settings
from sonogram.training.sounds import Sounds, labels_of, read, trimmed
from sonogram.training.splits import divided

__all__ = ["Plan", "Watch", "fit"]


@dataclass(frozen=True)
class Plan:
    """What is to be made: it decides the result, together with the clips."""

    frontend: Frontend | None = None
    """The definition of the features; None chooses one that suits the clips, see `frontend_for`."""
    network: str | None = None
    """The name of the network, or of several whose probabilities are averaged, such as "cnn+crnn"; None
    chooses by the number of clips, see `network_for`."""
    multi_label: bool = False
    """Whether a label such as "bird;rain" means both."""
    settings: Settings = Settings()
    """How it is trained."""
    center: str | None = None
    """What gets mean 0, the "clip" or each "band"; None tries both on the groups of the clips."""

    def to_dict(self) -> dict[str, Any]:
        """Return the plan as plain data for JSON."""
        return {
            "frontend": None if self.frontend is None else self.frontend.to_dict(),
            "network": self.network,
            "multi_label": self.multi_label,
            "settings": self.settings.to_dict(),
            "center": self.center,
        }

    @classmethod
    def from_dict(cls, plain: dict[str, Any]) -> Plan:
        """Return the plan that `to_dict` wrote."""
        said, settings = plain["frontend"], Settings(**plain["settings"])
        return cls(
            None if said is None else Frontend.from_dict(said),
            plain["network"],
            plain["multi_label"],
            settings,
            plain["center"],
        )


@dataclass(frozen=True)
class Watch:
    """Who is told what is going on; each may be None."""

    on_broken: Callable[[str], None] | None = None
    """Called with a line for each file that cannot be read, which is left out; None: it raises."""
    on_version: Callable[[int, int], None] | None = None
    """Called with the number of augmented versions that are made, and of those to make."""
    on_epoch: Callable[[logs.Epoch], None] | None = None
    """Called after each epoch."""
    on_fold: Callable[[int, int], None] | None = None
    """Called by `cross_validation` before each fold, with its number, from 1 on, and the number of folds."""


def fit(
    clips: Sequence[Clip], plan: Plan, folder: Path | None = None, watch: Watch | None = None
) -> keras.Model:
    """Train a model on clips.

    With a folder, the state is kept there after each epoch, and a training that was killed goes on from
    it: to the same weights, on the same machine, as one that was not. `epochs.csv` and events for
    TensorBoard go there too. In the scope of a `tf.distribute` strategy its replicas share the work; on
    a GPU the networks compute in mixed precision; the model that comes out computes in float32.

    Clips of the split "test" are never learned from, those of "validation" say when to stop, unless the
    settings name a share to hold out.

    Args:
        clips: What to learn from.
        plan: What to make, and how.
        folder: Where the state and the logs go; None keeps none.
        watch: Who is told what is going on.

    Returns:
        A model that takes `[samples, lengths]`; see `sonogram.models.build`.

    Raises:
        SonogramError: The plan or the clips cannot be meant, or the folder has the state of another one.
    """
    watch = watch or Watch()
    _check(plan)
    learned, held, _ = divided(clips, plan.settings)
    labels = labels_of([*learned, *held], plan.multi_label)
    _check_labels(labels, plan.multi_label, "there is one label")
    if folder is not None:
        claim(folder, plan.to_dict(), clips)
    start = _started(plan, learned, labels, watch)
    there = start.sounds.targets.max(axis=0) > 0
    heard = [label for label, found in zip(labels, there, strict=True) if found]
    _check_labels(heard, plan.multi_label, "of what can be read there is one label")
    judged = _read(held, labels, plan, start.frontend, watch.on_broken) if held else None
    if folder is not None:
        claim_sounds(folder, *(each for each in (start.sounds, judged) if each is not None))
    return _trained(plan, start, judged, folder, watch)


class _Start(NamedTuple):
    """What a training begins with: the sounds, and what the plan left open."""

    frontend: Frontend
    center: str
    sounds: Sounds


def _started(plan: Plan, clips: Sequence[Clip], labels: Sequence[str], watch: Watch) -> _Start:
    frontend = plan.frontend or frontend_for(None, ())
    sounds = _read(clips, labels, plan, frontend, watch.on_broken)
    if plan.center is None and not _several(sounds.groups):
        return _Start(frontend, "clip", sounds)  # there is nothing to try it on, and so no need of features
    center = plan.center or _center(frontend, sounds)
    if plan.frontend is None and (suited := frontend_for(center, sounds.paths)) != frontend:
        # Of what is broken it was told.
        frontend, sounds = suited, _read(clips, labels, plan, suited, lambda _: None)
    return _Start(frontend, center, sounds)


def _trained(
    plan: Plan, start: _Start, judged: Sounds | None, folder: Path | None, watch: Watch
) -> keras.Model:
    ahead, sounds = _ahead(start.frontend, start.center), start.sounds
    bank = Bank(sounds, ahead, plan.settings, start.center == "band", watch.on_version)
    held = None if judged is None else Held(features_of(judged, ahead), judged.targets)
    lesson = Lesson(bank, sounds.targets, plan.multi_label, held)
    tell = _teller(folder, plan, watch)
    with mixed_precision():
        keras.utils.set_random_seed(plan.settings.seed)
        model = _built(plan, start)
        for member, network in enumerate(networks(model)):
            path = None if folder is None else state(folder, member)
            learn(network, lesson, plan.settings, member=member, path=path, on_epoch=tell)
    return in_float32(model, lambda: _built(plan, start))


def _several(groups: Sequence[str | None]) -> bool:
    return len({group for group in groups if group is not None}) > 1


def _center(frontend: Frontend, sounds: Sounds) -> str:
    return better_center(features_of(sounds, _ahead(frontend, "clip")), sounds.targets, sounds.groups)


def _ahead(frontend: Frontend, center: str) -> keras.Model:
    samples, lengths, features, valid = front(frontend, center)
    return keras.Model([samples, lengths], [features, valid])


def _built(plan: Plan, start: _Start) -> keras.Model:
    model = build(
        start.frontend,
        start.sounds.labels,
        plan.network or network_for(len(start.sounds)),
        multi_label=plan.multi_label,
        seconds=min(start.sounds.seconds, plan.settings.seconds),
        center=start.center,
    )
    model.get_layer("scores").training = plan.to_dict()
    return model


def _check_labels(labels: Sequence[str], multi_label: bool, found: str) -> None:
    if len(labels) < (1 if multi_label else 2):
        raise SonogramError(f"{found}, {', '.join(labels)}: nothing to tell apart; add clips of another")


def _check(plan: Plan) -> None:
    if keras.backend.backend() != "tensorflow":
        raise SonogramError(
            f"training needs Keras on TensorFlow, it runs on {keras.backend.backend()}: set "
            "KERAS_BACKEND=tensorflow"
        )
    if plan.network is not None:
        network_names(plan.network)
    frontend = plan.frontend
    if frontend is not None and frontend.sample_rate != int(frontend.sample_rate):
        raise SonogramError(
            f"the front end's sample rate must be whole, to resample to; got {frontend.sample_rate}"
        )


def _read(
    clips: Sequence[Clip],
    labels: Sequence[str],
    plan: Plan,
    frontend: Frontend,
    on_broken: Callable[[str], None] | None,
) -> Sounds:
    rate = int(frontend.sample_rate)
    sounds = read(clips, labels, rate, multi_label=plan.multi_label, on_broken=on_broken)
    # As the model will trim them itself; what augmentation adds must not bring the silence back.
    trim = TrimAndNormalize(rate).trim_db
    return dataclasses.replace(
        sounds, samples=tuple(trimmed(samples, rate, trim) for samples in sounds.samples)
    )


def _teller(folder: Path | None, plan: Plan, watch: Watch) -> Callable[[logs.Epoch], None]:
    """Return what is called after each epoch: the logs are written, and the watcher is told."""
    epochs: list[logs.Epoch] = [] if folder is None else logs.read(folder)
    board = None if folder is None else logs.Board(folder)

    def tell(epoch: logs.Epoch) -> None:
        epochs[:] = [each for each in epochs if (each.member, each.epoch) < (epoch.member, epoch.epoch)]
        epochs.append(epoch)
        if folder is not None and board is not None:
            logs.write(folder, epochs)
            board.add(epoch)
        if watch.on_epoch is not None:
            watch.on_epoch(epoch)

    return tell
