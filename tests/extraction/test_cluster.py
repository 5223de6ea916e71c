"""Processes and a Dask cluster whose workers die."""

import os
import signal
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
import soundfile
from folders import contents

import sonogram as sg

FRONTEND = sg.preset("kaldi-fbank-80")


def _make(folder: Path, clips: int) -> Path:
    folder.mkdir()
    rng = np.random.default_rng(4)
    for index in range(clips):
        soundfile.write(folder / f"{index:04d}.wav", 0.1 * rng.standard_normal(16000), 16000)
    return folder


@pytest.mark.exhaustive
def test_a_process_that_dies_is_replaced(tmp_path: Path) -> None:
    archive = _make(tmp_path / "archive", 600)
    sg.extract([archive], tmp_path / "undisturbed", FRONTEND)
    pools: list[ProcessPoolExecutor] = []

    def pool() -> ProcessPoolExecutor:
        pools.append(ProcessPoolExecutor(2, mp_context=get_context("spawn")))
        return pools[-1]

    killed = []

    def kill_one(progress: sg.extraction.Progress) -> None:
        if progress.done and not killed:
            killed.append(next(iter(pools[0]._processes)))
            os.kill(killed[0], signal.SIGKILL)

    report = sg.extract([archive], tmp_path / "out", FRONTEND, executor=pool, on_progress=kill_one)
    assert killed
    assert len(pools) > 1
    assert report.done == 600
    assert contents(tmp_path / "out") == contents(tmp_path / "undisturbed")


@pytest.mark.accept
def test_a_worker_of_a_cluster_dies(tmp_path: Path) -> None:
    from distributed import Client, LocalCluster

    archive = _make(tmp_path / "archive", 600)
    sg.extract([archive], tmp_path / "undisturbed", FRONTEND)
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1") as cluster,
        Client(cluster) as client,
    ):
        victim = next(iter(client.run(os.getpid).values()))

        def kill() -> None:
            while not list((tmp_path / "out").rglob("*.npy")):
                time.sleep(0.01)
            os.kill(victim, signal.SIGKILL)

        killer = threading.Thread(target=kill)
        killer.start()
        report = sg.extract([archive], tmp_path / "out", FRONTEND, executor=client.get_executor())
        killer.join()
    assert report.done == 600
    assert contents(tmp_path / "out") == contents(tmp_path / "undisturbed")
