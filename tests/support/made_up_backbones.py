"""Backbones with random weights in files of the same form as the published ones, in packages as installed."""

import dataclasses
import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import tensorflow as tf
from onnx import helper, numpy_helper

from sonogram import backbones
from sonogram.models import musicnn, yamnet

_SPEECH = "embeddings_apply_default/MudpuppyLite/"


def install(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put packages with made-up weights on the path; the cards get their digests."""
    cards = []
    for card in backbones.CARDS:
        path = folder / card.file
        path.parent.mkdir(parents=True)
        _WRITERS[card.name](path)
        info = folder / f"{card.distribution.replace('-', '_')}-{card.version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {card.distribution}\nVersion: {card.version}\n"
        )
        (info / "RECORD").write_text(f"{card.file},,\n")
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        output = None if card.name == "birdnet-2.4" else card.output  # a made-up file has one output
        cards.append(dataclasses.replace(card, digest=digest, output=output))
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setattr(backbones, "CARDS", tuple(cards))


def write_speech_embedding(path: Path) -> None:
    """Write an ONNX file with the initializers of the speech embedding, and no graph."""
    rng = np.random.default_rng(0)
    arrays = {"ZeroMeanConv2d/sub:0": rng.normal(0, 0.5, (24, 1, 3, 3))}
    for name in ("ReadVariableOp:0", "ReadVariableOp_1:0"):
        arrays[f"BatchNorm/{name}"] = rng.normal(1, 0.1, 24)
        arrays[f"BatchNorm/FusedBatchNormV3/{name}"] = rng.uniform(0.5, 1, 24)
    widths = (24, 24, 48, 48, 48, 48, 72, 72, 72, 72, *(96,) * 9)
    for number, (before, width) in enumerate(zip((24, *widths), widths, strict=False)):
        shape = (width, before, 1, 3) if number % 2 == 0 and number < 18 else (width, before, 3, 1)
        kernel = rng.normal(0, (2 / (3 * before)) ** 0.5, shape)
        name = f"Conv_{number}/Conv2D" if number else "Conv/Conv2D"
        if number == 18:
            arrays[f"{name}/ReadVariableOp:0"] = kernel
        else:
            arrays[f"{name}_weights_fused_bn"] = kernel
            arrays[f"{name}_bias_fused_bn"] = rng.normal(0, 0.1, width)
    initializers = [
        numpy_helper.from_array(array.astype(np.float32), _SPEECH + name) for name, array in arrays.items()
    ]
    onnx.save(helper.make_model(helper.make_graph([], "weights", [], [], initializers)), str(path))


def write_yamnet(path: Path) -> None:
    """Write the variables of a SavedModel of YAMNet, under the names that a wrapped one has."""
    rng = np.random.default_rng(0)
    arrays = {}
    layer = 0
    for weights in yamnet.network().weights:
        if weights.name == "bias":
            continue
        depthwise = weights.shape[-1] == 1
        fan_in = np.prod(weights.shape[:2]) if depthwise else np.prod(weights.shape[:-1])
        kernel = "depthwise_kernel" if depthwise else "kernel"
        arrays[f"{layer}/{kernel}"] = rng.normal(0, (2 / fan_in) ** 0.5, weights.shape)
        size = weights.shape[2] if depthwise else weights.shape[3]
        arrays[f"{layer + 1}/beta"] = rng.normal(0, 0.1, size)
        arrays[f"{layer + 1}/moving_mean"] = rng.normal(0, 0.1, size)
        arrays[f"{layer + 1}/moving_variance"] = rng.uniform(0.5, 1, size)
        layer += 2
    arrays[f"{layer}/kernel"] = rng.normal(0, 0.03, (1024, 521))
    arrays[f"{layer}/bias"] = rng.normal(0, 0.1, 521)
    names = [f"layer-1/_yamnet/layer_with_weights-{name}/.ATTRIBUTES/VARIABLE_VALUE" for name in arrays]
    prefix = str(path).removesuffix(".data-00000-of-00001")
    values = [array.astype(np.float32) for array in arrays.values()]
    tf.raw_ops.SaveV2(prefix=prefix, tensor_names=names, shape_and_slices=[""] * len(names), tensors=values)


def write_musicnn(path: Path) -> None:
    """Write the variables of a checkpoint of MusiCNN."""
    rng = np.random.default_rng(0)
    arrays = {}
    counts = {"conv2d": 0, "batch_normalization": 0}
    layers = musicnn.network().layers
    for layer in sorted(layers, key=lambda layer: int(layer.name.partition("normalization_")[2] or 0)):
        shapes = [weight.shape for weight in layer.weights]
        kind = "batch_normalization" if len(shapes) == 4 else "conv2d"
        place = f"{kind}_{counts[kind]}" if counts[kind] else kind
        if not shapes:
            continue
        counts[kind] += 1
        if kind == "conv2d":
            kernel = shapes[0] if len(shapes[0]) == 4 else (*shapes[0][:2], 1, shapes[0][2])
            arrays[f"{place}/kernel"] = rng.normal(0, np.prod(kernel[:3]) ** -0.5, kernel)
            arrays[f"{place}/bias"] = rng.normal(0, 0.1, shapes[1])
        else:
            for name in ("gamma", "beta", "moving_mean", "moving_variance"):
                positive = name in ("gamma", "moving_variance")
                arrays[f"{place}/{name}"] = rng.uniform(0.5, 1, shapes[0]) - (0 if positive else 0.75)
    prefix = str(path).removesuffix(".data-00000-of-00001")
    values = [array.astype(np.float32) for array in arrays.values()]
    slices = [""] * len(values)
    tf.raw_ops.SaveV2(prefix=prefix, tensor_names=[*arrays], shape_and_slices=slices, tensors=values)


def write_birdnet(path: Path) -> None:
    """Write a LiteRT file that takes 3 s at 48 kHz and returns the levels of 1024 parts."""
    path.write_bytes(
        litert(144_000, lambda samples: tf.abs(tf.reshape(samples[:, :143_360], (-1, 1024, 140))))
    )


def litert(length: int, function: Any) -> bytes:
    """Return a LiteRT file of the mean of a function of samples over its last axis.

    Args:
        length: Number of samples that it takes.
        function: Samples, `(1, length)`, to `(1, values, parts)`.
    """
    spec = tf.TensorSpec((1, length), tf.float32)
    traced = tf.function(lambda samples: tf.reduce_mean(function(samples), axis=-1)).get_concrete_function(
        spec
    )
    content = tf.lite.TFLiteConverter.from_concrete_functions([traced]).convert()
    return bytes(content)


_WRITERS = {
    "birdnet-2.4": write_birdnet,
    "musicnn": write_musicnn,
    "speech-embedding": write_speech_embedding,
    "yamnet": write_yamnet,
}
