"""The number of cores of a process, and the defaults that follow it."""

import os
import threading
import time

import pytest

from sonogram.cores import num_cores
from sonogram.extraction.workers import _threads
from sonogram.files import map_files
from sonogram.native.threads import default_threads


@pytest.fixture
def two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that `taskset` or a container allows two cores of a machine of 64."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3, 5}, raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 64)


@pytest.mark.usefixtures("two_cores")
def test_only_the_cores_that_the_process_may_use_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SONOGRAM_THREADS", raising=False)
    assert num_cores() == 2
    assert default_threads.__wrapped__() == 2
    with _threads() as pool:
        assert pool._max_workers == 2


@pytest.mark.usefixtures("two_cores")
def test_a_setting_is_stronger_than_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SONOGRAM_THREADS", "7")
    assert default_threads.__wrapped__() == 7


@pytest.mark.usefixtures("two_cores")
def test_files_are_mapped_in_a_thread_for_each_core() -> None:
    def thread(_: int) -> int:
        time.sleep(0.005)
        return threading.get_ident()

    assert len({found for _, found in map_files(thread, range(12))}) <= 2


def test_without_affinity_all_cores_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert num_cores() == 1
