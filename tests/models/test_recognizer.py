"""Speech recognizers: the loss against all alignments written out, and what padding must not change."""

import itertools
import math
from pathlib import Path

import keras
import numpy as np
import pytest
import signals

import sonogram as sg
from sonogram.decoding import Alphabet
from sonogram.errors import SonogramError
from sonogram.models import (
    build_recognizer,
    ctc_loss,
    describe,
    embeddings,
    logits,
    scores,
    speech_embedding,
)
from sonogram.models.batching import traced_model

TINY = sg.Frontend(
    8000,
    200,
    80,
    bands=sg.bands.Mel(12, 50, 4000),
    spectrum=sg.spectrum.Power(),
    scaling=sg.scaling.Log(floor=1e-6),
)
ALPHABET = Alphabet(("no", "yes"), "words")
# Logits near 1 after some ten layers: sums of 640 products of float32 in another order, at most.
REORDERED = 2e-5


def all_alignments(values: np.ndarray, symbols: list[int]) -> float:
    """The loss by its definition: each path of classes that reads as the symbols, one after the other."""
    probabilities = np.exp(values) / np.exp(values).sum(axis=1, keepdims=True)
    total = 0.0
    for path in itertools.product(range(values.shape[1]), repeat=len(values)):
        merged = [each for each, _ in itertools.groupby(path)]
        if [each for each in merged if each] == symbols:
            total += math.prod(probabilities[frame, each] for frame, each in enumerate(path))
    return -math.log(total)


@pytest.mark.parametrize("dense", [False, True])
def test_the_loss_is_that_of_all_alignments_whatever_the_padding(dense: bool) -> None:
    rng = np.random.default_rng(0)
    texts = [[1, 1], [2, 1, 2], [2], []]
    frames = [4, 5, 2, 3]
    values = np.float32(rng.normal(scale=2, size=(4, 7, 3)))
    symbols = np.zeros((4, 5), np.int32)
    for row, text in zip(symbols, texts, strict=True):
        row[: len(text)] = text
    found = np.asarray(ctc_loss(values, np.array(frames), symbols, dense=dense))
    wanted = [all_alignments(values[i, : frames[i]].astype(float), texts[i]) for i in range(4)]
    np.testing.assert_allclose(found, wanted, rtol=1e-5)
    alone = [
        ctc_loss(values[i : i + 1, : frames[i]], [frames[i]], symbols[i : i + 1], dense=dense)
        for i in range(4)
    ]
    np.testing.assert_allclose(np.concatenate(alone), found, rtol=1e-6)


@pytest.fixture(scope="module", params=["rnn", "conv", "conformer"])
def model(request: pytest.FixtureRequest) -> keras.Model:
    keras.utils.set_random_seed(1)
    return build_recognizer(TINY, ALPHABET, request.param)


def clips() -> list[np.ndarray]:
    """Of unequal length; one is shorter than a frame, one is empty."""
    found = [signals.noise(size, size) * np.linspace(0.1, 1, size) for size in (4000, 7011, 150)]
    return [*(each.astype(np.float32) for each in found), np.zeros(0, np.float32)]


def test_neighbors_and_padding_change_nothing(model: keras.Model) -> None:
    together = logits(model, clips())
    assert [len(each) for each in together] == [
        -(-max(TINY.num_frames(len(clip)), 2) // 4) for clip in clips()
    ]
    for clip, found in zip(clips(), together, strict=True):
        np.testing.assert_allclose(found, logits(model, [clip])[0], atol=REORDERED)
    padded = np.full((1, 9000), np.nan, np.float32)
    padded[0, :4000] = clips()[0]
    values, frames = model([padded, np.array([4000])])
    np.testing.assert_allclose(np.asarray(values)[0, : int(frames[0])], together[0], atol=REORDERED)
    assert not np.asarray(values)[0, int(frames[0]) :].any()
    assert np.ptp(together[1], axis=0).max() > 1e-3, "the network ignores the clip"


def test_a_saved_recognizer_is_whole(model: keras.Model, tmp_path: Path) -> None:
    model.save(tmp_path / "model.keras")
    loaded = sg.load_model(tmp_path / "model.keras")
    for found, wanted in zip(logits(loaded, clips()), logits(model, clips()), strict=True):
        np.testing.assert_array_equal(found, wanted)
    info = describe(loaded)
    assert (info.alphabet, info.stride, info.network) == (ALPHABET, 4, model.name)
    assert (info.labels, info.sample_rate, info.trim_db) == ((), 8000, None)


def test_wrong_uses_are_named() -> None:
    with pytest.raises(SonogramError, match=r"one network; got 'rnn\+conv'"):
        build_recognizer(TINY, ALPHABET, "rnn+conv")
    with pytest.raises(SonogramError, match="gives labels, not text"):
        logits(sg.models.build(TINY, ["a", "b"], "separable"), clips())
    recognizer = build_recognizer(TINY, ALPHABET, "conv")
    with pytest.raises(SonogramError, match="gives text, not labels"):
        sg.predict(recognizer, sg.Audio(clips()[0], 8000))
    with pytest.raises(SonogramError, match="gives text, not labels"):
        scores(recognizer, clips())


def test_the_mean_of_a_long_utterance_does_not_reach_the_network_on_a_backbone() -> None:
    rng = np.random.default_rng(0)
    inputs = keras.Input((None, 96)), keras.Input((None,))
    network = traced_model(keras.Model(inputs, embeddings.BODY.function(*inputs, 0.3)))
    voice = rng.normal(size=96).astype(np.float32)
    changes = []
    for count in (5, 150):
        frames, valid = rng.normal(size=(1, 150, 96)).astype(np.float32), np.ones((1, 150), np.float32)
        valid[:, count:] = frames[:, count:] = 0
        parts = (np.asarray(network(frames + some * valid[..., None], valid)[0]) for some in (0, voice))
        expected, moved = (each[:, :count] for each in parts)
        changes.append(np.abs(moved - expected).mean() / np.abs(expected).mean())
    # A word keeps 20 / 25 of what all its frames share, and many words 20 / 170.
    assert changes[0] > 0.3
    assert changes[1] < changes[0] / 3


def test_the_padding_of_a_backbone_is_silence() -> None:
    """Its network sees 0.775 s around each embedding, and so what is after the end of a clip."""
    rng = np.random.default_rng(0)
    shapes = [each.shape for each in speech_embedding.network().get_weights()]
    frozen = embeddings.embedding_frames([rng.normal(0, 0.1, shape).astype("float32") for shape in shapes])
    features = rng.normal(size=(1, 40, 32)).astype("float32")
    alone, _ = frozen([features, np.ones((1, 40), "float32")])
    padded = np.concatenate([features, rng.normal(size=(1, 60, 32)).astype("float32")], axis=1)
    valid = (np.arange(100) < 40).astype("float32")[None]
    found, mask = frozen([padded, valid])
    assert float(np.std(alone)) > 0
    assert np.asarray(mask)[0].tolist() == [1] * 5 + [0] * 8
    scale = float(np.abs(alone).max())
    np.testing.assert_allclose(np.asarray(found)[:, :5], alone, atol=1e-5 * scale)
    assert not np.asarray(found)[:, 5:].any()
