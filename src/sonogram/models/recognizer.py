"""Speech recognizers: samples in, logits of symbols for each frame out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from sonogram.decoding import Alphabet
from sonogram.definition import require_definition
from sonogram.errors import SonogramError
from sonogram.frontend import Frontend
from sonogram.layers import FrameScores, SequenceLogits, Spectrogram, SplitMask, TrimAndNormalize
from sonogram.models import embeddings
from sonogram.models.batching import batches_by_length, pad_batch, require_mono, traced_model
from sonogram.models.bodies import NETWORKS, Body, network_names
from sonogram.models.build import DROPOUT, describe, front_model
from sonogram.models.embeddings import embedding_frames
from sonogram.models.heads import frame_logits
from sonogram.models.inputs import feature_inputs, sample_inputs
from sonogram.models.logit_stream import LogitStream
from sonogram.models.pretrained import SPEECH_FRONTEND
from sonogram.obstacles import require_possible

__all__ = [
    "build_recognizer",
    "frame_model",
    "front_part",
    "logits",
    "recognizer_on_backbone",
    "require_recognizer",
]

Floats = NDArray[np.float32]


def build_recognizer(frontend: Frontend, alphabet: Alphabet, network: str = "rnn") -> keras.Model:
    """Build an untrained speech recognizer: samples in, logits of symbols out, everything else inside.

    The model takes `[samples, lengths]`, as that of `build`, and returns the logits, float32
    `(batch, frames, classes)`, and the number of valid frames of each clip, int32 `(batch,)`. Class 0 is the
    blank. Silence is not trimmed, so that frames keep their times.

    Args:
        frontend: Definition of the features.
        alphabet: The symbols.
        network: Name of a network, such as "rnn", "conv", "conformer" or, for sound that arrives, "stream".

    Returns:
        A Keras model with the inputs "samples" and "lengths"; not compiled.

    Raises:
        SonogramError: There is no such network, or it streams and the front end needs the whole clip.

    Example:
        >>> alphabet = sg.decoding.Alphabet(("no", "yes"), "words")
        >>> model = build_recognizer(sg.Frontend(8000, 200, 80), alphabet)
        >>> [found.shape for found in logits(model, [np.zeros(8000), np.zeros(4000)])]
        [(25, 3), (12, 3)]

    See Also:
        `sonogram.train`, which also trains it; `logits`; `sonogram.decoding`, for text from logits.
    """
    require_definition(frontend)
    (name,) = network_names(network) if "+" not in network else (None,)
    if name is None:
        raise SonogramError(f"a speech recognizer has one network; got {network!r}. Use one of its parts")
    body = NETWORKS[name]
    front = front_part(frontend, streaming=body.context is not None)
    sequence = SequenceLogits(alphabet, body.stride, body.context, name="sequence")
    return frame_model(front, body, alphabet.num_classes, sequence, name)


def recognizer_on_backbone(
    alphabet: Alphabet, weights: Sequence[NDArray[np.float32]] | None = None
) -> keras.Model:
    """Build an untrained speech recognizer on the frozen speech embedding; see `build_recognizer`.

    Args:
        alphabet: The symbols. A frame of logits stands for 80 ms, which suits words rather than letters.
        weights: Weights of the backbone; None reads them from the installed distribution.

    Raises:
        SonogramError: The weights are not installed.
    """
    front = front_part(SPEECH_FRONTEND, embedding_frames(weights))
    body = embeddings.BODY
    sequence = SequenceLogits(alphabet, embeddings.STRIDE, body.context, name="sequence")
    return frame_model(front, body, alphabet.num_classes, sequence, "speech-embedding")


def front_part(frontend: Frontend, frozen: keras.Model | None = None, streaming: bool = False) -> keras.Model:
    """Return the part of a recognizer that is not trained: `[samples, lengths]` in, frames and mask out.

    Args:
        frontend: Definition of the features.
        frozen: Network that makes the frames from the features, such as `embedding_frames`; None scales the
            features.
        streaming: Whether neither the level of the clip nor its mean may enter. The features are those of
            the front end then.
    """
    if frozen is None and not streaming:
        return front_model(frontend, "band", trim_db=None)
    if streaming:
        require_possible(frontend, "stream")
    samples, lengths = sample_inputs()
    pad = frontend.frame_length + frontend.frame_step * frontend.stack_size
    prepared = TrimAndNormalize(frontend.sample_rate, None, not streaming, pad=pad)([samples, lengths])
    features = list(SplitMask()(Spectrogram(frontend)(list(prepared))))
    return keras.Model([samples, lengths], features if frozen is None else frozen(features))


def frame_model(
    front: keras.Model, body: Body, num_values: int, last: SequenceLogits | FrameScores, name: str
) -> keras.Model:
    """Return a model with an output for each frame; its last network is the one to train.

    Args:
        front: Part that is not trained; see `front_part`.
        body: The network without its head.
        num_values: Number of logits of a frame.
        last: The last layer, which takes the logits and their mask.
        name: Name of the model.
    """
    inputs = feature_inputs(front.outputs[0].shape[-1])
    frames, mask = body.function(*inputs, DROPOUT)
    outputs = [frame_logits(frames, mask, num_values, DROPOUT), mask]
    network = keras.Model(inputs, outputs, name=f"{name}_0")
    return keras.Model(front.inputs, list(last(network(front.outputs))), name=name)


def logits(model: keras.Model, clips: Sequence[Any], batch_size: int = 32) -> list[Floats]:
    """Return the logits of clips of any lengths by a speech recognizer.

    Those of a network that streams are computed as in a stream, and have its bits.

    Args:
        model: A model from `build_recognizer` or, on texts, `sonogram.train`.
        clips: Samples of each clip, `(samples,)`, at the model's sample rate.
        batch_size: Number of clips computed together, unless the network streams.

    Returns:
        Logits of the valid frames of each clip, float32 `(frames, classes)`.

    Raises:
        SonogramError: The model is no speech recognizer, or a clip has more than one axis.

    See Also:
        `sonogram.decoding.greedy`, which reads the text from them.
    """
    require_recognizer(model)
    require_mono(clips)
    if describe(model).context is not None:
        return [_streamed(model, clip) for clip in clips]
    found: list[Any] = [None] * len(clips)
    for chosen in batches_by_length(clips, batch_size):
        batch = pad_batch([clips[index] for index in chosen])
        values, frames = (np.asarray(each) for each in traced_model(model)(*batch))
        for index, row, count in zip(chosen, values, frames, strict=True):
            found[index] = row[:count]
    return found


def _streamed(model: keras.Model, clip: Any) -> Floats:
    stream = LogitStream(model)
    return np.concatenate([stream.push(clip), stream.finish()])


def require_recognizer(model: keras.Model) -> Alphabet:
    """Return the alphabet of a speech recognizer.

    Raises:
        SonogramError: The model is a classifier.
    """
    alphabet = describe(model).alphabet
    if alphabet is None:
        raise SonogramError(
            f"the model {model.name!r} gives labels, not text. Use sonogram.predict, or train on a manifest "
            "with the columns path and text"
        )
    return alphabet
