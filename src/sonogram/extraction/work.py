"""One piece of work: some inputs to their outputs. It runs in a thread, a process or another machine."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import xxhash

from sonogram.engines import native
from sonogram.errors import SonogramError
from sonogram.extraction.arrays import ArrayFile, ArrayFiles
from sonogram.extraction.inputs import Input
from sonogram.extraction.record import Row
from sonogram.extraction.settings import Settings, provenance_here
from sonogram.extraction.whole import StoppedError, feature_blocks
from sonogram.files import atomic_file
from sonogram.files.atomic import temporary_path
from sonogram.frontend import Frontend

__all__ = ["Outcome", "Task", "array_name", "content_hash", "lost", "perform"]

_state = threading.local()


@dataclass(frozen=True)
class Task:
    """Inputs that are written together: what a worker is given."""

    inputs: tuple[Input, ...]
    folder: str
    """Where the outputs go."""
    token: str
    """The file whose end is the end of the run."""
    shard: str
    """Name of the one output of all inputs; empty where each has its own."""
    frontend: Frontend
    settings: Settings
    provenance: dict[str, Any]
    """What the run was begun with; a worker that differs refuses."""


@dataclass(frozen=True)
class Outcome:
    """What a worker gives back."""

    rows: list[Row]
    """A row for each input that was reached; their outputs are in place."""
    error: OSError | None = None
    """What the disk said where that ended the task early."""


@contextmanager
def run_token(folder: Path) -> Iterator[Path]:
    """Yield the cancellation token of a run: workers stop when this file disappears.

    A file reaches threads, processes and other machines alike, also after the run was killed, and a
    full disk does not keep a file from being deleted.
    """
    token = temporary_path(folder / "run")
    token.touch()
    try:
        yield token
    finally:
        token.unlink(missing_ok=True)


@contextmanager
def explained_disk_errors(folder: Path) -> Iterator[None]:
    """Turn an OSError of the disk into one line with the remedy.

    Raises:
        SonogramError: Something in the folder cannot be written.
    """
    try:
        yield
    except OSError as error:
        raise SonogramError(
            f"{error.filename or folder}: cannot be written ({error.strerror}); free space or fix it, then "
            "run the same command again: finished outputs are kept"
        ) from error


def perform(task: Task) -> Outcome:
    """Write the outputs of a task, up to where the disk or the end of the run stops it."""
    _check_same(task.provenance)
    rows: list[Row] = []
    try:
        with native.threads(1):  # tasks run side by side
            _shard(task, rows) if task.shard else _arrays(task, rows)
    except StoppedError:
        pass
    except OSError as error:
        return Outcome(rows, error)
    return Outcome(rows)


def lost(task: Task) -> Row:
    """Return the row of an input of which workers die."""
    item = task.inputs[0]
    reason = "the worker that reads it dies; take it out, or give workers more memory"
    return _failure(task, item, _BrokenInputError(f"{item.path}: {reason}"))


def array_name(item: Input) -> str:
    """Return where the array of an input lies, from the folder on."""
    return f"{item.name}.npy"


def content_hash(path: str) -> str:
    """Return the hash of a file's content, 32 hexadecimal digits."""
    # One buffer for each thread: memory that is new in every call costs more than the hash.
    buffer: memoryview | None = getattr(_state, "buffer", None)
    if buffer is None:
        buffer = _state.buffer = memoryview(bytearray(1 << 19))
    digest = xxhash.xxh3_128()
    with open(path, "rb", buffering=0) as file:
        while count := file.readinto(buffer):
            digest.update(buffer[:count])
    return str(digest.hexdigest())


def _check_same(expected: dict[str, Any]) -> None:
    """Raise an error where this worker would write other bits than the one that began the run."""
    here = provenance_here(expected["engine"])
    for name, value in here.items():
        if value != expected[name]:
            raise SonogramError(
                f"this worker has {name} {value}, the run {expected[name]}: bits would differ; install "
                "the same versions on all workers, and set SONOGRAM_ISA to instructions that all of them have"
            )


