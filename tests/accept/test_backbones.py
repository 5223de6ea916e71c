"""The Keras networks of the backbones equal the originals on 100 recordings.

The packages with the weights must be installed: `sonogram backbones` prints the two commands.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray

import sonogram as sg
from sonogram.backbones import card
from sonogram.models import musicnn, speech_embedding, yamnet
from sonogram.models.pretrained import SPEECH_FRONTEND

pytestmark = pytest.mark.accept
TOLERANCE = 1e-4
"""Largest difference, relative to the largest value, where that is above 1."""


@cache
def recordings(data: Path) -> list[NDArray[np.float32]]:
    """Return 100 clips of 1 to 5 s: words, drums and everyday sounds, repeated where they are shorter."""
    paths = [
        path
        for name in ("words", "drums", "environment")
        for path in sorted((data / name).rglob("*.flac"))[::12]
    ]
    clips = [sg.load(path, 16_000, duration=5.0).samples for path in paths[:100]]
    assert len(clips) == 100
    return [np.resize(clip, max(len(clip), 16_000)) for clip in clips]


def path_of(name: str) -> Path:
    if not card(name).installed:
        pytest.skip(card(name).requirement)
    return card(name).path()


def test_the_speech_embedding_equals_the_original(shared_data: Path) -> None:
    path = path_of("speech-embedding")
    onnxruntime = pytest.importorskip("onnxruntime")
    network = speech_embedding.network()
    network.set_weights(speech_embedding.read_weights(path))
    original = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    for samples in recordings(shared_data):
        want = original.run(None, {"samples:0": samples[None]})[0][:, :, 0]
        found = np.asarray(network(SPEECH_FRONTEND(samples)[None]))
        assert found.shape == want.shape
        assert np.abs(found - want).max() <= TOLERANCE * max(1, np.abs(want).max())


def test_yamnet_equals_the_original_in_embedding_and_scores(shared_data: Path) -> None:
    path = path_of("yamnet")
    network, classes = yamnet.network(), yamnet.class_layer()
    classes.build((None, 1024))
    *convolutions, kernel, bias = yamnet.read_weights(path)
    network.set_weights(convolutions)
    classes.set_weights([kernel, bias])
    wrapped = tf.saved_model.load(str(path.parent.parent))
    original = getattr(wrapped, "layer-1").layer._func
    frontend = sg.preset("yamnet")
    errors = []
    for samples in recordings(shared_data):
        scores, embeddings, log_mel = (np.asarray(each) for each in original(samples))
        most = TOLERANCE * max(1, np.abs(embeddings).max())
        found = network(patches(log_mel))
        assert np.abs(found - embeddings).max() <= most
        assert np.abs(tf.sigmoid(classes(found)) - scores).max() <= TOLERANCE
        size = 15_600 + 7680 * max(0, -(-(len(samples) - 15_600) // 7680))
        features = frontend(np.pad(samples, (0, size - len(samples))))
        errors.append(np.abs(network(patches(features)) - embeddings).max() / most)
    # The original computes its features in float32: of bands far below others its rounding remains. On one
    # recording the embedding differs by as much from that of features computed in float64.
    assert np.sort(errors)[-2] <= 1
    assert max(errors) <= 2


def test_musicnn_equals_the_original(shared_data: Path) -> None:
    path = path_of("musicnn")
    network = musicnn.network()
    network.set_weights(musicnn.read_weights(path))
    embed = original_musicnn(path.parent)
    frontend = sg.preset("musicnn")
    for samples in recordings(shared_data):
        features = frontend(np.resize(samples, musicnn.FRAMES * frontend.frame_step))[None, : musicnn.FRAMES]
        want = embed(features)
        assert np.abs(network(features) - want).max() <= TOLERANCE * max(1, np.abs(want).max())


def original_musicnn(folder: Path) -> Callable[[NDArray[np.float32]], NDArray[np.float32]]:
    """Return the original graph as a function of features `(1, 187, 96)`, without its gradients."""
    whole = tf.compat.v1.MetaGraphDef.FromString((folder / ".meta").read_bytes()).graph_def
    output = "model/batch_normalization_9/batchnorm/add_1"
    part = tf.compat.v1.graph_util.extract_sub_graph(whole, [output])
    values = tf.compat.v1.train.NewCheckpointReader(f"{folder}/")
    for node in part.node:
        node.attr.pop("_output_shapes", None)  # of an older TensorFlow
    graph = tf.Graph()
    with graph.as_default():
        tf.import_graph_def(part, name="")
        session = tf.compat.v1.Session()
        for node in part.node:
            if node.op == "VariableV2":
                variable = graph.get_tensor_by_name(f"{node.name}:0")
                session.run(tf.raw_ops.Assign(ref=variable, value=values.get_tensor(node.name)))
    given = {"model/Placeholder_2:0": False}
    return lambda features: session.run(f"{output}:0", {"model/Placeholder:0": features, **given})


def patches(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return patches of 96 frames every 48."""
    return np.stack([features[48 * i : 48 * i + 96] for i in range(len(features) // 48 - 1)])
