"""Exported models agree with the Keras model on 200 recordings of its training set."""

from functools import cache
from pathlib import Path

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

import sonogram as sg
from sonogram.exporting import export

pytestmark = pytest.mark.accept

LINEAR = sg.Frontend(16000, 1024, 256)
FRONTENDS = {name: sg.preset(name) for name in ("whisper-80", "yamnet", "kaldi-fbank-80")}
FRONTENDS["linear"] = LINEAR


@cache
def recordings(data: Path) -> tuple[list[NDArray[np.float32]], NDArray[np.int64]]:
    """Return 200 clips of at most a second (drums, voices, everyday sounds) and their class numbers."""
    drums = sorted((data / "drums").rglob("*.flac"))[::5]
    words = sorted((data / "words").rglob("*.flac"))[:40]
    others = [
        path for name in ("dog", "door") for path in sorted((data / "environment" / name).glob("*.flac"))
    ]
    chosen = [*drums, *words, *others][:200]
    assert len(chosen) == 200
    names = sorted({path.parent.name for path in chosen})
    labels = np.array([names.index(path.parent.name) for path in chosen])
    return [sg.load(path, 16000, duration=1.0).samples for path in chosen], labels


@cache
def trained(name: str, data: Path) -> keras.Model:
    clips, labels = recordings(data)
    batch = np.zeros((len(clips), max(map(len, clips))), np.float32)
    for row, clip in zip(batch, clips, strict=True):
        row[: len(clip)] = clip
    lengths = np.array([len(clip) for clip in clips], np.int32)
    keras.utils.set_random_seed(1)
    names = [f"class {number}" for number in range(labels.max() + 1)]
    model = sg.models.build(FRONTENDS[name], names)
    model.compile(keras.optimizers.Adam(3e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit([batch, lengths], labels, batch_size=16, epochs=25, verbose=0)
    accuracy = model.evaluate([batch, lengths], labels, verbose=0)[1]
    print(f"\n{name}: accuracy on its own clips {accuracy:.3f}")
    assert accuracy > 0.6  # classes that nothing was learned of would say little of rounding
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
    print(f"\n{name} {form} {quantize}: {found.max_error:.1e}, same top class {found.same_top_class:.3f}")
    if quantize == "int8":
        assert found.same_top_class >= 0.97
    else:
        assert found.max_error <= (1e-4 if quantize is None else 5e-3)


@pytest.mark.parametrize("form", ["litert", "onnx", "saved-model"])
@pytest.mark.parametrize("network", [*sg.models.NETWORKS, "cnn+crnn"])
def test_every_network_is_exported(network: str, form: str, shared_data: Path, tmp_path: Path) -> None:
    clips, _ = recordings(shared_data)
    keras.utils.set_random_seed(1)
    model = sg.models.build(FRONTENDS["kaldi-fbank-80"], ["a", "b", "c"], network)
    found = export(model, tmp_path / "model", form, samples=clips[::10])
    assert found.inputs["samples"]["shape"] == ["batch", "samples"]
    assert found.batches[-1] == 8
    assert found.max_error <= 1e-4
    print(f"\n{network} {form}: {found.max_error:.1e}, {found.milliseconds_per_second:.1f} ms for a second")
