"""Writes the pages that are made from the code: the definition, field by field, and the presets."""

import dataclasses
import inspect
import re
import types
import typing
from collections.abc import Iterable
from typing import Any, Literal

from sonogram import bands, deltas, normalize, padding, scaling, spatial, spectrum, stack, transform, windows
from sonogram.cepstrum import Cepstrum
from sonogram.conditioning import Conditioning, Preemphasis
from sonogram.config import Config, field_docs
from sonogram.frontend import Frontend
from sonogram.matrix import Matrix
from sonogram.presets import Preset, bundle_preset_names, describe, micro_preset_names, preset_names

MADE = "<!-- Made by docs/build.py from the code: change the docstrings there. -->"

# The stages in the order of computation: title, field, base classes of its values.
STAGES: tuple[tuple[str, str, tuple[type[Config], ...]], ...] = (
    ("Padding", "padding", (padding.Padding,)),
    ("Conditioning", "conditioning", (Conditioning, Preemphasis)),
    ("Window", "window", (windows.Window,)),
    ("Transform", "transform", (transform.Transform,)),
    ("Spectrum", "spectrum", (spectrum.Spectrum,)),
    ("Bands", "bands", (bands.Bands,)),
    ("Scaling", "scaling", (scaling.Scaling,)),
    ("Cepstrum", "cepstrum", (Cepstrum,)),
    ("Deltas", "deltas", (deltas.Deltas,)),
    ("Normalization", "normalize", (normalize.Normalize,)),
    ("Stack", "stack", (stack.Stack,)),
)
# What a `Spatial` computes from the bins of several channels.
SPATIAL = ("Features of several channels", spatial.SpatialFeature)


def definition() -> str:
    """Return the page about the definition."""
    parts = [
        "# The definition",
        MADE,
        "A `Frontend` is a chain of stages, in the order of computation: padding, conditioning, window, "
        "spectrum, bands, scaling, cepstrum, deltas, normalization, stack. Each stage is a small frozen "
        "dataclass. "
        "Where a stage has alternatives, choose one from the namespace named after the field: "
        "`padding=sg.padding.Center()`. A field that you do not set has its default. `None` means that the "
        "stage is absent or that the value is derived.",
        "Which values to choose: [Which front end should I take?](how-to/choose-a-front-end.md) "
        "All methods with their arguments: [API reference](api/frontend.md).",
        "## Frontend",
        _prose(Frontend),
        _table(Frontend, _own(Frontend)),
        "Derived values and methods:",
        _derived(),
    ]
    for title, field, kinds in STAGES:
        parts += [
            f"## {title}",
            f"Values of the field `{field}`, in the namespace `sg.{kinds[0].__module__.split('.')[1]}`.",
            *_stage(kinds[0]),
        ]
        for kind in kinds[1:]:
            parts += [f"### {kind.__name__}", *_stage(kind)]
    title, kind = SPATIAL
    parts += [
        f"## {title}",
        "Values of the field `feature` of a `Spatial`, each a `SpatialFeature`, in the namespace "
        "`sg.spatial`.",
        *_stage(kind),
    ]
    return "\n\n".join(parts) + "\n"


def _stage(kind: type[Config]) -> list[str]:
    """Return the text about one stage: the fields that its alternatives share, then each alternative."""
    choices = [choice for choice in _public() if issubclass(choice, kind) and choice is not kind]
    shared = _own(kind)
    if not choices:
        return [f"`{kind.__name__}`: {_prose(kind)}", _table(kind, shared)]
    parts = [_prose(kind)]
    if shared:
        parts += ["All of them have these fields:", _table(kind, shared)]
    for choice in choices:
        parent = choice.__mro__[1]
        known = _own(parent) if parent in choices else shared
        parts += [f"### {choice.__name__}", _prose(choice)]
        differing = [field for field in _own(choice) if not _is_like(field, known)]
        if parent in choices:
            parts.append(f"Has the fields of `{parent.__name__}`{', except:' if differing else '.'}")
        if differing:
            parts.append(_table(choice, differing))
    return parts


def _public() -> list[type[Config]]:
    """Return the public stages in the order of their source."""
    modules = (padding, windows, transform, spectrum, bands, scaling, deltas, normalize, spatial)
    return [
        value
        for module in modules
        for name, value in vars(module).items()
        if name in module.__all__ and inspect.isclass(value) and value.__module__.startswith(module.__name__)
    ]


def _own(kind: type[Config]) -> list[dataclasses.Field[Any]]:
    return list(dataclasses.fields(kind))


def _is_like(field: dataclasses.Field[Any], shared: Iterable[dataclasses.Field[Any]]) -> bool:
    return any(field.name == other.name and field.default == other.default for other in shared)