def _arrays(task: Task, rows: list[Row]) -> None:
    with ArrayFiles(task.folder, rows) as files:
        for item in task.inputs:
            try:
                with _guarded(item, task) as found, files.growing() as file:
                    array = ArrayFile(file, task.frontend.num_bands, task.settings.dtype)
                    samples = 0
                    for features, count in _blocks(item, task):
                        array.append(features)
                        samples += count
                    array.finish()
                    row = _row(task, item, found, frames=array.rows, samples=samples)
                files.add(file, row)
            except _BrokenInputError as broken:
                rows.append(_failure(task, item, broken))
                if task.settings.strict:
                    break


def _shard(task: Task, rows: list[Row]) -> None:
    from sonogram.extraction.tfrecord import example, writer

    reached: list[Row] = []
    with atomic_file(Path(task.folder, task.shard)) as file, writer(file) as records:
        for item in task.inputs:
            try:
                with _guarded(item, task) as found:
                    pieces, samples = [], 0
                    for features, count in _blocks(item, task):
                        pieces.append(features)
                        samples += count
                    features = pieces[0] if len(pieces) == 1 else np.concatenate(pieces)
                    row = _row(task, item, found, frames=len(features), samples=samples)
                offset = sum(each.status == "done" for each in reached)
                records.write(example(item, features, task.frontend, task.settings.dtype))
                reached.append(replace(row, offset=offset))
            except _BrokenInputError as broken:
                reached.append(_failure(task, item, broken))
                if task.settings.strict:
                    break
    rows += reached  # none of them is done before all are


def _blocks(item: Input, task: Task) -> Iterator[tuple[Any, int]]:
    return feature_blocks(item.path, task.frontend, task.provenance["engine"], lambda: _stopped(task))


def _stopped(task: Task) -> bool:
    return not os.path.exists(task.token)


class _BrokenInputError(Exception):
    """An input that cannot be done; its text is the reason.

    Args:
        reason: One line.
        found: The file as it was found, where it is to blame: unchanged, it would fail again.
    """

    def __init__(self, reason: str, found: os.stat_result | None = None) -> None:
        super().__init__(reason)
        self.found = found


@contextmanager
def _guarded(item: Input, task: Task) -> Iterator[os.stat_result]:
    """Turn what is wrong with the input into `_BrokenInputError`; what is wrong with the disk goes on.

    Yields the input as it is found.
    """
    if _stopped(task):
        raise StoppedError
    try:
        found = os.stat(item.path)
    except OSError as error:
        raise _BrokenInputError(f"{item.path}: cannot be read ({error.strerror}); check the path") from None
    try:
        yield found
    except SonogramError as error:
        raise _BrokenInputError(" ".join(str(error).split()), found) from None
    except MemoryError:
        raise _BrokenInputError(f"{item.path}: not enough memory for this file; cut it into pieces") from None
    except OSError as error:
        if error.filename is not None and os.fspath(error.filename) == item.path:
            raise _BrokenInputError(
                f"{item.path}: cannot be read ({error.strerror}); check its permissions"
            ) from None
        raise


def _row(task: Task, item: Input, found: os.stat_result, *, frames: int, samples: int) -> Row:
    """Describe an input that was read to its end, before its output takes its place."""
    digest, now = content_hash(item.path), os.stat(item.path)
    if (now.st_size, now.st_mtime_ns) != (found.st_size, found.st_mtime_ns):
        raise _BrokenInputError(f"{item.path}: was changed while it was read; run the same command again")
    return Row(
        path=item.name,
        label=item.label or "",
        frames=frames,
        shard=task.shard or array_name(item),
        duration=round(samples / task.frontend.sample_rate, 6),
        hash=digest,
        bytes=found.st_size,
        modified=found.st_mtime_ns,
        **_made_with(task),
    )


def _failure(task: Task, item: Input, broken: _BrokenInputError) -> Row:
    row = Row(
        path=item.name,
        label=item.label or "",
        status="failed",
        shard=task.shard,
        error=str(broken),
        **_made_with(task),
    )
    if broken.found is None:
        return row
    try:
        digest = content_hash(item.path)
    except OSError:
        return row
    return replace(row, hash=digest, bytes=broken.found.st_size, modified=broken.found.st_mtime_ns)


def _made_with(task: Task) -> dict[str, Any]:
    return {
        "fingerprint": task.provenance["fingerprint"],
        "engine": task.provenance["engine"],
        "instruction_set": task.provenance["instruction_set"],
        "version": task.provenance["versions"]["sonogram"],
    }
