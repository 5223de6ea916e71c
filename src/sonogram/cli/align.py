"""Command `align`: where the words of a known text are in a recording."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sonogram.cli.options import JSON, sound_source
from sonogram.cli.outputs import check_output
from sonogram.cli.recordings_run import write_pieces
from sonogram.cli.report import print_part, table, usage, working
from sonogram.cli.transcribe import FORMAT, MODEL, choose_form, load_transcriber
from sonogram.cli.transcript_formats import render
from sonogram.errors import SonogramError, with_name
from sonogram.files import read_text

__all__ = ["align"]

_ENDINGS = (
    ".txt",
    ".srt",
    ".vtt",
    ".csv",
    ".tsv",
    ".json",
    ".ctm",
    ".md",
    ".rtf",
    ".doc",
    ".docx",
    ".odt",
    ".pdf",
)
"""Of files with text."""


def align(
    model: Annotated[str, MODEL],
    audio: Annotated[str, typer.Argument(metavar="AUDIO", help="The recording; - for standard input.")],
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What is spoken: a text file, or the words.")],
    as_json: Annotated[bool, JSON] = False,
    form: Annotated[str | None, FORMAT] = None,
    output: Annotated[str | None, typer.Option("-o", "--output", metavar="OUT", help="A file.")] = None,
) -> None:
    """Find where the words of a text are in its recording.

    Prints start, end and score of each word, or writes subtitles or a label track with --format or -o.
    """
    chosen = choose_form(form, as_json, output)
    check_output(output, {}, [model, audio, text])
    spoken = _read_text(text)
    transcriber = load_transcriber(model, {})
    with working("aligning"):
        try:
            found = transcriber.align(sound_source(audio), spoken)
        except SonogramError as error:
            raise SonogramError(with_name(error, audio)) from None
    entry = {"path": audio, **found.to_dict()}
    if output is not None:
        write_pieces(output, render(chosen, [entry], {"model": model}))
    elif chosen == "text":
        rows = [
            (f"{word.start:.3f}", f"{word.end:.3f}", word.text, f"{word.score:.4f}") for word in found.words
        ]
        table(("start", "end", "word", "score"), rows, right=(0, 1, 3))
    else:
        for piece in render(chosen, [entry], {"model": model}):
            print_part(piece)


def _read_text(text: str) -> str:
    """Return the text of a file, or the argument itself where it names no file."""
    from sonogram.decoding import normalize

    found = _find_text(text)
    if not normalize(found):
        raise usage(f"{text!r} holds no words; give the text that is spoken", "TEXT")
    return found


def _find_text(text: str) -> str:
    try:
        if Path(text).is_file():
            return read_text(text)
    except OSError as error:
        if Path(text).name != text or len(text) < 200:
            raise SonogramError(f"{text}: cannot be read ({error.strerror}); check it") from None
        return text  # words, longer than any file name
    is_path = text.lower().endswith(_ENDINGS) or (Path(text).name != text and [text] == text.split())
    if is_path:
        raise usage(f"{text}: no such file; check the path", "TEXT")
    return text
