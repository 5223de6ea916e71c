"""Embeddings of a backbone as the frames of a speech recognizer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from sonogram.backbones import card
from sonogram.errors import SonogramError
from sonogram.layers import MaskedBatchNormalization, MaskedGRU, MaskFrames, ValidFrames
from sonogram.models import blocks, speech_embedding
from sonogram.models.bodies import Body
from sonogram.models.pretrained import SPEECH_FRONTEND

__all__ = ["BODY", "STRIDE", "embedding_frames", "require_frames"]

STRIDE = speech_embedding.STEP
"""Frames of features for each embedding: 80 ms."""
_BEFORE = (speech_embedding.FRAMES - STRIDE) // 2
_AFTER = speech_embedding.FRAMES - 1 - _BEFORE
"""Frames of silence to add, so that each embedding is centered on the frames that it stands for, the last
one too."""
_WIDTH, _UNITS = 96, 64
"""Filters of the convolution, and units of the recurrent layer in each direction."""


def require_frames(backbone: str) -> None:
    """Raise a `SonogramError` if a backbone has no embeddings that suit speech recognition."""
    if card(backbone).name != "speech-embedding":
        raise SonogramError(
            f"the backbone {backbone} does not distinguish words. Use speech-embedding for texts"
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
    features = keras.Input((None, SPEECH_FRONTEND.num_bands), name="features")
    valid = keras.Input((None,), name="valid")
    silence = float(SPEECH_FRONTEND(np.zeros(SPEECH_FRONTEND.frame_length), "numpy")[0, 0])
    inside = keras.ops.expand_dims(valid, -1)
    x = features * inside + silence * (1.0 - inside)
    x = keras.ops.pad(x, ((0, 0), (_BEFORE, _AFTER), (0, 0)), constant_values=silence)
    mask = ValidFrames(STRIDE)(valid)
    model = keras.Model([features, valid], [MaskFrames()([network(x), mask]), mask], name="embeddings")
    model.trainable = False
    return model


def _recurrent(frames: Any, valid: Any, dropout: float) -> tuple[Any, Any]:
    """Return the frames of a convolution over three embeddings, then a bidirectional GRU."""
    x = MaskedBatchNormalization(name="scale")([frames, valid])
    layer = keras.layers.Conv1D(_WIDTH, 3, padding="same", use_bias=False)
    x = keras.layers.Dropout(dropout)(blocks.conv_norm(x, valid, layer))
    both = [MaskedGRU(_UNITS, backward=backward)([x, valid]) for backward in (False, True)]
    return keras.layers.Concatenate()(both), valid


BODY = Body(_recurrent)
"""The network on the embeddings: they are of words already, so it is small."""
