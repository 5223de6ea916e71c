"""Models of others as a frozen backbone under a head that learns."""

from pathlib import Path
from typing import Any
from zipfile import ZipFile

import keras
import numpy as np
import pytest
import tensorflow as tf
from tone_model import RATE, tone

import sonogram as sg
from sonogram import models
from sonogram.exporting import export

FRONTEND = sg.preset("kaldi-fbank-23")


class Waveform(tf.Module):
    """As published ones are: one waveform of any length, embeddings of its frames and more."""

    def __init__(self) -> None:
        super().__init__()
        waves = np.cos(np.pi / 64 * np.outer(np.arange(64) + 0.5, np.arange(2, 64, 4)))
        self.kernel = tf.Variable(waves, dtype=tf.float32)

    @tf.function(input_signature=[tf.TensorSpec((None,), tf.float32, name="waveform")])
    def embed(self, waveform: tf.Tensor) -> dict[str, tf.Tensor]:
        frames = tf.signal.frame(waveform, 64, 32)
        return {"embeddings": tf.abs(frames @ self.kernel), "scores": tf.zeros((1, 2))}


class Batched(tf.Module):
    """A batch of clips of one length."""

    @tf.function(input_signature=[tf.TensorSpec((None, 2000), tf.float32)])
    def embed(self, samples: tf.Tensor) -> tf.Tensor:
        return tf.stack([tf.reduce_max(samples, axis=1), tf.reduce_mean(tf.abs(samples), axis=1)], axis=1)


class Features(tf.Module):
    """Features of any number of frames."""

    @tf.function(input_signature=[tf.TensorSpec((None, None, 23), tf.float32)])
    def embed(self, features: tf.Tensor) -> tf.Tensor:
        return features[..., :7] ** 2


