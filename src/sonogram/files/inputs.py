"""Inputs of a command: folders, files, globs and manifests as one ordered list."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from sonogram.errors import SonogramError
from sonogram.files.manifest import read_manifest
from sonogram.files.sounds import no_sounds, sound_files

__all__ = ["Input", "find_each", "find_inputs"]


@dataclass(frozen=True)
class Input:
    """One sound file."""

    path: str
    """Path of the file."""
    name: str
    """Path in the output folder, with `/` on every system."""
    label: str = ""
    """Label from a manifest."""
    problem: str = ""
    """Why it cannot be read, one line, where that is known already."""


def find_inputs(inputs: Iterable[str | os.PathLike[str]]) -> tuple[Input, ...]:
    """Return the sound files of `inputs`, in an order that does not depend on the disk.

    Args:
        inputs: Files, folders (searched at any depth for the endings of sound files), globs, and
            CSV manifests with the columns `path` and optionally `label`. What cannot be read in a folder
            is an input with a problem.

    Raises:
        SonogramError: An input has no sound file, or two files would have one name in the output.
    """
    if isinstance(inputs, str | os.PathLike):
        raise SonogramError(f"inputs must be a list; got one path. Use [{os.fspath(inputs)!r}]")
    roots = [os.fspath(each) for each in inputs]
    if not roots:
        raise SonogramError("there are no inputs; give files, folders, globs or a CSV manifest")
    found: dict[str, Input] = {}
    for root in roots:
        for item in sorted(_expand(root, len(roots) == 1), key=lambda each: each.name):
            known = found.setdefault(item.name, item)
            if os.path.abspath(known.path) != os.path.abspath(item.path):
                raise SonogramError(
                    f"{known.path} and {item.path} would both be written as {item.name}; "
                    "extract them into two folders, or give a folder that holds both"
                )
            if known.label != item.label:
                raise SonogramError(
                    f"{item.path}: listed with two labels, {known.label!r} and {item.label!r}. List it once"
                )
    return tuple(found.values())


def find_each(inputs: Iterable[str | os.PathLike[str]]) -> list[Input]:
    """Return the sound files of inputs that do not depend on one another. What is not found has a problem.

    Args:
        inputs: As for `find_inputs`.
    """
    found: dict[str, Input] = {}
    for root in [os.fspath(each) for each in inputs]:
        try:
            items = find_inputs([root])
        except SonogramError as error:
            items = (Input(root, root, problem=str(error)),)
        for item in items:
            found.setdefault(item.path, item)
    return list(found.values())


def _expand(root: str, single: bool) -> Iterator[Input]:
    path = Path(root)
    if os.path.isdir(root):  # false also where the system refuses the name
        yield from _folder(path, "" if single else path.resolve().name)
    elif path.suffix.lower() == ".csv" and os.path.isfile(root):
        yield from _manifest(path)
    elif os.path.lexists(path):  # also a pipe, or a link to nothing: an error when it is read
        yield Input(root, path.name)
    elif glob.has_magic(root):
        yield from _glob(root)
    elif root == "-":
        raise SonogramError("-: standard input has no name for its results here; write the sound to a file")
    else:
        raise SonogramError(
            f"{root}: no such file or folder; check the path, or quote a glob such as '*.wav'"
        )


def _folder(folder: Path, prefix: str) -> Iterator[Input]:
    problems: list[tuple[str, str]] = []
    found = [(str(path), "") for path in sound_files(folder, lambda *problem: problems.append(problem))]
    for path, problem in [*found, *problems]:
        yield Input(path, _name(prefix, Path(path).relative_to(folder)), problem=problem)
    if not found and not problems:
        raise no_sounds(folder)


def _name(prefix: str, path: Path) -> str:
    return str(PurePosixPath(prefix, *path.parts))


def _glob(pattern: str) -> Iterator[Input]:
    paths = sorted(path for path in _matches(pattern) if os.path.isfile(path))
    if not paths:
        raise SonogramError(f"{pattern}: no file matches; check the pattern (** searches folders)")
    common = os.path.commonpath([os.path.dirname(os.path.abspath(path)) for path in paths])
    for path in paths:
        yield Input(path, Path(os.path.relpath(os.path.abspath(path), common)).as_posix())


def _matches(pattern: str) -> Iterable[str]:
    """Return the visible paths that match a glob. `**` follows no links, which may lead in circles."""
    parts = Path(pattern).parts
    if "**" not in parts:
        return glob.glob(pattern)
    first = next(index for index, part in enumerate(parts) if glob.has_magic(part))
    base = Path(*parts[:first])
    found = base.glob(str(Path(*parts[first:])))
    return [str(path) for path in found if not any(part[0] == "." for part in path.relative_to(base).parts)]


def _manifest(path: Path) -> Iterator[Input]:
    rows = read_manifest(path, ("path",), ("label", "start", "end"))
    # With times, a label is that of an event, and a recording may have several.
    has_events = any("start" in values or "end" in values for _, values in rows)
    for _, values in rows:
        label = "" if has_events else values.get("label", "")
        listed = Path(values["path"])
        parts = [part for part in listed.parts if part not in ("..", listed.anchor)]
        yield Input(str(path.parent / listed), str(PurePosixPath(*parts)), label)
