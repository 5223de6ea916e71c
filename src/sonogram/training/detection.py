"""Training of an event detector on recordings with events."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from sonogram.audio import Audio
from sonogram.dataset import Clips, LoadedClips, load_clips
from sonogram.dataset.splitting import fold_numbers
from sonogram.errors import SonogramError
from sonogram.inference.detection import Detector, ScoredFrames, runs, smoothed
from sonogram.layers import EventRule
from sonogram.models import NETWORKS
from sonogram.models.bodies import network_names
from sonogram.models.detector import build_detector, detector_on_backbone
from sonogram.models.embeddings import EVENT_STRIDE, event_frames, require_frames
from sonogram.models.pretrained import SPEECH_FRONTEND
from sonogram.training.auto import choose_frontend, choose_network
from sonogram.training.digests import training_record
from sonogram.training.event_metrics import match_events
from sonogram.training.frame_training import FrameBatches, FrameDesign, fit_frames
from sonogram.training.metrics import f1
from sonogram.training.partition import Partition
from sonogram.training.plan import TrainingPlan
from sonogram.training.run import TrainingRun
from sonogram.training.segments import Segments, limit_events
from sonogram.training.settings import TrainingSettings

__all__ = ["choose_rule", "num_event_epochs", "train_detector"]

SECONDS = 5.0
"""Longest segment to train on."""
STEPS = 50
"""Number of steps of an epoch: a random segment has no end of its own."""
_EPOCHS, _BACKBONE_EPOCHS = 24, 10
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


def train_detector(plan: TrainingPlan, parts: Partition, run: TrainingRun) -> keras.Model:
    """Train an event detector by a plan; see `train`."""
    settings, design = plan.settings, _design(plan, len(parts.train))
    labels = tuple(sorted(label for label, count in parts.train.counts.items() if count))
    if not labels:
        raise SonogramError("the training recordings have no events. Label some")

    def load(part: Clips) -> LoadedClips:
        return load_clips(part, int(design.frontend.sample_rate), run.report, partial=settings.partial)

    loaded = load(parts.train)
    held_out = load(parts.validation) if len(parts.validation) else None
    run.claim(loaded, held_out)
    longest = max(len(samples) for samples in loaded.samples) / loaded.sample_rate
    seconds = min(SECONDS, round(longest, 3))
    record = training_record(plan, loaded, held_out)

    def build_model() -> keras.Model:
        if design.frozen is None:
            model = build_detector(design.frontend, labels, design.network, seconds=seconds)
        else:
            model = detector_on_backbone(labels, design.frozen.get_weights(), seconds)
        model.get_layer("scores").training = record
        return model

    def fit(some: LoadedClips, number: int = 0) -> keras.Model:
        segments = Segments(some, labels, design.frontend, design.stride, settings, seconds)
        batches = _batches(segments, design, num_event_epochs(settings, plan.backbone))
        return fit_frames(build_model, batches, _Loss(), run, number=number)

    # The rule is chosen on recordings of other groups: scores of sounds that were trained on are too sure.
    rule = None
    fold_of = fold_numbers(loaded.clips, _HELD_OUT, settings.seed) if held_out is None else None
    if fold_of is not None:
        inner = fit(loaded.select(np.flatnonzero(fold_of)), 1)
        rule = choose_rule(inner, loaded.select(np.flatnonzero(fold_of == 0)))
    model = fit(loaded)
    if held_out is not None:
        rule = choose_rule(model, held_out)
    if rule is not None:
        model.get_layer("scores").rule = rule
    return model


def _design(plan: TrainingPlan, num_clips: int) -> FrameDesign:
    """Return the parts of a detector that follow from the plan."""
    if plan.backbone is not None:
        require_frames(plan.backbone)
        return FrameDesign(SPEECH_FRONTEND, plan.backbone, EVENT_STRIDE, event_frames())
    network = plan.network or choose_network(num_clips, "events")
    stride = NETWORKS[network_names(network)[0]].stride
    return FrameDesign(plan.frontend or choose_frontend(None, ()), network, stride)


def _batches(segments: Segments, design: FrameDesign, epochs: int) -> FrameBatches:
    """Return the batches of segments, with a target for each frame."""

    def make(step: int) -> tuple[Any, Any, Any]:
        values, frames, targets = segments.batch(step)
        values, frames = design.embed(values, frames)
        if design.frozen is not None:
            targets = np.pad(targets, ((0, 0), (0, values.shape[1] - targets.shape[1]), (0, 0)))
        return values, frames, targets

    targets = tf.TensorSpec((None, None, len(segments.labels) + 1), tf.float32)
    return FrameBatches(make, targets, design, segments.settings, STEPS, epochs)


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
        chosen = f1(*np.moveaxis(counts + prior, -1, 0)).argmax(axis=0)
        score = float(f1(*counts[chosen, np.arange(len(labels))].sum(axis=0)))
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
