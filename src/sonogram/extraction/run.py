"""A whole extraction: what is missing is found, worked off on any executor, and written down."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sonogram.errors import SonogramError
from sonogram.extraction.inputs import Input, expand
from sonogram.extraction.record import Journal, Row, read_manifest, write_manifest
from sonogram.extraction.settings import Settings, provenance
from sonogram.extraction.work import Task, array_name, content_hash, explained_disk_errors, run_token
from sonogram.extraction.workers import work_off
from sonogram.files import atomic_file, lock_folder, remove_unfinished
from sonogram.frontend import Frontend

__all__ = ["Progress", "Report", "extract"]

_TOGETHER = 16  # arrays written by one task, at most
_BYTES = 1 << 25  # sound read by one task; one more file than that


@dataclass(frozen=True)
class Progress:
    """How far a run has come."""

    total: int
    """Inputs in all."""
    done: int
    """Inputs with features, those of earlier runs included."""
    failed: int
    """Inputs that could not be done."""
    seconds: float
    """Audio that this run has read."""
    failures: tuple[Row, ...] = ()
    """Inputs that failed since the last call."""


@dataclass(frozen=True)
class Report:
    """What a run has done."""

    done: int
    """Inputs with features."""
    kept: int
    """Of those, done by an earlier run."""
    failed: tuple[Row, ...]
    """Inputs that could not be done, with the reason."""
    seconds: float
    """Audio that this run has read."""
    failed_before: int = 0
    """Of the inputs that could not be done, those of an earlier run that have not changed since."""


def extract(
    inputs: Iterable[str | os.PathLike[str]],
    folder: str | os.PathLike[str],
    frontend: Frontend,
    settings: Settings | None = None,
    *,
    executor: Executor | Callable[[], Executor] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Report:
    """Write the features of many files, and goes on where an interrupted run ended.

    Every output appears whole or not at all. `manifest.csv` has a row for each input;
    `extraction.json` says what made them. The same call continues a run that was stopped, does
    only what is missing, and ends with the same bytes as a run that was not.

    Args:
        inputs: Files, folders, globs and CSV manifests.
        folder: Where the outputs go; one definition and one run at a time.
        frontend: The definition; files are resampled to its rate and mixed to one channel.
        settings: Format, precision and engine.
        executor: Where the work is done: an executor, or what makes one (it is then closed, and
            made again when its workers die). None is threads, one for each core.
        on_progress: Called with a `Progress` as the work goes on.

    Returns:
        What was done and what could not be.

    Raises:
        SonogramError: The folder holds another extraction or is in use, or cannot be written to;
            with `strict`, an input cannot be done.
    """
    settings = settings or Settings()
    items = expand(inputs)
    target = Path(folder)
    made_with = provenance(frontend, settings)
    with ExitStack() as held:
        with explained_disk_errors(target):
            held.enter_context(lock_folder(target, "extraction"))
            _begin(target, made_with, settings.mixture)
            remove_unfinished(target)
            token = held.enter_context(run_token(target))
        journal = Journal(target / "journal.jsonl")
        held.callback(journal.close)
        known = {row.path: row for row in [*read_manifest(target / "manifest.csv"), *journal.read()]}
        begun = Task(items, str(target), str(token), "", frontend, settings, made_with)
        tasks = [_missing(task, known) for task in _tasks(begun)]
        run = _Run(items, [row for _, rows in tasks for row in rows], on_progress)
        with explained_disk_errors(target):
            journal.start(run.kept, (item.name for task, _ in tasks for item in task.inputs))

        def record(task: Task, rows: list[Row]) -> None:
            with explained_disk_errors(target):
                journal.append(rows)
            run.add(rows)
            if settings.strict:
                _check_all_done(rows, task)

        if settings.strict:
            _check_all_done(run.kept, begun)
        work_off([task for task, _ in tasks if task.inputs], executor, record, lambda: token.unlink(True))
        with explained_disk_errors(target):
            remove_unfinished(target)
            rows = [run.rows[item.name] for item in items]
            write_manifest(target / "manifest.csv", rows)
            journal.remove()
    kept = sum(row.status == "done" for row in run.kept)
    failed = tuple(row for row in rows if row.status == "failed")
    return Report(run.done, kept, failed, run.seconds, failed_before=len(run.kept) - kept)


class _Run:
    """The rows so far, and who is told."""

    def __init__(
        self, items: tuple[Input, ...], kept: list[Row], on_progress: Callable[[Progress], None] | None
    ) -> None:
        self.kept = kept
        self.rows: dict[str, Row] = {}
        self.done = 0
        self.seconds = 0.0
        self._total = len(items)
        self._tell = on_progress
        self._take(kept)

    def add(self, rows: list[Row]) -> None:
        """Take the rows of one task."""
        self.seconds += sum(row.duration for row in rows)
        self._take(rows)

    def _take(self, rows: list[Row]) -> None:
        self.rows.update((row.path, row) for row in rows)
        self.done += sum(row.status == "done" for row in rows)
        if self._tell is not None:
            failures = tuple(row for row in rows if row.status == "failed")
            self._tell(Progress(self._total, self.done, len(self.rows) - self.done, self.seconds, failures))


def _begin(folder: Path, made_with: dict[str, Any], mixture: bool) -> None:
    """Note what the outputs are made with, or checks that it is what the folder was begun with."""
    path = folder / "extraction.json"
    text = json.dumps(made_with, indent=1, sort_keys=True).encode() + b"\n"
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        with atomic_file(path) as file:
            file.write(text)
        return
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise SonogramError(f"{path}: not written by sonogram; choose another folder")
    for name in ("fingerprint", "settings"):
        if found.get(name) != made_with[name]:
            what = "another definition" if name == "fingerprint" else "another format or precision"
            raise SonogramError(
                f"{folder}: holds features of {what}; choose another folder, or remove this one"
            )
    differing = [
        name for name in ("engine", "instruction_set", "versions") if found.get(name) != made_with[name]
    ]
    if differing and not mixture:
        pairs = "; ".join(f"{name} {found.get(name)}, now {made_with[name]}" for name in differing)
        raise SonogramError(
            f"{folder}: was begun with {pairs}; bits would differ: go on where it was begun, "
            "or ask for a mixture (--mixture)"
        )


def _tasks(begun: Task) -> list[Task]:
    """Divide all inputs into tasks, in the same way whatever is done already."""
    shards = begun.settings.format == "tfrecord"
    groups = list(_groups(begun.inputs, begun.settings.shard_size if shards else None))
    name = "shard-{:05d}-of-{:05d}.tfrecord" if shards else ""
    return [
        replace(begun, inputs=group, shard=name.format(index, len(groups)))
        for index, group in enumerate(groups)
    ]


def _groups(items: tuple[Input, ...], size: int | None) -> Iterator[tuple[Input, ...]]:
    """Yield `size` inputs at a time; with None as many as are soon done, which is what a kill can cost."""
    group: list[Input] = []
    total = 0
    for item in items:
        group.append(item)
        if size is None:
            with suppress(OSError):  # it is told when it is the input's turn
                total += os.stat(item.path).st_size
        if len(group) == (size or _TOGETHER) or total > _BYTES:
            yield tuple(group)
            group, total = [], 0
    if group:
        yield tuple(group)


def _missing(task: Task, known: dict[str, Row]) -> tuple[Task, list[Row]]:
    """Return what of a task is still to be done, and the rows of earlier runs that hold."""
    holding = [row for item in task.inputs if (row := known.get(item.name)) and _holds(item, row, task)]
    if task.shard and len(holding) < len(task.inputs):
        holding = []  # a shard is written as a whole
    names = {row.path for row in holding}
    return replace(task, inputs=tuple(item for item in task.inputs if item.name not in names)), holding


def _holds(item: Input, row: Row, task: Task) -> bool:
    """Whether the input is the one that the row tells of, and its output is there."""
    failed = row.status == "failed"
    if row.label != (item.label or "") or (failed and (task.settings.retry or not row.hash)):
        return False
    if row.shard != (task.shard or ("" if failed else array_name(item))):
        return False
    if row.shard and not Path(task.folder, row.shard).is_file():
        return False
    try:
        found = os.stat(item.path)
    except OSError:
        return False
    if (found.st_size, found.st_mtime_ns) == (row.bytes, row.modified):
        return True
    return found.st_size == row.bytes and content_hash(item.path) == row.hash


def _check_all_done(rows: list[Row], task: Task) -> None:
    for row in rows:
        if row.status == "failed":
            raise SonogramError(f"{row.error} (stopped here, as asked; the rest of {task.folder} is kept)")
