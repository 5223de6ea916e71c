"""Training of one network: logs, early stopping, and a state from which a killed training continues."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
from numpy.typing import NDArray

from sonogram.errors import SonogramError
from sonogram.files import atomic_file
from sonogram.training import checkpoint
from sonogram.training.settings import TrainingSettings

__all__ = ["EarlyStopping", "fit_network", "optimizer"]


class EarlyStopping(NamedTuple):
    """When to stop a training, and which weights to keep."""

    judge: Callable[[keras.Model], dict[str, float]]
    """Function that evaluates a network on held-out clips; the result has at least "val_loss"."""
    patience: int
    """Number of epochs without a lower validation loss after which the training stops."""


@dataclass
class _State:
    """State of a training besides the variables."""

    epoch: int = 0
    best_epoch: int = 0
    best_loss: float = float("inf")
    best: list[NDArray[Any]] = field(default_factory=list)
    ended: bool = False


def fit_network(
    network: keras.Model,
    batches: Callable[[int], Any],
    steps: int,
    epochs: int,
    *,
    path: Path | None = None,
    early_stopping: EarlyStopping | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> keras.callbacks.History:
    """Train a compiled network, from its state if there is one.

    Args:
        network: The network.
        batches: Function of the first epoch to the batches of that and all later ones.
        steps: Number of steps of an epoch.
        epochs: Total number of epochs.
        path: File of the state; the logs go to its folder. None writes nothing.
        early_stopping: How the network is evaluated after each epoch; the best weights are kept. None trains
            to the last epoch.
        callbacks: Keras callbacks.

    Returns:
        Keras's `History` over the epochs of this call.

    Raises:
        SonogramError: The state is of another network.
    """
    network.optimizer.build(network.trainable_variables)
    state = _restore(network, path)
    stages: list[keras.callbacks.Callback] = []
    if early_stopping is not None:
        stages.append(_Validation(state, early_stopping))
    loggers = [] if path is None else _loggers(path.parent, network.name, state.epoch)
    stages += [*callbacks, *loggers]
    # The state comes last: a program that is killed before repeats the epoch, and its callbacks too.
    stages.append(_Checkpoint(state, path))
    history = keras.callbacks.History()
    if not state.ended:
        try:
            history = network.fit(
                batches(state.epoch),
                steps_per_epoch=steps,
                initial_epoch=state.epoch,
                epochs=epochs,
                callbacks=stages,
                shuffle=False,
                verbose=0,
            )
        except BaseException:
            for logger in loggers:
                logger.on_train_end()  # Keras leaves their files open after an error
            raise
    if state.best:
        _assign(network.variables, state.best)
    return history


def optimizer(settings: TrainingSettings, steps: int) -> Any:
    """Return AdamW whose learning rate rises, then falls to 0 over a number of steps."""
    warm_up = round(steps * settings.warm_up)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0 if warm_up else settings.learning_rate,
        max(steps - warm_up, 1),
        warmup_target=settings.learning_rate if warm_up else None,
        warmup_steps=warm_up,
    )
    return keras.optimizers.AdamW(rate, weight_decay=settings.weight_decay, clipnorm=1.0)


def _loggers(folder: Path, name: str, first_epoch: int) -> list[keras.callbacks.Callback]:
    """Return Keras's loggers; rows of epochs that will be repeated are removed from the CSV file."""
    path = folder / f"{name}.csv"
    if path.exists():
        lines = path.read_bytes().splitlines(keepends=True)
        with atomic_file(path) as file:
            file.writelines(lines[: first_epoch + 1])
    loggers: list[keras.callbacks.Callback] = [keras.callbacks.CSVLogger(path, append=first_epoch > 0)]
    if importlib.util.find_spec("tensorboard"):
        loggers.append(keras.callbacks.TensorBoard(folder / name, write_graph=False))
    return loggers


def _restore(network: keras.Model, path: Path | None) -> _State:
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
            _assign(network.variables, state.best)  # an error must come now, not after the last epoch
        _assign(network.variables, groups["network"])
        _assign(network.optimizer.variables, groups["optimizer"])
    except (ValueError, TypeError, KeyError) as error:
        reason = " ".join(str(error).split())
        raise SonogramError(
            f"{path}: not the state of this training ({reason}). Delete the folder to start over"
        ) from None
    return state


def _assign(variables: Any, values: list[NDArray[Any]]) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def _values(variables: Any) -> list[NDArray[Any]]:
    return [np.array(keras.ops.convert_to_numpy(variable)) for variable in variables]


class _Validation(keras.callbacks.Callback):
    """Evaluates after each epoch, keeps the best weights, and stops early."""

    def __init__(self, state: _State, early_stopping: EarlyStopping) -> None:
        super().__init__()
        self._state, self._rule = state, early_stopping

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        state = self._state
        found = self._rule.judge(self.model)
        logs.update(found)  # Keras hands the same dictionary to all callbacks
        if found["val_loss"] < state.best_loss:
            state.best_loss, state.best_epoch = found["val_loss"], epoch + 1
            state.best = _values(self.model.variables)
        if epoch + 1 - state.best_epoch >= self._rule.patience:
            self.model.stop_training = True


class _Checkpoint(keras.callbacks.Callback):
    """Writes the state after each epoch."""

    def __init__(self, state: _State, path: Path | None) -> None:
        super().__init__()
        self._state, self._path = state, path

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        state = self._state
        state.epoch = epoch + 1
        state.ended = self.model.stop_training or state.epoch == self.params["epochs"]
        if self._path is None:
            return
        groups = {
            "network": _values(self.model.variables),
            "optimizer": _values(self.model.optimizer.variables),
            "best": state.best,
        }
        names = ("epoch", "best_epoch", "best_loss", "ended")
        checkpoint.save(self._path, groups, {name: getattr(state, name) for name in names})
