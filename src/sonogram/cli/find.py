"""The commands `find` and `suggest`: windows that sound like an example, and those to label next."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sonogram.cli.options import check_format, sound_source
from sonogram.cli.outputs import check_output
from sonogram.cli.prediction_formats import ENDINGS, FORMATS, render
from sonogram.cli.recordings_run import explain
from sonogram.cli.report import echo, print_part, table, usage, working
from sonogram.cli.start_tensorflow import start_tensorflow
from sonogram.files import write_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sonogram.search import Bank, Match

__all__ = ["find", "suggest"]

_BANK: Any = typer.Argument(metavar="BANK", help="Folder that `sonogram embed` wrote.")
_FORMAT: Any = typer.Option(
    "--format", metavar="|".join(FORMATS), help="Output format.", show_default="table; CSV with -o"
)
_OUTPUT: Any = typer.Option(
    "-o",
    "--output",
    metavar="OUT",
    help="A file; for audacity and raven a folder, with one for each recording.",
)


def find(
    bank: Annotated[str, _BANK],
    example: Annotated[
        str, typer.Argument(metavar="EXAMPLE", help="Sound to look for, - for standard input.")
    ],
    count: Annotated[int, typer.Option("-n", "--count", metavar="N", min=1, help="Number of matches.")] = 10,
    form: Annotated[str | None, _FORMAT] = None,
    output: Annotated[str | None, _OUTPUT] = None,
) -> None:
    """Find the windows of recordings that sound most like an example, best first.

    The score is the correlation of the embeddings: 1 is the same, 0 is unrelated. Of windows that overlap,
    the best one is listed.
    """
    form = _form(form, output, [example])
    with working("starting TensorFlow"):
        from sonogram import search

        opened = search.open_bank(bank)  # an error before the seconds in which TensorFlow starts
        start_tensorflow()
        matches = search.find(opened, sound_source(example), count)
    _write(opened, matches, form, output)


def suggest(
    bank: Annotated[str, _BANK],
    labels: Annotated[
        str | None,
        typer.Argument(
            metavar="LABELS.csv",
            help="Labels so far: path,label, and for a part of a recording start,end in seconds.",
            show_default="none",
        ),
    ] = None,
    count: Annotated[int, typer.Option("-n", "--count", metavar="N", min=1, help="Number of windows.")] = 20,
    form: Annotated[str | None, _FORMAT] = None,
    output: Annotated[str | None, _OUTPUT] = None,
) -> None:
    """Suggest what to label next: windows that represent most of what has no label yet, best first.

    With -o it writes a CSV file like LABELS.csv, with the most similar label so far. Correct the labels,
    append the lines to LABELS.csv, and run `sonogram train LABELS.csv --bank BANK`.
    """
    form = _form(form, output, [labels] if labels else [])
    from sonogram import search

    opened = search.open_bank(bank)
    _write(opened, search.suggest(opened, labels, count), form, output)


def _form(form: str | None, output: str | None, inputs: list[str]) -> str | None:
    form = check_format(form, FORMATS)
    if form in ENDINGS and output is None:
        raise usage(f"{form} has one file for each recording; name a folder with -o", "--format")
    if form not in ENDINGS:
        check_output(output, {}, inputs)
    if form is None and output is not None:
        return "json" if output.lower().endswith(".json") else "csv"
    return form


def _write(bank: Bank, matches: Sequence[Match], form: str | None, output: str | None) -> None:
    if form is None:
        rows = [
            (each.path, f"{each.start:.2f}", f"{each.end:.2f}", each.label, f"{each.score:.4f}")
            for each in matches
        ]
        table(("path", "start", "end", "label", "score"), rows, right=(1, 2, 4))
        return
    if form == "json":
        text = (
            json.dumps({"bank": str(bank.folder), "matches": [asdict(each) for each in matches]}, indent=2)
            + "\n"
        )
    elif form == "csv":
        text = "".join(render("csv", [_entry(bank, [each]) for each in matches], {}))
    else:
        assert output is not None
        for path in dict.fromkeys(each.path for each in matches):
            target = Path(output, path).with_suffix(ENDINGS[form])
            events = sorted((each for each in matches if each.path == path), key=lambda each: each.start)
            with explain(str(target), ""):
                write_text(target, "".join(render(form, [_entry(bank, events)], {})))
            echo(str(target))
        return
    if output is None:
        print_part(text)
        return
    with explain(output, ""):
        write_text(output, text)
    echo(f"{output}: {len(matches)} windows")


def _entry(bank: Bank, matches: Sequence[Match]) -> dict[str, Any]:
    events = [{key: value for key, value in asdict(each).items() if key != "path"} for each in matches]
    return {"path": matches[0].path, "sample_rate": bank.embedder.sample_rate, "events": events}
