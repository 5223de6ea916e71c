"""Recordings that commands name, and where their results go."""

from __future__ import annotations

import os
from pathlib import Path

from sonogram.cli.report import usage
from sonogram.files import Input, find_each

__all__ = ["check_no_input", "check_output", "find_recordings", "is_stream", "place_results"]


def find_recordings(audio: list[str]) -> list[Input]:
    """Return the recordings; standard input is one."""
    names = [name for name in audio if name != "-"]
    found = find_each(names)
    if len(names) < len(audio):
        found.append(Input("-", "stdin"))
    return found


def place_results(
    ending: str | None, output: str | None, audio: list[str], items: list[Input], others: list[str]
) -> dict[str, Path]:
    """Return the output file of each recording by its path, and make their folders; none if all share one.

    Args:
        ending: End of the names of a format that has one file for each recording; None for the others.
        output: The option -o.
        audio: The arguments.
        items: The recordings that they name.
        others: The other inputs, such as the model.
    """
    targets = _targets_of(ending, output, audio, items)
    check_output(output, targets, [*others, *audio, *(item.path for item in items)])
    _make_folders(output, targets)  # before an hour of work, not after it
    return targets


def _targets_of(
    ending: str | None, output: str | None, audio: list[str], items: list[Input]
) -> dict[str, Path]:
    single = len(audio) == 1 and len(items) == 1 and not os.path.isdir(audio[0])
    if ending is None or (single and not (output and os.path.isdir(output))):
        return {}
    if output is None:
        raise usage("the format has one file for each recording; name a folder with -o", "--output")
    if os.path.isfile(output):
        raise usage(f"{output} is a file; name a folder for the files of {len(items)} recordings", "-o")
    taken: dict[Path, str] = {}
    for item in items:
        name = Path(os.path.basename(item.path) if item.problem else item.name)
        target = Path(output, name.parent, name.stem + ending)
        if target in taken:
            raise usage(f"{taken[target]} and {item.path} would both be written to {target}", "AUDIO")
        taken[target] = item.path
    return {path: target for target, path in taken.items()}


def check_output(output: str | None, targets: dict[str, Path], inputs: list[str]) -> None:
    """Raise a usage error for an output that is an input or a folder."""
    for target in [*targets.values()] or ([Path(output)] if output else []):
        check_no_input(target, inputs)
        if target.is_dir():
            raise usage(f"{target} is a folder; name a file", "--output")


def check_no_input(output: str | Path, inputs: list[str], option: str = "--output") -> None:
    """Raise a usage error for an output that is an input."""
    for path in inputs if os.path.exists(output) else ():
        if os.path.exists(path) and os.path.samefile(output, path):
            raise usage(f"{output} is an input; give another name", option)


def _make_folders(output: str | None, targets: dict[str, Path]) -> None:
    """Make the folders of the outputs."""
    for folder in {place.parent for place in [*targets.values()] or ([Path(output)] if output else [])}:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise usage(f"{folder}: cannot be made ({error.strerror})", "--output") from None


def is_stream(output: str) -> bool:
    """Return whether an output is a pipe or a device, which takes what comes and keeps nothing."""
    return os.path.exists(output) and not os.path.isfile(output) and not os.path.isdir(output)