class Harmful(tf.Module):
    """What reaches a file where the model runs."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.act = getattr(self, name)

    @tf.function(input_signature=[tf.TensorSpec((None,), tf.float32)])
    def embed(self, waveform: tf.Tensor) -> tf.Tensor:
        with tf.control_dependencies([self.act()]):
            return waveform[:5]

    def write(self) -> Any:
        return tf.io.write_file("/tmp/gone-wrong", "x")

    def show(self) -> Any:
        return tf.print("x", output_stream="file:///tmp/gone-wrong")

    def lines(self) -> Any:
        return tf.data.TextLineDataset("/etc/hostname").reduce("", lambda _, line: line)

    def checkpoint(self) -> Any:
        return tf.raw_ops.SaveV2(
            prefix="/tmp/gone-wrong", tensor_names=["x"], shape_and_slices=[""], tensors=[tf.zeros(1)]
        )

    def nested(self) -> Any:
        return tf.cond(tf.random.uniform(()) < 2, lambda: tf.io.read_file("/etc/hostname"), lambda: "")


def save(module: Any, folder: Path) -> Path:
    tf.saved_model.save(module, str(folder), signatures=module.embed)
    return folder


@pytest.fixture
def waveform(tmp_path: Path) -> Path:
    return save(Waveform(), tmp_path / "waveform")


def clips() -> tuple[np.ndarray, np.ndarray]:
    """Two clips of unlike length; what lies beyond the shorter one is no sound."""
    samples = np.random.default_rng(1).normal(size=(2, 2500)).astype(np.float32)
    samples[1, 1111:] = np.nan
    return samples, np.array([2500, 1111], np.int32)


def test_a_saved_model_gives_each_clip_what_it_gives_it_alone(waveform: Path) -> None:
    samples, lengths = clips()
    found = np.asarray(models.backbone(waveform, output="embeddings")([samples, lengths]))
    module = Waveform()
    for row, clip, length in zip(found, samples, lengths, strict=True):
        wanted = module.embed(clip[:length])["embeddings"].numpy().mean(axis=0)
        np.testing.assert_allclose(row, wanted, rtol=1e-5)


def test_clips_are_fitted_to_a_fixed_length(tmp_path: Path) -> None:
    samples, lengths = clips()
    found = np.asarray(models.backbone(save(Batched(), tmp_path / "batched"))([samples, lengths]))
    np.testing.assert_allclose(
        found[0], [samples[0, :2000].max(), np.abs(samples[0, :2000]).mean()], rtol=1e-5
    )
    np.testing.assert_allclose(
        found[1], [samples[1, :1111].max(), np.abs(samples[1, :1111]).sum() / 2000], rtol=1e-5
    )


@pytest.mark.quick
def test_features_go_in_where_a_front_end_is_given(tmp_path: Path) -> None:
    samples, lengths = clips()
    folder = save(Features(), tmp_path / "features")
    model = models.transfer(folder, ["a", "b"], frontend=FRONTEND)
    inner = keras.Model(model.inputs, model.get_layer("embedding_scale").input)
    found = np.asarray(inner([samples, lengths]))
    for row, clip, length in zip(found, samples, lengths, strict=True):
        wanted = (FRONTEND(clip[:length])[:, :7] ** 2).mean(axis=0)
        np.testing.assert_allclose(row, wanted, rtol=1e-4)  # two engines


def test_only_the_head_learns_and_all_is_saved(waveform: Path, tmp_path: Path) -> None:
    keras.utils.set_random_seed(3)
    backbone = models.backbone(waveform, output="embeddings")
    model = models.transfer(backbone, ["low", "high"], sample_rate=RATE)
    assert {variable.path.split("/")[0] for variable in model.trainable_variables} == {
        "embedding_scale",
        "logits",
    }
    rng = np.random.default_rng(0)
    hertz = np.concatenate([rng.uniform(300, 900, 8), rng.uniform(2000, 3500, 8)])
    samples = np.stack([tone(each, 0.1) for each in hertz])
    inputs = [samples, np.full(16, samples.shape[1], np.int32)]
    kernel = backbone.inner._loaded.signatures["serving_default"].variables[0]
    before = kernel.numpy()
    model.compile(keras.optimizers.Adam(0.05), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(inputs, np.arange(16) // 8, epochs=30, verbose=0)
    assert model.evaluate(inputs, np.arange(16) // 8, verbose=0)[1] > 0.9
    np.testing.assert_array_equal(kernel.numpy(), before)

    model.save(tmp_path / "transfer.keras")
    for path in waveform.iterdir():  # the model is whole without its source
        path.rename(tmp_path / f"moved-{path.name}")
    again = sg.load_model(tmp_path / "transfer.keras")
    np.testing.assert_array_equal(again.predict(inputs, verbose=0), model.predict(inputs, verbose=0))
    again.save(tmp_path / "again.keras")
    assert not [each for each in again.trainable_variables if "backbone" in each.path]
    known = models.describe(sg.load_model(tmp_path / "again.keras"))
    assert (known.labels, known.sample_rate, known.frontend) == (("low", "high"), RATE, None)


def test_a_transfer_model_listens(tmp_path: Path) -> None:
    model = models.transfer(save(Batched(), tmp_path / "batched"), ["a", "b"], sample_rate=RATE)
    scores = sg.predict(model, sg.Audio(tone(500, 1.0), RATE))
    assert scores.num_windows == 7  # of the backbone's 0.25 s
    assert models.describe(model).seconds == 0.25


@pytest.mark.parametrize("form", ["litert", "onnx"])
def test_a_backbone_is_exported_with_its_head(form: str, waveform: Path, tmp_path: Path) -> None:
    keras.utils.set_random_seed(2)
    backbone = models.backbone(waveform, output="embeddings")
    model = models.transfer(backbone, ["low", "high"], sample_rate=RATE)
    report = export(model, tmp_path / "model", form)
    assert [each["shape"] for each in report.inputs.values()] == [["batch", "samples"], ["batch"]]
    assert (report.measure, report.frontends) == ("probabilities", ())
    assert report.max_error < 1e-5


def test_a_keras_model_and_any_layer_in_it(tmp_path: Path) -> None:
    keras.utils.set_random_seed(1)
    layers = [keras.Input((None, 23, 1)), keras.layers.Conv2D(4, 3, name="inside")]
    model = keras.Sequential([*layers, keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(9)])
    model.save(tmp_path / "inner.keras")
    samples, lengths = clips()
    for output, size in ((None, 9), ("inside", 4)):
        made = models.transfer(
            models.backbone(tmp_path / "inner.keras", output=output), ["a", "b"], frontend=FRONTEND
        )
        assert made.get_layer("embedding_scale").input.shape == (None, size)
        assert len(made.trainable_variables) == 4
        scores = np.asarray(made([samples, lengths]))
        alone = np.asarray(made([samples[1:, :1111], lengths[1:]]))
        np.testing.assert_allclose(scores[1], alone[0], atol=1e-6)
    made.save(tmp_path / "made.keras")
    again = sg.load_model(tmp_path / "made.keras")
    np.testing.assert_array_equal(np.asarray(again([samples, lengths])), scores)


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({}, r"output must be one of 'embeddings', 'scores'; got None"),
        ({"output": "logits"}, r"output must be one of 'embeddings', 'scores'; got 'logits'"),
        ({"output": 2}, "got 2"),
        ({"endpoint": "embed"}, r"endpoint must be one of its signatures, 'serving_default'; got 'embed'"),
    ],
)
def test_wrong_outputs(waveform: Path, given: dict[str, Any], line: str) -> None:
    with pytest.raises(sg.SonogramError, match=line):
        models.backbone(waveform, **given)


@pytest.mark.quick
def test_wrong_sources(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(sg.SonogramError, match="not a SavedModel that can be loaded"):
        models.backbone(tmp_path / "empty")
    with pytest.raises(sg.SonogramError, match="no such file"):
        models.backbone(tmp_path / "missing.keras")
    with pytest.raises(sg.SonogramError, match="source must be a SavedModel folder"):
        models.backbone(print)
    two = [keras.Input((5,)), keras.Input((5,))]
    with pytest.raises(sg.SonogramError, match="must take one input"):
        models.backbone(keras.Model(two, keras.layers.Add()(two)))
    dense = keras.layers.Dense(3)
    for given in ({}, {"sample_rate": 8000, "frontend": FRONTEND}):
        with pytest.raises(sg.SonogramError, match="Give its sample_rate in Hz, or its frontend"):
            models.transfer(dense, ["a", "b"], **given)


@pytest.mark.parametrize(
    ("name", "operation"),
    [
        ("write", "WriteFile"),
        ("show", "PrintV2"),
        ("lines", "FlatMapDataset, ReduceDataset, TensorSliceDataset, TextLineDataset"),
        ("checkpoint", "SaveV2"),
        ("nested", "ReadFile"),
    ],
)
@pytest.mark.quick
def test_a_saved_model_that_reaches_files_is_not_loaded(name: str, operation: str, tmp_path: Path) -> None:
    with pytest.raises(
        sg.SonogramError, match=f"not loaded, as it may reach files .*\\({operation}\\)$"
    ) as got:
        models.backbone(save(Harmful(name), tmp_path / "harmful"))
    assert "\n" not in str(got.value)


def changed(folder: Path, change: Any) -> None:
    """Lets `change` lay hands on the graph of a SavedModel."""
    from tensorflow.core.protobuf import saved_model_pb2

    content = saved_model_pb2.SavedModel()
    content.ParseFromString((folder / "saved_model.pb").read_bytes())
    change(content.meta_graphs[0])
    (folder / "saved_model.pb").write_bytes(content.SerializeToString())


def call_the_saver(meta: Any) -> None:
    saver = meta.saver_def.save_tensor_name.partition(":")[0]
    (node,) = (each for each in meta.graph_def.node if each.name == saver)
    served = next(each for each in meta.graph_def.library.function if "embed" in each.signature.name)
    served.node_def.add(name="again", op=node.op).attr["f"].CopyFrom(node.attr["f"])


def hide_an_operation(meta: Any) -> None:
    harmless = next(each for each in meta.graph_def.library.function if "embed" in each.signature.name)
    meta.graph_def.library.function.add().CopyFrom(harmless)
    meta.graph_def.library.function[-1].signature.name = "SaveV2"
    harmless.node_def.add(name="again", op="SaveV2")


def name_two_alike(meta: Any) -> None:
    twin = meta.graph_def.library.function.add()
    twin.CopyFrom(next(each for each in meta.graph_def.library.function if "embed" in each.signature.name))
    twin.node_def.add(name="again", op="SaveV2")
    names = [each.signature.name for each in meta.graph_def.library.function]
    meta.graph_def.library.function.add().CopyFrom(meta.graph_def.library.function[names.index(names[-1])])


@pytest.mark.parametrize(
    "change",
    [
        call_the_saver,
        hide_an_operation,
        name_two_alike,
        lambda meta: meta.ClearField("object_graph_def"),
    ],
)
def test_only_a_saver_that_is_never_run_may_write(change: Any, waveform: Path) -> None:
    models.backbone(waveform, output="embeddings")
    changed(waveform, change)
    with pytest.raises(sg.SonogramError, match=r"not loaded, as it may reach files .*SaveV2"):
        models.backbone(waveform, output="embeddings")


def test_what_a_table_begins_with_is_no_saver(tmp_path: Path) -> None:
    def begin_with_the_saver(meta: Any) -> None:
        saver = meta.saver_def.save_tensor_name.partition(":")[0]
        (node,) = (each for each in meta.graph_def.node if each.name == saver)
        graph = meta.object_graph_def.nodes
        (begin,) = {
            child.node_id for each in graph for child in each.children if child.local_name == "_initialize"
        }
        graph[begin].bare_concrete_function.concrete_function_name = node.attr["f"].func.name

    folder = save(Published(), tmp_path / "published")
    changed(folder, begin_with_the_saver)
    with pytest.raises(sg.SonogramError, match=r"not loaded, as it may reach files .*SaveV2"):
        models.backbone(folder)


def test_a_saved_model_inside_a_model_is_looked_at_too(waveform: Path, tmp_path: Path) -> None:
    backbone = models.backbone(waveform, output="embeddings")
    models.transfer(backbone, ["a", "b"], sample_rate=RATE).save(tmp_path / "good.keras")
    harmful = (save(Harmful("write"), tmp_path / "harmful") / "saved_model.pb").read_bytes()
    with ZipFile(tmp_path / "good.keras") as good, ZipFile(tmp_path / "bad.keras", "w") as bad:
        for name in good.namelist():
            bad.writestr(name, harmful if name.endswith("saved_model.pb") else good.read(name))
    with pytest.raises(sg.SonogramError, match=r"bad\.keras: .* not loaded, as it .*\(WriteFile\)") as got:
        sg.load_model(tmp_path / "bad.keras")
    assert "\n" not in str(got.value)


class Published(tf.Module):
    """The operations of published networks: loops, branches, lists, look-ups, images, normalization."""

    def __init__(self) -> None:
        super().__init__()
        self.table = tf.Variable(tf.random.stateless_normal((7, 3), (1, 2)))
        self.names = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(["a", "b"], [0, 1]), -1)
        self.kernel = tf.Variable(tf.random.stateless_normal((3, 3, 1, 2), (3, 4)))

    @tf.function(input_signature=[tf.TensorSpec((None,), tf.float32)])
    def embed(self, waveform: tf.Tensor) -> tf.Tensor:
        tf.debugging.assert_all_finite(waveform, "finite")
        tf.debugging.assert_greater(tf.size(waveform), 1, message="more than one sample")
        image = tf.abs(tf.signal.stft(waveform, 128, 64))[None, :, :, None]
        image = tf.nn.conv2d(tf.image.resize(image, (16, 16)), self.kernel, 1, "SAME")
        image, *_ = tf.compat.v1.nn.fused_batch_norm(
            image, tf.ones(2), tf.zeros(2), tf.zeros(2), tf.ones(2), is_training=False
        )
        rows = tf.map_fn(lambda row: tf.einsum("ij,ij->j", row, row), image[0])
        total = tf.zeros(2)
        for k in tf.range(tf.shape(rows)[0]):
            total += rows[k] if tf.reduce_max(rows[k]) > 0 else tf.zeros(2)
        entry = tf.nn.embedding_lookup(self.table, self.names.lookup(tf.constant(["b"])))
        return tf.concat([total, tf.nn.softmax(entry[0])], axis=0)[None]


def test_the_operations_of_published_models_are_allowed(tmp_path: Path) -> None:
    samples, lengths = clips()
    module = Published()
    backbone = models.backbone(save(module, tmp_path / "published"))
    wanted = module.embed(samples[1, :1111])[0]
    np.testing.assert_allclose(np.asarray(backbone([samples, lengths]))[1], wanted, rtol=1e-4)


def test_constants_of_any_shape_are_not_loaded(waveform: Path) -> None:
    def add(meta: Any) -> None:
        node = meta.graph_def.node.add(name="bomb", op="Const")
        node.attr["dtype"].type = tf.float32.as_datatype_enum
        tensor = node.attr["value"].tensor
        tensor.dtype = tf.float32.as_datatype_enum
        tensor.float_val.append(0)  # the value of all of them
        for size in (1 << 10, 1 << 17):
            tensor.tensor_shape.dim.add(size=size)

    changed(waveform, add)
    with pytest.raises(sg.SonogramError, match=r"its constants take 51[0-9] MiB, too much for the size"):
        models.backbone(waveform)
