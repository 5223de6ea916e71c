"""State of a training in one file without pickles."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonogram.errors import SonogramError
from sonogram.files import atomic_file, check_archive
from sonogram.text import first_line

__all__ = ["load", "save"]

Arrays = Sequence[NDArray[Any]]


def save(path: Path, groups: Mapping[str, Arrays], plain: Mapping[str, Any]) -> None:
    """Write arrays and plain data into one file, whole or not at all.

    Args:
        path: The file; an existing one is replaced.
        groups: Lists of arrays by name.
        plain: Plain data for JSON.
    """
    arrays = {f"{name}.{index}": array for name, group in groups.items() for index, array in enumerate(group)}
    counts = {name: len(group) for name, group in groups.items()}
    text = json.dumps({"plain": plain, "counts": counts}).encode()
    buffer = io.BytesIO()
    np.savez(buffer, json=np.frombuffer(text, np.uint8), **arrays)  # type: ignore[arg-type]
    with atomic_file(path) as file:
        file.write(buffer.getbuffer())


def load(path: Path) -> tuple[dict[str, list[NDArray[Any]]], dict[str, Any]] | None:
    """Return the data that `save` wrote; None if there is no file.

    Raises:
        SonogramError: The file is corrupt.
    """
    try:
        # NumPy would leave the file open if it is no archive.
        with open(path, "rb") as file:
            check_archive(file)
            file.seek(0)
            with np.load(file, allow_pickle=False) as archive:
                text = json.loads(archive["json"].tobytes())
                groups = {
                    name: [archive[f"{name}.{index}"] for index in range(count)]
                    for name, count in text["counts"].items()
                }
            plain = dict(text["plain"])
    except FileNotFoundError:
        return None
    except Exception as error:  # NumPy, zipfile and json raise many types for broken files
        raise SonogramError(
            f"{path}: not the state of a training ({first_line(error)}). Delete it to start over"
        ) from None
    return groups, plain
