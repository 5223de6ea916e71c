"""The command `backbones`: published networks that a model can be trained on."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from sonogram.cli.options import JSON, find_backbone
from sonogram.cli.report import Failures, echo, table, working
from sonogram.cli.start_tensorflow import start_tensorflow

__all__ = ["backbones"]


def backbones(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Backbone to describe. By default all are listed.")
    ] = None,
    compare: Annotated[
        str | None,
        typer.Option(metavar="DATA", help="Data set on which to compare NAME, or all that are installed."),
    ] = None,
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """List the published networks for `train --backbone`, describe one, or compare them on a data set.

    Their weights come from packages that you install. Each has its own licence. --compare takes some seconds
    for each: up to 200 clips are classified by linear classifiers of other groups.
    """
    from sonogram.backbones import CARDS

    if compare is not None:
        _compare(compare, None if name is None else [name], as_json)
        return

    chosen = CARDS if name is None else (find_backbone(name, "NAME"),)
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


def _compare(data: str, names: list[str] | None, as_json: bool) -> None:
    from sonogram.dataset import DatasetReport

    failures = Failures()
    with working("comparing"):
        start_tensorflow()
        from sonogram.training.comparison import FEATURES, NETWORK_GAIN, compare_backbones

        found = compare_backbones(data, names, report=DatasetReport(failures.add))
    if as_json:
        echo(json.dumps(found, indent=2))
        failures.end()
        return
    table(("name", "accuracy"), [(name, f"{accuracy:.3f}") for name, accuracy in found.items()], right=(1,))
    best, gain = next(iter(found)), max(found.values()) - found[FEATURES]
    if len(found) == 1:
        echo("no backbone is installed: `sonogram backbones` names the packages")
    elif gain > NETWORK_GAIN:
        echo(f"{best} is further ahead than a trained network would be: train with --backbone {best}")
    else:
        echo("no backbone is clearly better than a trained network: train without --backbone")
    failures.end()
