"""The command `backbones`: published networks that a model can be trained on."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from sonogram.cli.options import JSON
from sonogram.cli.report import echo, table, usage
from sonogram.errors import SonogramError

__all__ = ["backbones"]


def backbones(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Backbone to describe. By default all are listed.")
    ] = None,
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """List the published networks for `train --backbone`, or describe one.

    Their weights come from packages that you install. Each has its own licence.
    """
    from sonogram.backbones import CARDS, card

    try:
        chosen = CARDS if name is None else (card(name),)
    except SonogramError as error:
        raise usage(str(error), "NAME") from None
    rows = [
        {
            "name": each.name,
            "summary": each.summary,
            "suits": each.suits,
            "rate": f"{each.sample_rate} Hz",
            "window": f"{each.window:g} s every {each.step:g} s",
            "embedding": f"{each.size} values",
            "licence": each.licence,
            "source": each.source,
            "weights": "installed" if each.installed else each.requirement,
        }
        for each in chosen
    ]
    if as_json:
        echo(json.dumps(rows, indent=2))
    elif name is None:
        columns = ("name", "suits", "licence", "weights")
        table(columns, [tuple(row[column] for column in columns) for row in rows])
    else:
        for key, value in rows[0].items():
            echo(f"{key:<12} {value}")
