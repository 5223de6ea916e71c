"""Writes a model in a format, runs it there, compares it with the Keras model, and then gives it its name."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from sonogram import __version__
from sonogram.definitions import frontends_of
from sonogram.engines.plan import plan
from sonogram.engines.tensor import largest_matrix
from sonogram.errors import SonogramError
from sonogram.exporting import quantize_litert, quantize_onnx, runner
from sonogram.exporting.cases import Case, check_clips, comparison_cases, is_single
from sonogram.exporting.description import ModelDescription, describe_export
from sonogram.exporting.formats import (
    WRITERS,
    check_choice,
    conversion_error,
    input_options,
    write,
)
from sonogram.exporting.model import ModelInput, as_float32, check_model, spectrograms, trace
from sonogram.exporting.obstacles import layer_obstacles
from sonogram.exporting.quantize import QUANTIZATIONS
from sonogram.exporting.verification import VerificationReport, check_tolerance, compare
from sonogram.files import named_errors
from sonogram.files.model_formats import model_format

__all__ = ["export"]

_QUANTIZERS = {"litert": quantize_litert.quantize, "onnx": quantize_onnx.quantize}
_STRETCHES = (1, 5, 15)
"""Factors for the length of generated clips, tried in this order."""
_SAVED_MODEL = frozenset(
    ("assets", "assets.extra", "fingerprint.pb", "keras_metadata.pb", "saved_model.pb", "variables")
)
"""Names in a SavedModel folder."""
_RUNTIMES = ("ai-edge-litert", "onnx", "onnxruntime", "tf2onnx")
_PACKAGES = ("keras", "tensorflow", "tensorflow-cpu", *_RUNTIMES, "numpy")


def export(
    model: Any,
    path: str | os.PathLike[str],
    format: str | None = None,
    *,
    samples: Sequence[Any] | None = None,
    quantize: str | None = None,
) -> VerificationReport:
    """Export a Keras model that takes samples, and verify that it gives the same outputs.

    The file contains the sample rate, the labels, and the inputs and outputs, as `sonogram.json` and
    `labels.txt`; see `exporting.ModelDescription.texts`. It is written under a temporary name, run in its
    own runtime in a process that cannot import sonogram, and compared with the Keras model, clip by clip
    and in batches. Only then it gets its name, and next to it the report, `<path>.verification.json`. The
    Keras model is not changed.

    Args:
        model: A Keras model with a `Spectrogram` layer.
        path: The file (LiteRT, ONNX) or folder (SavedModel). An earlier export is replaced.
        format: "saved-model", "litert" or "onnx"; None takes it from the ending, `.tflite` or `.onnx`.
        samples: Clips to compare on, `(samples,)` each, at the model's sample rate; None generates them.
        quantize: "float16" or "int8" stores the network's weights in this type, for LiteRT and ONNX: a
            half or a quarter of the size. The front end stays float32.

    Returns:
        Errors, operators, size and speed of the exported model, and all that its file states about it.

    Raises:
        SonogramError: The model cannot be exported, or its outputs differ; nothing is written.

    Example:
        >>> import keras, tempfile
        >>> front = sg.layers.Spectrogram(sg.preset("whisper-80"))
        >>> model = keras.Sequential([keras.Input((None,)), front])
        >>> report = sg.export(model, tempfile.mkdtemp() + "/model", "saved-model")
        >>> report.inputs, report.max_error < 1e-2
        ({'samples': {'dtype': 'float32', 'shape': ['batch', 'samples']}}, True)

    See Also:
        `sonogram.exporting.obstacles`, which finds out before training whether a model can be exported.
    """
    format = model_format(path, format)
    if quantize is not None:
        check_choice("quantize", quantize, QUANTIZATIONS)
        if format not in _QUANTIZERS:
            raise SonogramError(f"quantize is for {' and '.join(_QUANTIZERS)}; a SavedModel keeps float32")
    check_model(model)
    WRITERS[format].check_installed()
    # A link is followed, as by all that sonogram writes.
    target = Path(os.path.realpath(path) if os.path.islink(path) else path)
    if not target.name:
        raise SonogramError(f"{os.fspath(path)!r} has no name for an export; name a file or a new folder")
    clips = None if samples is None else check_clips(samples)
    with named_errors(target), _temporary(target, is_folder=format == "saved-model") as temporary:
        inputs = _convert(model, temporary, format)
        if quantize is not None:
            _quantize(model, temporary, format, quantize)
        description = describe_export(model, inputs)
        WRITERS[format].describe(temporary, description)
        report = _verify(model, temporary, inputs, format, clips, quantize, description)
        _replace(temporary, target, report)
    return report


def _convert(model: Any, path: Path, format: str) -> tuple[ModelInput, ...]:
    """Write the model with the most open inputs that the format takes, and return those."""
    failures = []
    for inputs in input_options(model, format):
        failure = write(model, inputs, path, format)
        if failure is None:
            return inputs
        failures.append(failure)
    reasons = layer_obstacles(model, format) or (conversion_error(failures[0]),)
    raise SonogramError(f"the model cannot be exported to {format}: {'; '.join(reasons)}") from failures[0]


def _quantize(model: Any, path: Path, format: str, kind: str) -> None:
    layers = spectrograms(model)
    plans = [plan(each) for layer in layers for each in frontends_of(layer.frontend)]
    sizes = [largest_matrix(each) for each in plans]
    if not _QUANTIZERS[format](path, [layer.name for layer in layers], sizes, kind):
        raise SonogramError(
            f"there is nothing to quantize: {model.name!r} has no large weights besides the front end"
        )


def _verify(
    model: Any,
    path: Path,
    inputs: tuple[ModelInput, ...],
    format: str,
    clips: Sequence[Any] | None,
    quantize: str | None,
    description: ModelDescription,
) -> VerificationReport:
    rate = description.sample_rate
    cases, expected = _keras_runs(model, inputs, rate, clips)
    received, milliseconds = runner.run(format, path, cases)
    single = is_single(cases)
    agreement = compare(expected, received, single)
    check_tolerance(agreement, quantize, recorded=clips is not None)
    shapes = [case["samples"].shape for case in cases]
    files = [path] if path.is_file() else [each for each in path.rglob("*") if each.is_file()]
    return VerificationReport(
        **vars(agreement),
        **vars(description),
        format=format,
        quantize=quantize,
        clips="generated" if clips is None else "given",
        num_clips=sum(single),
        batches=tuple(sorted({shape[0] for shape in shapes})),
        lengths=(min(shape[-1] for shape in shapes), max(shape[-1] for shape in shapes)),
        operators=WRITERS[format].operators(path),
        size_bytes=sum(each.stat().st_size for each in files),
        milliseconds_per_second=milliseconds * rate / shapes[-1][-1],
        versions=_versions(),
    )


def _keras_runs(
    model: Any, inputs: tuple[ModelInput, ...], rate: float, clips: Sequence[Any] | None
) -> tuple[list[Case], list[Case]]:
    """Return the inputs of every run, and the outputs of the Keras model."""
    for stretch in _STRETCHES:
        cases = comparison_cases(inputs, rate, clips, stretch)
        try:
            expected = _keras_outputs(model, inputs, cases)
            if all(np.isfinite(value).all() for case in expected for value in case.values()):
                return cases, expected
            raise ValueError("its output is not finite")
        except (tf.errors.InvalidArgumentError, ValueError) as error:
            if clips is None and stretch < _STRETCHES[-1]:
                continue  # a network with much pooling needs longer clips
            shortest = min(case["samples"].shape[-1] for case in cases)
            raise SonogramError(
                f"the Keras model itself cannot take all the clips, the shortest of {shortest} samples: "
                f"{conversion_error(error)}"
            ) from error
    raise AssertionError("the last stretch returns or raises")


def _keras_outputs(model: Any, inputs: tuple[ModelInput, ...], cases: Sequence[Case]) -> list[Case]:
    with as_float32(model, "graph"):  # the engine of training
        function = trace(model, inputs)
        outputs = [function(*(case[each.name] for each in inputs)) for case in cases]
    return [{name: np.asarray(value) for name, value in output.items()} for output in outputs]


@contextmanager
def _temporary(target: Path, is_folder: bool) -> Iterator[Path]:
    """Yield a path in a temporary folder next to the target; delete the folder at the end."""
    _check_replaceable(target, is_folder)
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent)
    try:
        yield Path(folder) / target.name
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _report_path(target: Path) -> Path:
    return target.with_name(f"{target.name}.verification.json")


def _check_replaceable(target: Path, is_folder: bool) -> None:
    """Raise an error if the target is something else than an earlier export.

    Args:
        target: Where the export goes. A file may replace any file. A folder may replace an earlier
            export only, and only an earlier export in a folder may be replaced.
        is_folder: Whether the export is a folder.
    """
    report = _report_path(target)
    contents = sorted(path.name for path in target.iterdir()) if target.is_dir() else []
    if foreign := [name for name in contents if name not in _SAVED_MODEL]:
        raise SonogramError(
            f"{target} is a folder that holds something else, {foreign[0]}; give another name"
        )
    if contents and not report.is_file():
        raise SonogramError(
            f"{target} is a folder that holds something else: there is no {report.name} next to it, as "
            "export writes it; give another name"
        )
    if target.exists() and not (target.is_dir() or target.is_file()):
        raise SonogramError(f"{target} is neither a file nor a folder; give another name")
    if target.exists() and target.is_dir() != is_folder and not report.is_file():
        kinds = ("folder", "file") if is_folder else ("file", "folder")
        raise SonogramError(f"{target} is a {kinds[1]}, the export is a {kinds[0]}; give another name")


def _replace(temporary: Path, target: Path, report: VerificationReport) -> None:
    _check_replaceable(target, temporary.is_dir())  # again: the verification takes time
    written = _report_path(target)
    unwritten = temporary.with_name(written.name)
    report.save(unwritten)
    written.unlink(missing_ok=True)  # never a new model with an old report
    if target.exists() and (target.is_dir() or temporary.is_dir()):
        os.replace(target, temporary.with_name("replaced"))  # a folder cannot be replaced atomically
    os.replace(temporary, target)
    os.replace(unwritten, written)


def _versions() -> dict[str, str]:
    found = {"sonogram": __version__}
    for name in _PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found
