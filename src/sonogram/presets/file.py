"""Definitions of one's own: JSON files that stand in the place of a preset."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from sonogram.definitions import AnyFrontend, read_definition
from sonogram.errors import DefinitionError, SonogramError

__all__ = ["names_file", "read"]

_MAX_BYTES = 64 << 20
_REMEDY = "write it with `sonogram presets NAME --json`"


def names_file(name: str) -> bool:
    """Return whether a text in the place of a preset's name is the path of a file."""
    return name.lower().endswith(".json") or os.path.basename(name) != name or os.path.isfile(name)


def read(path: str | os.PathLike[str]) -> AnyFrontend:
    """Return the definition in a JSON file, which holds `frontend.to_dict()`.

    Raises:
        SonogramError: The file cannot be read, is not JSON, or its definition is invalid.
    """
    place = os.fspath(path)
    try:
        with Path(place).open("rb") as file:
            text = file.read(_MAX_BYTES + 1)
        if len(text) > _MAX_BYTES:
            raise ValueError("more than 64 MiB")
        plain = json.loads(text, object_pairs_hook=_without_doubles)
    except OSError as error:
        what = (
            "no such file" if isinstance(error, FileNotFoundError) else f"cannot be read ({error.strerror})"
        )
        raise SonogramError(f"{place}: {what}; check the path") from None
    except RecursionError:
        raise SonogramError(f"{place}: nested too deep for a definition; {_REMEDY}") from None
    except ValueError as error:
        raise SonogramError(f"{place}: not a definition in JSON ({error}); {_REMEDY}") from None
    try:
        return read_definition(plain)
    except RecursionError:
        raise SonogramError(f"{place}: nested too deep for a definition; {_REMEDY}") from None
    except DefinitionError as error:
        raise SonogramError(f"{place}: {error}") from None


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the fields of a JSON object; json itself keeps the last of two values in silence."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"the field {max(names, key=names.count)!r} occurs twice")
    return found
