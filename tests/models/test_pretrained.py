"""What a linear head on a published network takes besides its embedding."""

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from sonogram.errors import SonogramError
from sonogram.models import musicnn
from sonogram.models.pretrained import _summary


def test_the_summary_of_a_short_sound_holds_what_it_states() -> None:
    rng = np.random.default_rng(0)
    features, valid = rng.uniform(-60, 0, (2, 19, 3)).astype("float32"), np.ones((2, 19), "float32")
    features[1, 5] = -200.0  # below the range of the clip
    valid[1, 16:] = 0
    features[1, 16:] = 50.0  # above all valid values
    found = np.asarray(_summary(features, valid))
    assert found.shape == (2, 11 * 3 + 1)
    clip = features[1, :16].astype(np.float64)
    clip = np.maximum(clip, clip.max() - 80)
    parts = clip.reshape(8, 2, 3).mean(axis=1)
    want = [parts.ravel(), clip.std(axis=0), clip.max(axis=0), clip[:3].mean(axis=0), [np.log(16)]]
    np.testing.assert_allclose(found[1], np.concatenate(want), rtol=1e-5)


def test_a_checkpoint_of_another_network_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.data-00000-of-00001"
    with pytest.raises(SonogramError, match="no variables of a checkpoint"):
        musicnn.read_weights(path)
    names, values = ["conv2d_5/kernel"], [np.zeros((3, 3), np.float32)]
    tf.raw_ops.SaveV2(
        prefix=str(tmp_path / "other"), tensor_names=names, shape_and_slices=[""], tensors=values
    )
    with pytest.raises(SonogramError, match="has no variables of MusiCNN"):
        musicnn.read_weights(path)
