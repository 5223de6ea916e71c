"""Command `transcribe`: the text of recordings, with the times of its words."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
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
    check_words,
    decoding_settings,
)
from sonogram.cli.options import JOBS, JSON, check_format
from sonogram.cli.outputs import find_recordings, place_results
from sonogram.cli.prediction_formats import Entry
from sonogram.cli.progress import How
from sonogram.cli.recordings_run import Run, journal_of, write_results
from sonogram.cli.report import Table, usage, warn, working
from sonogram.cli.start_tensorflow import start_tensorflow
from sonogram.cli.transcript_formats import FORMATS, OWN_FILE, forms_of, render, shared_ctm_names
from sonogram.errors import SonogramError, with_name

if TYPE_CHECKING:
    from sonogram.audio import SoundSource
    from sonogram.inference import Transcriber
    from sonogram.inference.recordings import OnProgress

__all__ = ["MODEL", "choose_form", "load_transcriber", "transcribe"]

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
    language_weight: Annotated[float | None, LANGUAGE_WEIGHT] = None,
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
    others = [model, *filter(None, (language_model, words))]
    targets = place_results(many, output, audio, items, others)
    for one, other, name in shared_ctm_names([item.path for item in items]) if form == "ctm" else ():
        warn(f"{one} and {other} have the same name in CTM, {name}; rename one, or write them to two files")
    inputs = {**settings, "language_model": language_model and Path(language_model)}
    with journal_of(output, targets, "transcripts", model, inputs) as journal:
        transcriber = load_transcriber(model, settings, words)
        run = Run(partial(_process, transcriber, jobs), items, progress, journal)
        with run.entries() as entries:
            if form == "text" and output is None and len(items) > 1:
                _print_table(entries)
            else:
                text = partial(render, form, head={"model": model})
                write_results(run, entries, text, output, targets, keep_errors=form == "json")
    run.failures.end()


def choose_form(form: str | None, as_json: bool, output: str | None) -> str:
    """Return the format of `--format`, `--json` or the name of the output; text without any."""
    form = check_format(form, FORMATS, as_json)
    if output is None or os.path.isdir(output):
        return form or "text"
    named = forms_of(output)
    if form is None and not named and Path(output).suffix:
        raise usage(f"{output}: choose with --format which of {', '.join(FORMATS)} to write", "--output")
    if form is not None and named and form not in named:
        raise usage(f"the format is {form}, but {output} is a name for {named[0]}; change one", "--format")
    return form or (named[0] if named else "text")


def load_transcriber(path: str, settings: dict[str, Any], words: str | None = None) -> Transcriber:
    """Return the model of a path, prepared; `words` is the file of the words of the settings."""
    from sonogram.audio.native import silent_c_stderr

    with working(f"reading {path}"), silent_c_stderr():
        start_tensorflow()
        from sonogram import load_model
        from sonogram.inference import Transcriber
        from sonogram.models.recognizer import require_recognizer

        model = load_model(path)
        try:
            alphabet = require_recognizer(model)
            if words is not None:
                check_words(words, alphabet)
            return Transcriber(model, **settings)
        except SonogramError as error:
            of_input = str(error).startswith(tuple(filter(None, (settings.get("language_model"), words))))
            raise SonogramError(str(error) if of_input else with_name(error, path)) from None


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


def _print_table(entries: Iterator[Entry]) -> None:
    """Print the texts of several recordings as they come."""
    table = Table(("path", "text"), (0, 0))
    for entry in entries:
        if "error" not in entry:
            table.add((entry["path"], entry["text"]))
