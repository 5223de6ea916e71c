"""The verb `export`: a trained model for other programs, proven to give what it gave."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sonogram.cli.ready import ready
from sonogram.cli.report import Failures, say, usage, working
from sonogram.errors import SonogramError

if TYPE_CHECKING:
    from sonogram.exporting import VerificationReport

__all__ = ["export"]

# Held equal to those of the export room by a test: help must not wait for TensorFlow.
_FORMATS = ("saved-model", "litert", "onnx")
_QUANTIZATIONS = ("float16", "int8")


def export(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A .keras file.")],
    output: Annotated[
        str, typer.Option("-o", "--output", metavar="OUT", help="The file, or the folder of a SavedModel.")
    ],
    form: Annotated[str, typer.Option("--format", metavar="|".join(_FORMATS), help="What to write.")],
    audio: Annotated[
        list[str] | None,
        typer.Argument(metavar="AUDIO", help="Recordings to compare on; sounds are made if none is given."),
    ] = None,
    quantize: Annotated[
        str | None,
        typer.Option(
            metavar="|".join(_QUANTIZATIONS),
            help="Store the network's weights so; the front end stays float32.",
        ),
    ] = None,
) -> None:
    """Write a model for another runtime, run it there and compare before it is done.

    What was found goes beside it, into OUT.certificate.json.
    """
    if form not in _FORMATS:
        raise usage(f"one of {', '.join(_FORMATS)}; got {form!r}", "--format")
    if quantize is not None and quantize not in _QUANTIZATIONS:
        raise usage(f"one of {', '.join(_QUANTIZATIONS)}; got {quantize!r}", "--quantize")
    if quantize is not None and form == "saved-model":
        raise usage("a SavedModel keeps float32; take --format litert or onnx", "--quantize")
    if os.path.exists(output) and os.path.exists(model) and os.path.samefile(output, model):
        raise usage(f"{output} is the model; give another name", "--output")
    failures = Failures()
    with working(f"reading {model}"):
        ready()
        from sonogram import load_model

        loaded = load_model(model)
    clips = _clips(loaded, audio or [], failures)
    from sonogram.audio.native import silent_c_stderr

    # The converters note what they do; nobody needs to know.
    with working(f"exporting {model}"), silent_c_stderr():
        from sonogram import exporting

        certificate = exporting.export(loaded, output, form, samples=clips, quantize=quantize)
    say(f"{output}: {_told(certificate)}")
    failures.end()


def _clips(model: Any, audio: list[str], failures: Failures) -> list[Any] | None:
    if not audio:
        return None
    from sonogram.audio import load
    from sonogram.exporting.serving import check, sample_rate

    check(model)
    rate = int(sample_rate(model))
    clips = []
    for path in audio:
        with failures.caught(path):
            clips.append(load(path, rate).samples)
    if not clips:
        raise SonogramError("none of the recordings can be read; leave them out to compare on made ones")
    return clips


def _told(found: VerificationReport) -> str:
    quantity = "probabilities" if found.measure == "probabilities" else "values, in parts of the largest,"
    return (
        f"{found.size_bytes / 1e6:.2f} MB, {found.milliseconds_per_second:.2g} ms for a second of sound, "
        f"{quantity} within {found.max_error:.1e} of the Keras model's on {found.num_clips} clips"
    )
