"""Classifiers that average the probabilities of networks and of linear heads on a backbone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from sonogram.backbones import card, split_name
from sonogram.frontend import Frontend
from sonogram.layers import Scores
from sonogram.models.build import BACKBONE, build
from sonogram.models.pretrained import head_logits, model_name, vector_model, zero_heads

__all__ = ["average", "untrained_average"]


def average(
    model: keras.Model,
    vectors: keras.Model,
    heads: Mapping[str, Sequence[NDArray[np.floating]]],
    backbone: str,
    share: float,
) -> keras.Model:
    """Build a classifier that averages the probabilities of a trained one and of heads on a backbone.

    Args:
        model: A model from `build`.
        vectors: Result of `vector_model` at the sample rate of the model.
        heads: Coefficients `(values, labels)` and constants `(labels,)` of each head, by its name.
        backbone: Name of the backbone.
        share: Weight of the backbone, from 0 to 1.

    Returns:
        A Keras model with the inputs "samples" and "lengths", and the networks of `model`.
    """
    last = model.get_layer("scores")
    own = last.input if isinstance(last.input, list) else [last.input]
    # A model of its own keeps the front end of the backbone apart.
    frozen = keras.Model(vectors.inputs, vectors.output, name=BACKBONE)
    frozen.trainable = False
    others = head_logits(frozen(model.inputs), heads, backbone)
    shares = [(1 - share) / len(own)] * len(own) + [share / len(others)] * len(others)
    scores = Scores(last.labels, last.multi_label, last.seconds, last.training, shares, name="scores")
    return keras.Model(model.inputs, scores([*own, *others]), name=model_name(f"{backbone}_{model.name}"))


def untrained_average(frontend: Frontend, labels: Sequence[str], name: str) -> Any:
    """Build such a classifier without training, to try an export.

    Args:
        frontend: Front end of the networks.
        labels: Labels of the outputs.
        name: Name of backbone and networks, such as "yamnet+cnn".
    """
    backbone, networks = split_name(name)
    found = card(backbone)
    vectors = vector_model(found, factor=round(frontend.sample_rate / found.sample_rate))
    heads = zero_heads(vectors, backbone, len(labels))
    return average(build(frontend, labels, networks or "cnn"), vectors, heads, backbone, 0.5)
