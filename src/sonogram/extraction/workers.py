"""Tasks through an executor: threads, processes, or machines that may die."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from sonogram.errors import SonogramError
from sonogram.extraction.record import Row
from sonogram.extraction.work import Outcome, Task, explained_disk_errors, lost, perform

__all__ = ["num_cores", "work_off"]

_DEATHS = 2  # of workers that have but one task, until that is to blame
_AHEAD = 64  # tasks handed out beyond one for each core where nobody knows how many workers there are
_PATIENCE = 30.0  # seconds for workers of others to end what they do, when the run ends early
_IMPATIENCE = 0.7  # the same after Ctrl-C

Record = Callable[[Task, list[Row]], None]
Made = Executor | Callable[[], Executor] | None


def work_off(tasks: Sequence[Task], executor: Made, record: Record, stop: Callable[[], None]) -> None:
    """Have the tasks performed.

    However it ends, what was finished by then is recorded: a run that goes on has nothing to do twice.

    Args:
        tasks: What is to be done.
        executor: Where; see `extract`.
        record: Called with each task and its rows, as they come.
        stop: Called when the run ends before its tasks: it lets those at work end soon.

    Raises:
        SonogramError: An output cannot be written, workers die again and again, or do not see the folder.
    """
    if isinstance(executor, Executor):
        pool = _Pool(lambda: executor, owned=False)
    else:
        pool = _Pool(executor or _threads, owned=True)
    running: dict[Future[Outcome], tuple[Task, int]] = {}
    try:
        _through(pool, tasks, record, running)
    except BaseException as error:
        stop()
        patience = _IMPATIENCE if isinstance(error, KeyboardInterrupt) else _PATIENCE
        _collect(running, record, None if pool.owned else patience)
        raise
    finally:
        stop()
        pool.close()


def _threads() -> Executor:
    return ThreadPoolExecutor(num_cores(), thread_name_prefix="sonogram")


def num_cores() -> int:
    """Return the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _Pool:
    """An executor that can be made anew when its workers have died."""

    def __init__(self, make: Callable[[], Executor], owned: bool) -> None:
        self._make, self.owned = make, owned
        self._executor = make()
        self.ahead = 3 * num_cores() if owned else _AHEAD + num_cores()
        """Tasks that are handed out at a time."""

    def submit(self, task: Task) -> Future[Outcome]:
        try:
            return self._executor.submit(perform, task)
        except BrokenExecutor:
            self.renew()
            return self._executor.submit(perform, task)

    def renew(self) -> None:
        if not self.owned:
            raise SonogramError(
                "the workers of the executor died; make a new one and run the same call again"
            )
        self._executor.shutdown(wait=False, cancel_futures=True)
        self._executor = self._make()

    def close(self) -> None:
        if self.owned:
            self._executor.shutdown(wait=True, cancel_futures=True)


def _through(
    pool: _Pool, tasks: Sequence[Task], record: Record, running: dict[Future[Outcome], tuple[Task, int]]
) -> None:
    waiting = deque(tasks)
    suspects: deque[tuple[Task, int]] = deque()  # with the times that workers died of each alone
    while waiting or suspects or running:
        # Who was at work when workers died works alone: the one that kills is found, the others are done.
        if suspects:
            if not running:
                task, deaths = suspects.popleft()
                running[pool.submit(task)] = task, deaths
        else:
            while waiting and len(running) < pool.ahead:
                task = waiting.popleft()
                running[pool.submit(task)] = task, 0
        alone = len(running) == 1
        finished, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in finished:
            task, deaths = running[future]
            try:
                outcome = _outcome(future)
            except BrokenExecutor as error:
                deaths += alone
                if deaths < _DEATHS:
                    suspects.append((task, deaths))
                elif len(task.inputs) == 1 and not task.shard:
                    record(task, [lost(task)])
                elif not task.shard:
                    suspects.extendleft((replace(task, inputs=(item,)), 0) for item in reversed(task.inputs))
                else:
                    names = ", ".join(item.path for item in task.inputs[:3])
                    raise SonogramError(
                        f"workers died {_DEATHS} times at {names} or what follows it in {task.shard}: take "
                        "these files out, or give the workers more memory; what is done is kept"
                    ) from error
            else:
                record(task, outcome.rows)
                _check_whole(task, outcome)
            del running[future]  # not before it is recorded: an interruption may come in between


def _check_whole(task: Task, outcome: Outcome) -> None:
    """Raise an error where a task ended before its inputs did."""
    if outcome.error is not None:
        with explained_disk_errors(Path(task.folder)):
            raise outcome.error
    if len(outcome.rows) < len(task.inputs) and not task.settings.strict:
        raise SonogramError(
            f"{task.folder}: a worker does not see this folder, or {os.path.basename(task.token)} was "
            "removed from it; all workers need the same folders"
        )


def _collect(
    running: dict[Future[Outcome], tuple[Task, int]], record: Record, patience: float | None
) -> None:
    """Record what workers finished and nobody has asked for; what goes wrong here changes nothing.

    Nothing is cancelled: a task that starts after the end of the run gives no rows, and what another
    machine has finished would be lost.
    """
    finished, late = wait(running, patience)
    for future in finished:
        with suppress(Exception):
            record(running[future][0], future.result().rows)
    for future in late:
        future.cancel()


def _outcome(future: Future[Outcome]) -> Outcome:
    try:
        return future.result()
    except BrokenExecutor:
        raise
    except Exception as error:
        if type(error).__name__ == "KilledWorker":  # Dask's name for it
            raise BrokenExecutor(str(error)) from error
        raise
