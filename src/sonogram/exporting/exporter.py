"""Writes a model in a format, runs it there, compares it, and only then calls it done."""

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

from sonogram.engines.plan import plan
from sonogram.errors import SonogramError
from sonogram.exporting import clips as clips_module, compare, quantize_litert, quantize_onnx, runner
from sonogram.exporting.certificate import VerificationReport
from sonogram.exporting.formats import FORMATS, check_installed, choose, operators, shapes, write
from sonogram.exporting.obstacles import named
from sonogram.exporting.quantize import QUANTIZATIONS
from sonogram.exporting.reasons import reason
from sonogram.exporting.runner import Case
from sonogram.exporting.serving import Port, as_float32, check, sample_rate, serving, spectrograms

__all__ = ["export"]

_QUANTIZERS = {"litert": quantize_litert.quantize, "onnx": quantize_onnx.quantize}
_STRETCHES = (1, 5, 15)
_SAVED_MODEL = {
    "assets",
    "assets.extra",
    "fingerprint.pb",
    "keras_metadata.pb",
    "saved_model.pb",
    "variables",
}
_PACKAGES = (
    "keras",
    "tensorflow",
    "tensorflow-cpu",
    "ai-edge-litert",
    "onnx",
    "onnxruntime",
    "tf2onnx",
    "numpy",
)


def export(
    model: Any,
    path: str | os.PathLike[str],
    format: str,
    *,
    samples: Sequence[Any] | None = None,
    quantize: str | None = None,
) -> VerificationReport:
    """Export a Keras model that takes samples, and proves that it gives what it gave.

    The file is written under another name, run in its own runtime in a process without sonogram, and
    compared with the Keras model, clip by clip and in batches. Only then it gets its name, and beside
    it the certificate, `<path>.certificate.json`. The model itself is left as it was.

    Args:
        model: A Keras model with a `Spectrogram` layer; its trained weights go along.
        path: The file (LiteRT, ONNX) or folder (SavedModel). What was exported there before is replaced.
        format: "saved-model", "litert" or "onnx".
        samples: Clips to compare on, `(samples,)` each, at the model's sample rate; None generates them.
        quantize: "float16" or "int8" stores the network's weights so, for LiteRT and ONNX. The front
            end stays float32.

    Returns:
        What was found: errors, operators, size, speed.

    Raises:
        SonogramError: The model cannot be exported, or its results differ; nothing is left behind.
    """
    choose("format", format, FORMATS)
    if quantize is not None:
        choose("quantize", quantize, QUANTIZATIONS)
        if format not in _QUANTIZERS:
            raise SonogramError(f"quantize is for {' and '.join(_QUANTIZERS)}; a SavedModel keeps float32")
    check(model)
    check_installed(format)
    target = Path(path)
    given = None if samples is None else clips_module.given(samples)
    with _partial(target, format) as partial:
        wanted = _written(model, partial, format)
        if quantize is not None:
            _quantize(model, partial, format, quantize)
        certificate = _certified(model, partial, wanted, format, given, quantize)
        _move(partial, target, certificate)
    return certificate


def _written(model: Any, path: Path, format: str) -> tuple[Port, ...]:
    """Write the model with the most open inputs that the format takes, and returns those."""
    failure: Exception | None = None
    for wanted in shapes(model, format):
        try:
            write(model, wanted, path, format)
        except Exception as error:
            failure = failure or error
            continue
        return wanted
    assert failure is not None
    found = named(model, format) or (reason(failure),)
    raise SonogramError(f"the model cannot be exported to {format}: {'; '.join(found)}") from failure


def _quantize(model: Any, path: Path, format: str, kind: str) -> None:
    layers = spectrograms(model)
    sizes = [plan(layer.frontend).dft.size for layer in layers]
    rounded = _QUANTIZERS[format](path, [layer.name for layer in layers], sizes, kind)
    if not rounded:
        raise SonogramError(
            f"there is nothing to quantize: beside the front end, {model.name!r} has no large weights"
        )


