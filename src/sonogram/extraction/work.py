"""One task: some inputs to their outputs. It runs in a thread, a process or on another machine."""

from __future__ import annotations

import os
import stat
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import xxhash

from sonogram.definitions import AnyFrontend, row_shape
from sonogram.engines import native
from sonogram.errors import SonogramError
from sonogram.extraction.arrays import ArrayFile, ArrayFiles
from sonogram.extraction.blocks import StoppedError, feature_blocks
from sonogram.extraction.precision import to_stored
from sonogram.extraction.record import Row
from sonogram.extraction.settings import ExtractionSettings, machine_provenance
from sonogram.extraction.source import RowSource
from sonogram.extraction.tfrecord import ShardWriter, example
from sonogram.files import Input, atomic_file, cannot_write
from sonogram.files.atomic import temporary_path

__all__ = [
    "Outcome",
    "Task",
    "array_name",
    "cancellation_token",
    "content_hash",
    "deadly_input",
    "explain_disk_errors",
    "run_task",
]

_local = threading.local()


@dataclass(frozen=True)
class Task:
    """Inputs that one worker writes together."""

    inputs: tuple[Input, ...]
    folder: str
    """Output folder."""
    token: str
    """Cancellation token: workers stop when this file disappears."""
    shard: str
    """Name of the one output of all inputs; empty where each input has its own."""
    frontend: AnyFrontend | RowSource
    settings: ExtractionSettings
    provenance: dict[str, Any]
    """Provenance at the start of the run; a worker with another one refuses."""


Outcome: TypeAlias = tuple[list[Row], OSError | None]
"""A row for each input that was reached, with a complete output; and the error that ended the task early."""


@contextmanager
def cancellation_token(folder: Path) -> Iterator[Path]:
    """Yield a file that exists while a run wants its work done.

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
def explain_disk_errors(folder: Path) -> Iterator[None]:
    """Turn an OSError into one line with the remedy.

    Raises:
        SonogramError: Something in the folder cannot be written.
    """
    try:
        yield
    except OSError as error:
        again = ", then run the same command again: finished outputs are kept"
        raise cannot_write(error.filename or folder, error, again) from error


def run_task(task: Task) -> Outcome:
    """Write the outputs of a task, as far as the disk and the cancellation token let it."""
    _check_provenance(task.provenance)
    rows: list[Row] = []
    try:
        with native.threads(1):  # tasks run in parallel
            _write_shard(task, rows) if task.shard else _write_arrays(task, rows)
    except StoppedError:
        pass
    except OSError as error:
        return rows, error
    return rows, None


def deadly_input(task: Task) -> Row:
    """Return the row of an input that keeps killing its worker."""
    item = task.inputs[0]
    reason = "the worker that reads it dies; leave it out, or give workers more memory"
    return _failure(task, item, _BrokenInputError(f"{item.path}: {reason}"))


def array_name(item: Input) -> str:
    """Return the path of an input's array, relative to the folder."""
    return f"{item.name}.npy"


def content_hash(path: str) -> str:
    """Return the hash of a file's content, 32 hexadecimal digits."""
    # One buffer per thread: allocating one in every call costs more than the hash.
    buffer: memoryview | None = getattr(_local, "buffer", None)
    if buffer is None:
        buffer = _local.buffer = memoryview(bytearray(1 << 19))
    digest = xxhash.xxh3_128()
    with open(path, "rb", buffering=0) as file:
        while count := file.readinto(buffer):
            digest.update(buffer[:count])
    return str(digest.hexdigest())


def _check_provenance(expected: dict[str, Any]) -> None:
    """Raise an error where this worker would write other bits than the program that started the run."""
    for name, value in machine_provenance(expected["engine"]).items():
        if value != expected[name]:
            raise SonogramError(
                f"this worker has {name} {value}, the run {expected[name]}: bits would differ; install "
                "the same versions on all workers, and set SONOGRAM_ISA to instructions that all of them have"
            )


def _write_arrays(task: Task, rows: list[Row]) -> None:
    with ArrayFiles(task.folder, rows) as files:
        for item in task.inputs:
            try:
                with _input_errors(item, task) as found, files.open() as file:
                    array = ArrayFile(file, row_shape(task.frontend), task.settings.dtype)
                    samples = 0
                    for features, count in _blocks(item, task):
                        array.append(features)
                        samples += count
                    array.finish()
                    row = _success(task, item, found, array.rows, samples)
                files.add(file, row)
            except _BrokenInputError as error:
                rows.append(_failure(task, item, error))
                if task.settings.strict:
                    break


