"""The command `presets`: the published front ends, all or one of them."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from sonogram.cli.options import JSON
from sonogram.cli.report import echo, table, usage, usage_errors

if TYPE_CHECKING:
    from sonogram.config import Config
    from sonogram.presets import Preset

__all__ = ["presets"]


def presets(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Preset to describe. By default all are listed.")
    ] = None,
    grep: Annotated[
        str | None,
        typer.Option(
            "--grep", metavar="TEXT", help="List only presets whose name, group, summary or models hold TEXT."
        ),
    ] = None,
    as_json: Annotated[bool, JSON] = False,
) -> None:
    """List the published front ends, or describe one with all its fields.

    `sonogram presets NAME --json > mine.json` writes a definition that you can edit, and name wherever a
    command takes a preset: --preset mine.json.
    """
    from sonogram.presets import bundle_preset_names, describe, micro_preset_names, preset_names

    if name is None:
        every = map(describe, (*preset_names(), *micro_preset_names(), *bundle_preset_names()))
        known = [each for each in every if grep is None or _holds(each, grep)]
        if not known:
            raise usage(f"no preset holds {grep!r}; sonogram presets lists all", "--grep")
        if as_json:
            rows = [{"name": each.name, "group": each.group, "summary": each.summary} for each in known]
            echo(json.dumps(rows, indent=2, ensure_ascii=False))
        else:
            table(("name", "group", "summary"), [(each.name, each.group, each.summary) for each in known])
        return
    with usage_errors("NAME"):
        chosen = describe(name)
    if as_json:
        echo(json.dumps(chosen.frontend.to_dict(defaults=True), indent=2))
        return
    for line in _lines(chosen):
        echo(line)


def _holds(preset: Preset, text: str) -> bool:
    described = " ".join((preset.name, preset.group, preset.summary, preset.models))
    return text.casefold() in described.casefold()


def _lines(preset: Preset) -> Iterator[str]:
    frontend = preset.frontend
    yield f"{preset.name}: {preset.summary}"
    yield ""
    facts = {
        "group": preset.group,
        "models": preset.models,
        "source": preset.source,
        "notes": preset.notes,
        "clips": f"{preset.clip_seconds:g} s" if preset.clip_seconds else "",
        "features": f"{frontend.num_bands} bands, {frontend.unit}",
        "streamable": "yes" if frontend.streamable else "no: it needs the whole clip",
        "fingerprint": frontend.fingerprint,
    }
    for key, value in facts.items():
        if value:
            yield f"{key:<12} {value}"
    yield ""
    yield f'sonogram.preset("{preset.name}") has these fields:'
    yield ""
    rows = list(_fields(frontend, ""))
    names, values = (max(len(row[column]) for row in rows) for column in (0, 1))
    for row in rows:
        yield f"{row[0]:<{names}}  {row[1]:<{min(values, 24)}}  {row[2]}".rstrip()


def _fields(config: Config, indent: str) -> Iterator[tuple[str, str, str]]:
    """Yield name, value and meaning of each field, including the fields of stages."""
    from sonogram.config import Config, field_docs

    docs = field_docs(type(config))
    for field in dataclasses.fields(config):
        value = getattr(config, field.name)
        several = value if isinstance(value, tuple) else (value,)
        stages = [each for each in several if isinstance(each, Config)]
        shown = ", ".join(type(each).__name__ for each in stages) if stages else repr(value)
        yield f"{indent}{field.name}", shown, docs.get(field.name, "").partition(". ")[0].rstrip(".")
        for stage in stages:
            yield from _fields(stage, indent + "  ")
