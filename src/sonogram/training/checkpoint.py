"""The state of a training on disk: whole or not at all, without pickles."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonogram.errors import SonogramError
from sonogram.files import atomic_file

__all__ = ["load", "save"]

Arrays = Sequence[NDArray[Any]]


def save(path: Path, groups: Mapping[str, Arrays], plain: Mapping[str, Any]) -> None:
    """Write arrays and plain data into one file that replaces the old one at a stroke.

    Args:
        path: The file.
        groups: Lists of arrays by name.
        plain: What JSON can hold.
    """
    arrays = {f"{name}.{index}": array for name, group in groups.items() for index, array in enumerate(group)}
    counts = {name: len(group) for name, group in groups.items()}
    text = json.dumps({"plain": plain, "counts": counts}).encode()
    held = io.BytesIO()
    np.savez(held, json=np.frombuffer(text, np.uint8), **arrays)  # type: ignore[arg-type]
    with atomic_file(path) as file:
        file.write(held.getbuffer())


def load(path: Path) -> tuple[dict[str, list[NDArray[Any]]], dict[str, Any]] | None:
    """Return what `save` wrote; None where there is no such file.

    Raises:
        SonogramError: It is broken.
    """
    try:
        # Opened here: of what is no archive NumPy would leave the file open.
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as held:
            text = json.loads(held["json"].tobytes())
            groups = {
                name: [held[f"{name}.{index}"] for index in range(count)]
                for name, count in text["counts"].items()
            }
            plain = dict(text["plain"])
    except FileNotFoundError:
        return None
    except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        raise SonogramError(
            f"{path}: not the state of a training ({error}); delete it to begin again"
        ) from None
    return groups, plain
