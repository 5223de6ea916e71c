"""One piece of work: some inputs to their outputs. It runs in a thread, a process or another machine."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xxhash

from sonogram.engines import native
from sonogram.errors import SonogramError
from sonogram.extraction.files import ArrayFile, atomic
from sonogram.extraction.inputs import Input
from sonogram.extraction.record import Row
from sonogram.extraction.settings import Settings, provenance_here
from sonogram.extraction.whole import StoppedError, feature_blocks
from sonogram.frontend import Frontend

__all__ = ["STOP", "Task", "content_hash", "perform"]

STOP = threading.Event()
"""Set to end the work of this process between two blocks of samples."""


@dataclass(frozen=True)
class Task:
    """Inputs that are written together: what a worker is given."""

    inputs: tuple[Input, ...]
    folder: str
    """Where the outputs go."""
    shard: str
    """Name of the one output of all inputs; empty where each has its own."""
    frontend: Frontend
    settings: Settings
    provenance: dict[str, Any]
    """What the run was begun with; a worker that differs refuses."""


def perform(task: Task) -> list[Row]:
    """Writes the outputs of a task and returns a row for each input that was reached."""
    _check_same(task.provenance)
    with native.threads(1):  # tasks run side by side
        return _shard(task) if task.shard else _arrays(task)


def content_hash(path: str) -> str:
    """Returns the hash of a file's content, 32 hexadecimal digits."""
    digest = xxhash.xxh3_128()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return str(digest.hexdigest())


def _check_same(expected: dict[str, Any]) -> None:
    """Raises an error where this worker would write other bits than the one that began the run."""
    here = provenance_here(expected["engine"])
    for name, value in here.items():
        if value != expected[name]:
            raise SonogramError(
                f"this worker has {name} {value}, the run {expected[name]}: bits would differ; install "
                "the same versions on all workers, and set SONOGRAM_ISA to instructions that all of them have"
            )


def _arrays(task: Task) -> list[Row]:
    rows = []
    for item in task.inputs:
        name = f"{item.name}.npy"
        target = Path(task.folder, name)
        try:
            with _guarded(item, target), atomic(target) as file:
                array = ArrayFile(file, task.frontend.num_bands, task.settings.dtype)
                samples = 0
                for features, count in _blocks(item, task):
                    array.append(features)
                    samples += count
                array.finish()
            rows.append(_row(task, item, array.rows, samples, name, 0))
        except _BrokenInputError as broken:
            rows.append(_failure(task, item, broken))
            if task.settings.strict:
                break
    return rows


def _shard(task: Task) -> list[Row]:
    from sonogram.extraction.tfrecord import example, writer

    rows: list[Row] = []
    with atomic(Path(task.folder, task.shard)) as file, writer(file) as records:
        for item in task.inputs:
            try:
                with _guarded(item, None):
                    pieces, samples = [], 0
                    for features, count in _blocks(item, task):
                        pieces.append(features)
                        samples += count
                    features = pieces[0] if len(pieces) == 1 else np.concatenate(pieces)
                offset = sum(row.status == "done" for row in rows)
                records.write(example(item, features, task.frontend, task.settings.dtype))
                rows.append(_row(task, item, len(features), samples, task.shard, offset))
            except _BrokenInputError as broken:
                rows.append(_failure(task, item, broken))
                if task.settings.strict:
                    break
    return rows


def _blocks(item: Input, task: Task) -> Iterator[tuple[Any, int]]:
    return feature_blocks(item.path, task.frontend, task.provenance["engine"], STOP.is_set)


class _BrokenInputError(Exception):
    """An input that cannot be done; its text is the reason."""


@contextmanager
def _guarded(item: Input, target: Path | None) -> Iterator[None]:
    """Turns what is wrong with the input into `_BrokenInputError`; what is wrong with the disk goes on."""
    if STOP.is_set():
        raise StoppedError
    try:
        yield
    except SonogramError as error:
        raise _BrokenInputError(" ".join(str(error).split())) from None
    except MemoryError:
        raise _BrokenInputError(f"{item.path}: not enough memory for this file; cut it into pieces") from None
    except OSError as error:
        if error.filename is not None and os.fspath(error.filename) == item.path:
            raise _BrokenInputError(
                f"{item.path}: cannot be read ({error.strerror}); check its permissions"
            ) from None
        raise


def _row(task: Task, item: Input, frames: int, samples: int, shard: str, offset: int) -> Row:
    found = os.stat(item.path)
    return Row(
        path=item.name,
        label=item.label or "",
        frames=frames,
        shard=shard,
        offset=offset,
        duration=round(samples / task.frontend.sample_rate, 6),
        hash=content_hash(item.path),
        bytes=found.st_size,
        modified=found.st_mtime_ns,
        **_made_with(task),
    )


def _failure(task: Task, item: Input, broken: _BrokenInputError) -> Row:
    return Row(path=item.name, label=item.label or "", status="failed", error=str(broken), **_made_with(task))


def _made_with(task: Task) -> dict[str, Any]:
    return {
        "fingerprint": task.provenance["fingerprint"],
        "engine": task.provenance["engine"],
        "instruction_set": task.provenance["instruction_set"],
        "version": task.provenance["versions"]["sonogram"],
    }
