"""Networks and heads on a backbone, averaged."""

import keras
import numpy as np
import pytest

import sonogram as sg
from sonogram.models import build
from sonogram.models.average import average

FRONTEND = sg.Frontend(8000, 200, 80, bands=sg.bands.Mel(12, 50, 4000), scaling=sg.scaling.Log(floor=1e-6))
LABELS = ["high", "low"]


def level_of_clips() -> keras.Model:
    """A backbone whose vectors are the mean of the squares of a clip."""
    samples, lengths = keras.Input((None,), name="samples"), keras.Input((), dtype="int32", name="lengths")
    level = keras.ops.mean(samples**2, axis=-1, keepdims=True)
    return keras.Model([samples, lengths], {"embedding": level, "log_mel": 2 * level})


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_the_share_is_the_weight_of_all_heads_together(share: float) -> None:
    network = build(FRONTEND, LABELS, "separable")
    rng = np.random.default_rng(0)
    heads = {
        "embedding": [rng.normal(size=(1, 2)), rng.normal(size=2)],
        "embedding and log-mel": [rng.normal(size=(2, 2)), rng.normal(size=2)],
    }
    model = average(network, level_of_clips(), heads, "yamnet", share)
    clips = rng.uniform(-1, 1, (3, 4000)).astype("float32")
    level = (clips**2).mean(axis=-1, keepdims=True)
    one = keras.ops.softmax(level @ heads["embedding"][0] + heads["embedding"][1])
    both = np.concatenate([level, 2 * level], axis=-1)
    two = keras.ops.softmax(both @ heads["embedding and log-mel"][0] + heads["embedding and log-mel"][1])
    own = sg.models.scores(network, list(clips))
    want = (1 - share) * own + share * (np.asarray(one) + np.asarray(two)) / 2
    np.testing.assert_allclose(sg.models.scores(model, list(clips)), want, atol=1e-5)