def _write_shard(task: Task, rows: list[Row]) -> None:
    reached: list[Row] = []
    with atomic_file(Path(task.folder, task.shard)) as file:
        shard, offset = ShardWriter(file), 0
        for item in task.inputs:
            try:
                with _input_errors(item, task) as found:
                    blocks = list(_blocks(item, task))
                    features = np.concatenate([block for block, _ in blocks])
                    stored = to_stored(features, task.settings.dtype)
                    row = _success(task, item, found, len(features), sum(count for _, count in blocks))
                assert isinstance(task.frontend, AnyFrontend)
                shard.write(example(item, stored, task.frontend, task.settings.dtype))
                reached.append(replace(row, offset=offset))
                offset += 1
            except _BrokenInputError as error:
                reached.append(_failure(task, item, error))
                if task.settings.strict:
                    break
    rows += reached  # none of them is done before all are


def _blocks(item: Input, task: Task) -> Iterator[tuple[Any, int]]:
    engine, partial = task.provenance["engine"], task.settings.partial
    if isinstance(task.frontend, AnyFrontend):
        return feature_blocks(item.path, task.frontend, engine, lambda: _is_cancelled(task), partial)
    return task.frontend.blocks(item.path, lambda: _is_cancelled(task), partial)


def _is_cancelled(task: Task) -> bool:
    return not os.path.exists(task.token)


class _BrokenInputError(Exception):
    """An input that cannot be extracted; the text is the reason.

    Args:
        reason: One line.
        found: State of the file, where its content is the reason: unchanged, it would fail again.
    """

    def __init__(self, reason: str, found: os.stat_result | None = None) -> None:
        super().__init__(reason)
        self.found = found


@contextmanager
def _input_errors(item: Input, task: Task) -> Iterator[os.stat_result]:
    """Yield the state of the input; turn its errors, not those of the output, into `_BrokenInputError`."""
    if _is_cancelled(task):
        raise StoppedError
    if item.problem:
        raise _BrokenInputError(item.problem)
    try:
        found = os.stat(item.path)
    except OSError as error:
        raise _BrokenInputError(f"{item.path}: cannot be read ({error.strerror}); check the path") from None
    if not stat.S_ISREG(found.st_mode) and not stat.S_ISDIR(found.st_mode):
        raise _BrokenInputError(f"{item.path}: is a pipe or a device; write the sound to a file first")
    try:
        yield found
    except SonogramError as error:
        raise _BrokenInputError(" ".join(str(error).split()), found) from None
    except OverflowError as error:
        raise _BrokenInputError(f"{item.path}: {error}", found) from None
    except MemoryError:
        raise _BrokenInputError(f"{item.path}: not enough memory for this file; split it") from None
    except OSError as error:
        if error.filename is not None and os.fspath(error.filename) == item.path:
            raise _BrokenInputError(
                f"{item.path}: cannot be read ({error.strerror}); check its permissions"
            ) from None
        raise


def _success(task: Task, item: Input, found: os.stat_result, frames: int, samples: int) -> Row:
    """Return the row of an input that was read to its end."""
    if frames == 0:
        line = f"{item.path}: is shorter than a frame of the front end, so it has no features"
        warnings.warn(line, stacklevel=2)
    digest, now = content_hash(item.path), os.stat(item.path)
    if (now.st_size, now.st_mtime_ns) != (found.st_size, found.st_mtime_ns):
        raise _BrokenInputError(f"{item.path}: was changed while it was read; run the same command again")
    return replace(
        _row(task, item, digest, found),
        frames=frames,
        shard=task.shard or array_name(item),
        duration=round(samples / task.frontend.sample_rate, 6),
    )


def _failure(task: Task, item: Input, error: _BrokenInputError) -> Row:
    digest, found = "", error.found
    if found is not None:
        try:
            digest = content_hash(item.path)
        except OSError:
            found = None
    return replace(_row(task, item, digest, found), status="failed", shard=task.shard, error=str(error))


def _row(task: Task, item: Input, digest: str, found: os.stat_result | None) -> Row:
    return Row(
        path=item.name,
        label=item.label,
        hash=digest,
        bytes=found.st_size if found else 0,
        modified=found.st_mtime_ns if found else 0,
        fingerprint=task.provenance["fingerprint"],
        engine=task.provenance["engine"],
        instruction_set=task.provenance["instruction_set"],
        version=task.provenance["versions"]["sonogram"],
    )
