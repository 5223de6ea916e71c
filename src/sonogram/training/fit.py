"""Training of the networks of a model on clips in memory; a killed training continues from its state."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from sonogram.dataset import LoadedClips, label_targets
from sonogram.errors import SonogramError
from sonogram.files import atomic_file
from sonogram.models import describe, networks
from sonogram.models.batching import call_model, pad_batch
from sonogram.models.build import front_model
from sonogram.training import checkpoint
from sonogram.training.augmentation import AugmentedFeatures, Features, Progress, compute_features
from sonogram.training.batches import steps_per_epoch, training_batches
from sonogram.training.folder import state_path
from sonogram.training.settings import TrainingSettings

__all__ = ["fit"]

_LOSSES = {False: keras.losses.CategoricalCrossentropy, True: keras.losses.BinaryCrossentropy}
_BATCH = 64


@dataclass
class _State:
    """State of a training besides the variables."""

    epoch: int = 0
    best_epoch: int = 0
    best_loss: float = float("inf")
    best: list[NDArray[Any]] = field(default_factory=list)
    ended: bool = False


def fit(
    model: keras.Model,
    loaded: LoadedClips,
    validation: LoadedClips | None = None,
    settings: TrainingSettings | None = None,
    *,
    folder: Path | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    on_progress: Progress | None = None,
) -> tuple[keras.callbacks.History, ...]:
    """Train each network of a model with augmentation, mixup and, with validation clips, early stopping.

    A network ends with the weights of its best epoch by the validation loss, or else of its last epoch. In
    the scope of a `tf.distribute` strategy the replicas share the work.

    Args:
        model: A model from `models.build`, at the sample rate of the clips.
        loaded: Clips to train on.
        validation: Clips for early stopping; None trains to the last epoch.
        settings: Hyperparameters; None takes the defaults.
        folder: Folder for the state and the logs. The state is written after each epoch, and a training that
            was killed continues from it to the same weights, bit for bit on the same machine. The logs are a
            CSV file for each network and, if TensorBoard is installed, its events. None writes nothing.
        callbacks: Keras callbacks, called for one network after the other. `logs` has "loss" and "accuracy",
            both of augmented and mixed clips, and with validation clips "val_loss" and "val_accuracy".
        on_progress: Called after each augmented version.

    Returns:
        Keras's `History` of each network, over the epochs of this call.

    Raises:
        SonogramError: The state in the folder is of another network.

    See Also:
        `sonogram.train`, which also loads clips and builds the model.
    """
    settings = settings or TrainingSettings()
    info = describe(model)
    assert info.frontend is not None
    assert info.center is not None
    front = front_model(info.frontend, info.center)
    features = AugmentedFeatures(loaded, front, settings, info.center == "band", on_progress)
    targets = label_targets(loaded.clips, info.labels, info.multi_label)
    held_out = None
    if validation is not None:
        judged = label_targets(validation.clips, info.labels, info.multi_label)
        held_out = compute_features(validation, front), judged
    histories = []
    for member, layer in enumerate(networks(model)):
        # A model of its own with the same layers: the network itself is not compiled, so that a saved model
        # does not carry the state of the optimizer, twice the size of the weights.
        network = keras.Model(layer.inputs, layer.outputs, name=layer.name)
        steps, epochs = steps_per_epoch(len(loaded), settings), settings.num_epochs(len(loaded))
        loss = _LOSSES[info.multi_label](from_logits=True, label_smoothing=settings.label_smoothing)
        network.compile(
            _optimizer(settings, steps * epochs),
            loss,
            metrics=[_accuracy(info.multi_label)],
            weighted_metrics=[],
            jit_compile=False,
        )
        network.optimizer.build(network.trainable_variables)
        path = None if folder is None else state_path(folder, member)
        state = _restore(network, path)
        stages: list[keras.callbacks.Callback] = []
        if held_out is not None:
            stages.append(_Validation(state, *held_out, info.multi_label, settings.patience))
        loggers = _loggers(folder, network.name, state.epoch)
        stages += [*callbacks, *loggers]
        # The state comes last: a program that is killed before repeats the epoch, and its callbacks too.
        stages.append(_Checkpoint(state, path))
        history = keras.callbacks.History()
        if not state.ended:
            data = training_batches(features, targets, settings, state.epoch, epochs, member)
            try:
                history = network.fit(
                    data,
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
        histories.append(history)
    return tuple(histories)


def _accuracy(multi_label: bool) -> Any:
    """Return the metric "accuracy" of logits; of mixed clips, the label with the most weight counts."""

    def accuracy(targets: Any, logits: Any) -> Any:
        ops = keras.ops
        targets = ops.reshape(targets, ops.shape(logits))  # among replicas its static shape is lost
        if multi_label:
            return ops.mean(ops.cast((logits > 0) == (targets > 0.5), "float32"), axis=-1)
        return ops.cast(ops.argmax(logits, axis=-1) == ops.argmax(targets, axis=-1), "float32")

    return accuracy


def _optimizer(settings: TrainingSettings, steps: int) -> Any:
    warm_up = round(steps * settings.warm_up)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0 if warm_up else settings.learning_rate,
        max(steps - warm_up, 1),
        warmup_target=settings.learning_rate if warm_up else None,
        warmup_steps=warm_up,
    )
    return keras.optimizers.AdamW(rate, weight_decay=settings.weight_decay, clipnorm=1.0)


def _loggers(folder: Path | None, name: str, first_epoch: int) -> list[keras.callbacks.Callback]:
    """Return Keras's loggers; rows of epochs that will be repeated are removed from the CSV file."""
    if folder is None:
        return []
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

    def __init__(
        self,
        state: _State,
        features: list[Features],
        targets: NDArray[np.float32],
        multi_label: bool,
        patience: int,
    ) -> None:
        super().__init__()
        self._state, self._features, self._targets = state, features, targets
        self._multi_label, self._patience = multi_label, patience

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        state = self._state
        loss, accuracy = self._evaluate()
        logs.update(val_loss=loss, val_accuracy=accuracy)  # Keras hands the same dictionary to all callbacks
        if loss < state.best_loss:
            state.best_loss, state.best_epoch = loss, epoch + 1
            state.best = _values(self.model.variables)
        if epoch + 1 - state.best_epoch >= self._patience:
            self.model.stop_training = True

    def _evaluate(self) -> tuple[float, float]:
        parts = []
        for first in range(0, len(self._features), _BATCH):
            values, lengths = pad_batch(self._features[first : first + _BATCH])
            valid = (np.arange(values.shape[1]) < lengths[:, None]).astype(np.float32)
            parts.append(call_model(self.model, values, valid))
        logits = np.concatenate(parts)
        loss = float(_LOSSES[self._multi_label](from_logits=True)(self._targets, logits))
        if self._multi_label:
            correct = (logits > 0) == (self._targets > 0)
        else:
            correct = logits.argmax(axis=-1) == self._targets.argmax(axis=-1)
        return loss, float(correct.mean())


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
