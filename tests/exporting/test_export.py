"""Networks with a front end inside: exported, quantized, refused."""

import ast
import errno
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import signals
import tensorflow as tf
from keras import layers

import sonogram as sg
from sonogram.exporting import (
    VerificationReport,
    check_exportable,
    export,
    formats,
    obstacles,
    quantize_litert,
    quantize_onnx,
    runner,
    runtime,
    to_litert,
    to_onnx,
)
from sonogram.exporting.cases import Case
from sonogram.exporting.runner import run

FRONTEND = sg.preset("kaldi-fbank-80")


class Bessel(layers.Layer):
    """What neither LiteRT nor ONNX has an operator for."""

    def call(self, x: Any) -> Any:
        return tf.math.bessel_i0e(x)


def network(*inner: layers.Layer) -> keras.Model:
    """Samples in, three probabilities out."""
    samples = keras.Input((None,))
    values = sg.layers.Spectrogram(FRONTEND, name="front")(samples)
    for layer in inner:
        values = layer(values)
    return keras.Model(samples, layers.Dense(3, activation="softmax")(values))


def convolutional() -> keras.Model:
    inner = [layers.Conv1D(32, 3, activation="relu"), layers.BatchNormalization()]
    return network(*inner, layers.Dropout(0.5), layers.GlobalAveragePooling1D())


def front_alone() -> keras.Model:
    return keras.Sequential([keras.Input((None,)), sg.layers.Spectrogram(FRONTEND)])


