"""Training of the networks of a model on clips in memory; a killed training continues from its state."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from sonogram.dataset import LoadedClips, label_targets
from sonogram.models import describe, networks
from sonogram.models.batching import call_model, pad_batch
from sonogram.models.build import front_model
from sonogram.training.augmentation import AugmentedFeatures, Features, Progress, compute_features
from sonogram.training.batches import steps_per_epoch, training_batches
from sonogram.training.epoch_loop import EarlyStopping, fit_network, optimizer
from sonogram.training.folder import state_path
from sonogram.training.settings import TrainingSettings

__all__ = ["fit"]

_LOSSES = {False: keras.losses.CategoricalCrossentropy, True: keras.losses.BinaryCrossentropy}
_BATCH = 64


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
    early_stopping = None
    if validation is not None:
        judged = label_targets(validation.clips, info.labels, info.multi_label)
        judge = partial(_judge, compute_features(validation, front), judged, info.multi_label)
        early_stopping = EarlyStopping(judge, settings.patience)
    histories = []
    for member, layer in enumerate(networks(model)):
        # A model of its own with the same layers: the network itself is not compiled, so that a saved model
        # does not carry the state of the optimizer, twice the size of the weights.
        network = keras.Model(layer.inputs, layer.outputs, name=layer.name)
        steps, epochs = steps_per_epoch(len(loaded), settings), settings.num_epochs(len(loaded))
        loss = _LOSSES[info.multi_label](from_logits=True, label_smoothing=settings.label_smoothing)
        network.compile(
            optimizer(settings, steps * epochs),
            loss,
            metrics=[_accuracy(info.multi_label)],
            weighted_metrics=[],
            jit_compile=False,
        )
        _make_metrics(network)

        def batches(first_epoch: int, member: int = member, epochs: int = epochs) -> Any:
            return training_batches(features, targets, settings, first_epoch, epochs, member)

        history = fit_network(
            network,
            batches,
            steps,
            epochs,
            path=state_path(folder, member),
            early_stopping=early_stopping,
            callbacks=callbacks,
        )
        histories.append(history)
    return tuple(histories)


def _make_metrics(network: keras.Model) -> None:
    """Make the variables of a network's metrics; made in the first step, TensorFlow would trace it twice."""
    logits = np.zeros((1, *network.output_shape[1:]), np.float32)
    network.compute_metrics(None, logits, logits)
    network.reset_metrics()


def _accuracy(multi_label: bool) -> Any:
    """Return the metric "accuracy" of logits; of mixed clips, the label with the most weight counts."""

    def accuracy(targets: Any, logits: Any) -> Any:
        ops = keras.ops
        targets = ops.reshape(targets, ops.shape(logits))  # among replicas its static shape is lost
        if multi_label:
            return ops.mean(ops.cast((logits > 0) == (targets > 0.5), "float32"), axis=-1)
        return ops.cast(ops.argmax(logits, axis=-1) == ops.argmax(targets, axis=-1), "float32")

    return accuracy


def _judge(
    features: list[Features], targets: NDArray[np.float32], multi_label: bool, network: keras.Model
) -> dict[str, float]:
    """Return the loss and the accuracy of a network on features without augmentation."""
    parts = []
    for first in range(0, len(features), _BATCH):
        values, lengths = pad_batch(features[first : first + _BATCH])
        valid = (np.arange(values.shape[1]) < lengths[:, None]).astype(np.float32)
        parts.append(call_model(network, values, valid))
    logits = np.concatenate(parts)
    loss = float(_LOSSES[multi_label](from_logits=True)(targets, logits))
    if multi_label:
        correct = (logits > 0) == (targets > 0)
    else:
        correct = logits.argmax(axis=-1) == targets.argmax(axis=-1)
    return {"val_loss": loss, "val_accuracy": float(correct.mean())}
