"""From a front end and labels to a model: waveform in, probabilities out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras

from sonogram.errors import SonogramError
from sonogram.frontend import Frontend
from sonogram.layers import FeatureScaling, Scores, Spectrogram, TrimAndNormalize
from sonogram.models.cnn import cnn
from sonogram.models.crnn import crnn
from sonogram.models.frozen import Trunk
from sonogram.models.resnet import resnet
from sonogram.models.separable import separable
from sonogram.models.transformer import transformer

__all__ = ["NETWORKS", "About", "about", "build", "front", "network_names", "networks"]

Network = Callable[[Any, Any, int, float], Any]
NETWORKS: dict[str, Network] = {
    "cnn": cnn,
    "crnn": crnn,
    "separable": separable,
    "resnet": resnet,
    "transformer": transformer,
}
"""The networks by name."""
DROPOUT = 0.3
"""Share of the values before the head that are left out in training."""


@dataclass(frozen=True)
class About:
    """What a model is, read from the model itself."""

    labels: tuple[str, ...]
    """The label of each output."""
    multi_label: bool
    """Whether a clip may have several labels: the probabilities do not sum to 1 then."""
    frontend: Frontend | None
    """The definition of the features that the network sees; None where it takes the samples themselves."""
    sample_rate: float
    """Of the samples that the model takes, hertz."""
    seconds: float | None
    """How long the clips are that it learned from: the window for long recordings; None: not known."""
    trim: float | None
    """Silence at the ends that the model trims itself, dB below the loudest; None: it does not."""
    level: bool
    """Whether the model divides each clip by its peak itself."""
    any_length: bool
    """Whether it hears all of a clip, however long: neither its input nor a trunk has a fixed length."""
    network: str
    """The name of the network, several joined by "+", or the name of the model where it has none of ours."""
    training: Mapping[str, Any] | None
    """How it was trained, plain data; None: not known."""


def build(
    frontend: Frontend,
    labels: Sequence[str],
    network: str = "cnn",
    *,
    multi_label: bool = False,
    seconds: float | None = None,
    center: str = "clip",
) -> keras.Model:
    """Build a model that is ready to be trained: samples in, probabilities out, all else inside.

    Inside are, in this order, `layers.TrimAndNormalize` (silence at the ends goes, the level becomes equal),
    `layers.Spectrogram` (the front end), `layers.FeatureScaling` (one range for features of any unit),
    the network, and `layers.Scores`, which holds the labels. So a saved model is whole: `about` reads
    from it what a program must know, and clips need nothing but their sample rate.

    The model takes the list `[samples, lengths]`: float32 `(batch, samples)`, padded with anything, and
    the valid samples of each clip, int32 `(batch,)`. It gives float32 `(batch, labels)`. A clip's result
    depends neither on its padding nor on its neighbors. `scores` makes batches of clips.

    Args:
        frontend: The definition of the features.
        labels: What there is to tell apart, in the order of the outputs.
        network: One of "cnn", "crnn", "separable", "resnet", "transformer"; or several that see the same
            features, such as "cnn+crnn": their probabilities are averaged.
        multi_label: Whether a clip may have several labels, or none.
        seconds: How long the clips are that it will learn from; kept for the reading of long recordings.
        center: What gets mean 0, the "clip" or each "band" of it; see `layers.FeatureScaling`.

    Returns:
        A Keras model with the inputs "samples" and "lengths"; not compiled.

    Raises:
        SonogramError: There is no such network, or the labels cannot be meant.

    Example:
        >>> model = build(sg.Frontend(16000, 400, 160), ["cat", "dog"])
        >>> clips = [np.zeros((1, 16000), "float32"), np.array([16000])]
        >>> tuple(model(clips).shape)
        (1, 2)
    """
    names = network_names(network)
    samples, lengths, features, valid = front(frontend, center)
    logits = [
        _network(name, index, frontend.num_bands, len(labels))([features, valid])
        for index, name in enumerate(names)
    ]
    scores = Scores(labels, multi_label, seconds, name="scores")
    probabilities = scores(logits if len(names) > 1 else logits[0])
    return keras.Model([samples, lengths], probabilities, name="_".join(names))


def network_names(network: str) -> tuple[str, ...]:
    """Return the names in one such as "cnn+crnn".

    Raises:
        SonogramError: There is no such network.
    """
    names = tuple(network.split("+"))
    if not set(names) <= set(NETWORKS):
        raise SonogramError(
            f"network must be one of {', '.join(NETWORKS)}, or several joined by +; got {network!r}"
        )
    return names


def networks(model: keras.Model) -> tuple[keras.Model, ...]:
    """Return the networks of a model that `build` made: features and valid frames in, logits out."""
    return tuple(layer for layer in model.layers if isinstance(layer, keras.Model))


def front(frontend: Frontend, center: str = "clip") -> tuple[Any, Any, Any, Any]:
    """Return the inputs, samples and lengths, and what networks take: features and valid frames."""
    samples = keras.Input((None,), name="samples")
    lengths = keras.Input((), dtype="int32", name="lengths")
    room = frontend.frame_length + frontend.frame_step * (frontend.stack.size if frontend.stack else 1)
    prepared = TrimAndNormalize(frontend.sample_rate, pad=room)([samples, lengths])
    features, valid = FeatureScaling(frontend, center=center)(Spectrogram(frontend)(list(prepared)))
    return samples, lengths, features, valid


def _network(name: str, index: int, num_bands: int, num_labels: int) -> keras.Model:
    """Return a network of its own, named, so that several can stand in one model."""
    features = keras.Input((None, num_bands), name="features")
    valid = keras.Input((None,), name="valid")
    logits = NETWORKS[name](features, valid, num_labels, DROPOUT)
    return keras.Model([features, valid], logits, name=f"{name}_{index}")


def about(model: keras.Model) -> About:
    """Return what a model is: its labels, its front end, how it prepares clips.

    Args:
        model: One that `build` or `sonogram train` made, or any with the layer `Scores` at its end and
            `Spectrogram` or `TrimAndNormalize` at its beginning.

    Raises:
        SonogramError: It has no such layers.

    Example:
        >>> about(build(sg.Frontend(16000, 400, 160), ["cat", "dog"])).labels
        ('cat', 'dog')
    """
    layers = list(model._flatten_layers(include_self=False, recursive=True))
    spectrogram = next((layer for layer in layers if isinstance(layer, Spectrogram)), None)
    scores = next((layer for layer in layers if isinstance(layer, Scores)), None)
    preparation = next((layer for layer in layers if isinstance(layer, TrimAndNormalize)), None)
    first = spectrogram or preparation
    inputs = list(getattr(model, "inputs", None) or ())
    cut = any(layer.cuts for layer in layers if isinstance(layer, Trunk))
    if first is None or scores is None:
        absent = "Spectrogram" if first is None else "Scores"
        raise SonogramError(
            f"the model {model.name!r} has no sonogram.layers.{absent}, so what it takes and gives is not "
            "known: build it with sonogram.models.build, or end it with sonogram.layers.Scores(labels)"
        )
    names = (network.name.rpartition("_")[0] for network in networks(model))
    return About(
        labels=scores.labels,
        multi_label=scores.multi_label,
        frontend=None if spectrogram is None else spectrogram.frontend,
        sample_rate=first.frontend.sample_rate if isinstance(first, Spectrogram) else first.sample_rate,
        seconds=scores.seconds,
        trim=None if preparation is None else preparation.trim_db,
        level=preparation is not None and preparation.peak_normalize,
        any_length=len(inputs) > 0 and inputs[0].shape[1] is None and not cut,
        network="+".join(name for name in names if name in NETWORKS) or model.name,
        training=scores.training,
    )
