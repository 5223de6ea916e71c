"""The command `export`: a trained model for other runtimes, verified to give the same outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import typer

from sonogram.cli.outputs import check_no_input
from sonogram.cli.report import Failures, echo, usage, usage_errors, working
from sonogram.cli.start_tensorflow import start_tensorflow
from sonogram.errors import SonogramError
from sonogram.files.model_formats import MODEL_FORMATS, model_format

if TYPE_CHECKING:
    from sonogram.exporting import VerificationReport

__all__ = ["export"]

# A test compares these with the package's: help must not wait for TensorFlow.
Quantization: TypeAlias = Literal["float16", "int8"]


def export(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A .keras file.")],
    output: Annotated[
        str, typer.Option("-o", "--output", metavar="OUT", help="Output file; a folder for a SavedModel.")
    ],
    audio: Annotated[
        list[str] | None,
        typer.Argument(metavar="AUDIO", help="Recordings to compare on.", show_default="generated sounds"),
    ] = None,
    form: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="|".join(MODEL_FORMATS),
            help="Output format.",
            show_default="by the ending, .tflite or .onnx",
        ),
    ] = None,
    quantize: Annotated[
        Quantization | None,
        typer.Option(
            help="Type of the network's stored weights. The front end stays float32.",
            show_default="float32",
        ),
    ] = None,
) -> None:
    """Export a model to another runtime, and verify there that it gives the same outputs.

    The file contains the sample rate, the labels, and the inputs and outputs. They are also in
    OUT.verification.json, with the figures of the verification.
    """
    check_no_input(output, [model])
    with usage_errors("--format"):
        form = model_format(output, form)
    if quantize is not None and form == "saved-model":
        raise usage("a SavedModel keeps float32; use --format litert or onnx", "--quantize")
    failures = Failures()
    with working(f"reading {model}"):
        start_tensorflow()
        import sonogram

        loaded = sonogram.load_model(model)
    clips = _clips(loaded, audio or [], failures)
    from sonogram.audio.native import silent_c_stderr

    # The converters log on stderr.
    with working(f"exporting {model}"), silent_c_stderr():
        report = sonogram.export(loaded, output, form, samples=clips, quantize=quantize)
    echo(f"{output}: {_summary(report)}")
    failures.end()


def _clips(model: Any, audio: list[str], failures: Failures) -> list[Any] | None:
    if not audio:
        return None
    from sonogram.audio import load
    from sonogram.exporting.model import check_model, sample_rate

    check_model(model)
    rate = int(sample_rate(model))
    clips = []
    for path in audio:
        with failures.collect(path):
            clips.append(load(path, rate).samples)
    if not clips:
        raise SonogramError("none of the recordings can be read; leave them out to compare on generated ones")
    return clips


def _summary(report: VerificationReport) -> str:
    what = "probabilities" if report.measure == "probabilities" else "values, relative to the largest,"
    return (
        f"{report.size_bytes / 1e6:.2f} MB, {report.milliseconds_per_second:.2g} ms for a second of sound, "
        f"{what} within {report.max_error:.1e} of the Keras model's on {report.num_clips} clips"
    )