def _certified(
    model: Any,
    path: Path,
    wanted: tuple[Port, ...],
    format: str,
    given: Sequence[Any] | None,
    quantize: str | None,
) -> VerificationReport:
    frontends = [layer.frontend for layer in spectrograms(model)]
    rate = sample_rate(model)
    cases, expected = _asked(model, wanted, rate, given)
    received, milliseconds = runner.run(format, path, cases)
    alone = clips_module.alone(cases)
    agreement = compare.compare(expected, received, alone)
    compare.judge(agreement, quantize, given is not None)
    sizes = [case["samples"].shape for case in cases]
    return VerificationReport(
        format=format,
        quantize=quantize,
        measure=agreement.measure,
        max_error=agreement.max_error,
        rms_error=agreement.rms_error,
        same_top_class=agreement.same_top_class,
        clips="generated" if given is None else "given",
        num_clips=sum(alone),
        batches=tuple(sorted({shape[0] for shape in sizes})),
        lengths=(min(shape[-1] for shape in sizes), max(shape[-1] for shape in sizes)),
        inputs={port.name: list(port.shape) for port in wanted},
        operators=operators(path, format),
        size_bytes=_size(path),
        milliseconds_per_second=milliseconds * rate / sizes[-1][-1],
        frontends=tuple(frontend.fingerprint for frontend in frontends),
        versions=_versions(),
    )


def _asked(
    model: Any, wanted: tuple[Port, ...], rate: float, given: Sequence[Any] | None
) -> tuple[list[Case], list[Case]]:
    """Return the inputs to compare on, and what the Keras model answers to them."""
    for stretch in _STRETCHES:
        cases = clips_module.cases(wanted, rate, given, stretch)
        try:
            expected = _expected(model, wanted, cases)
            if all(np.isfinite(value).all() for case in expected for value in case.values()):
                return cases, expected
            raise ValueError("its output is not finite")
        except (tf.errors.InvalidArgumentError, ValueError) as error:
            if given is None and stretch < _STRETCHES[-1]:
                continue  # a network with much pooling wants longer clips
            shortest = min(case["samples"].shape[-1] for case in cases)
            raise SonogramError(
                f"the Keras model itself cannot take all the clips, the shortest of {shortest} samples: "
                f"{reason(error)}"
            ) from error
    raise AssertionError("the last stretch returns or raises")


def _expected(model: Any, wanted: tuple[Port, ...], cases: Sequence[Case]) -> list[Case]:
    """What the Keras model answers, with the engine that it was trained on."""
    with as_float32(model, "graph"):
        signature = [port.spec for port in wanted]
        function = tf.function(serving(model), input_signature=signature, autograph=False)
        return [
            {
                name: np.asarray(value)
                for name, value in function(*(case[port.name] for port in wanted)).items()
            }
            for case in cases
        ]


@contextmanager
def _partial(target: Path, format: str) -> Iterator[Path]:
    """Give a name in a folder of its own beside the target, and clears it away at the end."""
    _check_own(target, folder=format == "saved-model")
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent)
    try:
        yield Path(folder) / target.name
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _beside(target: Path) -> Path:
    return target.with_name(f"{target.name}.certificate.json")


def _check_own(target: Path, folder: bool) -> None:
    """Raise an error if what is to be replaced is more than an export.

    Args:
        target: Where the export goes. A file may take the place of any file; a folder takes that of what was
            exported, and so does what takes the place of a folder.
        folder: Whether the export is one.
    """
    ours = _beside(target).is_file()
    held = sorted(path.name for path in target.iterdir()) if target.is_dir() else []
    foreign = [name for name in held if name not in _SAVED_MODEL]
    if foreign:
        raise SonogramError(
            f"{target} is a folder that holds something else, {foreign[0]}; give another name"
        )
    if held and not ours:
        raise SonogramError(
            f"{target} is a folder that holds something else: no {_beside(target).name} beside it tells that "
            "it was exported there; give another name"
        )
    if target.exists() and not (target.is_dir() or target.is_file()):
        raise SonogramError(f"{target} is neither a file nor a folder; give another name")
    if target.exists() and target.is_dir() != folder and not ours:
        kinds = ("folder", "file") if folder else ("file", "folder")
        raise SonogramError(f"{target} is a {kinds[1]}, the export is a {kinds[0]}; give another name")


def _move(partial: Path, target: Path, certificate: VerificationReport) -> None:
    _check_own(target, folder=partial.is_dir())  # once more: the proof takes its time
    written = _beside(target)
    unproven = partial.with_name(written.name)
    certificate.save(unproven)
    written.unlink(missing_ok=True)  # no moment with a new model under an old certificate
    if target.exists() and (target.is_dir() or partial.is_dir()):
        os.replace(target, partial.with_name("replaced"))  # no folder replaces anything at one stroke
    os.replace(partial, target)
    os.replace(unproven, written)


def _size(path: Path) -> int:
    files = [path] if path.is_file() else [each for each in path.rglob("*") if each.is_file()]
    return sum(each.stat().st_size for each in files)


def _versions() -> dict[str, str]:
    from sonogram import __version__

    found = {"sonogram": __version__}
    for name in _PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found
