"""Exports to SavedModel: what is in the folder, and where it may be written."""

import errno
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import signals
import tensorflow as tf
from keras import layers

import sonogram as sg
from sonogram.exporting import export, formats
from sonogram.exporting.model import model_inputs, write_saved_model

FRONT = sg.preset("kaldi-fbank-80")


def front_alone() -> keras.Model:
    return keras.Sequential([keras.Input((None,)), sg.layers.Spectrogram(FRONT)])


class Table(layers.Layer):
    """A lookup table, which Keras finds in a list, and TensorFlow does not."""

    def __init__(self) -> None:
        super().__init__()
        content = tf.lookup.KeyValueTensorInitializer(tf.range(3), tf.constant([2, 0, 1]))
        self.tables = [tf.lookup.StaticHashTable(content, 0)]

    def call(self, x: Any) -> Any:
        return tf.cast(self.tables[0].lookup(tf.argmax(x, -1, tf.int32)), tf.float32)


def test_a_saved_model_contains_its_tables(tmp_path: Path) -> None:
    inner = (layers.GlobalAveragePooling1D(), layers.Dense(3), Table(), layers.Reshape((1,)))
    model = keras.Sequential([keras.Input((None,)), sg.layers.Spectrogram(FRONT), *inner])
    write_saved_model(model, model_inputs(model, None), tmp_path / "model")
    clips = signals.noise(8000)[None]
    found = tf.saved_model.load(str(tmp_path / "model")).signatures["serving_default"](tf.constant(clips))
    np.testing.assert_allclose(found["output"], model(clips), rtol=1e-6)


@pytest.mark.parametrize("name", [".", "/"])
def test_a_folder_without_a_name_is_no_target(name: str) -> None:
    with pytest.raises(sg.SonogramError, match="has no name for an export; name a file or a new folder"):
        export(front_alone(), name, "saved-model")


def test_the_full_disk_of_tensorflow_is_no_obstacle(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def full(*_: Any) -> None:
        raise tf.errors.UnknownError(None, None, "tempstate; No space left on device [Op:SaveV2]")

    monkeypatch.setitem(formats.WRITERS, "saved-model", formats.WRITERS["saved-model"]._replace(write=full))
    with pytest.raises(OSError, match="No space left on device") as raised:
        export(front_alone(), tmp_path / "model", "saved-model")
    assert (raised.value.errno, raised.value.filename) == (errno.ENOSPC, str(tmp_path / "model"))
