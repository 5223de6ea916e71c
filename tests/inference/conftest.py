"""A model whose answers are known, and a network as training makes it."""

from __future__ import annotations

import keras
import pytest
from tone_model import tone_model

import sonogram as sg


@pytest.fixture(scope="session")
def model() -> keras.Model:
    """Takes clips of any length; its window is half a second."""
    return tone_model()


@pytest.fixture(scope="session")
def network() -> keras.Model:
    """A network with everything in it, as training makes it."""
    keras.utils.set_random_seed(7)
    built = sg.models.build(sg.preset("kaldi-fbank-23"), ["a", "b", "c"], seconds=0.4)
    head = next(layer for layer in built._flatten_layers() if layer.name == "logits")
    kernel, bias = head.get_weights()
    head.set_weights([20 * kernel, bias])  # so that sounds differ in their scores
    return built
