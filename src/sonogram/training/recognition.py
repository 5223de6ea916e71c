"""Training of a speech recognizer on recordings with their text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from sonogram.bands import Mel
from sonogram.dataset import Clips, DatasetReport, LoadedClips, load_clips
from sonogram.decoding import Alphabet, normalize
from sonogram.decoding.alphabet import Units
from sonogram.errors import SonogramError
from sonogram.frontend import Frontend
from sonogram.models import NETWORKS, build_recognizer, ctc_loss
from sonogram.models.batching import batches_by_length, call_model, pad_batch, traced_model
from sonogram.models.bodies import network_names
from sonogram.models.embeddings import STRIDE, embedding_frames, require_frames
from sonogram.models.pretrained import SPEECH_FRONTEND
from sonogram.models.recognizer import front_part, recognizer_on_backbone
from sonogram.normalize import Affine
from sonogram.scaling import Log
from sonogram.spectrum import Power
from sonogram.training.auto import choose_network
from sonogram.training.digests import training_record
from sonogram.training.epoch_loop import EarlyStopping
from sonogram.training.frame_training import FrameBatches, FrameDesign, fit_frames
from sonogram.training.partition import Partition
from sonogram.training.plan import TrainingPlan
from sonogram.training.run import TrainingRun
from sonogram.training.settings import TrainingSettings
from sonogram.training.utterances import Utterances, min_frames

__all__ = ["SPEECH", "choose_units", "num_text_epochs", "train_recognizer"]

SPEECH = Frontend(
    8000,
    frame_length=200,
    frame_step=80,
    fft_length=256,
    spectrum=Power(),
    bands=Mel(40, 60.0, 3800.0),
    scaling=Log(floor=1e-10),
)
"""The front end for speech: 40 bands up to 3.8 kHz, so that telephones and studios give the same features."""
STREAMED_SPEECH = SPEECH.replace(scaling=Log(offset=1e-5), normalize=Affine(-3.0, 4.0))
"""The front end for speech that arrives: the level of the clip is not known, so silence has a level of its
own, and the mean is a constant."""
_BATCH = 32
_WORDS_UP_TO, _OCCURRENCES = 100, 10
"""Largest vocabulary whose words are symbols themselves, and how often each must occur on average."""
_JOINED_EPOCHS = 25
"""Number of epochs, of 200 steps each, of joined recordings."""
_PROCESSED, _MIN_EPOCHS, _MAX_EPOCHS = 128_000, 15, 300
"""Number of recordings, repetitions included, to process if they are not joined, and limits of the epochs."""
_QUIETEST_DB = -24.0
"""Lowest peak of an utterance for a network that streams, dB; others divide each recording by its peak."""
_BACKBONE_SHARE = 0.4
"""Share of the epochs that a network on a backbone needs."""
_JOINED_EPOCHS_ON_BACKBONE = 5
"""Number of epochs of joined recordings on a backbone, with the same utterances in each."""


def choose_units(texts: Sequence[str]) -> Units:
    """Return "words" for a small vocabulary whose words occur often, as of commands, else "letters".

    Args:
        texts: The texts, normalized.

    Example:
        >>> choose_units(["one", "two"] * 10), choose_units(["good morning to you"])
        ('words', 'letters')
    """
    words = [word for text in texts for word in text.split()]
    few = 0 < len(set(words)) <= _WORDS_UP_TO
    return "words" if few and len(words) >= _OCCURRENCES * len(set(words)) else "letters"


def num_text_epochs(
    settings: TrainingSettings, num_clips: int, join: int | None, backbone: str | None = None
) -> int:
    """Return the number of epochs: that of the settings, or one that suits the number of recordings.

    Args:
        settings: `epochs` is used.
        num_clips: Number of recordings.
        join: Largest number of recordings in an utterance; None if they are not joined.
        backbone: Published network whose embeddings are the input; None for features.
    """
    if settings.epochs is not None:
        return settings.epochs
    if join:
        return _JOINED_EPOCHS_ON_BACKBONE if backbone else _JOINED_EPOCHS
    epochs = min(max(round(_PROCESSED / max(num_clips, 1)), _MIN_EPOCHS), _MAX_EPOCHS)
    return round(epochs * (_BACKBONE_SHARE if backbone else 1))


def train_recognizer(plan: TrainingPlan, parts: Partition, run: TrainingRun) -> keras.Model:
    """Train a speech recognizer by a plan; see `train`."""
    settings, design = plan.settings, _design(plan, len(parts.train))
    loaded = _load(parts.train, design.frontend, run.report, settings.partial)
    texts = [str(clip.text) for clip in loaded.clips]
    # Joined recordings have a space between them, even if no text has one.
    alphabet = Alphabet.fit([*texts, " "] if plan.join else texts, plan.units or choose_units(texts))
    loaded = _long_enough(loaded, alphabet, design, run.report)
    held_out = stopping = None
    if len(parts.validation):
        held_out = _load(parts.validation, design.frontend, run.report, settings.partial)
        held_out = _long_enough(held_out, alphabet, design, run.report)
        stopping = _early_stopping(held_out, alphabet, design, settings.patience)
    run.claim(loaded, held_out)
    record = training_record(plan, loaded, held_out)

    def build_model() -> keras.Model:
        if design.frozen is None:
            model = build_recognizer(design.frontend, alphabet, design.network)
        else:
            model = recognizer_on_backbone(alphabet, design.frozen.get_weights())
        model.get_layer("sequence").training = record
        return model

    quietest = _QUIETEST_DB if design.streaming else 0.0
    utterances = Utterances(loaded, alphabet, design.frontend, design.stride, settings, plan.join, quietest)
    epochs = num_text_epochs(settings, len(loaded), plan.join, plan.backbone)
    batches = _batches(utterances, design, epochs)
    return fit_frames(build_model, batches, _Loss(), run, early_stopping=stopping)


def _design(plan: TrainingPlan, num_clips: int) -> FrameDesign:
    """Return the parts of a recognizer that follow from the plan."""
    if plan.backbone is not None:
        require_frames(plan.backbone)
        return FrameDesign(SPEECH_FRONTEND, plan.backbone, STRIDE, embedding_frames())
    network = plan.network or choose_network(num_clips, "text")
    body = NETWORKS[network_names(network)[0]]
    streaming = body.context is not None
    default = STREAMED_SPEECH if streaming else SPEECH
    return FrameDesign(plan.frontend or default, network, body.stride, streaming=streaming)


def _load(part: Clips, frontend: Frontend, report: DatasetReport | None, partial: bool) -> LoadedClips:
    """Return recordings with normalized texts."""
    spoken = Clips(clip._replace(text=normalize(str(clip.text))) for clip in part)
    return load_clips(spoken, int(frontend.sample_rate), report, partial=partial)


def _long_enough(
    loaded: LoadedClips, alphabet: Alphabet, design: FrameDesign, report: DatasetReport | None
) -> LoadedClips:
    """Return the recordings that have as many frames as their text needs; the others are reported."""
    kept = []
    for index, (clip, samples) in enumerate(zip(loaded.clips, loaded.samples, strict=True)):
        frames = design.num_frames(design.frontend.num_frames(len(samples)))
        needed = min_frames(alphabet.encode(str(clip.text)))
        if frames >= needed:
            kept.append(index)
            continue
        problem = (
            f"{clip.path}: too short for its text, which needs {needed} frames and has {frames}. Correct the "
            "text, or leave the recording out"
        )
        if report is None:
            raise SonogramError(problem)
        report.note(clip.path, problem)
    if not kept:
        raise SonogramError("no recording is long enough for its text. Check that texts and recordings match")
    return loaded.select(kept)


class _Loss(keras.losses.Loss):
    """CTC loss for each symbol of a batch. A target is the number of frames, then the padded symbols."""

    def call(self, targets: Any, logits: Any) -> Any:
        """Return the losses of the clips, scaled so that their mean is the loss for each symbol."""
        ops = keras.ops
        targets = ops.cast(targets, "int32")
        losses = ctc_loss(logits, targets[:, 0], targets[:, 1:])
        symbols = ops.maximum(ops.sum(ops.cast(targets[:, 1:] > 0, "float32")), 1.0)
        return losses * (ops.cast(ops.shape(losses)[0], "float32") / symbols)


def _batches(utterances: Utterances, design: FrameDesign, epochs: int) -> FrameBatches:
    """Return the batches of utterances; see `_Loss` for the targets."""
    kept: dict[int, tuple[Any, Any, Any]] = {}

    def make(step: int) -> tuple[Any, Any, Any]:
        values, frames, symbols = utterances.batch(step)
        targets = np.concatenate([design.num_frames(frames)[:, None], symbols], axis=1)
        return *design.embed(values, frames), targets

    def keep(step: int) -> tuple[Any, Any, Any]:
        # Joined recordings have as many utterances as wanted. Those of one epoch suffice for the small
        # network on a backbone, and to embed others takes most of the time.
        number = step % utterances.steps
        if number not in kept:
            values, frames, targets = make(number)
            kept[number] = values.astype(np.float16), frames, targets
        values, frames, targets = kept[number]
        return values.astype(np.float32), frames, targets

    few = design.frozen is not None and utterances.join is not None
    targets = tf.TensorSpec((None, None), tf.int32)
    return FrameBatches(keep if few else make, targets, design, utterances.settings, utterances.steps, epochs)


def _early_stopping(
    held_out: LoadedClips, alphabet: Alphabet, design: FrameDesign, patience: int
) -> EarlyStopping:
    """Return the rule that judges a network by its loss on held-out recordings, not varied."""
    front = front_part(design.frontend, design.frozen, design.streaming)
    texts = [alphabet.encode(str(clip.text)) for clip in held_out.clips]
    groups = batches_by_length(held_out.samples, _BATCH)

    def judge(network: keras.Model) -> dict[str, float]:
        total = count = 0.0
        for chosen in groups:
            samples = pad_batch([held_out.samples[index] for index in chosen])
            features, valid = traced_model(front)(*samples)
            symbols, counts = pad_batch([texts[index] for index in chosen])
            logits = call_model(network, np.asarray(features), np.asarray(valid))
            # A backbone has the stride of the model already.
            stride = design.stride if design.frozen is None else 1
            frames = -(-np.asarray(valid).sum(axis=1).astype(np.int32) // stride)
            total += float(np.sum(ctc_loss(logits, frames, symbols)))
            count += float(counts.sum())
        return {"val_loss": total / max(count, 1.0)}

    return EarlyStopping(judge, patience)
