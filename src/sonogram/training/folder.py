"""The folder of a training: it keeps the state, and checks that it belongs to the same training."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sonogram import __version__
from sonogram.dataset import Clips, LoadedClips
from sonogram.errors import SonogramError
from sonogram.files import lock_folder, write_text

__all__ = ["claim_folder", "claim_sounds", "delete_state", "reserve_folder", "state_path"]

_FORMAT = 2
"""Version of the state files."""
_PLAN = "plan.json"
_FOLDS = "fold-*"
_PROGRAM = ("format", "sonogram")
_SOUNDS = "sounds"


def state_path(folder: Path | None, name: object) -> Path | None:
    """Return the path of a state file; None without a folder."""
    return None if folder is None else folder / f"state-{name}.npz"


def claim_folder(folder: Path, plan: Mapping[str, Any], clips: Clips) -> None:
    """Reserve a folder for a training; a training that stopped before its first state does not block it.

    Args:
        folder: The folder; it is made if it is missing.
        plan: Parameters of the training, plain data for JSON.
        clips: The data set.

    Raises:
        SonogramError: The folder has the state of another training or of another version of sonogram.
    """
    folder.mkdir(parents=True, exist_ok=True)
    entries = _entries(plan, clips)
    if any(_state_files(folder)):
        _check_same(folder, _read_json(folder / _PLAN), entries)
    else:
        write_text(folder / _PLAN, json.dumps(entries, indent=1))


@contextmanager
def reserve_folder(folder: Path | None, plan: Mapping[str, Any], clips: Clips) -> Iterator[None]:
    """Reserve a folder for a training, and keep other programs out of it inside the context.

    Args:
        folder: The folder; None does nothing.
        plan: Parameters of the training, plain data for JSON.
        clips: The data set.

    Raises:
        SonogramError: Another program trains in the folder, or an error of `claim_folder`.
    """
    if folder is None:
        yield
        return
    with lock_folder(folder, "training"):
        claim_folder(folder, plan, clips)
        yield


def claim_sounds(folder: Path, *parts: LoadedClips) -> None:
    """Reserve a folder for a training on these samples: their lengths determine the batches.

    Args:
        folder: A folder that `claim_folder` has reserved.
        *parts: The clips that could be read.

    Raises:
        SonogramError: The folder has the state of a training on other samples: a file has changed, or was
            readable then and is not now.
    """
    listed = [[*zip(part.clips.paths, map(len, part.samples), strict=True)] for part in parts]
    digest = hashlib.sha256(json.dumps(listed).encode()).hexdigest()
    path = folder / _PLAN
    plan = _read_json(path)
    if any(_state_files(folder)) and plan.get(_SOUNDS) != digest:
        raise SonogramError(
            f"{folder}: has the state of a training on other sounds: a file has changed since, or was "
            "readable then and is not now, or the reverse. Restore the file, or delete the folder to start "
            "over"
        )
    write_text(path, json.dumps({**plan, _SOUNDS: digest}, indent=1))


def delete_state(folder: Path) -> None:
    """Delete the states, which a finished training no longer needs; the logs stay."""
    for path in [*_state_files(folder)]:
        path.unlink(missing_ok=True)
    for path in (*folder.glob(f"{_FOLDS}/{_PLAN}"), folder / _PLAN):
        path.unlink(missing_ok=True)


def _entries(plan: Mapping[str, Any], clips: Clips) -> dict[str, Any]:
    """Return what identifies a training, as it is read from JSON."""
    listed = json.dumps([tuple(clip) for clip in clips]).encode()
    entries = {**plan, "clips": hashlib.sha256(listed).hexdigest()}
    found: dict[str, Any] = json.loads(json.dumps({"format": _FORMAT, "sonogram": __version__, **entries}))
    return found


def _state_files(folder: Path) -> Iterator[Path]:
    yield from folder.glob("state-*.npz")
    yield from folder.glob(f"{_FOLDS}/state-*.npz")


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _check_same(folder: Path, found: Any, wanted: dict[str, Any]) -> None:
    if isinstance(found, dict) and {**found, _SOUNDS: None} == {**wanted, _SOUNDS: None}:
        return
    if isinstance(found, dict) and any(found.get(name) != wanted[name] for name in _PROGRAM):
        raise SonogramError(
            f"{folder}: has the state of a training by sonogram {found.get('sonogram', '(unknown)')}; this "
            f"is {__version__}. Continue with that version, or delete the folder to start over"
        )
    differences = _differences(found, wanted) if isinstance(found, dict) else ()
    detail = "".join(f"{', ' if number else ': '}{each}" for number, each in enumerate(differences))
    raise SonogramError(
        f"{folder}: has the state of a training with other clips or settings{detail}. Use the same ones to "
        "continue it, or delete the folder to start over"
    )


def _differences(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> Iterator[str]:
    """Yield what differs between two trainings, with both values where they are short."""
    for name, value in wanted.items():
        other = found.get(name)
        if isinstance(value, dict) and isinstance(other, dict) and name == "settings":
            yield from _differences(other, value)
        elif other != value:
            short = not isinstance(value, dict) and not isinstance(other, dict) and name != "clips"
            yield f"{name} was {other} and is {value}" if short else f"other {name}"
