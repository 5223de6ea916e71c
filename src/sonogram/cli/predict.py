"""Command `predict`: sounds in recordings, with start and end times."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sonogram.cli.options import JOBS, JSON, check_format
from sonogram.cli.outputs import find_recordings, place_results
from sonogram.cli.prediction_formats import ENDINGS, FORMATS, Entry, cells, make_table, render
from sonogram.cli.progress import How
from sonogram.cli.recordings_run import Run, journal_of, write_results
from sonogram.cli.report import usage, warn, working
from sonogram.cli.start_tensorflow import start_tensorflow
from sonogram.errors import SonogramError, with_name

if TYPE_CHECKING:
    from sonogram.audio import SoundSource
    from sonogram.inference import Detector, Predictor
    from sonogram.inference.recordings import OnProgress

__all__ = ["predict"]


def predict(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A .keras file.")],
    audio: Annotated[
        list[str],
        typer.Argument(
            metavar="AUDIO",
            help="Recordings of any length: files, folders, globs, CSV manifests, - for standard input.",
        ),
    ],
    as_json: Annotated[bool, JSON] = False,
    form: Annotated[
        str | None,
        typer.Option("--format", metavar="|".join(FORMATS), help="Output format.", show_default="table"),
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
        typer.Option(
            metavar="SCORE",
            min=0,
            max=1,
            help="Minimum score of an event.",
            show_default="0.5, or what training on events chose",
        ),
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
    jobs: Annotated[int | None, JOBS] = None,
    progress: How = "bar",
) -> None:
    """Detect sounds in recordings with a trained model, with start and end times.

    A recording no longer than a window is one decision; a longer one gets a timeline. With -o, run the same
    command again to continue where it was interrupted.
    """
    form = _choose_format(check_format(form, FORMATS, as_json), output)
    _check_top(top, form)
    if progress == "json" and output is None:
        raise usage("the lines of progress would be mixed with the predictions; add -o", "--progress")
    items = find_recordings(audio)
    targets = place_results(ENDINGS.get(form or ""), output, audio, items, [model])
    settings = {"window": window, "step": step, "threshold": threshold}
    with journal_of(output, targets, "predictions", model, {**settings, "top": top or 3}) as journal:
        predictor = _predictor(model, settings)
        process = partial(_process, predictor, jobs, top or 3)
        check = None if form == "json" or top is not None else partial(_warn_without_events, predictor)
        run = Run(process, items, progress, journal, check)
        with run.entries() as entries:
            if form is None:
                _print_table(entries, run.paths, predictor.model_info.labels, top is not None)
            else:
                text = partial(render, form, head=_head(model, predictor))
                write_results(run, entries, text, output, targets, keep_errors=form == "json")
    run.failures.end()


def _choose_format(form: str | None, output: str | None) -> str | None:
    """Return the format: that of the option, or of the name of the output; None for a table on stdout."""
    if output is None or (form is not None and os.path.isdir(output)):
        return form
    named = {".json": "json", ".csv": "csv"}.get(os.path.splitext(output)[1].lower())
    if form is None and named is None:
        raise usage(f"{output}: choose with --format which of {', '.join(FORMATS)} to write", "--output")
    if None not in (form, named) and form != named:
        raise usage(f"the format is {form}, but {output} is a name for {named}; change one", "--format")
    return form or named


def _check_top(top: int | None, form: str | None) -> None:
    if top is not None and form not in (None, "json"):
        raise usage(f"{form} holds a timeline; leave --top out, or take --format json", "--top")


def _predictor(path: str, settings: dict[str, Any]) -> Predictor | Detector:
    from sonogram.audio.native import silent_c_stderr

    with working(f"reading {path}"), silent_c_stderr():
        start_tensorflow()
        import numpy as np

        from sonogram import load_model
        from sonogram.audio import Audio
        from sonogram.inference import make_predictor

        model = load_model(path)
        try:
            predictor = make_predictor(model, **settings)
        except SonogramError as error:
            raise SonogramError(with_name(error, path)) from None
        # The first call compiles, and some of its notes come then.
        silence = np.zeros(round(predictor.window * predictor.model_info.sample_rate), np.float32)
        predictor.predict(Audio(silence, int(predictor.model_info.sample_rate)))
    return predictor


def _process(
    predictor: Predictor | Detector,
    jobs: int | None,
    top: int,
    todo: Iterable[tuple[str, SoundSource]],
    on_progress: OnProgress,
) -> Generator[Entry, None, None]:
    from sonogram.inference import predict_recordings

    with closing(predict_recordings(predictor, todo, jobs=jobs, on_progress=on_progress)) as found:
        for each in found:
            yield each.to_dict(top)


def _warn_without_events(predictor: Predictor | Detector, entry: Entry) -> None:
    if not entry["events"]:
        best = f"{entry['label']} has {entry['score']:.2f} over the whole recording"
        limit = predictor.threshold
        reached = "its threshold" if limit is None else f"the threshold of {limit:g}"
        warn(
            f"{entry['path']}: no score reaches {reached} ({best}); try a lower --threshold, or --top 1 for "
            "the best label"
        )


def _print_table(entries: Iterator[Entry], paths: list[str], labels: tuple[str, ...], top: bool) -> None:
    """Print the recordings as they come."""
    table = make_table(paths, labels, top)
    table.begin()
    for entry in entries:
        for row in cells(entry, top):
            table.add(row)


def _head(model: str, predictor: Predictor | Detector) -> dict[str, Any]:
    """Return what JSON states before the recordings."""
    return {
        "model": model,
        "labels": list(predictor.model_info.labels),
        "multi_label": predictor.model_info.multi_label,
        "window": predictor.window,
        "step": predictor.step,
        "threshold": predictor.threshold,
    }
