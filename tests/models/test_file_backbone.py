"""Files with a whole network as backbones: LiteRT, ONNX, Keras, SavedModel."""

import dataclasses
import json
from pathlib import Path

import keras
import made_up_backbones
import numpy as np
import onnx
import pytest
import tensorflow as tf
from onnx import TensorProto, helper

import sonogram as sg
from sonogram.backbones import card
from sonogram.models.pretrained import vector_model
from sonogram.models.vectors import ClipVectors

pytestmark = pytest.mark.exhaustive

RATE, LENGTH, PARTS = 8000, 800, 8


def levels(samples: np.ndarray) -> np.ndarray:
    """Return what each network computes: the mean level of eight parts of 0.1 s."""
    return np.abs(samples).reshape(PARTS, -1).mean(axis=1)


def write(kind: str, folder: Path, facts: dict) -> str:
    """Write the network as one kind of file, and return its path."""
    path = (
        folder
        / {"litert": "own.tflite", "onnx": "own.onnx", "keras": "own.keras", "saved-model": "own"}[kind]
    )
    if kind == "litert":
        path.write_bytes(
            made_up_backbones.litert(LENGTH, lambda samples: tf.abs(tf.reshape(samples, (1, PARTS, -1))))
        )
    elif kind == "onnx":
        shape = helper.make_tensor("shape", TensorProto.INT64, [3], [-1, PARTS, LENGTH // PARTS])
        axes = helper.make_tensor("axes", TensorProto.INT64, [1], [2])
        nodes = [
            helper.make_node("Reshape", ["x", "shape"], ["parts"]),
            helper.make_node("Abs", ["parts"], ["level"]),
            helper.make_node("ReduceMean", ["level", "axes"], ["mean"], keepdims=0),
        ]
        given = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", "samples"])
        made = helper.make_tensor_value_info("mean", TensorProto.FLOAT, ["batch", PARTS])
        graph = helper.make_graph(nodes, "levels", [given], [made], [shape, axes])
        opset = [helper.make_opsetid("", 18)]
        onnx.save(helper.make_model(graph, ir_version=9, opset_imports=opset), str(path))
        facts = {**facts, "window": LENGTH / RATE}  # its input has any length
    else:
        x = keras.Input((LENGTH,))
        model = keras.Model(x, keras.ops.mean(keras.ops.abs(keras.ops.reshape(x, (-1, PARTS, 100))), -1))
        model.save(path) if kind == "keras" else model.export(path, verbose=False)
    path.with_suffix(".json").write_text(json.dumps(facts))
    return str(path)


@pytest.mark.parametrize("kind", ["litert", "onnx", "keras", "saved-model"])
def test_windows_are_averaged_and_clips_do_not_depend_on_others(kind: str, tmp_path: Path) -> None:
    found = card(write(kind, tmp_path, {"sample_rate": RATE, "licence": "MIT"}))
    assert (found.kind, found.licence, len(found.digest)) == (kind, "MIT", 64)
    vectors = ClipVectors(vector_model(found))
    rng = np.random.default_rng(0)
    long, short = (rng.uniform(-1, 1, size).astype(np.float32) for size in (2000, 500))
    long /= np.abs(long).max()
    short /= np.abs(short).max()
    together = vectors([long, short])
    # Windows of 800 begin every 400 samples; the last one is filled with zeros.
    windows = [np.pad(long, (0, 800))[start : start + LENGTH] for start in (0, 400, 800, 1200)]
    np.testing.assert_allclose(
        together[0], np.mean([levels(window) for window in windows], axis=0), atol=1e-5
    )
    np.testing.assert_allclose(together[1], levels(np.tile(short, 2)[:LENGTH]), atol=1e-5)
    np.testing.assert_allclose(vectors([short])[0], together[1], atol=1e-6)


def test_a_trained_model_contains_the_network(tmp_path: Path) -> None:
    network = write("litert", tmp_path, {"sample_rate": RATE})
    time = np.arange(LENGTH) / LENGTH
    rows = ["path,label"]
    for number in range(4):
        label, envelope = (("up", time), ("down", 1 - time))[number % 2]
        sg.save(tmp_path / f"{number}.wav", envelope * (-1.0) ** np.arange(LENGTH), RATE)
        rows.append(f"{number}.wav,{label}")
    (tmp_path / "all.csv").write_text("\n".join(rows))
    sg.train(tmp_path / "all.csv", backbone=network).save(tmp_path / "model.keras")
    Path(network).unlink()
    loaded = sg.load_model(tmp_path / "model.keras")
    scores = sg.models.scores(loaded, [time * (-1.0) ** np.arange(LENGTH), 1 - time])
    assert scores.argmax(axis=1).tolist() == [1, 0]


def test_a_tensor_inside_is_the_embedding(tmp_path: Path) -> None:
    from ai_edge_litert.interpreter import Interpreter

    path = write("litert", tmp_path, {"sample_rate": RATE})
    details = Interpreter(path).get_tensor_details()
    inside = next(each["name"] for each in details if tuple(each["shape"]) == (1, PARTS, LENGTH // PARTS))
    model = vector_model(dataclasses.replace(card(path), output=inside))
    assert model.output["embedding"].shape[-1] == LENGTH // PARTS


@pytest.mark.parametrize(
    ("facts", "problem"),
    [
        (None, 'cannot be read .* write the facts of the network there, such as {"sample_rate": 16000'),
        ({}, "sample_rate must be a whole number of Hz above 0; got None"),
        ({"sample_rate": RATE, "rate": 1}, "'rate' is no fact; the facts are sample_rate, window"),
        ({"sample_rate": RATE, "window": 1, "step": 2}, "step at most window"),
        (
            {"sample_rate": RATE, "window": 1},
            "takes 800 samples, 0.1 s; the JSON file states a window of 1 s",
        ),
        ({"sample_rate": RATE, "output": "scores"}, "output must be one of .*; got 'scores'"),
    ],
)
def test_wrong_facts_are_one_clear_error(facts: dict | None, problem: str, tmp_path: Path) -> None:
    path = write("litert", tmp_path, facts or {})
    if facts is None:
        (tmp_path / "own.json").unlink()
    with pytest.raises(sg.SonogramError, match=problem):
        vector_model(card(path))


def test_a_broken_file_is_one_clear_error(tmp_path: Path) -> None:
    for name in ("own.onnx", "own.tflite"):
        (tmp_path / name).write_bytes(b"no network" * 100)
        (tmp_path / "own.json").write_text(json.dumps({"sample_rate": RATE, "window": 1}))
        with pytest.raises(sg.SonogramError, match=f"{name}: not a network of waveforms that can be run"):
            vector_model(card(tmp_path / name))
