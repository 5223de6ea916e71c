"""Tasks through an executor: threads, processes, or machines that may die."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import replace

from sonogram.errors import SonogramError
from sonogram.extraction.record import Row
from sonogram.extraction.work import STOP, Task, perform

__all__ = ["each_result"]

_ATTEMPTS = 3  # at a task whose workers die
_AHEAD = 64  # tasks handed out beyond one for each core

Results = Iterator[tuple[Task, list[Row]]]


def each_result(tasks: Sequence[Task], executor: Executor | Callable[[], Executor] | None) -> Results:
    """Yields each task with its rows, as they come.

    Raises:
        SonogramError: An output cannot be written, or workers die again and again.
    """
    if isinstance(executor, Executor):
        yield from _through(_Pool(lambda: executor, owned=False), tasks)
    else:
        yield from _through(_Pool(executor or _threads, owned=True), tasks)


def _threads() -> Executor:
    return ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="sonogram")


class _Pool:
    """An executor that can be made anew when its workers have died."""

    def __init__(self, make: Callable[[], Executor], owned: bool) -> None:
        self._make, self._owned = make, owned
        self._executor = make()

    def submit(self, task: Task) -> Future[list[Row]]:
        try:
            return self._executor.submit(perform, task)
        except BrokenExecutor:
            self.renew()
            return self._executor.submit(perform, task)

    def renew(self) -> None:
        if not self._owned:
            raise SonogramError(
                "the workers of the executor died; make a new one and run the same call again"
            )
        self._executor.shutdown(wait=False, cancel_futures=True)
        self._executor = self._make()

    def close(self) -> None:
        if self._owned:
            self._executor.shutdown(wait=True, cancel_futures=True)


def _through(pool: _Pool, tasks: Sequence[Task]) -> Results:
    STOP.clear()
    waiting = deque((task, _ATTEMPTS) for task in tasks)
    running: dict[Future[list[Row]], tuple[Task, int]] = {}
    try:
        while waiting or running:
            while waiting and len(running) < _AHEAD + (os.cpu_count() or 1):
                task, attempts = waiting.popleft()
                running[pool.submit(task)] = task, attempts
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                task, attempts = running.pop(future)
                try:
                    yield task, _rows(future)
                except BrokenExecutor as error:
                    if attempts <= 1:
                        names = ", ".join(item.path for item in task.inputs[:3])
                        raise SonogramError(
                            f"workers died {_ATTEMPTS} times at {names} and what follows it: "
                            "take these files out, or give the workers more memory; what is done is kept"
                        ) from error
                    # One input at a time from now on: the one that kills is found, the others are done.
                    waiting.extendleft((part, attempts - 1) for part in reversed(_parts(task)))
    finally:
        STOP.set()
        for future in running:
            future.cancel()
        pool.close()


def _parts(task: Task) -> list[Task]:
    return [task] if task.shard else [replace(task, inputs=(item,)) for item in task.inputs]


def _rows(future: Future[list[Row]]) -> list[Row]:
    try:
        return future.result()
    except BrokenExecutor:
        raise
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        raise SonogramError(
            f"{where}cannot be written ({error.strerror}); make room or mend it, then run the same command "
            "again: what is done is kept"
        ) from error
    except Exception as error:
        if type(error).__name__ == "KilledWorker":  # Dask's name for it
            raise BrokenExecutor(str(error)) from error
        raise
