"""Training of models with an output for each frame: what speech recognizers and event detectors share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from sonogram.frontend import Frontend
from sonogram.layers import FeatureScaling, SpecAugment, SplitMask
from sonogram.models import networks
from sonogram.models.batching import traced_model
from sonogram.training.batches import map_steps
from sonogram.training.epoch_loop import EarlyStopping, fit_network, optimizer
from sonogram.training.folder import state_path
from sonogram.training.precision import mixed_precision, to_float32
from sonogram.training.run import TrainingRun
from sonogram.training.settings import TrainingSettings

__all__ = ["FrameBatches", "FrameDesign", "fit_frames"]

_MASKS, _TIME, _TIME_SHARE, _BANDS = 2, 8, 0.1, 6
"""Number of masks over time and over bands, largest width of a mask in frames, as a share of the clip, and in
bands. They are shorter than those of a classifier, which would cover a whole word or event."""

Batch = tuple[NDArray[np.float32], NDArray[np.int32], NDArray[Any]]
"""Values `(batch, frames, size)`, the number of frames of each, and the targets."""


@dataclass(frozen=True)
class FrameDesign:
    """The parts of a model that follow from the plan."""

    frontend: Frontend
    network: str
    """Name of the network; of the backbone, if there is one."""
    stride: int
    """Frames of features for each frame of the output."""
    frozen: keras.Model | None = None
    """Backbone: features and their mask in, frames of the network and their mask out."""
    streaming: bool = False
    """Whether the network takes the features as they are, at any level of the sound."""

    def num_frames(self, frames: Any) -> Any:
        """Return the number of frames of the output for a number of frames of features."""
        return -(-frames // self.stride)

    @property
    def size(self) -> int:
        """Number of values of a frame that the network takes."""
        return int(self.frontend.num_bands if self.frozen is None else self.frozen.outputs[0].shape[-1])

    def embed(self, values: Any, frames: Any) -> tuple[Any, Any]:
        """Return the frames of the backbone and their numbers; without one the features themselves."""
        if self.frozen is None:
            return values, frames
        inside = np.arange(values.shape[1]) < frames[:, None]
        embedded = traced_model(self.frozen)(values, inside.astype(np.float32))[0]
        return np.asarray(embedded), self.num_frames(frames)


@dataclass(frozen=True)
class FrameBatches:
    """Batches as `tf.data`, a function of the step alone: a training that was killed can be continued.

    Args:
        make: Function of the step to a batch for the network, after `FrameDesign.embed`.
        targets: Shape and type of the targets.
        design: Parts of the model.
        settings: `seed`, `batch_size` and `augment` are used.
        steps: Number of steps of an epoch.
        epochs: Number of epochs.
    """

    make: Callable[[int], Batch]
    targets: tf.TensorSpec
    design: FrameDesign
    settings: TrainingSettings
    steps: int
    epochs: int

    def __call__(self, first_epoch: int) -> Any:
        """Return the batches from an epoch on as `((values, mask), targets)`."""
        finish = _mask_embeddings if self.design.frozen is not None else self._features()
        if self.design.frozen is not None:
            traced_model(self.design.frozen)  # now, because the threads that make batches would race
        kinds = tf.float32, tf.int32, self.targets.dtype

        def batch(step: Any) -> Any:
            values, frames, targets = tf.numpy_function(lambda number: self.make(int(number)), [step], kinds)
            values = tf.ensure_shape(values, (None, None, self.design.size))
            inputs = finish(step, values, tf.ensure_shape(frames, (None,)))
            return inputs, tf.ensure_shape(targets, self.targets.shape)

        steps = range(first_epoch * self.steps, self.epochs * self.steps)
        return map_steps(batch, steps, parallel=2, prefetch=4)

    def _features(self) -> Callable[[Any, Any, Any], tuple[Any, Any]]:
        """Return the function that scales the features of a step, and masks some of them."""
        settings = self.settings
        mask = SpecAugment(_MASKS, _TIME, _TIME_SHARE, _MASKS, _BANDS, fill=0.0, seed=1000 * settings.seed)
        scaling = (
            SplitMask() if self.design.streaming else FeatureScaling(self.design.frontend, center="band")
        )

        def finish(step: Any, values: Any, frames: Any) -> tuple[Any, Any]:
            values, valid = scaling(values, mask=tf.sequence_mask(frames, tf.shape(values)[1]))
            if settings.augment:
                seeds = step * settings.batch_size + tf.range(tf.shape(values)[0], dtype=tf.int64)
                batch = {"features": values, "lengths": frames, "seeds": seeds}
                values = mask(batch, training=True)["features"]
            return values, valid

        return finish


def _mask_embeddings(step: Any, values: Any, frames: Any) -> tuple[Any, Any]:
    """Return embeddings as they are, with the mask of the valid frames."""
    return values, tf.sequence_mask(frames, tf.shape(values)[1], tf.float32)


def fit_frames(
    build_model: Callable[[], keras.Model],
    batches: FrameBatches,
    loss: keras.losses.Loss,
    run: TrainingRun,
    *,
    number: int = 0,
    early_stopping: EarlyStopping | None = None,
) -> keras.Model:
    """Return a model whose last network is trained, with its `history`.

    Args:
        build_model: Builds the untrained model.
        batches: Batches for the network.
        loss: Loss of the targets and the logits.
        run: Where the state is kept, and the callbacks.
        number: Number of the network in the folder.
        early_stopping: How the network is evaluated; None trains to the last epoch.
    """
    settings, steps, epochs = batches.settings, batches.steps, batches.epochs
    with mixed_precision():
        keras.utils.set_random_seed(settings.seed)
        model = build_model()
        inner = networks(model)[-1]
        # A model of its own with the same layers, so that a saved one does not carry the optimizer's state.
        name = f"{batches.design.network}_{number}"
        trained = keras.Model(inner.inputs, inner.outputs[0], name=name)
        trained.compile(optimizer(settings, steps * epochs), loss, jit_compile=False)
        history = fit_network(
            trained,
            batches,
            steps,
            epochs,
            path=state_path(run.folder, number),
            early_stopping=early_stopping,
            callbacks=run.callbacks,
        )
    finished = to_float32(model, build_model)
    networks(finished)[-1].history = history
    return finished
