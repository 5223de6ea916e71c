"""A whole extraction: find what is missing, run it on any executor, and record it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sonogram.definitions import AnyFrontend, require_any, row_shape
from sonogram.errors import SonogramError
from sonogram.extraction.arrays import array_bytes
from sonogram.extraction.record import INDEX, Journal, Row, read_index, write_index
from sonogram.extraction.settings import ExtractionSettings, provenance
from sonogram.extraction.source import RowSource
from sonogram.extraction.tfrecord import count_records
from sonogram.extraction.work import (
    Task,
    array_name,
    cancellation_token,
    content_hash,
    explain_disk_errors,
)
from sonogram.extraction.workers import run_tasks
from sonogram.files import Input, find_inputs, lock_folder, remove_unfinished, write_text
from sonogram.peers import with_known_keywords

__all__ = ["ExtractionReport", "Progress", "extract", "run_extraction"]

_MAX_INPUTS = 16
"""Arrays written by one task."""
_MAX_BYTES = 1 << 25
"""Bytes of sound read by one task, exceeded by one file at most."""


@dataclass(frozen=True)
class Progress:
    """Progress of a running extraction."""

    total: int
    """Number of inputs."""
    done: int
    """Number of inputs with features, those of earlier runs included."""
    failed: int
    """Number of inputs that failed."""
    seconds: float
    """Seconds of audio that this run has read."""
    failures: tuple[Row, ...] = ()
    """Inputs that failed since the last call."""


@dataclass(frozen=True)
class ExtractionReport:
    """Result of an extraction."""

    done: int
    """Number of inputs with features."""
    done_before: int
    """How many of those an earlier run did."""
    failed: tuple[Row, ...]
    """Inputs that failed, with the reason."""
    failed_before: int
    """How many of those failed in an earlier run and have not changed since."""
    seconds: float
    """Seconds of audio that this run has read."""


@with_known_keywords
def extract(
    inputs: Iterable[str | os.PathLike[str]],
    folder: str | os.PathLike[str],
    frontend: AnyFrontend,
    settings: ExtractionSettings | None = None,
    *,
    executor: Executor | Callable[[], Executor] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> ExtractionReport:
    """Write the features of many files, and continue an interrupted run where it ended.

    Every output appears whole or not at all. `index.csv` has a row for each input;
    `extraction.json` has the definition and versions. The same call continues an interrupted run, does
    only what is missing, and ends with the same bytes as an undisturbed run.

    Args:
        inputs: Files, folders, globs and CSV manifests.
        folder: Output folder; one definition and one run at a time.
        frontend: The definition: a `Frontend`, `Bundle`, `Spatial` or `MicroFrontend`. Files are resampled
            to its rate and mixed to one channel; those of a `Spatial` keep their channels.
        settings: Format, precision and engine.
        executor: Where to compute: an executor, or a function that makes one (which is then closed,
            and made again when its workers die). None is threads, one for each core.
        on_progress: Called with a `Progress` as the work goes on.

    Returns:
        The numbers of inputs that are done, and those that failed.

    Raises:
        SonogramError: The folder has another extraction or is in use, or cannot be written; with
            `strict`, an input failed.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> folder = Path(tempfile.mkdtemp())
        >>> sg.save(folder / "noise.wav", np.random.default_rng(0).uniform(-1, 1, 16000), 16000)
        >>> report = sg.extract([folder / "noise.wav"], folder / "out", sg.preset("whisper-80"))
        >>> report.done, np.load(folder / "out" / "noise.wav.npy").shape
        (1, (100, 80))

    See Also:
        `sonogram.dataset.features`, which reads the result for training.
    """
    require_any(frontend)
    return run_extraction(inputs, folder, frontend, settings, executor, on_progress)


def run_extraction(
    inputs: Iterable[str | os.PathLike[str]],
    folder: str | os.PathLike[str],
    frontend: AnyFrontend | RowSource,
    settings: ExtractionSettings | None = None,
    executor: Executor | Callable[[], Executor] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> ExtractionReport:
    """Write the features of many files, or the rows that another source computes; see `extract`."""
    settings = settings or ExtractionSettings()
    items = find_inputs(inputs)
    if not os.fspath(folder):
        raise SonogramError("the name of the folder is empty; name one for the features")
    target = Path(folder)
    if target.exists() and not target.is_dir():
        raise SonogramError(f"{target}: is a file; name a folder for the features")
    origin = provenance(frontend, settings)
    with ExitStack() as stack:
        with explain_disk_errors(target):
            stack.enter_context(lock_folder(target, "extraction"))
            _record_provenance(target, origin, settings.allow_mixed_versions)
            remove_unfinished(target)
            token = stack.enter_context(cancellation_token(target))
        journal = Journal(target / "journal.jsonl")
        stack.callback(journal.close)
        known = {row.path: row for row in [*read_index(target / INDEX), *journal.read()]}
        whole = Task(items, str(target), str(token), "", frontend, settings, origin)
        tasks, earlier = [], []
        for task in _divide(whole):
            missing, valid = _split_valid(task, known)
            tasks.append(missing)
            earlier += valid
        results = _Results(len(items), on_progress)
        results.add(earlier)
        with explain_disk_errors(target):
            journal.start(earlier, (item.name for task in tasks for item in task.inputs))

        def record(task: Task, rows: list[Row]) -> None:
            with explain_disk_errors(target):
                journal.append(rows)
            results.seconds += sum(row.duration for row in rows)
            results.add(rows)
            if settings.strict:
                _check_all_done(rows, target)

        if settings.strict:
            _check_all_done(earlier, target)
        run_tasks([task for task in tasks if task.inputs], executor, record, lambda: token.unlink(True))
        with explain_disk_errors(target):
            remove_unfinished(target)
            rows = [results.rows[item.name] for item in items]
            write_index(target / INDEX, rows)
            journal.remove()
    done_before = sum(row.status == "done" for row in earlier)
    failed = tuple(row for row in rows if row.status == "failed")
    return ExtractionReport(results.done, done_before, failed, len(earlier) - done_before, results.seconds)


class _Results:
    """The rows so far, reported to the caller as they come."""

    def __init__(self, total: int, on_progress: Callable[[Progress], None] | None) -> None:
        self.rows: dict[str, Row] = {}
        self.done = 0
        self.seconds = 0.0
        self._total = total
        self._on_progress = on_progress

    def add(self, rows: list[Row]) -> None:
        self.rows.update((row.path, row) for row in rows)
        self.done += sum(row.status == "done" for row in rows)
        if self._on_progress is not None:
            failures = tuple(row for row in rows if row.status == "failed")
            failed = len(self.rows) - self.done
            self._on_progress(Progress(self._total, self.done, failed, self.seconds, failures))


def _record_provenance(folder: Path, origin: dict[str, Any], allow_mixed_versions: bool) -> None:
    """Write `extraction.json`, or compare with the one that is there."""
    path = folder / "extraction.json"
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        if (folder / INDEX).exists():
            raise SonogramError(
                f"{folder}: has an {INDEX} that sonogram did not write; choose another folder"
            ) from None
        write_text(path, json.dumps(origin, indent=1, sort_keys=True) + "\n")
        return
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise SonogramError(f"{path}: not written by sonogram; choose another folder")
    for name, what in (("fingerprint", "another definition"), ("settings", "another format or precision")):
        if found.get(name) != origin[name]:
            raise SonogramError(
                f"{folder}: holds features of {what}; choose another folder, or remove this one"
            )
    differences = [
        f"{name} {found.get(name)}, now {origin[name]}"
        for name in ("engine", "instruction_set", "versions")
        if found.get(name) != origin[name]
    ]
    if differences and not allow_mixed_versions:
        raise SonogramError(
            f"{folder}: was begun with {'; '.join(differences)}; bits would differ: continue where it was "
            "begun, or allow the mixture (--allow-mixed-versions)"
        )


def _divide(whole: Task) -> list[Task]:
    """Divide all inputs into tasks, in the same way whatever is done already."""
    shards = whole.settings.format == "tfrecord"
    groups = list(_groups(whole.inputs, whole.settings.shard_size if shards else None))
    name = "shard-{:05d}-of-{:05d}.tfrecord" if shards else ""
    return [
        replace(whole, inputs=group, shard=name.format(index, len(groups)))
        for index, group in enumerate(groups)
    ]


def _groups(items: tuple[Input, ...], size: int | None) -> Iterator[tuple[Input, ...]]:
    """Yield `size` inputs at a time. None yields small groups, since a kill costs at most one per worker."""
    group: list[Input] = []
    total = 0
    for item in items:
        group.append(item)
        if size is None:
            with suppress(OSError):  # reported when the input is read
                total += os.stat(item.path).st_size
        if len(group) == (size or _MAX_INPUTS) or total > _MAX_BYTES:
            yield tuple(group)
            group, total = [], 0
    if group:
        yield tuple(group)


def _split_valid(task: Task, known: dict[str, Row]) -> tuple[Task, list[Row]]:
    """Return the part of a task that is missing, and the rows of earlier runs that are still valid."""
    valid = [row for item in task.inputs if (row := known.get(item.name)) and _is_valid(item, row, task)]
    if task.shard and (len(valid) < len(task.inputs) or not _is_whole_shard(task, valid)):
        valid = []  # a shard is written as a whole
    names = {row.path for row in valid}
    return replace(task, inputs=tuple(item for item in task.inputs if item.name not in names)), valid


def _is_valid(item: Input, row: Row, task: Task) -> bool:
    """Return whether the input is unchanged since the row was written, and its output whole."""
    failed = row.status == "failed"
    again = task.settings.retry or task.settings.partial or not row.hash
    if row.label != item.label or (failed and again):
        return False
    if row.shard != (task.shard or ("" if failed else array_name(item))):
        return False
    if row.shard and not task.shard and not _is_whole(task, row):
        return False
    try:
        found = os.stat(item.path)
    except OSError:
        return False
    if (found.st_size, found.st_mtime_ns) == (row.bytes, row.modified):
        return True
    return found.st_size == row.bytes and content_hash(item.path) == row.hash


def _is_whole(task: Task, row: Row) -> bool:
    """Return whether an array has its size: one that was cut off is written again."""
    expected = array_bytes(row.frames, row_shape(task.frontend), task.settings.dtype)
    try:
        return os.stat(Path(task.folder, row.shard)).st_size == expected
    except OSError:
        return False


def _is_whole_shard(task: Task, rows: list[Row]) -> bool:
    try:
        return count_records(Path(task.folder, task.shard)) == sum(row.status == "done" for row in rows)
    except (OSError, ValueError):
        return False


def _check_all_done(rows: list[Row], folder: Path) -> None:
    for row in rows:
        if row.status == "failed":
            raise SonogramError(
                f"{row.error} (stopped here because of strict; other outputs are in {folder})"
            )
