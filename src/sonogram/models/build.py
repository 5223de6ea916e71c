"""Models with the front end inside: built from a front end and labels, and described."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras

from sonogram.decoding import Alphabet
from sonogram.definition import require_definition
from sonogram.errors import SonogramError
from sonogram.frontend import Frontend
from sonogram.layers import (
    EventRule,
    FeatureScaling,
    FrameScores,
    Scores,
    SequenceLogits,
    Spectrogram,
    TrimAndNormalize,
)
from sonogram.models.backbone import Backbone
from sonogram.models.bodies import NETWORKS, network_names
from sonogram.models.heads import clip_logits
from sonogram.models.inputs import feature_inputs, sample_inputs

__all__ = ["ModelInfo", "build", "describe", "front_layers", "front_model", "networks"]

DROPOUT = 0.3
"""Dropout rate before the head."""
BACKBONE = "backbone"
"""Name of a frozen published network with its own front end, inside a model of other networks."""
_OUTPUTS = (Scores, SequenceLogits, FrameScores)
"""The last layers of classifiers, speech recognizers and event detectors."""


@dataclass(frozen=True)
class ModelInfo:
    """Properties of a model, read from its layers. See `describe`."""

    labels: tuple[str, ...]
    """Label of each output."""
    multi_label: bool
    """Whether a clip may have several labels: the probabilities do not sum to 1 then."""
    frontend: Frontend | None
    """Definition of the features inside the model; None for models that take the samples themselves."""
    sample_rate: float
    """Sample rate of the input, Hz."""
    seconds: float | None
    """Length of the training clips, seconds: the window for long recordings. None if unknown."""
    center: str | None
    """Mean that is subtracted from the features, of the "clip" or each "band"; None without features."""
    trim_db: float | None
    """Level below the loudest block at which the model trims silence, dB; None: it does not trim."""
    peak_normalize: bool
    """Whether the model divides each clip by its peak."""
    any_length: bool
    """Whether clips of any length are processed whole: no input or backbone has a fixed length."""
    network: str
    """Names of the networks, joined by "+"; the name of the model if it has none of this package."""
    training: Mapping[str, Any] | None
    """Training plan as plain data, see `training.TrainingPlan`; None if unknown."""
    alphabet: Alphabet | None = None
    """Symbols of a speech recognizer, which has no labels; None for a classifier."""
    stride: int | None = None
    """Frames of features for each frame of the output of a speech recognizer or an event detector; None for a
    classifier."""
    context: tuple[int, int] | None = None
    """Numbers of frames of features before and after those of a frame of logits that it depends on, of a
    speech recognizer that can be streamed; None for others."""
    event_rule: EventRule | None = None
    """How events follow from the scores of an event detector; None for other models."""


def build(
    frontend: Frontend,
    labels: Sequence[str],
    network: str = "cnn",
    *,
    multi_label: bool = False,
    seconds: float | None = None,
    center: str = "clip",
) -> keras.Model:
    """Build an untrained model: samples in, probabilities out, everything else inside.

    Its layers are, in this order: `layers.TrimAndNormalize` (trims silence, normalizes the peak),
    `layers.Spectrogram` (the front end), `layers.FeatureScaling` (one range for features of any unit), the
    network, and `layers.Scores`, which stores the labels. So a saved model is complete: `describe` reads
    from it what a program needs to know, and clips need only the right sample rate.

    The model takes the list `[samples, lengths]`: float32 `(batch, samples)`, with any padding, and the
    number of valid samples of each clip, int32 `(batch,)`. It returns float32 `(batch, labels)`. A clip's
    result depends neither on its padding nor on other clips.

    Args:
        frontend: Definition of the features.
        labels: Labels to classify, in the order of the outputs.
        network: One of "cnn", "crnn", "separable", "resnet", "transformer"; or an ensemble such as
            "cnn+crnn", whose probabilities are averaged.
        multi_label: Whether a clip may have several labels, or none.
        seconds: Length of the clips that it will be trained on; stored as the window for long recordings.
        center: Mean to subtract from the features, of the whole "clip" or of each "band"; see
            `layers.FeatureScaling`.

    Returns:
        A Keras model with the inputs "samples" and "lengths"; not compiled.

    Raises:
        SonogramError: There is no such network, or the labels are invalid.

    Example:
        >>> model = build(sg.Frontend(16000, 400, 160), ["cat", "dog"])
        >>> clips = [np.zeros((1, 16000), "float32"), np.array([16000])]
        >>> tuple(model(clips).shape)
        (1, 2)

    See Also:
        `sonogram.train`, which also trains it; `scores`, which makes batches of clips.
    """
    require_definition(frontend)
    names = network_names(network)
    samples, lengths, features, valid = front_layers(frontend, center)
    logits = [
        _network(name, index, frontend.num_bands, len(labels))([features, valid])
        for index, name in enumerate(names)
    ]
    scores = Scores(labels, multi_label, seconds, name="scores")
    probabilities = scores(logits if len(names) > 1 else logits[0])
    return keras.Model([samples, lengths], probabilities, name="_".join(names))


def networks(model: keras.Model) -> tuple[keras.Model, ...]:
    """Return the networks of a model that `build` made: features and mask in, logits out.

    Args:
        model: Result of `build`.

    Example:
        >>> model = build(sg.Frontend(16000, 400, 160), ["cat", "dog"], "cnn+crnn")
        >>> [network.name for network in networks(model)]
        ['cnn_0', 'crnn_1']
    """
    return tuple(layer for layer in model.layers if isinstance(layer, keras.Model) and layer.name != BACKBONE)


def front_model(frontend: Frontend, center: str = "clip", trim_db: float | None = 40.0) -> keras.Model:
    """Return the front end of a model from `build`: `[samples, lengths]` in, `[features, mask]` out."""
    samples, lengths, features, valid = front_layers(frontend, center, trim_db)
    return keras.Model([samples, lengths], [features, valid])


def front_layers(frontend: Frontend, center: str, trim_db: float | None = 40.0) -> tuple[Any, Any, Any, Any]:
    """Return the inputs, samples and lengths, and the input of the networks, features and mask."""
    samples, lengths = sample_inputs()
    pad = frontend.frame_length + frontend.frame_step * frontend.stack_size
    prepared = TrimAndNormalize(frontend.sample_rate, trim_db, pad=pad)([samples, lengths])
    features, valid = FeatureScaling(frontend, center=center)(Spectrogram(frontend)(list(prepared)))
    return samples, lengths, features, valid


def _network(name: str, index: int, num_bands: int, num_labels: int) -> keras.Model:
    """Return a network as a model of its own, with a name that is unique in an ensemble."""
    features, valid = feature_inputs(num_bands)
    body = NETWORKS[name]
    logits = clip_logits(*body.function(features, valid, DROPOUT), num_labels, body.parts, DROPOUT)
    return keras.Model([features, valid], logits, name=f"{name}_{index}")


def _all_layers(model: keras.Model) -> list[Any]:
    """Return the layers at any depth, those of a backbone next to other networks last."""
    if not any(layer.name == BACKBONE for layer in model.layers):
        return list(model._flatten_layers(include_self=False, recursive=True))
    parts = sorted(model.layers, key=lambda layer: layer.name == BACKBONE)
    return [each for part in parts for each in part._flatten_layers(include_self=True, recursive=True)]


def describe(model: keras.Model) -> ModelInfo:
    """Return the labels, the front end and the other properties of a model.

    Args:
        model: A model from `build` or `sonogram.train`, or any with the layer `Scores` at its end and
            `Spectrogram` or `TrimAndNormalize` at its beginning.

    Raises:
        SonogramError: The model has no such layers.

    Example:
        >>> describe(build(sg.Frontend(16000, 400, 160), ["cat", "dog"])).labels
        ('cat', 'dog')

    See Also:
        `sonogram.load_model`.
    """
    if not isinstance(model, keras.Model):
        remedy = (
            f"Use sonogram.load_model({model!r})"
            if isinstance(model, str)
            else "Load it with sonogram.load_model"
        )
        raise SonogramError(f"the model must be a Keras model; got {model!r}. {remedy}")
    layers = _all_layers(model)
    spectrogram = next((layer for layer in layers if isinstance(layer, Spectrogram)), None)
    scaling = next((layer for layer in layers if isinstance(layer, FeatureScaling)), None)
    scores = next((layer for layer in layers if isinstance(layer, _OUTPUTS)), None)
    preparation = next((layer for layer in layers if isinstance(layer, TrimAndNormalize)), None)
    first = spectrogram or preparation
    inputs = list(getattr(model, "inputs", None) or ())
    crops = any(layer.crops for layer in layers if isinstance(layer, Backbone))
    if first is None or scores is None:
        absent = "Spectrogram" if first is None else "Scores"
        raise SonogramError(
            f"the model {model.name!r} has no sonogram.layers.{absent}, so its input or labels are unknown. "
            "Build it with sonogram.models.build, or end it with sonogram.layers.Scores(labels)"
        )
    computed = None if spectrogram is None else spectrogram.frontend
    names = (network.name.rpartition("_")[0] for network in networks(model))
    return ModelInfo(
        labels=getattr(scores, "labels", ()),
        multi_label=isinstance(scores, FrameScores) or getattr(scores, "multi_label", False),
        frontend=computed if isinstance(computed, Frontend) else None,
        sample_rate=first.frontend.sample_rate if isinstance(first, Spectrogram) else first.sample_rate,
        seconds=getattr(scores, "seconds", None),
        center=None if scaling is None else scaling.center,
        trim_db=None if preparation is None else preparation.trim_db,
        peak_normalize=preparation is not None and preparation.peak_normalize,
        any_length=len(inputs) > 0 and inputs[0].shape[1] is None and not crops,
        network="+".join(name for name in names if name in NETWORKS) or model.name,
        training=_untracked(scores.training),
        alphabet=getattr(scores, "alphabet", None),
        stride=getattr(scores, "stride", None),
        context=getattr(scores, "context", None),
        event_rule=getattr(scores, "rule", None),
    )


def _untracked(value: Any) -> Any:
    """Return plain data without the containers in which Keras wraps it, which cannot be pickled."""
    if isinstance(value, Mapping):
        return {key: _untracked(each) for key, each in value.items()}
    return [_untracked(each) for each in value] if isinstance(value, (list, tuple)) else value
