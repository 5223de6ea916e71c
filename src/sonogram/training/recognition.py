"""Training of a speech recognizer on recordings with their text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
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
from sonogram.layers import FeatureScaling, SpecAugment, SplitMask
from sonogram.models import NETWORKS, build_recognizer, ctc_loss, networks
from sonogram.models.batching import batches_by_length, call_model, pad_batch, traced_model
from sonogram.models.bodies import network_names
from sonogram.models.embeddings import STRIDE, embedding_frames, require_frames
from sonogram.models.pretrained import SPEECH_FRONTEND
from sonogram.models.recognizer import front_part, recognizer_on_backbone
from sonogram.normalize import Affine
from sonogram.scaling import Log
from sonogram.spectrum import Power
from sonogram.training.auto import choose_network
from sonogram.training.digests import digest_clips
from sonogram.training.folder import claim_sounds, state_path
from sonogram.training.frame_batches import Finish, frame_batches, masked_features, unchanged
from sonogram.training.loop import EarlyStopping, fit_network, optimizer
from sonogram.training.partition import Partition
from sonogram.training.plan import TrainingPlan
from sonogram.training.precision import mixed_precision, to_float32
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
_MASKS, _TIME, _TIME_SHARE, _BANDS = 2, 8, 0.1, 6
"""Number of masks over time and over bands, largest width of a mask in frames, as a share of the clip, and in
bands. They are shorter than those of a classifier, which would cover a whole word."""
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


def train_recognizer(
    plan: TrainingPlan,
    parts: Partition,
    folder: Path | None = None,
    report: DatasetReport | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> keras.Model:
    """Train a speech recognizer by a plan; see `train`."""
    plan.validate()
    settings, design = plan.settings, _Design.of(plan, len(parts.train))
    loaded = _load(parts.train, design.frontend, report, settings.partial)
    texts = [str(clip.text) for clip in loaded.clips]
    # Joined recordings have a space between them, even if no text has one.
    alphabet = Alphabet.fit([*texts, " "] if plan.join else texts, plan.units or choose_units(texts))
    loaded = _long_enough(loaded, alphabet, design, report)
    held_out = stopping = None
    if len(parts.validation):
        held_out = _load(parts.validation, design.frontend, report, settings.partial)
        held_out = _long_enough(held_out, alphabet, design, report)
        stopping = _early_stopping(held_out, alphabet, design, settings.patience)
    used = [part for part in (loaded, held_out) if part is not None]
    if folder is not None:
        claim_sounds(folder, *used)
    record = {**plan.to_dict(), "clips": digest_clips(*used)}

    def build_model() -> keras.Model:
        model = design.build(alphabet)
        model.get_layer("sequence").training = record
        return model

    with mixed_precision():
        keras.utils.set_random_seed(settings.seed)
        model = build_model()
        inner = networks(model)[-1]
        epochs = num_text_epochs(settings, len(loaded), plan.join, plan.backbone)
        quietest = _QUIETEST_DB if design.streaming else 0.0
        utterances = Utterances(
            loaded, alphabet, design.frontend, design.stride, settings, plan.join, quietest
        )
        # A model of its own with the same layers, so that a saved one does not carry the optimizer's state.
        trained = keras.Model(inner.inputs, inner.outputs[0], name=inner.name)
        trained.compile(optimizer(settings, utterances.steps * epochs), _Loss(), jit_compile=False)
        history = fit_network(
            trained,
            partial(_batches, utterances, design, epochs),
            utterances.steps,
            epochs,
            path=None if folder is None else state_path(folder, 0),
            early_stopping=stopping,
            callbacks=callbacks,
        )
    finished = to_float32(model, build_model)
    networks(finished)[-1].history = history
    return finished


@dataclass(frozen=True)
class _Design:
    """The parts of a recognizer that follow from the plan."""

    frontend: Frontend
    network: str
    """Name of the network; of the backbone, if there is one."""
    stride: int
    """Frames of features for each frame of logits."""
    frozen: keras.Model | None = None
    """Backbone: features and their mask in, embeddings and their mask out."""
    streaming: bool = False
    """Whether the network takes the features as they are, at any level of the sound."""

    @classmethod
    def of(cls, plan: TrainingPlan, num_clips: int) -> _Design:
        if plan.backbone is not None:
            require_frames(plan.backbone)
            return cls(SPEECH_FRONTEND, plan.backbone, STRIDE, embedding_frames())
        network = plan.network or choose_network(num_clips, "text")
        body = NETWORKS[network_names(network)[0]]
        streaming = body.context is not None
        default = STREAMED_SPEECH if streaming else SPEECH
        return cls(plan.frontend or default, network, body.stride, streaming=streaming)

    def build(self, alphabet: Alphabet) -> keras.Model:
        """Return the untrained model."""
        if self.frozen is None:
            return build_recognizer(self.frontend, alphabet, self.network)
        return recognizer_on_backbone(alphabet, self.frozen.get_weights())

    def num_frames(self, frames: Any) -> Any:
        """Return the number of frames of logits for a number of frames of features."""
        return -(-frames // self.stride)


def _load(part: Clips, frontend: Frontend, report: DatasetReport | None, partial: bool) -> LoadedClips:
    """Return recordings with normalized texts."""
    spoken = Clips(clip._replace(text=normalize(str(clip.text))) for clip in part)
    return load_clips(spoken, int(frontend.sample_rate), report, partial=partial)


def _long_enough(
    loaded: LoadedClips, alphabet: Alphabet, design: _Design, report: DatasetReport | None
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
    chosen = Clips(loaded.clips[index] for index in kept)
    return LoadedClips(chosen, tuple(loaded.samples[index] for index in kept), loaded.sample_rate)


class _Loss(keras.losses.Loss):
    """CTC loss for each symbol of a batch. A target is the number of frames, then the padded symbols."""

    def call(self, targets: Any, logits: Any) -> Any:
        """Return the losses of the clips, scaled so that their mean is the loss for each symbol."""
        ops = keras.ops
        targets = ops.cast(targets, "int32")
        losses = ctc_loss(logits, targets[:, 0], targets[:, 1:])
        symbols = ops.maximum(ops.sum(ops.cast(targets[:, 1:] > 0, "float32")), 1.0)
        return losses * (ops.cast(ops.shape(losses)[0], "float32") / symbols)


def _batches(utterances: Utterances, design: _Design, epochs: int, first_epoch: int) -> Any:
    """Return the batches from an epoch on as `((frames, mask), targets)`."""
    settings = utterances.settings
    embed = None if design.frozen is None else traced_model(design.frozen)
    size = design.frontend.num_bands if design.frozen is None else design.frozen.outputs[0].shape[-1]

    kept: dict[int, tuple[Any, Any, Any]] = {}

    def make(step: Any) -> tuple[Any, Any, Any]:
        if embed is None or utterances.join is None:
            return compute(int(step))
        # Joined recordings have as many utterances as wanted. Those of one epoch suffice for the small
        # network on a backbone, and to embed others takes most of the time.
        number = int(step) % utterances.steps
        if number not in kept:
            values, frames, targets = compute(number)
            kept[number] = values.astype(np.float16), frames, targets
        values, frames, targets = kept[number]
        return values.astype(np.float32), frames, targets

    def compute(step: int) -> tuple[Any, Any, Any]:
        values, frames, symbols = utterances.batch(step)
        targets = np.concatenate([design.num_frames(frames)[:, None], symbols], axis=1)
        if embed is not None:
            inside = np.arange(values.shape[1]) < frames[:, None]
            values, frames = embed(values, inside.astype(np.float32))[0], targets[:, 0]
        return np.asarray(values), frames.astype(np.int32), targets.astype(np.int32)

    finish: Finish = unchanged
    if embed is None:
        mask = SpecAugment(_MASKS, _TIME, _TIME_SHARE, _MASKS, _BANDS, fill=0.0, seed=1000 * settings.seed)
        scaling = SplitMask() if design.streaming else FeatureScaling(utterances.frontend, center="band")
        finish = masked_features(scaling, mask if settings.augment else None, settings.batch_size)
    steps = range(first_epoch * utterances.steps, epochs * utterances.steps)
    return frame_batches(make, steps, size, tf.TensorSpec((None, None), tf.int32), finish)


def _early_stopping(
    held_out: LoadedClips, alphabet: Alphabet, design: _Design, patience: int
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
            symbols, counts = pad_batch([texts[index][:, None] for index in chosen])
            logits = call_model(network, np.asarray(features), np.asarray(valid))
            # A backbone has the stride of the model already.
            stride = design.stride if design.frozen is None else 1
            frames = -(-np.asarray(valid).sum(axis=1).astype(np.int32) // stride)
            total += float(np.sum(ctc_loss(logits, frames, symbols[:, :, 0])))
            count += float(counts.sum())
        return {"val_loss": total / max(count, 1.0)}

    return EarlyStopping(judge, patience)
