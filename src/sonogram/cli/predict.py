"""Command `predict`: sounds in recordings, with start and end times."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sonogram.cli.options import JOBS, sound_source
from sonogram.cli.outputs import check_output, find_recordings, is_stream, make_folders, targets_of
from sonogram.cli.predicting import Run, explain, open_journal
from sonogram.cli.predictions import ENDINGS, FORMATS, Entry, cells, make_table, render
from sonogram.cli.progress import How
from sonogram.cli.ready import ready
from sonogram.cli.report import INTERRUPTED, echo, print_part, usage, warn, working
from sonogram.errors import SonogramError
from sonogram.files import atomic_file, write_text

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
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON object, as --format json.")] = False,
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
    form = _form(form, as_json, output)
    _check_top(top, form)
    if progress == "json" and output is None:
        raise usage("the lines of progress would be mixed with the predictions; add -o", "--progress")
    items = find_recordings(audio)
    targets = targets_of(ENDINGS.get(form or ""), output, audio, items)
    check_output(output, targets, [model, *audio, *(item.path for item in items)])
    make_folders(output, targets)  # before an hour of work, not after it
    settings = {"window": window, "step": step, "threshold": threshold}
    with ExitStack() as stack:
        journal = None
        if output is not None and not is_stream(output):
            target = Path(output, "predictions") if targets else Path(output)
            journal = stack.enter_context(open_journal(target, model, {**settings, "top": top or 3}))
        predictor = _predictor(model, settings)
        process = partial(_process, predictor, jobs, top or 3)
        check = None if form == "json" or top is not None else partial(_warn_without_events, predictor)
        run = Run(process, items, progress, journal, check)
        try:
            with run.entries(sound_source) as entries:
                _write(form, output, targets, model, predictor, entries, run, top)
        except KeyboardInterrupt:
            kept = "" if journal is None else "; run the same command again to continue"
            warn(f"interrupted{kept}")
            raise typer.Exit(INTERRUPTED) from None
        if journal is not None:
            journal.remove()
    run.failures.end()


def _form(form: str | None, as_json: bool, output: str | None) -> str | None:
    if form is not None and form not in FORMATS:
        raise usage(f"one of {', '.join(FORMATS)}; got {form!r}", "--format")
    if as_json and form not in (None, "json"):
        raise usage(f"--json and --format {form} exclude one another", "--json")
    if as_json:
        return "json"
    if form is None and output is not None:
        form = {".json": "json", ".csv": "csv"}.get(os.path.splitext(output)[1].lower())
        if form is None:
            raise usage(f"{output}: choose with --format which of {', '.join(FORMATS)} to write", "--output")
    return form


def _check_top(top: int | None, form: str | None) -> None:
    if top is not None and form not in (None, "json"):
        raise usage(f"{form} holds a timeline; leave --top out, or take --format json", "--top")


def _predictor(path: str, settings: dict[str, Any]) -> Predictor | Detector:
    from sonogram.audio.native import silent_c_stderr

    with working(f"reading {path}"), silent_c_stderr():
        ready()
        import numpy as np

        from sonogram import load_model
        from sonogram.audio import Audio
        from sonogram.inference import make_predictor

        model = load_model(path)
        try:
            predictor = make_predictor(model, **settings)
        except SonogramError as error:
            raise SonogramError(f"{path}: {error}") from None
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


def _write(
    form: str | None,
    output: str | None,
    targets: dict[str, Path],
    model: str,
    predictor: Predictor | Detector,
    entries: Iterator[Entry],
    run: Run,
    top: int | None,
) -> None:
    """Write the recordings as they come; a file, when all are done."""
    if form is None:
        table = make_table(run.paths, predictor.model_info.labels, top is not None)
        table.begin()
        for entry in entries:
            for row in cells(entry, top is not None):
                table.add(row)
        return
    head = {
        "model": model,
        "labels": list(predictor.model_info.labels),
        "multi_label": predictor.model_info.multi_label,
        "window": predictor.window,
        "step": predictor.step,
        "threshold": predictor.threshold,
    }
    if output is None:
        for piece in render(
            form, (entry for entry in entries if form == "json" or "error" not in entry), head
        ):
            print_part(piece)
    elif targets:
        for entry in entries:
            if "error" not in entry:
                _write_labels(form, entry, targets[entry["path"]])
    else:
        _write_file(form, output, head, entries, run)


def _write_labels(form: str, entry: Entry, target: Path) -> None:
    with explain(str(target)):
        write_text(target, "".join(render(form, [entry], {})))
    echo(str(target))


def _write_file(form: str, output: str, head: Any, entries: Iterator[Entry], run: Run) -> None:
    """Write one file for all recordings: when all are done, from the journal; a pipe or a device at once."""
    if is_stream(output):
        with (
            explain(output, ""),
            open(output, "w", encoding="utf-8", errors="surrogateescape") as stream,
        ):
            for piece in render(form, entries, head):
                stream.write(piece)
        return
    for _ in entries:
        pass
    if form != "json" and not run.num_done:
        return  # an existing file stays if nothing could be read
    with explain(output), atomic_file(output) as file:
        for piece in render(form, run.all_entries(), head):
            file.write(piece.encode("utf-8", errors="surrogateescape"))
    echo(output)
