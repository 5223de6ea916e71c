"""Embeddings of a backbone as the frames of a speech recognizer, or of an event detector."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from sonogram.backbones import card
from sonogram.errors import SonogramError
from sonogram.layers import (
    MaskedBatchNormalization,
    MaskedTimePooling,
    MaskFrames,
    ValidFrames,
)
from sonogram.models import blocks, speech_embedding
from sonogram.models.bodies import Body
from sonogram.models.inputs import feature_inputs
from sonogram.models.pretrained import SPEECH_FRONTEND

__all__ = [
    "BODY",
    "EVENT_BODY",
    "EVENT_STRIDE",
    "STRIDE",
    "embedding_frames",
    "event_frames",
    "require_frames",
]

STRIDE = speech_embedding.STEP
"""Frames of features for each embedding: 80 ms."""
EVENT_STRIDE = STRIDE // 2
"""Frames of features for each frame of events, 40 ms: as many as without a backbone."""
_BEFORE = (speech_embedding.FRAMES - STRIDE) // 2
_AFTER = speech_embedding.FRAMES - 1 - _BEFORE
"""Frames of silence to add, so that each embedding is centered on the frames that it stands for, the last
one too."""
_WIDTH, _UNITS = 96, 64
"""Filters of the convolution, and units of the recurrent layer in each direction."""
_MEAN_OF_ALL = 20.0
"""Number of frames that the mean of all utterances counts in the mean of each."""
_VALUES_DROPPED = _CHANNELS_DROPPED = 0.3
"""Shares of the values, and of the channels of an utterance, that are 0 in training."""


def require_frames(backbone: str) -> None:
    """Raise a `SonogramError` if a backbone has no embeddings that suit texts and events."""
    if card(backbone).name != "speech-embedding":
        raise SonogramError(
            f"the backbone {backbone} does not distinguish words. Use speech-embedding for texts and for "
            "events of speech, or leave it out"
        )


def embedding_frames(weights: Sequence[NDArray[np.float32]] | None = None) -> keras.Model:
    """Return the speech embedding as a model: features and their mask in, embeddings and their mask out.

    There is an embedding for each 8 frames, of the 76 frames around them. Before and after a clip there is
    silence, so neither the length of the padding nor what it contains has an effect.

    Args:
        weights: Weights of the network; None reads them from the installed distribution.

    Returns:
        A frozen model of `(batch, frames, 32)` and `(batch, frames)`; its outputs are
        `(batch, ceil(frames / 8), 96)`, 0 in the padding, and `(batch, ceil(frames / 8))`.

    Raises:
        SonogramError: The weights are not installed.
    """
    network = speech_embedding.network()
    found = speech_embedding.read_weights(card("speech-embedding").path()) if weights is None else weights
    network.set_weights(list(found))
    features, valid = feature_inputs(SPEECH_FRONTEND.num_bands)
    silence = _silence()
    x = _silent_padding(features, valid)
    x = keras.ops.pad(x, ((0, 0), (_BEFORE, _AFTER), (0, 0)), constant_values=silence)
    mask = ValidFrames(STRIDE)(valid)
    model = keras.Model([features, valid], [MaskFrames()([network(x), mask]), mask], name="embeddings")
    model.trainable = False
    return model


def event_frames(weights: Sequence[NDArray[np.float32]] | None = None) -> keras.Model:
    """Return the speech embedding next to its features as a model: features and mask in, frames and mask out.

    An embedding of 0.775 s states what is spoken, and the features around each frame when it starts and ends.

    Args:
        weights: Weights of the network; None reads them from the installed distribution.

    Returns:
        A frozen model of `(batch, frames, 32)` and `(batch, frames)`; its outputs are
        `(batch, 2 * ceil(frames / 8), 128)`, 0 in the padding, and `(batch, 2 * ceil(frames / 8))`.

    Raises:
        SonogramError: The weights are not installed.
    """
    features, valid = feature_inputs(SPEECH_FRONTEND.num_bands)
    embeddings, _ = embedding_frames(weights)([features, valid])
    x = keras.ops.concatenate(
        [keras.ops.repeat(embeddings, 2, axis=1), _halves(_silent_padding(features, valid), _silence())],
        axis=-1,
    )
    mask = keras.ops.cast(_halves(keras.ops.expand_dims(valid, -1), 0.0)[:, :, 0] > 0, "float32")
    model = keras.Model([features, valid], [MaskFrames()([x, mask]), mask], name="embeddings")
    model.trainable = False
    return model


def _halves(x: Any, fill: float) -> Any:
    """Return the means of four frames, two for each embedding; after the end there is `fill`."""
    both = []
    for first in (0, EVENT_STRIDE):
        end = first + EVENT_STRIDE - 1
        padded = keras.ops.pad(x, ((0, 0), (0, end), (0, 0)), constant_values=fill)[:, first:]
        both.append(keras.layers.AveragePooling1D(EVENT_STRIDE, STRIDE)(padded))
    return keras.layers.Reshape((-1, x.shape[-1]))(keras.ops.stack(both, axis=2))


def _silence() -> float:
    """Return the value of all features in silence."""
    return float(SPEECH_FRONTEND(np.zeros(SPEECH_FRONTEND.frame_length), "numpy")[0, 0])


def _silent_padding(features: Any, valid: Any) -> Any:
    """Return the features with silence in the padding."""
    inside = keras.ops.expand_dims(valid, -1)
    return features * inside + _silence() * (1.0 - inside)


def _of_words(frames: Any, valid: Any, dropout: float) -> tuple[Any, Any]:
    """Return the frames of a convolution over three embeddings, then a bidirectional GRU.

    The mean of many words says more about the voice and the microphone than about the words, so it is
    subtracted; that of one word is the word. So the mean is weighted: it is the most likely one, if the means
    of voices vary by 1/20 of the variance of the frames around them. Single values are dropped, and channels
    in all frames of an utterance: no channel by which the voices of the training differ decides alone.
    """
    x = MaskedBatchNormalization(center=False, scale=False, name="unit")([frames, valid])
    count = keras.ops.sum(valid, axis=-1)[:, None, None]
    mean = MaskedTimePooling(1)([x, valid]) * (count / (count + _MEAN_OF_ALL))
    x = MaskedBatchNormalization(name="scale")([blocks.mask_frames(x - mean, valid), valid])
    x = keras.layers.Dropout(_VALUES_DROPPED)(keras.layers.SpatialDropout1D(_CHANNELS_DROPPED)(x))
    return _recurrent(x, valid, dropout)


def _of_events(frames: Any, valid: Any, dropout: float) -> tuple[Any, Any]:
    """Return the frames of a convolution over five frames of events, then a bidirectional GRU."""
    return _recurrent(MaskedBatchNormalization(name="scale")([frames, valid]), valid, dropout, size=5)


def _recurrent(x: Any, valid: Any, dropout: float, size: int = 3) -> tuple[Any, Any]:
    layer = keras.layers.Conv1D(_WIDTH, size, padding="same", use_bias=False)
    x = keras.layers.Dropout(dropout)(blocks.conv_norm(x, valid, layer))
    return blocks.bidirectional(x, valid, _UNITS), valid


BODY = Body(_of_words)
"""The network on the embeddings: they are of words already, so it is small."""
EVENT_BODY = Body(_of_events)
"""The same on the frames of events, half as long."""
