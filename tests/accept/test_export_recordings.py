"""Exported models against the Keras model, on 200 recordings that they were trained on."""

from functools import cache
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers
from numpy.typing import NDArray

import sonogram as sg
from sonogram.export import export

pytestmark = pytest.mark.accept

LINEAR = sg.Frontend(16000, 1024, 256)
FRONTENDS = {name: sg.preset(name) for name in ("whisper-80", "yamnet", "kaldi-fbank-80")}
FRONTENDS["linear"] = LINEAR


@cache
def recordings(data: Path) -> tuple[list[NDArray[np.float32]], NDArray[np.int64]]:
    """200 clips of at most two seconds, and the number of the folder that each is in."""
    words = sorted((data / "words").rglob("*.flac"))
    drums = [path for path in sorted((data / "drums").rglob("*.flac")) if sg.info(path).duration > 0.7]
    chosen = [*words, *drums][:200]
    names = sorted({path.parent.name for path in chosen})
    labels = np.array([names.index(path.parent.name) for path in chosen])
    return [sg.load(path, 16000, duration=2.0).samples for path in chosen], labels


@cache
def trained(name: str, data: Path) -> keras.Model:
    clips, labels = recordings(data)
    batch = np.zeros((len(clips), max(map(len, clips))), np.float32)
    for row, clip in zip(batch, clips, strict=True):
        row[: len(clip)] = clip
    samples = keras.Input((None,))
    values = sg.layers.Spectrogram(FRONTENDS[name])(samples)
    values = layers.BatchNormalization()(values)
    for width in (32, 64):
        values = layers.Conv1D(width, 5, activation="relu")(values)
        values = layers.BatchNormalization()(values)
        values = layers.MaxPooling1D(2)(values)
    values = layers.GlobalAveragePooling1D()(values)
    scores = layers.Dense(int(labels.max()) + 1, activation="softmax")(values)
    model = keras.Model(samples, scores)
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(batch, labels, batch_size=16, epochs=12, verbose=0)
    return model


@pytest.mark.parametrize("quantize", [None, "float16", "int8"])
@pytest.mark.parametrize("form", ["litert", "onnx"])
@pytest.mark.parametrize("name", FRONTENDS)
def test_probabilities_are_those_of_keras(
    name: str, form: str, quantize: str | None, shared_data: Path, tmp_path: Path
) -> None:
    clips, _ = recordings(shared_data)
    model = trained(name, shared_data)
    found = export(model, tmp_path / "model", form, samples=clips, quantize=quantize)
    assert (found.num_clips, found.batches, found.measure) == (200, (1, 8), "probabilities")
    assert found.same_top_class is not None
    if quantize == "int8":
        assert found.same_top_class >= 0.97
    else:
        assert found.max_error <= (1e-4 if quantize is None else 5e-3)
