"""Files of models that would fill the memory: refused before Keras reads them."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest

import sonogram as sg


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "good.keras"
    keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)]).save(path)
    return path


def _rewrite(good: Path, path: Path, changed: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    """Write a model again, with other or further entries."""
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(path, "w", method) as new:
        for name in {*old.namelist(), *changed}:
            new.writestr(name, changed.get(name) or old.read(name), compresslevel=1)
    return path


def _weights(good: Path, change: Callable[[h5py.File], object]) -> dict[str, bytes]:
    with zipfile.ZipFile(good) as archive:
        content = io.BytesIO(archive.read("model.weights.h5"))
    with h5py.File(content, "a") as file:
        change(file)
    return {"model.weights.h5": content.getvalue()}


def test_a_compressed_model_is_loaded(good: Path, tmp_path: Path) -> None:
    packed = _rewrite(good, tmp_path / "packed.keras", {})
    expected = keras.saving.load_model(good).get_weights()
    for found, value in zip(sg.load_model(packed).get_weights(), expected, strict=True):
        np.testing.assert_array_equal(found, value)


def test_a_configuration_of_blanks_is_refused(good: Path, tmp_path: Path) -> None:
    bomb = _rewrite(good, tmp_path / "bomb.keras", {"config.json": b" " * (257 << 20)})
    assert bomb.stat().st_size < 2 << 20
    with pytest.raises(sg.SonogramError, match=r"bomb\.keras: .*\(it unpacks to 257 MiB, too much"):
        sg.load_model(bomb)


@pytest.mark.parametrize(
    "options",
    [{}, {"chunks": True}, {"chunks": (1 << 18,), "compression": "gzip"}],
    ids=["declared", "chunked", "compressed"],
)
def test_weights_that_are_larger_in_memory_are_refused(
    good: Path, tmp_path: Path, options: dict[str, object]
) -> None:
    shape = (1 << 27,)  # 512 MiB, of which nothing is stored
    changed = _weights(good, lambda file: file.create_dataset("bomb", shape, "float32", **options))
    bomb = _rewrite(good, tmp_path / "bomb.keras", changed, zipfile.ZIP_STORED)
    assert bomb.stat().st_size < 1 << 20
    with pytest.raises(sg.SonogramError, match=r"model.weights.h5 unpacks to 512 MiB, too much"):
        sg.load_model(bomb)


def test_an_archive_in_the_archive_is_refused(good: Path, tmp_path: Path) -> None:
    content = io.BytesIO()
    np.savez_compressed(content, zeros=np.zeros(1000))
    bomb = _rewrite(good, tmp_path / "bomb.keras", {"model.weights.npz": content.getvalue()})
    with pytest.raises(sg.SonogramError, match="save the model with weights in HDF5"):
        sg.load_model(bomb)