def first_matrix() -> np.ndarray:
    """The matrix that transforms 32 of 512 samples, 16 apart."""
    turns = np.exp(-2j * np.pi / 32 * (np.outer(np.arange(32), np.arange(32)) % 32))
    return np.hstack([turns.real, turns.imag]).astype(np.float32)


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("kind", ["float16", "int8"])
def test_litert_rounds_the_network_and_not_the_front_end(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "model.tflite"
    report = export(convolutional(), path, "litert", quantize=kind)
    assert report.quantize == kind
    assert report.operators["DEQUANTIZE"] == 1  # the kernels of the convolution; the rest is small
    file = to_litert.read(path)
    constants = quantize_litert.constants(file, ["front"])
    assert {values.dtype for values in constants} <= {np.dtype("float32"), np.dtype("int32")}
    assert any(np.array_equal(values, first_matrix().T) for values in constants)
    kinds = {tensor.type for graph in file.subgraphs for tensor in graph.tensors}
    assert (1 if kind == "float16" else 9) in kinds  # FLOAT16 or INT8, as the schema numbers them
    assert report.max_error < (2e-3 if kind == "float16" else 5e-2)
    assert left_in(tmp_path) == ["model.tflite", "model.tflite.verification.json"]


@pytest.mark.parametrize("kind", ["float16", "int8"])
def test_onnx_rounds_the_network_and_not_the_front_end(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    report = export(convolutional(), path, "onnx", quantize=kind)
    file = to_onnx.read(path)
    constants = quantize_onnx.constants(file, ["front"])
    assert any(np.array_equal(values, first_matrix()) for values in constants)
    assert not any(values.dtype in (np.float16, np.int8) for values in constants)
    kinds = {stored.data_type for stored in file.graph.initializer}
    assert (10 if kind == "float16" else 3) in kinds  # FLOAT16 or INT8, as the schema numbers them
    assert report.max_error < (2e-3 if kind == "float16" else 5e-2)


@pytest.mark.parametrize("form", ["litert", "onnx"])
def test_the_kernels_of_a_constant_q_transform_are_not_rounded(form: str, tmp_path: Path) -> None:
    transform = sg.transform.ConstantQ(13, 110)  # longer kernels than one sum may have terms
    frontend = sg.Frontend(16000, transform.min_frame_length(16000), 160, transform=transform)
    model = keras.Sequential(
        [
            keras.Input((4000,)),
            sg.layers.Spectrogram(frontend, name="front"),
            layers.Dense(128),
            layers.Dense(9),
        ]
    )
    path = tmp_path / f"model.{'tflite' if form == 'litert' else form}"
    report = export(model, path, form, quantize="float16")
    tools = (to_litert, quantize_litert) if form == "litert" else (to_onnx, quantize_onnx)
    kernels = [values for values in tools[1].constants(tools[0].read(path), ["front"]) if values.size > 1000]
    assert {values.dtype for values in kernels} == {np.dtype("float32")}
    rounded = [values.astype(np.float16).astype(np.float32) for values in kernels]
    assert not any(np.array_equal(*each) for each in zip(kernels, rounded, strict=True))
    assert report.max_error < 2e-3


@pytest.mark.parametrize("preset", ["kaldi-fbank-80", "whisper-80"])
def test_lengths_go_along(preset: str, tmp_path: Path) -> None:
    # Whisper's frames reach over the ends of a clip: the mirror stands at each clip's own end.
    frontend = sg.preset(preset)
    samples, lengths = keras.Input((None,)), keras.Input((), dtype="int32")
    values = sg.layers.Spectrogram(frontend)([samples, lengths])
    model = keras.Model([samples, lengths], layers.GlobalAveragePooling1D()(values))
    report = export(model, tmp_path / "model", "onnx")
    assert [each["shape"] for each in report.inputs.values()] == [["batch", "samples"], ["batch"]]
    batch = np.stack([signals.noise(8000, 1), signals.noise(8000, 2)])
    batch[1, 5000:] = np.nan
    case = {"samples": batch, "lengths": np.array([8000, 5000], np.int32)}
    (got,), _ = run("onnx", tmp_path / "model", [case])
    want = frontend(batch[1, :5000], "numpy").mean(axis=0)
    np.testing.assert_allclose(got["output"][1], want, rtol=1e-4)


def test_onnx_has_the_gelu_of_transformers(tmp_path: Path) -> None:
    model = network(layers.Dense(8, activation="gelu"), layers.GlobalAveragePooling1D())
    report = export(model, tmp_path / "model", "onnx")
    assert report.operators["Erf"] == 1
    assert report.max_error < 1e-5


def test_a_loop_takes_one_clip_of_any_length_in_litert(tmp_path: Path) -> None:
    report = export(network(layers.GRU(4)), tmp_path / "model", "litert")
    assert report.inputs["samples"]["shape"] == [1, "samples"]
    assert report.batches == (1,)
    assert report.lengths[0] < report.lengths[1]


def test_mixed_precision_is_for_training(tmp_path: Path) -> None:
    convolution = layers.Conv1D(4, 3, dtype="mixed_float16")
    model = network(convolution, layers.GlobalAveragePooling1D())
    report = export(model, tmp_path / "model", "litert")
    assert report.max_error < 1e-4
    assert "CAST" not in report.operators
    assert convolution.dtype_policy.name == "mixed_float16"  # the model is left as it was
    assert model.get_layer("front").engine is None


def test_given_clips_are_compared_and_what_was_there_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "new" / "model"
    path.parent.mkdir()
    path.write_text("what was exported before")
    Path(f"{path}.verification.json").write_text("{}")
    clips = [signals.noise(size, size) for size in (5000, 16_001, 7000)]
    report = export(convolutional(), path, "saved-model", samples=clips)
    assert (report.clips, report.num_clips, report.lengths) == ("given", 3, (5000, 16_001))
    assert VerificationReport.load(Path(f"{path}.verification.json")) == report
    assert report.operators["RFFT"] == 1
    assert report.size_bytes == sum(each.stat().st_size for each in path.rglob("*") if each.is_file())
    assert left_in(path.parent) == ["model", "model.verification.json"]


def test_a_model_that_differs_is_not_exported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def off(form: str, path: Path, cases: Sequence[Case]) -> tuple[list[Case], float]:
        results, milliseconds = run(form, path, cases)
        return [{"output": each["output"] + np.float32(0.03)} for each in results], milliseconds

    monkeypatch.setattr(runner, "run", off)
    (tmp_path / "model").write_text("what was there before")
    with pytest.raises(sg.SonogramError, match=r"differs .* in probability is 0\.03, at most 0\.0001"):
        export(convolutional(), tmp_path / "model", "onnx")
    assert left_in(tmp_path) == ["model"]
    assert (tmp_path / "model").read_text() == "what was there before"


def test_a_network_that_wants_long_clips_gets_them(tmp_path: Path) -> None:
    model = network(layers.AveragePooling1D(300), layers.GlobalAveragePooling1D())
    assert export(model, tmp_path / "model", "onnx").lengths[0] > 3 * 16_000
    with pytest.raises(sg.SonogramError, match="cannot take all the clips, the shortest of 8000 samples"):
        export(model, tmp_path / "model", "onnx", samples=[signals.noise(8000)])


@pytest.mark.parametrize("form", ["litert", "onnx"])
def test_an_obstacle_has_the_name_of_its_layer(form: str) -> None:
    model = network(layers.Conv1D(4, 3), Bessel(name="odd"), layers.GlobalAveragePooling1D())
    (line,) = obstacles(model, form)
    assert line.startswith("layer 'odd' (Bessel): ")
    assert "Bessel" in line


# LiteRT takes seconds for each of many ways, all in vain.
@pytest.mark.parametrize("form", [pytest.param("litert", marks=pytest.mark.accept), "onnx"])
def test_an_obstacle_is_an_error(form: str, tmp_path: Path) -> None:
    model = network(layers.Conv1D(4, 3), Bessel(name="odd"), layers.GlobalAveragePooling1D())
    with pytest.raises(sg.SonogramError, match=f"could not be exported to {form}: layer 'odd'"):
        check_exportable(model, form)
    with pytest.raises(sg.SonogramError, match=f"cannot be exported to {form}: layer 'odd'"):
        export(model, tmp_path / "model", form)
    assert not left_in(tmp_path)


def test_an_obstacle_is_found_after_masks() -> None:
    odd = Bessel(name="odd")
    samples, lengths = keras.Input((None,)), keras.Input((), dtype="int32")
    features = sg.layers.Spectrogram(FRONTEND)([samples, lengths])
    values, _ = sg.layers.FeatureScaling(FRONTEND)(features)
    model = keras.Model([samples, lengths], layers.GlobalAveragePooling1D()(odd(values)))
    assert [line.partition(" (")[0] for line in obstacles(model, "onnx")] == ["layer 'odd'"]


def test_no_obstacle_where_there_is_none() -> None:
    assert obstacles(front_alone(), "litert") == ()
    check_exportable(front_alone(), "litert")
    assert obstacles(network(Bessel(), layers.GlobalAveragePooling1D()), "saved-model") == ()


def no_input() -> keras.Model:
    return keras.Sequential([sg.layers.Spectrogram(FRONTEND)])


def no_front_end() -> keras.Model:
    return keras.Sequential([keras.Input((5,)), layers.Dense(2)])


@pytest.mark.parametrize(
    ("make", "line"),
    [
        (no_input, "begin it with keras.Input"),
        (no_front_end, "has no sonogram.layers.Spectrogram"),
        (lambda: FRONTEND, "only a Keras model can be exported; got Frontend"),
    ],
)
def test_what_cannot_be_exported_is_reported_before(make: Any, line: str, tmp_path: Path) -> None:
    model = make()
    assert line in obstacles(model, "onnx")[0]
    with pytest.raises(sg.SonogramError, match=line.replace(".", r"\.")):
        export(model, tmp_path / "model", "onnx")


@pytest.mark.parametrize(
    ("form", "given", "line"),
    [
        ("tflite", {}, "format must be one of saved-model, litert, onnx; got 'tflite'; use litert"),
        ("onnx", {"quantize": "int4"}, "quantize must be one of float16, int8; got 'int4'"),
        ("saved-model", {"quantize": "int8"}, "quantize is for litert and onnx"),
        ("onnx", {"samples": []}, "samples holds no clip"),
        ("onnx", {"samples": [np.zeros((2, 9))]}, "number 0 has the shape"),
        ("onnx", {"samples": [np.full(9, np.nan)]}, "is not finite"),
        ("onnx", {"quantize": "int8"}, "nothing to quantize"),
    ],
)
@pytest.mark.quick
def test_wrong_arguments(form: str, given: dict[str, Any], line: str, tmp_path: Path) -> None:
    with pytest.raises(sg.SonogramError, match=line):
        export(front_alone(), tmp_path / "model", form, **given)
    assert not left_in(tmp_path)


def test_a_folder_of_something_else_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(sg.SonogramError, match="holds something else"):
        export(front_alone(), tmp_path, "saved-model")
    assert left_in(tmp_path) == ["thesis.txt"]


def test_a_saved_model_is_replaced_only_where_it_was_exported(tmp_path: Path) -> None:
    path = tmp_path / "model"
    path.mkdir()
    (path / "saved_model.pb").write_text("what was there before")
    with pytest.raises(sg.SonogramError, match=r"no model\.verification\.json next to it"):
        export(front_alone(), path, "saved-model")
    (tmp_path / "model.verification.json").write_text("{}")
    for foreign in ("thesis.txt", "model.verification.json"):
        (path / foreign).write_text("years of work")
        with pytest.raises(sg.SonogramError, match=f"holds something else, {foreign};"):
            export(front_alone(), path, "onnx")
        assert left_in(path) == sorted([foreign, "saved_model.pb"])
        assert (path / foreign).read_text() == "years of work"
        (path / foreign).unlink()
    export(front_alone(), path, "saved-model")
    assert VerificationReport.load(tmp_path / "model.verification.json").format == "saved-model"
    # And where all the files of a real one are; a link is followed.
    (tmp_path / "link").symlink_to(path)
    export(convolutional(), tmp_path / "link", "saved-model")
    assert left_in(tmp_path) == ["link", "model", "model.verification.json"]
    assert (tmp_path / "link").is_symlink()
    loaded = tf.saved_model.load(str(path))
    assert [len(loaded.trainable_variables), len(loaded.non_trainable_variables)] == [6, 2]


def test_a_file_and_a_folder_do_not_replace_one_another(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("years of work")
    with pytest.raises(sg.SonogramError, match=r"notes\.txt is a file, the export is a folder"):
        export(front_alone(), tmp_path / "notes.txt", "saved-model")
    (tmp_path / "plans").mkdir()
    with pytest.raises(sg.SonogramError, match="plans is a folder, the export is a file"):
        export(front_alone(), tmp_path / "plans", "onnx")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(sg.SonogramError, match="pipe is neither a file nor a folder"):
        export(front_alone(), tmp_path / "pipe", "onnx")
    assert left_in(tmp_path) == ["notes.txt", "pipe", "plans"]
    assert (tmp_path / "notes.txt").read_text() == "years of work"


@pytest.mark.parametrize("form", ["litert", "onnx"])
def test_a_full_disk_is_no_fault_of_the_model(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setitem(formats.WRITERS, form, formats.WRITERS[form]._replace(write=fail))
    path = tmp_path / "model"
    with pytest.raises(OSError, match="No space left") as caught:
        export(front_alone(), path, form)
    assert caught.value.filename == os.fspath(path)
    assert not list(tmp_path.iterdir())


def test_what_comes_into_the_folder_meanwhile_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(form: str, path: Path, cases: Sequence[Case]) -> tuple[list[Case], float]:
        (tmp_path / "model").mkdir()
        (tmp_path / "model" / "thesis.txt").write_text("years of work")
        return run(form, path, cases)

    monkeypatch.setattr(runner, "run", slow)
    with pytest.raises(sg.SonogramError, match="holds something else"):
        export(front_alone(), tmp_path / "model", "onnx")
    assert left_in(tmp_path / "model") == ["thesis.txt"]


def test_the_runtime_needs_nothing_of_the_package() -> None:
    tree = ast.parse(Path(runtime.__file__).read_text())
    imported = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    imported += [name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names]
    assert not [name for name in imported if name.startswith("sonogram")]


@pytest.mark.quick
def test_a_report_is_plain_json(tmp_path: Path) -> None:
    export(front_alone(), tmp_path / "model", "onnx")
    plain = json.loads((tmp_path / "model.verification.json").read_text())
    assert plain["frontends"] == [FRONTEND.fingerprint]
    assert {"sonogram", "keras", "onnxruntime"} <= set(plain["versions"])


def test_the_scaling_of_features_in_onnx_that_keras_writes(tmp_path: Path) -> None:
    """As on the page about browsers, where the front end is not part of the network."""
    onnxruntime = pytest.importorskip("onnxruntime")
    features = keras.Input((None, 80))
    model = keras.Model(features, sg.layers.FeatureScaling(FRONTEND)(features)[0])
    values = FRONTEND(signals.noise(8000, 1))[None]
    want = model(values).numpy()
    model.export(str(tmp_path / "network.onnx"), format="onnx", verbose=False)
    session = onnxruntime.InferenceSession(tmp_path / "network.onnx")
    (got,) = session.run(None, {session.get_inputs()[0].name: values})
    np.testing.assert_allclose(got, want, atol=1e-4)
