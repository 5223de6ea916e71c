"""Command `transcribe`: the text of recordings, with the times of its words."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sonogram.cli.decoding import (
    BEAM,
    BOOST,
    LANGUAGE_MODEL,
    LANGUAGE_WEIGHT,
    WORDS,
    decoding_settings,
)
from sonogram.cli.options import JOBS, JSON, sound_source
from sonogram.cli.outputs import check_output, find_recordings, is_stream, make_folders, targets_of
from sonogram.cli.predicting import Run, explain, open_journal
from sonogram.cli.predictions import Entry
from sonogram.cli.progress import How
from sonogram.cli.ready import ready
from sonogram.cli.report import INTERRUPTED, Table, echo, print_part, usage, warn, working
from sonogram.cli.transcripts import FORMATS, OWN_FILE, form_of, render
from sonogram.errors import SonogramError
from sonogram.files import atomic_file

if TYPE_CHECKING:
    from sonogram.audio import SoundSource
    from sonogram.inference import Transcriber
    from sonogram.inference.recordings import OnProgress

__all__ = ["MODEL", "choose_form", "load_transcriber", "transcribe", "write_transcripts"]

MODEL: Any = typer.Argument(
    metavar="MODEL.keras", help="Model from `sonogram train` on a manifest with the columns path and text."
)
FORMAT: Any = typer.Option("--format", metavar="|".join(FORMATS), help="Output format.", show_default="text")


def transcribe(
    model: Annotated[str, MODEL],
    audio: Annotated[
        list[str],
        typer.Argument(
            metavar="AUDIO",
            help="Recordings of any length: files, folders, globs, CSV manifests, - for standard input.",
        ),
    ],
    as_json: Annotated[bool, JSON] = False,
    form: Annotated[str | None, FORMAT] = None,
    output: Annotated[
        str | None,
        typer.Option("-o", "--output", metavar="OUT", help="A file; a folder for one file a recording."),
    ] = None,
    beam: Annotated[int | None, BEAM] = None,
    language_model: Annotated[str | None, LANGUAGE_MODEL] = None,
    language_weight: Annotated[float, LANGUAGE_WEIGHT] = 0.4,
    words: Annotated[str | None, WORDS] = None,
    boost: Annotated[list[str] | None, BOOST] = None,
    jobs: Annotated[int | None, JOBS] = None,
    progress: How = "bar",
) -> None:
    """Transcribe recordings with a trained speech recognizer, with the times of the words.

    Long recordings are cut where they are silent. With -o, run the same command again to continue where it
    was interrupted.
    """
    form = choose_form(form, as_json, output)
    if progress == "json" and output is None:
        raise usage("the lines of progress would be mixed with the texts; add -o", "--progress")
    settings = decoding_settings(beam, language_model, language_weight, words, boost)
    items = find_recordings(audio)
    many = None if output is None and form == "text" else OWN_FILE.get(form)
    targets = targets_of(many, output, audio, items)
    inputs = [model, *audio, *(item.path for item in items), *filter(None, (language_model, words))]
    check_output(output, targets, inputs)
    make_folders(output, targets)
    with ExitStack() as stack:
        journal = None
        if output is not None and not is_stream(output):
            target = Path(output, "transcripts") if targets else Path(output)
            journal = stack.enter_context(open_journal(target, model, settings))
        transcriber = load_transcriber(model, settings)
        run = Run(partial(_process, transcriber, jobs), items, progress, journal)
        try:
            with run.entries(sound_source) as entries:
                if output is None:
                    _print(form, entries, len(items), {"model": model})
                elif targets:
                    for entry in entries:
                        if "error" not in entry:
                            write_transcripts(form, str(targets[entry["path"]]), [entry])
                else:
                    _write_together(form, output, entries, run, {"model": model})
        except KeyboardInterrupt:
            kept = "" if journal is None else "; run the same command again to continue"
            warn(f"interrupted{kept}")
            raise typer.Exit(INTERRUPTED) from None
        if journal is not None:
            journal.remove()
    run.failures.end()


def choose_form(form: str | None, as_json: bool, output: str | None) -> str:
    """Return the format of `--format`, `--json` or the name of the output; text without any."""
    if form is not None and form not in FORMATS:
        raise usage(f"one of {', '.join(FORMATS)}; got {form!r}", "--format")
    if as_json and form not in (None, "json"):
        raise usage(f"--json and --format {form} exclude one another", "--json")
    return form or ("json" if as_json else form_of(output or "")) or "text"


def load_transcriber(path: str, settings: dict[str, Any]) -> Transcriber:
    """Return the model of a path, prepared."""
    from sonogram.audio.native import silent_c_stderr

    with working(f"reading {path}"), silent_c_stderr():
        ready()
        from sonogram import load_model
        from sonogram.inference import Transcriber

        model = load_model(path)
        try:
            return Transcriber(model, **settings)
        except SonogramError as error:
            raise SonogramError(str(error) if path in str(error) else f"{path}: {error}") from None


def write_transcripts(form: str, output: str, entries: Iterable[Entry], head: Any = None) -> None:
    """Write transcripts to a file, whole or not at all; to a pipe or a device as they come."""
    pieces = render(form, entries, head or {})
    if is_stream(output):
        with explain(output, ""), open(output, "w", encoding="utf-8", errors="surrogateescape") as stream:
            stream.writelines(pieces)
        return
    with explain(output), atomic_file(output) as file:
        for piece in pieces:
            file.write(piece.encode("utf-8", errors="surrogateescape"))
    echo(output)


def _write_together(form: str, output: str, entries: Iterator[Entry], run: Run, head: Any) -> None:
    """Write one file for all recordings: when all are done, from the journal; a pipe or a device at once."""
    if is_stream(output):
        write_transcripts(form, output, entries, head)
        return
    for _ in entries:
        pass
    if run.num_done or form == "json":  # otherwise an existing file stays
        write_transcripts(form, output, run.all_entries(), head)


def _process(
    transcriber: Transcriber,
    jobs: int | None,
    todo: Iterable[tuple[str, SoundSource]],
    on_progress: OnProgress,
) -> Generator[Entry, None, None]:
    from sonogram.inference import process_recordings

    jobs = jobs if transcriber.parallel else 1
    with closing(
        process_recordings(transcriber.transcribe, todo, jobs=jobs, on_progress=on_progress)
    ) as found:
        for each in found:
            if each.result is None:
                yield {"path": each.path, "error": each.error}
            else:
                yield {"path": each.path, **each.result.to_dict()}


def _print(form: str, entries: Iterator[Entry], count: int, head: Any) -> None:
    """Print transcripts as they come; the texts of several recordings as a table."""
    if form == "text" and count > 1:
        table = Table(("path", "text"), (0, 0))
        for entry in entries:
            if "error" not in entry:
                table.add((entry["path"], entry["text"]))
        return
    for piece in render(form, entries, head):
        print_part(piece)
