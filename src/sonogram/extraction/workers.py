"""Runs tasks on an executor: threads, processes, or machines that may die."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from sonogram.cores import num_cores
from sonogram.errors import SonogramError
from sonogram.extraction.record import Row
from sonogram.extraction.work import Outcome, Task, deadly_input, explain_disk_errors, run_task

__all__ = ["run_tasks"]

_MAX_DEATHS = 2
"""Deaths of workers that had a single task, after which that task is the cause."""
_QUEUED = 64
"""Tasks submitted in addition to one per core, where the number of workers is unknown."""
_GRACE = 30.0
"""Seconds that running tasks of a foreign executor get when the run ends early."""
_INTERRUPT_GRACE = 0.7
"""The same after Ctrl-C."""

_Record: TypeAlias = Callable[[Task, list[Row]], None]
_Running: TypeAlias = dict[Future[Outcome], tuple[Task, int]]


def run_tasks(
    tasks: Sequence[Task],
    executor: Executor | Callable[[], Executor] | None,
    record: _Record,
    cancel: Callable[[], None],
) -> None:
    """Run all tasks. Whichever way the run ends, what was finished by then is recorded.

    Args:
        tasks: The tasks.
        executor: Where to run them; see `extract`.
        record: Called with each task and its rows, as they come.
        cancel: Called when the run ends, so that running tasks stop soon.

    Raises:
        SonogramError: An output cannot be written, workers die repeatedly, or do not see the folder.
    """
    if isinstance(executor, Executor):
        pool = _Pool(lambda: executor, owned=False)
    else:
        pool = _Pool(executor or _threads, owned=True)
    running: _Running = {}
    try:
        _run(pool, tasks, record, running)
    except BaseException as error:
        cancel()
        grace = _INTERRUPT_GRACE if isinstance(error, KeyboardInterrupt) else _GRACE
        _record_finished(running, record, None if pool.owned else grace)
        raise
    finally:
        cancel()
        pool.close()


def _threads() -> Executor:
    return ThreadPoolExecutor(num_cores(), thread_name_prefix="sonogram")


class _Pool:
    """An executor that is made again when its workers have died."""

    def __init__(self, make: Callable[[], Executor], owned: bool) -> None:
        self._make, self.owned = make, owned
        self._executor = make()
        self.size = 3 * num_cores() if owned else _QUEUED + num_cores()
        """Number of tasks that are submitted at a time."""

    def submit(self, task: Task) -> Future[Outcome]:
        try:
            return self._executor.submit(run_task, task)
        except BrokenExecutor:
            if not self.owned:
                raise SonogramError(
                    "the workers of the executor died; make a new one and run the same call again"
                ) from None
        self._executor.shutdown(wait=False, cancel_futures=True)
        self._executor = self._make()
        return self._executor.submit(run_task, task)

    def close(self) -> None:
        if self.owned:
            self._executor.shutdown(wait=True, cancel_futures=True)


def _run(pool: _Pool, tasks: Sequence[Task], record: _Record, running: _Running) -> None:
    waiting = deque(tasks)
    suspects: deque[tuple[Task, int]] = deque()  # with the number of worker deaths while each ran alone
    while waiting or suspects or running:
        # When workers die, every running task is a suspect. Suspects run alone, one after the other: the
        # one that kills its worker again is the cause, and the others are done.
        if suspects:
            if not running:
                task, deaths = suspects.popleft()
                running[pool.submit(task)] = task, deaths
        else:
            while waiting and len(running) < pool.size:
                task = waiting.popleft()
                running[pool.submit(task)] = task, 0
        alone = len(running) == 1
        finished, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in finished:
            task, deaths = running[future]
            try:
                rows, disk_error = _result(future)
            except BrokenExecutor as error:
                deaths += alone
                if deaths < _MAX_DEATHS:
                    suspects.append((task, deaths))
                elif len(task.inputs) == 1 and not task.shard:
                    record(task, [deadly_input(task)])
                elif not task.shard:
                    suspects.extendleft((replace(task, inputs=(item,)), 0) for item in reversed(task.inputs))
                else:
                    names = ", ".join(item.path for item in task.inputs[:3])
                    raise SonogramError(
                        f"workers died {_MAX_DEATHS} times at {names} or a later input of {task.shard}: "
                        "leave these files out, or give the workers more memory; finished outputs are kept"
                    ) from error
            else:
                record(task, rows)
                _check_complete(task, rows, disk_error)
            del running[future]  # only now: an interrupt before this line records it again


def _check_complete(task: Task, rows: list[Row], error: OSError | None) -> None:
    """Raise an error where a task ended before its inputs did."""
    if error is not None:
        with explain_disk_errors(Path(task.folder)):
            raise error
    if len(rows) < len(task.inputs) and not task.settings.strict:
        raise SonogramError(
            f"{task.folder}: a worker does not see this folder, or {os.path.basename(task.token)} was "
            "deleted from it; all workers need the same folders"
        )


def _record_finished(running: _Running, record: _Record, timeout: float | None) -> None:
    """Record what workers finish within a time, without further errors.

    Nothing is cancelled before: a task that starts now sees no token and gives no rows, but what
    another machine has finished would be lost.
    """
    finished, late = wait(running, timeout)
    for future in finished:
        with suppress(Exception):
            record(running[future][0], future.result()[0])
    for future in late:
        future.cancel()


def _result(future: Future[Outcome]) -> Outcome:
    try:
        return future.result()
    except Exception as error:
        if type(error).__name__ == "KilledWorker":  # of Dask
            raise BrokenExecutor(str(error)) from error
        raise
