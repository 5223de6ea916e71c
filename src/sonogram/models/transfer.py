"""Transfer learning: a published or a user's own network under a head that is trained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from sonogram import backbones
from sonogram.errors import SonogramError
from sonogram.frontend import Frontend
from sonogram.layers import Scores, Spectrogram, TrimAndNormalize
from sonogram.models.backbone import Backbone, frozen_layer
from sonogram.models.inputs import sample_inputs
from sonogram.models.pretrained import vector_model
from sonogram.models.saved_model import select_output

__all__ = ["backbone", "transfer"]


def backbone(
    source: Any, *, endpoint: str = "serving_default", output: str | int | None = None
) -> Backbone | keras.Model:
    """Make a frozen layer of a trained model that computes embeddings of waveforms or features.

    Args:
        source: Name of a published network, see `sonogram.backbones`; or a SavedModel folder, a `.keras`
            file, or a Keras model or layer.
        endpoint: The signature of a SavedModel to call.
        output: Which output is the embedding, by its name, or by its number in their sorted order; of a
            Keras model also the name of a layer inside. None takes the only one. Of a published network, the
            vector: "embedding", the default; of YAMNet also "classes", the logarithms of its 521 scores, or
            "log_mel".

    Returns:
        The layer; `transfer` puts a head on top. A published network is a Keras model: the list of samples
        at its sample rate, `(batch, samples)`, and lengths, `(batch,)`, in; one embedding a clip,
        `(batch, values)`, out. Silence is trimmed and the peak is normalized inside. Set its attribute
        `trainable` to True to fine-tune it.

    Raises:
        SonogramError: The source is no such model, takes several inputs, or `output` is none of its; or the
            weights of a published network are not installed.

    Example:
        >>> import keras
        >>> layer = backbone(keras.Sequential([keras.Input((40,)), keras.layers.Dense(3)]))
        >>> tuple(layer([np.zeros((2, 16), "float32"), np.array([16, 9])]).shape)
        (2, 3)
        >>> if sg.backbones.card("yamnet").installed:
        ...     yamnet = backbone("yamnet")
        ...     outputs = keras.layers.Dense(3)(yamnet.output)  # functional models continue as from any layer
        ...     mine = keras.Model(yamnet.inputs, outputs)
        ...     assert mine([np.zeros((2, 16000), "float32"), np.array([16000, 9000])]).shape == (2, 3)

    See Also:
        `transfer`; `sonogram.train`, which chooses a head by cross-validation.
    """
    if isinstance(source, Backbone):
        return source
    if _is_published(source):
        return _published(source, output)
    return frozen_layer(source, endpoint, output)


def transfer(
    source: Any,
    labels: Sequence[str],
    *,
    sample_rate: float | None = None,
    frontend: Frontend | None = None,
    multi_label: bool = False,
    seconds: float | None = None,
    dropout: float = 0.3,
) -> keras.Model:
    """Build a model with a trainable head on a frozen backbone.

    The backbone gets the samples as they are, or the features of the front end that it was trained with.
    The head is a batch normalization, dropout and one dense layer; only it is trained.

    Args:
        source: A `Backbone`, or anything that `backbone` accepts. A published network has its own sample
            rate.
        labels: Labels to classify, in the order of the outputs.
        sample_rate: Sample rate of the backbone's input, Hz.
        frontend: Definition of the features that the backbone takes, instead of a sample rate.
        multi_label: Whether a clip may have several labels, or none.
        seconds: Length of the clips that it will be trained on; None takes the input length of a backbone
            of fixed length.
        dropout: Dropout rate of the embedding in training.

    Returns:
        A Keras model with the inputs "samples" and "lengths", as from `build`; not compiled.

    Raises:
        SonogramError: Neither or both of `sample_rate` and `frontend` are given, or the source is invalid.

    Example:
        >>> import keras
        >>> inner = keras.Sequential([keras.Input((8000,)), keras.layers.Dense(3)])
        >>> model = transfer(inner, ["cat", "dog"], sample_rate=8000)
        >>> [variable.path.split("/")[0] for variable in model.trainable_variables]
        ['embedding_scale', 'embedding_scale', 'logits', 'logits']

    See Also:
        `backbone`, `build`.
    """
    if _is_published(source):
        if sample_rate is not None or frontend is not None:
            raise SonogramError(f"{source} has its own sample rate and front end. Leave both out")
        model = backbone(source)
        outputs = _head(model.output, labels, multi_label, seconds, dropout)
        return keras.Model(model.inputs, outputs, name="transfer")
    if (sample_rate is None) == (frontend is None):
        raise SonogramError(
            "a backbone takes samples or features. Give its sample_rate in Hz, or its frontend, not both"
        )
    layer = backbone(source)
    assert isinstance(layer, Backbone)
    rate = frontend.sample_rate if frontend is not None else sample_rate
    assert rate is not None
    samples, lengths = sample_inputs()
    # The backbone was trained on unprepared clips: neither trim them nor change their level.
    pad = 0 if frontend is None else frontend.frame_length
    prepared = list(TrimAndNormalize(rate, trim_db=None, peak_normalize=False, pad=pad)([samples, lengths]))
    embedding = layer(prepared if frontend is None else Spectrogram(frontend)(prepared))
    fixed = layer.fixed_length(2 if frontend is None else 3)
    if seconds is None and fixed is not None:
        seconds = fixed * (1 if frontend is None else frontend.frame_step) / rate
    outputs = _head(embedding, labels, multi_label, seconds, dropout)
    return keras.Model([samples, lengths], outputs, name="transfer")


def _head(
    embedding: Any, labels: Sequence[str], multi_label: bool, seconds: float | None, dropout: float
) -> Any:
    """Return the scores of embeddings."""
    x = keras.layers.BatchNormalization(momentum=0.9, name="embedding_scale")(embedding)
    x = keras.layers.Dropout(dropout)(x)
    logits = keras.layers.Dense(len(labels), name="logits")(x)
    return Scores(labels, multi_label, seconds, name="scores")(logits)


def _is_published(source: Any) -> bool:
    """Return whether a source of a backbone is the name of a published network."""
    return isinstance(source, str) and source in {card.name for card in backbones.CARDS}


def _published(name: str, output: str | int | None) -> keras.Model:
    model = vector_model(backbones.card(name))
    names = sorted(model.output)
    key = select_output(names, "embedding" if output is None else output, name)
    made = keras.Model(model.inputs, model.output[key], name=name)
    made.trainable = False
    return made
