"""Chunks as they come, and the whole."""

import pickle
from pathlib import Path

import keras
import numpy as np
import pytest
from tone_model import RATE, tone

import sonogram as sg
from sonogram.inference import Predictor, WindowScores

# One window or several in a call: float32 sums in another order.
TOLERANCE = 1e-5


def listened(listener: sg.StreamingPredictor, chunks: list[np.ndarray]) -> list[WindowScores]:
    found = [heard for chunk in chunks for heard in listener.push(chunk)]
    return found + listener.finish()


def same(found: list[WindowScores], wanted: list[WindowScores]) -> None:
    assert [(heard.start, heard.end) for heard in found] == [(heard.start, heard.end) for heard in wanted]
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one.scores, other.scores, atol=TOLERANCE)


@pytest.mark.parametrize("seed", range(4))
def test_random_chunks_give_the_scores_of_the_file(
    network: keras.Model, examples, rng: np.random.Generator, seed: int
) -> None:
    sound = sg.load(examples / "speech.wav", 16_000, duration=2.03).samples
    wanted = list(Predictor(network).scores(sg.Audio(sound, 16_000)))
    assert len(wanted) == 10
    assert np.ptp([heard.scores for heard in wanted], axis=0).max() > 0.1  # not the same everywhere
    cuts = np.sort(np.random.default_rng(seed).integers(0, len(sound), 30))
    same(listened(sg.StreamingPredictor(network), np.split(sound, cuts)), wanted)


def test_blocks_of_a_file_give_the_scores_of_the_file(model: keras.Model, examples) -> None:
    path = examples / "xylophone.mp3"
    wanted = list(Predictor(model, step=0.2).scores(path))
    listener = sg.StreamingPredictor(model, step=0.2)
    same(listened(listener, list(sg.audio.blocks(path, 997, listener.sample_rate))), wanted)


@pytest.mark.parametrize("seconds", [0.01, 0.1, 0.499, 0.5, 0.501])
def test_edges(model: keras.Model, seconds: float) -> None:
    sound = tone(3000, seconds)
    wanted = list(Predictor(model).scores(sg.Audio(sound, RATE))) if seconds > 0.04 else []
    if wanted:
        same(listened(sg.StreamingPredictor(model), [sound[:33], sound[33:33], sound[33:]]), wanted)
        assert len(wanted) == (2 if seconds > 0.5 else 1)
    else:
        listener = sg.StreamingPredictor(model)
        listener.push(sound)
        with pytest.raises(sg.SonogramError, match=r"the scores of a sound of 0\.01 s"):
            listener.finish()


def test_no_sound_has_no_scores(model: keras.Model) -> None:
    listener = sg.StreamingPredictor(model)
    assert listener.push(np.zeros(0)) == listener.finish() == []


def test_a_refused_chunk_leaves_the_listener_as_it_was(model: keras.Model) -> None:
    sound = tone(500, 1.3)
    wanted = listened(sg.StreamingPredictor(model), [sound])
    listener = sg.StreamingPredictor(model)
    found = listener.push(sound[:5000])
    broken = sound[5000:].copy()
    broken[7] = np.nan
    with pytest.raises(sg.SonogramError, match="sample 7 of the chunk is NaN or infinite"):
        listener.push(broken)
    same(found + listener.push(sound[5000:]) + listener.finish(), wanted)


def test_after_the_end_there_is_no_more(model: keras.Model) -> None:
    listener = sg.StreamingPredictor(model)
    listener.finish()
    with pytest.raises(sg.SonogramError, match=r"finish\(\) was called"):
        listener.push(np.zeros(5))
    with pytest.raises(sg.SonogramError, match=r"finish\(\) was called"):
        listener.finish()


def test_what_is_heard_has_names_and_a_rate(model: keras.Model) -> None:
    listener = sg.StreamingPredictor(model)
    assert (listener.labels, listener.sample_rate) == (("high", "low"), RATE)
    (heard,) = listener.push(tone(3000, 0.5))
    assert heard.scores[0] > 0.99


def test_a_predictor_of_a_trained_model_goes_to_another_process(tmp_path: Path) -> None:
    record = {"plan": {"network": "cnn", "seeds": [0, 1]}}
    samples, lengths = keras.Input((None,), name="samples"), keras.Input((), name="lengths", dtype="int32")
    front = sg.layers.Spectrogram(sg.Frontend(RATE, 256, 128), name="front")([samples, lengths])
    logits = keras.layers.Dense(2)(keras.layers.GlobalAveragePooling1D()(front))
    scores = sg.layers.Scores(["low", "high"], seconds=1.0, training=record, name="scores")(logits)
    keras.Model([samples, lengths], scores).save(tmp_path / "model.keras")
    model = sg.load_model(tmp_path / "model.keras")
    assert sg.models.describe(model).training == record
    copy = pickle.loads(pickle.dumps(sg.StreamingPredictor(model)))
    sound = tone(440.0, 1.5)
    same(listened(copy, [sound]), listened(sg.StreamingPredictor(model), [sound]))
