"""Command `predict`: sounds in recordings, with start and end times."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sonogram.cli.options import sound_source
from sonogram.cli.predicting import Run, explain, open_journal
from sonogram.cli.predictions import ENDINGS, FORMATS, Entry, cells, make_table, render
from sonogram.cli.progress import How
from sonogram.cli.ready import ready
from sonogram.cli.report import INTERRUPTED, echo, print_part, usage, warn, working
from sonogram.errors import SonogramError
from sonogram.files import Input, atomic_file, find_each, write_text

if TYPE_CHECKING:
    from sonogram.inference import Predictor

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
    jobs: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=1, help="Number of recordings at a time.", show_default="one per core, at most 8"
        ),
    ] = None,
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
    items = _inputs(audio)
    targets = _targets(form, output, audio, items)
    _check_output(output, targets, [model, *(item.path for item in items)])
    for place in [*targets.values()] or ([Path(output)] if output else []):
        _make_folder(place.parent)  # before an hour of work, not after it
    settings = {"window": window, "step": step, "threshold": threshold}
    with ExitStack() as stack:
        journal = None
        if output is not None and not _is_stream(output):
            target = Path(output, "predictions") if targets else Path(output)
            journal = stack.enter_context(open_journal(target, model, {**settings, "top": top or 3}))
        predictor = _predictor(model, settings)
        run = Run(
            predictor, items, jobs, progress, top or 3, journal, quiet=form == "json" or top is not None
        )
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


def _inputs(audio: list[str]) -> list[Input]:
    """Return the recordings; standard input is one."""
    names = [name for name in audio if name != "-"]
    found = find_each(names)
    if len(names) < len(audio):
        found.append(Input("-", "stdin"))
    return found


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


def _targets(form: str | None, output: str | None, audio: list[str], items: list[Input]) -> dict[str, Path]:
    """Return the output file of each recording by its path; none if all share one."""
    single = len(audio) == 1 and len(items) == 1 and not os.path.isdir(audio[0])
    if form not in ENDINGS or (single and not (output and os.path.isdir(output))):
        return {}
    if output is None:
        raise usage(f"{form} has one file for each recording; name a folder with -o", "--output")
    if os.path.isfile(output):
        raise usage(f"{output} is a file; name a folder for the labels of {len(items)} recordings", "-o")
    taken: dict[Path, str] = {}
    for item in items:
        name = Path(os.path.basename(item.path) if item.problem else item.name)
        target = Path(output, name.parent, name.stem + ENDINGS[form])
        if target in taken:
            raise usage(f"{taken[target]} and {item.path} would both be written to {target}", "AUDIO")
        taken[target] = item.path
    return {path: target for target, path in taken.items()}


def _check_output(output: str | None, targets: dict[str, Path], inputs: list[str]) -> None:
    for target in [*targets.values()] or ([Path(output)] if output else []):
        for path in inputs if target.exists() else ():
            if os.path.exists(path) and os.path.samefile(target, path):
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


def _write(
    form: str | None,
    output: str | None,
    targets: dict[str, Path],
    model: str,
    predictor: Predictor,
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


def _is_stream(output: str) -> bool:
    """Return whether an output is a pipe or a device, which takes what comes and keeps nothing."""
    return os.path.exists(output) and not os.path.isfile(output) and not os.path.isdir(output)


def _write_labels(form: str, entry: Entry, target: Path) -> None:
    with explain(str(target)):
        write_text(target, "".join(render(form, [entry], {})))
    echo(str(target))


def _write_file(form: str, output: str, head: Any, entries: Iterator[Entry], run: Run) -> None:
    """Write one file for all recordings: when all are done, from the journal; a pipe or a device at once."""
    if _is_stream(output):
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
