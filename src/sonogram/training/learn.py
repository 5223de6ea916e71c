"""Trains one network on features, from where it was left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from sonogram.errors import SonogramError
from sonogram.models.batching import call_model
from sonogram.training import checkpoint
from sonogram.training.bank import Bank, Features
from sonogram.training.logs import Epoch
from sonogram.training.pipeline import batches, steps_per_epoch
from sonogram.training.settings import Settings

__all__ = ["Held", "Lesson", "learn"]

_LOSSES = {False: keras.losses.CategoricalCrossentropy, True: keras.losses.BinaryCrossentropy}


@dataclass(frozen=True)
class Held:
    """The clips that say when to stop."""

    features: list[Features]
    """Of each clip."""
    targets: NDArray[np.float32]
    """What is heard, `(clips, labels)`."""


@dataclass(frozen=True)
class Lesson:
    """What there is to learn."""

    bank: Bank
    """The features to learn from."""
    targets: NDArray[np.float32]
    """What is heard in them, `(clips, labels)`."""
    multi_label: bool = False
    """Whether a clip may have several labels."""
    held: Held | None = None
    """The clips that say when to stop; None goes on to the end."""


@dataclass
class _State:
    """What a training that goes on must know beside the variables."""

    epoch: int = 0
    best_epoch: int = 0
    best_loss: float = float("inf")
    best: list[NDArray[Any]] = field(default_factory=list)
    ended: bool = False


def learn(
    network: keras.Model,
    lesson: Lesson,
    settings: Settings,
    *,
    member: int = 0,
    path: Path | None = None,
    on_epoch: Callable[[Epoch], None] | None = None,
) -> None:
    """Train a network; it ends with its best weights, by the clips held out, or its last.

    Args:
        network: Features and valid frames in, logits out.
        lesson: What to learn.
        settings: How.
        member: Which network of several it is: its epochs have their own order.
        path: The file of the state, written after each epoch, read at the beginning; None keeps none.
        on_epoch: Called after each epoch.

    Raises:
        SonogramError: The state is that of another network.
    """
    steps = steps_per_epoch(len(lesson.targets), settings)
    epochs = settings.num_epochs(len(lesson.targets))
    loss = _LOSSES[lesson.multi_label](from_logits=True, label_smoothing=settings.label_smoothing)
    network.compile(_optimizer(settings, steps * epochs), loss, weighted_metrics=[], jit_compile=False)
    network.optimizer.build(network.trainable_variables)
    state = _restored(network, path)
    if not state.ended:
        keeper = _Keeper(state, lesson, settings, member, path, on_epoch)
        data = batches(lesson.bank, lesson.targets, settings, state.epoch, epochs, member)
        network.fit(
            data,
            steps_per_epoch=steps,
            initial_epoch=state.epoch,
            epochs=epochs,
            callbacks=[keeper],
            shuffle=False,
            verbose=0,
        )
    if state.best:
        _assign(network.variables, state.best)


def _optimizer(settings: Settings, steps: int) -> Any:
    warm_up = round(steps * settings.warm_up)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0 if warm_up else settings.learning_rate,
        max(steps - warm_up, 1),
        warmup_target=settings.learning_rate if warm_up else None,
        warmup_steps=warm_up,
    )
    return keras.optimizers.AdamW(rate, weight_decay=settings.weight_decay, clipnorm=1.0)


def _restored(network: keras.Model, path: Path | None) -> _State:
    found = None if path is None else checkpoint.load(path)
    if found is None:
        return _State()
    groups, plain = found
    try:
        state = _State(
            int(plain["epoch"]),
            int(plain["best_epoch"]),
            float(plain["best_loss"]),
            groups["best"],
            bool(plain["ended"]),
        )
        if state.best:
            _assign(network.variables, state.best)  # tried now, and not after the last epoch
        _assign(network.variables, groups["network"])
        _assign(network.optimizer.variables, groups["optimizer"])
    except (ValueError, TypeError, KeyError) as error:
        reason = " ".join(str(error).split())
        raise SonogramError(
            f"{path}: not the state of this training ({reason}); delete the folder to begin"
        ) from None
    return state


def _assign(variables: Any, values: list[NDArray[Any]]) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def _values(variables: Any) -> list[NDArray[Any]]:
    return [np.array(keras.ops.convert_to_numpy(variable)) for variable in variables]


class _Keeper(keras.callbacks.Callback):
    """Judges, tells and keeps the state after each epoch, and stops when nothing gets better."""

    def __init__(
        self,
        state: _State,
        lesson: Lesson,
        settings: Settings,
        member: int,
        path: Path | None,
        on_epoch: Callable[[Epoch], None] | None,
    ) -> None:
        super().__init__()
        self._state, self._lesson, self._settings = state, lesson, settings
        self._member, self._path, self._on_epoch = member, path, on_epoch
        self._epochs = settings.num_epochs(len(lesson.targets))

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        state = self._state
        state.epoch = epoch + 1
        loss, accuracy = (None, None) if self._lesson.held is None else self._judged(self._lesson.held)
        if loss is not None and loss < state.best_loss:
            state.best_loss, state.best_epoch = loss, state.epoch
            state.best = _values(self.model.variables)
        if loss is not None and state.epoch - state.best_epoch >= self._settings.patience:
            self.model.stop_training = True
        state.ended = self.model.stop_training or state.epoch == self._epochs
        if self._on_epoch is not None:
            # Told before it is kept: a caller who is killed in between hears of the epoch again.
            mean = float(logs["loss"])
            self._on_epoch(Epoch(self._member, state.epoch, mean, loss, accuracy, self._epochs))
        if self._path is not None:
            groups = {
                "network": _values(self.model.variables),
                "optimizer": _values(self.model.optimizer.variables),
                "best": state.best,
            }
            names = ("epoch", "best_epoch", "best_loss", "ended")
            checkpoint.save(self._path, groups, {name: getattr(state, name) for name in names})

    def _judged(self, held: Held) -> tuple[float, float]:
        logits = np.concatenate([call_model(self.model, *part) for part in _parts(held.features)])
        loss = float(_LOSSES[self._lesson.multi_label](from_logits=True)(held.targets, logits))
        if self._lesson.multi_label:
            right = (logits > 0) == (held.targets > 0)
        else:
            right = logits.argmax(axis=-1) == held.targets.argmax(axis=-1)
        return loss, float(right.mean())


def _parts(features: list[Features], size: int = 64) -> Any:
    for first in range(0, len(features), size):
        chosen = features[first : first + size]
        longest = max(1, *(len(clip) for clip in chosen))
        values = np.zeros((len(chosen), longest, chosen[0].shape[-1]), np.float32)
        valid = np.zeros((len(chosen), longest), np.float32)
        for index, clip in enumerate(chosen):
            values[index, : len(clip)] = clip
            valid[index, : len(clip)] = 1
        yield values, valid
