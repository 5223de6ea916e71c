"""Training of an event detector on recordings with events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from sonogram.audio import Audio
from sonogram.dataset import Clips, DatasetReport, LoadedClips, folds, load_clips
from sonogram.errors import SonogramError
from sonogram.frontend import Frontend
from sonogram.inference.detection import Detector, ScoredFrames, runs, smoothed
from sonogram.layers import EventRule, FeatureScaling, SpecAugment
from sonogram.models import NETWORKS, networks
from sonogram.models.batching import traced_model
from sonogram.models.bodies import network_names
from sonogram.models.detector import build_detector, detector_on_backbone
from sonogram.models.embeddings import EVENT_STRIDE, event_frames, require_frames
from sonogram.models.pretrained import SPEECH_FRONTEND
from sonogram.training.auto import choose_frontend, choose_network
from sonogram.training.digests import digest_clips
from sonogram.training.event_metrics import match_events
from sonogram.training.folder import claim_sounds, state_path
from sonogram.training.frame_batches import Finish, frame_batches, masked_features, unchanged
from sonogram.training.loop import fit_network, optimizer
from sonogram.training.partition import Partition
from sonogram.training.plan import TrainingPlan
from sonogram.training.precision import mixed_precision, to_float32
from sonogram.training.segments import Segments, limit_events
from sonogram.training.settings import TrainingSettings

__all__ = ["choose_rule", "num_event_epochs", "train_detector"]

SECONDS = 5.0
"""Longest segment to train on."""
STEPS = 50
"""Number of steps of an epoch: a random segment has no end of its own."""
_EPOCHS, _BACKBONE_EPOCHS = 24, 10
_MASKS, _TIME, _TIME_SHARE, _BANDS = 2, 8, 0.1, 6
"""Number of masks over time and over bands, largest width of a mask in frames, as a share of the segment, and
in bands. Longer masks would cover an event."""
_HELD_OUT = 5
"""Number of parts of the recordings, one of which chooses the rule."""
_THRESHOLDS = tuple(np.arange(1, 20) / 20)
_RELEASES, _SMOOTHINGS = (0.6, 0.3, 0.15), (0.0, 0.13, 0.29, 0.45)
_PRIOR = 300.0
"""Number of events of all labels that count in the choice of the threshold of each. The events of a label are
often of few voices or instruments, and would choose a threshold that suits no others."""


def num_event_epochs(settings: TrainingSettings, backbone: str | None = None) -> int:
    """Return the number of epochs of 50 steps: that of the settings, or 24, and 10 on a backbone."""
    return settings.epochs or (_BACKBONE_EPOCHS if backbone else _EPOCHS)


def train_detector(
    plan: TrainingPlan,
    parts: Partition,
    folder: Path | None = None,
    report: DatasetReport | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> keras.Model:
    """Train an event detector by a plan; see `train`."""
    plan.validate()
    settings, design = plan.settings, _Design.of(plan, len(parts.train))
    frontend = design.frontend
    labels = tuple(sorted(label for label, count in parts.train.counts.items() if count))
    if not labels:
        raise SonogramError("the training recordings have no events. Label some")
    loaded = _load(parts.train, frontend, settings, report)
    held_out = _load(parts.validation, frontend, settings, report) if len(parts.validation) else None
    used = [part for part in (loaded, held_out) if part is not None]
    if folder is not None:
        claim_sounds(folder, *used)
    longest = max(len(samples) for samples in loaded.samples) / loaded.sample_rate
    seconds = min(SECONDS, round(longest, 3))
    record = {**plan.to_dict(), "clips": digest_clips(*used)}

    def build_model() -> keras.Model:
        model = design.build(labels, seconds)
        model.get_layer("scores").training = record
        return model

    def fit(some: LoadedClips, number: int) -> keras.Model:
        keras.utils.set_random_seed(settings.seed)
        with mixed_precision():
            model = build_model()
            inner = networks(model)[-1]
            segments = Segments(some, labels, frontend, design.stride, settings, seconds)
            epochs = num_event_epochs(settings, plan.backbone)
            # A model of its own with the same layers: a saved one does not carry the optimizer's state.
            trained = keras.Model(inner.inputs, inner.outputs[0], name=f"{design.network}_{number}")
            trained.compile(optimizer(settings, STEPS * epochs), _Loss(), jit_compile=False)
            history = fit_network(
                trained,
                partial(_batches, segments, design, epochs),
                STEPS,
                epochs,
                path=None if folder is None else state_path(folder, number),
                callbacks=callbacks,
            )
        finished = to_float32(model, build_model)
        networks(finished)[-1].history = history
        return finished

    # The rule is chosen on recordings of other groups: scores of sounds that were trained on are too sure.
    if held_out is None:
        inner_train, inner_test = _hold_out(loaded, settings.seed)
        rule = None if inner_test is None else choose_rule(fit(inner_train, 1), inner_test)
        model = fit(loaded, 0)
    else:
        model = fit(loaded, 0)
        rule = choose_rule(model, held_out)
    if rule is not None:
        model.get_layer("scores").rule = rule
    return model


@dataclass(frozen=True)
class _Design:
    """The parts of a detector that follow from the plan."""

    frontend: Frontend
    network: str
    """Name of the network; of the backbone, if there is one."""
    stride: int
    """Frames of features for each frame of scores."""
    frozen: keras.Model | None = None
    """Backbone: features and their mask in, frames of the network and their mask out."""

    @classmethod
    def of(cls, plan: TrainingPlan, num_clips: int) -> _Design:
        if plan.backbone is not None:
            require_frames(plan.backbone)
            return cls(SPEECH_FRONTEND, plan.backbone, EVENT_STRIDE, event_frames())
        network = plan.network or choose_network(num_clips, "events")
        stride = NETWORKS[network_names(network)[0]].stride
        return cls(plan.frontend or choose_frontend(None, ()), network, stride)

    def build(self, labels: Sequence[str], seconds: float) -> keras.Model:
        """Return the untrained model."""
        if self.frozen is None:
            return build_detector(self.frontend, labels, self.network, seconds=seconds)
        return detector_on_backbone(labels, self.frozen.get_weights(), seconds)


def _load(
    part: Clips, frontend: Frontend, settings: TrainingSettings, report: DatasetReport | None
) -> LoadedClips:
    return load_clips(part, int(frontend.sample_rate), report, partial=settings.partial)


def _hold_out(loaded: LoadedClips, seed: int) -> tuple[LoadedClips, LoadedClips | None]:
    """Return recordings to train on and to choose the rule on, of other groups; None if there are too few."""
    whole = Clips((clip._replace(split=None) for clip in loaded.clips), loaded.clips.classes)
    groups = len({clip.group or clip.path for clip in whole})
    if groups < 2:
        return loaded, None
    part = folds(whole, min(_HELD_OUT, groups), seed=seed)[0]
    place = {path: index for index, path in enumerate(whole.paths)}

    def chosen(some: Clips) -> LoadedClips:
        samples = tuple(loaded.samples[place[path]] for path in some.paths)
        return LoadedClips(some, samples, loaded.sample_rate)

    return chosen(part.train), chosen(part.validation)


class _Loss(keras.losses.Loss):
    """Negative log likelihood of the events in each frame: of their number, and of each label given that.

    The number has a Poisson distribution, whose mean has the last logit as its logarithm. The labels have
    the softmax of the others, as in `FrameScores`. The last column of the targets is validity.
    """

    def call(self, targets: Any, logits: Any) -> Any:
        """Return the losses of the segments, scaled so that their mean is the loss for each valid frame."""
        ops = keras.ops
        targets, valid = ops.cast(targets[..., :-1], "float32"), ops.cast(targets[..., -1], "float32")
        logits = ops.cast(logits, "float32")
        labels, number = logits[..., :-1], logits[..., -1]
        of_number = ops.exp(number) - ops.sum(targets, axis=-1) * number
        losses = (of_number - ops.sum(targets * ops.log_softmax(labels), axis=-1)) * valid
        count = ops.cast(ops.shape(losses)[0], "float32") / ops.maximum(ops.sum(valid), 1.0)
        return ops.sum(losses, axis=-1) * count


def _batches(segments: Segments, design: _Design, epochs: int, first_epoch: int) -> Any:
    """Return the batches from an epoch on as `((features, mask), targets)`."""
    settings = segments.settings
    embed = None if design.frozen is None else traced_model(design.frozen)
    size = design.frontend.num_bands if design.frozen is None else design.frozen.outputs[0].shape[-1]

    def make(step: Any) -> tuple[Any, Any, Any]:
        values, frames, targets = segments.batch(int(step))
        if embed is not None:
            inside = np.arange(values.shape[1]) < frames[:, None]
            values = np.asarray(embed(values, inside.astype(np.float32))[0])
            frames = -(-frames // design.stride)
            targets = np.pad(targets, ((0, 0), (0, values.shape[1] - targets.shape[1]), (0, 0)))
        return values, frames.astype(np.int32), targets

    finish: Finish = unchanged
    if embed is None:
        mask = SpecAugment(_MASKS, _TIME, _TIME_SHARE, _MASKS, _BANDS, fill=0.0, seed=1000 * settings.seed)
        scaling = FeatureScaling(segments.frontend, center="band")
        finish = masked_features(scaling, mask if settings.augment else None, settings.batch_size)
    targets = tf.TensorSpec((None, None, len(segments.labels) + 1), tf.float32)
    return frame_batches(make, range(first_epoch * STEPS, epochs * STEPS), size, targets, finish)


def choose_rule(model: keras.Model, loaded: LoadedClips) -> EventRule:
    """Return the rule with the highest event F1 on recordings that the model was not trained on.

    Args:
        model: An event detector.
        loaded: The recordings.
    """
    detector = Detector(model)
    labels = detector.model_info.labels
    frames = [detector.frames(Audio(samples, loaded.sample_rate))[0] for samples in loaded.samples]
    best, highest = EventRule((0.5,) * len(labels)), -1.0
    for smoothing, release in product(_SMOOTHINGS, _RELEASES):
        smooth = [ScoredFrames(each.times, smoothed(each, smoothing)) for each in frames]
        counts = np.array([_counts(smooth, loaded.clips, labels, limit, release) for limit in _THRESHOLDS])
        whole = counts.sum(axis=1, keepdims=True)  # (thresholds, 1, 3)
        prior = _PRIOR * whole / np.maximum(whole[..., 1:2], 1)
        chosen = _f1(counts + prior).argmax(axis=0)
        score = float(_f1(counts[chosen, np.arange(len(labels))].sum(axis=0)))
        if score > highest:
            highest = score
            best = EventRule(tuple(_THRESHOLDS[index] for index in chosen), release, smoothing)
    return best


def _counts(
    frames: Sequence[ScoredFrames], clips: Clips, labels: Sequence[str], threshold: float, release: float
) -> Any:
    """Return the number of correct detections, of events and of detections of each label, `(labels, 3)`."""
    counts = np.zeros((len(labels), 3))
    for each, clip in zip(frames, clips, strict=True):
        known = limit_events(clip.events or (), float(each.times[-1]))
        for column, label in enumerate(labels):
            events = [event for event in known if event.label == label]
            found = [
                (float(each.times[first]), float(each.times[stop]), label)
                for first, stop, _ in runs(each.scores[:, column], threshold, release)
            ]
            counts[column] += len(match_events(events, found)) if found else 0, len(events), len(found)
    return counts


def _f1(counts: Any) -> Any:
    """Return F1 of counts `(..., 3)`: correct, events, detections."""
    return 2 * counts[..., 0] / np.maximum(counts[..., 1] + counts[..., 2], 1e-9)
