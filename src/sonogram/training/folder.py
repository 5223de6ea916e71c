"""The folder of a training: whose state it holds, and when it may go."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sonogram import __version__
from sonogram.dataset import Clip
from sonogram.errors import SonogramError
from sonogram.files import write_text
from sonogram.training.sounds import Sounds

__all__ = ["claim", "claim_sounds", "forget", "state"]

_FORMAT = 2
"""Of the states: it grows when they change."""
_PLAN = "plan.json"
_FOLDS = "fold-*"
_PROGRAM = ("format", "sonogram")
_SOUNDS = "sounds"


def state(folder: Path, name: object) -> Path:
    """Return the file of a state: `name` says of what."""
    return folder / f"state-{name}.npz"


def claim(folder: Path, said: Mapping[str, Any], clips: Sequence[Clip]) -> None:
    """Make the folder one of this training; what began and got no state yet is in nobody's way.

    Args:
        folder: It is made if it is absent.
        said: What the result depends on beside the clips, plain data for JSON.
        clips: What is learned from.

    Raises:
        SonogramError: It holds the state of another training, or of another version of the program.
    """
    folder.mkdir(parents=True, exist_ok=True)
    listed = json.dumps([tuple(clip) for clip in clips]).encode()
    digest = hashlib.sha256(listed).hexdigest()
    text = json.dumps({"format": _FORMAT, "sonogram": __version__, **said, "clips": digest}, indent=1)
    path = folder / _PLAN
    if any(_states(folder)):
        _compare(folder, _found(path), json.loads(text))
        return
    write_text(path, text)


def claim_sounds(folder: Path, *sounds: Sounds) -> None:
    """Make the folder one of a training on these sounds: steps and batches follow from their lengths.

    Args:
        folder: One that `claim` has taken.
        *sounds: What was read of the clips.

    Raises:
        SonogramError: It holds the state of a training on others: a file has changed, or could be read
            then and cannot be now.
    """
    listed = [[*zip(each.paths, map(len, each.samples), strict=True)] for each in sounds]
    digest = hashlib.sha256(json.dumps(listed).encode()).hexdigest()
    path = folder / _PLAN
    plan = _found(path)
    if any(_states(folder)) and plan.get(_SOUNDS) != digest:
        raise SonogramError(
            f"{folder}: holds the state of a training on other sounds: a file has changed since, or can no "
            "longer be read, or again; put it back, or delete the folder to begin"
        )
    write_text(path, json.dumps({**plan, _SOUNDS: digest}, indent=1))


def forget(folder: Path) -> None:
    """Drop the states, which a finished training needs no more; the logs stay."""
    for left in list(_states(folder)):
        left.unlink(missing_ok=True)
    for left in (*folder.glob(f"{_FOLDS}/{_PLAN}"), folder / _PLAN):
        left.unlink(missing_ok=True)


def _states(folder: Path) -> Iterator[Path]:
    yield from folder.glob("state-*.npz")
    yield from folder.glob(f"{_FOLDS}/state-*.npz")


def _found(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _compare(folder: Path, found: Any, wanted: dict[str, Any]) -> None:
    if isinstance(found, dict) and {**found, _SOUNDS: None} == {**wanted, _SOUNDS: None}:
        return
    if isinstance(found, dict) and any(found.get(name) != wanted[name] for name in _PROGRAM):
        raise SonogramError(
            f"{folder}: holds the state of a training by sonogram {found.get('sonogram', 'of old')}, this is "
            f"{__version__}; go on with that one, or delete the folder to begin"
        )
    raise SonogramError(
        f"{folder}: holds the state of a training with other clips or settings; give the same again to go "
        "on with it, or delete the folder to begin"
    )