def _prose(kind: type) -> str:
    """Return the docstring up to its sections."""
    text = inspect.cleandoc(kind.__doc__ or "")
    return re.split(r"\n\n(?=[A-Z][A-Za-z ]+:\n)", text)[0].replace("|", "\\|")


def _table(kind: type[Config], fields: list[dataclasses.Field[Any]]) -> str:
    docs, hints = field_docs(kind), typing.get_type_hints(kind)
    rows = [
        (f"`{field.name}`", _choices(hints[field.name]), _default(field), docs[field.name])
        for field in fields
    ]
    return _markdown(("field", "value", "default", "meaning"), rows)


def _default(field: dataclasses.Field[Any]) -> str:
    empty = isinstance(field.default, Matrix) and not field.default.values.size
    return "" if field.default is dataclasses.MISSING or empty else _code(field.default)


def _choices(hint: Any) -> str:
    """Return the values that a field accepts, in words."""
    if typing.get_origin(hint) is Literal:
        return ", ".join(map(_code, typing.get_args(hint)))
    if typing.get_origin(hint) in (types.UnionType, typing.Union):
        return ", ".join(_choices(part) for part in typing.get_args(hint))
    words = {int: "integer", float: "number", types.NoneType: "`None`"}
    return words.get(hint) or f"`{hint.__name__}`"


def _code(value: Any) -> str:
    return f"`{value!r}`".replace("'", '"')


def _derived() -> str:
    rows = [("`frontend(samples, engine, lengths)`", _first_line(Frontend.__call__))]
    members = {name: value for base in reversed(Frontend.__mro__[:-1]) for name, value in vars(base).items()}
    for name, value in members.items():
        if name.startswith("_") or name in ("validate", *field_docs(Frontend)):
            continue
        if isinstance(value, property):
            rows.append((f"`{name}`", _first_line(value)))
        elif inspect.isfunction(value) or isinstance(value, classmethod):
            arguments = list(inspect.signature(getattr(Frontend, name)).parameters)
            shown = ", ".join(argument for argument in arguments if argument != "self")
            rows.append((f"`{name}({shown})`", _first_line(value)))
    return _markdown(("name", "meaning"), rows)


def _first_line(value: Any) -> str:
    return (inspect.getdoc(value) or "").split("\n", 1)[0]


def presets() -> str:
    """Return the page about the presets: a table for each group, then the facts about each preset."""
    names = (*preset_names(), *micro_preset_names(), *bundle_preset_names())
    every = [describe(name) for name in names]
    parts = [
        "# Presets",
        MADE,
        f"{len(names)} published front ends. `sg.preset(name)` returns the definition; "
        "`sonogram presets NAME` prints it. To choose one by task, see "
        "[Which front end should I take?](how-to/choose-a-front-end.md) "
        "Once released, the numbers of a preset never change. All presets take samples in [-1, 1], even "
        "where the original reads 16-bit integers. Frame, step and FFT lengths are in samples. *Stream* "
        "states whether features can be computed before the clip has ended.",
    ]
    for group in dict.fromkeys(preset.group for preset in every):
        members = [preset for preset in every if preset.group == group]
        head = ("preset", "rate, Hz", "frame / step / FFT", "bands", "unit", "stream")
        title = f"{group[0].upper()}{group[1:]}"
        parts += [f"## {title}", _markdown(head, [_row(preset) for preset in members])]
        parts += [_facts(preset) for preset in members]
    return "\n\n".join(parts) + "\n"


def _row(preset: Preset) -> tuple[str, ...]:
    frontend = preset.frontend
    each = getattr(frontend, "frontends", (frontend,))
    fft_lengths = ", ".join(dict.fromkeys(str(2 * (one.num_bins - 1)) for one in each))
    return (
        f"`{preset.name}`",
        f"{frontend.sample_rate}",
        f"{frontend.frame_length} / {frontend.frame_step} / {fft_lengths}",
        f"{frontend.num_bands}",
        frontend.unit,
        "yes" if frontend.streamable else "no",
    )


def _facts(preset: Preset) -> str:
    lines = [
        f"**{preset.name}**: {preset.summary}.",
        f"Models: {preset.models}.",
        f"Original: {preset.source}.",
    ]
    if preset.clip_seconds:
        lines.append(f"Trained on clips of {preset.clip_seconds:g} s.")
    if preset.int16:
        lines.append("The original reads 16-bit integers.")
    if preset.notes:
        lines.append(preset.notes)
    return "\n".join(lines)


def _markdown(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell or " " for cell in line) + " |" for line in lines)
