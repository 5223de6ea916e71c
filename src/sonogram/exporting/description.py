"""What an exported file states about itself: sample rate, labels, inputs and outputs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras

from sonogram.exporting.model import ModelInput, all_layers, output_names, sample_rate, spectrograms
from sonogram.layers import Scores, SequenceLogits

__all__ = ["ModelDescription", "describe_export", "describe_saved_model"]


@dataclass(frozen=True)
class ModelDescription:
    """Facts that a program needs to use an exported model. The file contains them; see `texts`."""

    sample_rate: float
    """Sample rate of the input, Hz."""
    labels: tuple[str, ...] | None
    """Label of each output value; of a speech recognizer the symbols, "<blank>" first. None for models that
    end with neither `Scores` nor `SequenceLogits`."""
    multi_label: bool | None
    """Whether each label has a probability of its own, so that they do not sum to 1."""
    seconds: float | None
    """Length of the training clips, the window for long recordings; None if unknown."""
    inputs: dict[str, dict[str, Any]]
    """Type and shape of each input by name: `{"dtype": "float32", "shape": ["batch", "samples"]}`. An axis of
    any size has a name instead of a number."""
    outputs: dict[str, dict[str, Any]]
    """Type and shape of each output by name."""
    frontends: tuple[str, ...]
    """Fingerprints of the definitions."""

    def texts(self) -> dict[str, str]:
        """Return the text files in the exported model by name: `sonogram.json`, and `labels.txt` if any.

        They are appended to a LiteRT file as a ZIP archive, as associated files of TensorFlow Lite are, so
        that `unzip model.tflite labels.txt` extracts them. In ONNX they are metadata properties, in a
        SavedModel files in its folder `assets.extra`.
        """
        description = json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n"
        if self.labels is None:
            return {"sonogram.json": description}
        lines = "".join(f"{' '.join(label.splitlines())}\n" for label in self.labels)
        return {"sonogram.json": description, "labels.txt": lines}


def describe_export(model: Any, inputs: tuple[ModelInput, ...]) -> ModelDescription:
    """Return the description of a model that is exported with these inputs."""
    scores = next((layer for layer in all_layers(model) if isinstance(layer, Scores)), None)
    sequence = next((layer for layer in all_layers(model) if isinstance(layer, SequenceLogits)), None)
    symbols = None if sequence is None else ("<blank>", *sequence.alphabet.symbols)
    batch_size = inputs[0].shape[0]
    names = output_names(len(model.outputs))
    outputs = {
        name: _tensor(
            (batch_size, *tensor.shape[1:]),
            keras.backend.standardize_dtype(tensor.dtype),
            "frames" if len(names) == 1 else f"{name}_frames",
        )
        for name, tensor in zip(names, model.outputs, strict=True)
    }
    return ModelDescription(
        sample_rate=sample_rate(model),
        labels=symbols if scores is None else scores.labels,
        multi_label=None if scores is None else scores.multi_label,
        seconds=None if scores is None else scores.seconds,
        inputs={each.name: _tensor(each.shape, each.dtype, "samples") for each in inputs},
        outputs=outputs,
        frontends=tuple(layer.frontend.fingerprint for layer in spectrograms(model)),
    )


def describe_saved_model(path: Path, description: ModelDescription) -> None:
    """Write the texts into the folder `assets.extra` of a SavedModel, which is for other programs."""
    folder = path / "assets.extra"
    folder.mkdir()
    for name, text in description.texts().items():
        (folder / name).write_text(text, encoding="utf-8")


def _tensor(shape: Sequence[int | None], dtype: str, axis: str) -> dict[str, Any]:
    """Return a type and a shape in which axes of any size have names: "batch", `axis`, and so on."""
    named: list[int | str] = []
    for index, size in enumerate(shape):
        name = "batch" if index == 0 else axis if axis not in named else f"{axis}_{index}"
        named.append(name if size is None else size)
    # An export computes in float32, whatever the precision of the training.
    return {"dtype": "float32" if "float" in dtype else dtype, "shape": named}
