"""Command `predict`: sounds in recordings, with start and end times."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sonogram.cli.ready import ready
from sonogram.cli.report import Failures, echo, table, usage, warn, working
from sonogram.errors import SonogramError
from sonogram.files import write_text

if TYPE_CHECKING:
    from sonogram.inference import Prediction, Predictor

__all__ = ["predict"]

_FORMATS = ("json", "csv", "audacity", "raven")
_ENDINGS = {"audacity": ".txt", "raven": ".selections.txt"}
"""Of the formats that have one file for each recording."""


@dataclass(frozen=True)
class _Result:
    """Prediction of a recording, or the reason why there is none."""

    path: str
    prediction: Prediction | None
    error: str | None = None


def predict(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A .keras file.")],
    audio: Annotated[list[str], typer.Argument(metavar="AUDIO", help="Recordings of any length.")],
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON object, as --format json.")] = False,
    form: Annotated[
        str | None,
        typer.Option("--format", metavar="|".join(_FORMATS), help="Output format.", show_default="table"),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "-o", "--output", metavar="OUT", help="A file; a folder for the labels of several recordings."
        ),
    ] = None,
    top: Annotated[
        int | None,
        typer.Option(metavar="K", min=1, help="Print the K best labels of each recording instead of events."),
    ] = None,
    threshold: Annotated[
        float | None,
        typer.Option(metavar="SCORE", min=0, max=1, help="Minimum score of an event.", show_default="0.5"),
    ] = None,
    window: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS", help="Length of a window.", show_default="length of the training clips"
        ),
    ] = None,
    step: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", help="Step from window to window.", show_default="half a window"),
    ] = None,
) -> None:
    """Detect sounds in recordings with a trained model, with start and end times.

    A recording no longer than a window gets one decision, its best label; a longer one gets a timeline.
    """
    form = _form(form, as_json, output)
    _check_top(top, form)
    targets = _targets(form, output, audio)
    _check_output(output, targets, [model, *audio])
    predictor = _predictor(model, {"window": window, "step": step, "threshold": threshold})
    for place in _places(output, targets):
        _make_folder(place.parent)  # before an hour of work, not after it
    failures = Failures()
    results = [_predict_file(predictor, path, failures) for path in audio]
    if form is None:
        _print(results, top)
    elif targets is not None:
        _write_each(results, form, targets, predictor)
    elif form == "json":
        _write(
            json.dumps(_plain(results, model, predictor, top or 3), allow_nan=False, indent=2) + "\n", output
        )
    elif output is None or any(each.prediction for each in results):
        _write(_labels(form, results, predictor), output)  # an existing file stays if nothing could be read
    if form != "json" and top is None:
        _warn_without_events(results, predictor.threshold)
    failures.end()


def _warn_without_events(results: Sequence[_Result], threshold: float) -> None:
    """List the recordings with no score above the threshold."""
    for each in results:
        found = each.prediction
        if found is not None and not found.events:
            best = f"{found.label} has {found.score:.2f} over the whole recording"
            remedy = "try a lower --threshold"
            warn(f"{each.path}: no score reaches the threshold of {threshold:g} ({best}); {remedy}")


def _form(form: str | None, as_json: bool, output: str | None) -> str | None:
    if form is not None and form not in _FORMATS:
        raise usage(f"one of {', '.join(_FORMATS)}; got {form!r}", "--format")
    if as_json and form not in (None, "json"):
        raise usage(f"--json and --format {form} exclude one another", "--json")
    if as_json:
        return "json"
    if form is None and output is not None:
        form = {".json": "json", ".csv": "csv"}.get(os.path.splitext(output)[1].lower())
        if form is None:
            raise usage(f"{output}: choose with --format which of {', '.join(_FORMATS)} to write", "--output")
    return form


def _check_top(top: int | None, form: str | None) -> None:
    if top is not None and form not in (None, "json"):
        raise usage(f"{form} holds a timeline; leave --top out, or take --format json", "--top")


def _targets(form: str | None, output: str | None, audio: list[str]) -> list[Path] | None:
    """Return the output file of each recording; None if all share one."""
    if form not in _ENDINGS or (len(audio) == 1 and not (output and os.path.isdir(output))):
        return None
    if output is None:
        raise usage(f"{form} has one file for each recording; name a folder with -o", "--output")
    if os.path.isfile(output):
        raise usage(f"{output} is a file; name a folder for the labels of {len(audio)} recordings", "-o")
    targets = [Path(output) / f"{Path(path).stem}{_ENDINGS[form]}" for path in audio]
    for number, target in enumerate(targets):
        if target in targets[:number]:
            other = audio[targets.index(target)]
            raise usage(f"{other} and {audio[number]} would both be written to {target}", "AUDIO")
    return targets


def _places(output: str | None, targets: list[Path] | None) -> list[Path]:
    """Return every file to write."""
    return targets or ([] if output is None else [Path(output)])


def _check_output(output: str | None, targets: list[Path] | None, inputs: list[str]) -> None:
    for target in _places(output, targets):
        for path in inputs:
            if target.exists() and os.path.exists(path) and os.path.samefile(target, path):
                raise usage(f"{target} is an input; give another name", "--output")
        if target.is_dir():
            raise usage(f"{target} is a folder; name a file", "--output")


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise usage(f"{folder}: cannot be made ({error.strerror})", "--output") from None


def _predictor(path: str, settings: dict[str, Any]) -> Predictor:
    from sonogram.audio.native import silent_c_stderr

    with working(f"reading {path}"), silent_c_stderr():
        ready()
        import numpy as np

        from sonogram import load_model
        from sonogram.audio import Audio
        from sonogram.inference import Predictor

        model = load_model(path)
        try:
            predictor = Predictor(model, **settings)
        except SonogramError as error:
            raise SonogramError(f"{path}: {error}") from None
        # The first call compiles, and some of its notes come then.
        silence = np.zeros(round(predictor.window * predictor.model_info.sample_rate), np.float32)
        predictor.predict(Audio(silence, int(predictor.model_info.sample_rate)))
    return predictor


def _predict_file(predictor: Predictor, path: str, failures: Failures) -> _Result:
    error = "does not fit into memory"
    with failures.collect(path), working(f"listening to {path}"):
        try:
            if os.path.isdir(path):
                raise SonogramError(f"{path}: is a folder; name the sound files in it")
            return _Result(path, predictor.predict(path))
        except SonogramError as failure:
            error = str(failure)
            raise
    return _Result(path, None, error)


def _print(results: Sequence[_Result], top: int | None) -> None:
    if top is not None:
        rows = [
            (each.path, label, f"{score:.4f}")
            for each in results
            if each.prediction is not None
            for label, score in each.prediction.top(top)
        ]
        table(("path", "label", "score"), rows, right=(2,))
        return
    timed = [
        (each.path, f"{event.start:.2f}", f"{event.end:.2f}", event.label, f"{event.score:.4f}")
        for each in results
        if each.prediction is not None
        for event in each.prediction.events
    ]
    table(("path", "start", "end", "label", "score"), timed, right=(1, 2, 4))


def _plain(results: Sequence[_Result], model: str, predictor: Predictor, top: int) -> dict[str, Any]:
    return {
        "model": model,
        "labels": list(predictor.model_info.labels),
        "multi_label": predictor.model_info.multi_label,
        "window": predictor.window,
        "step": predictor.step,
        "threshold": predictor.threshold,
        "files": [_plain_file(each, top) for each in results],
    }


def _plain_file(result: _Result, top: int) -> dict[str, Any]:
    found = result.prediction
    if found is None:
        return {"path": result.path, "error": result.error}
    return {
        "path": result.path,
        "duration": round(found.duration, 6),
        "label": found.label,
        "score": round(found.score, 6),
        "top": [{"label": label, "score": round(score, 6)} for label, score in found.top(top)],
        "events": [
            {
                "start": round(event.start, 6),
                "end": round(event.end, 6),
                "label": event.label,
                "score": round(event.score, 6),
            }
            for event in found.events
        ],
    }


def _labels(form: str, results: Sequence[_Result], predictor: Predictor) -> str:
    from sonogram.inference import audacity, comma_separated, raven

    rows = [(each.path, event) for each in results if each.prediction for event in each.prediction.events]
    if form == "csv":
        return comma_separated(rows)
    events = [event for _, event in rows]
    return audacity(events) if form == "audacity" else raven(events, predictor.model_info.sample_rate / 2)


def _write_each(results: Sequence[_Result], form: str, targets: Sequence[Path], predictor: Predictor) -> None:
    for each, target in zip(results, targets, strict=True):
        if each.prediction is not None:
            _write(_labels(form, [each], predictor), str(target))


def _write(text: str, output: str | None) -> None:
    if output is None:
        echo(text.rstrip("\n"))
        return
    try:
        if os.path.exists(output) and not os.path.isfile(output):  # a device or a pipe takes what comes
            Path(output).write_text(text, encoding="utf-8", errors="surrogateescape")
            return
        write_text(output, text)
    except OSError as error:
        reason = error.strerror or str(error)
        raise SonogramError(f"{output}: cannot be written ({reason}); check the disk") from None
    echo(output)
