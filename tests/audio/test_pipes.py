"""Pipes: read once, and never waited for without end."""

import io
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from engine_names import why_not_native

from sonogram.audio import hold, info, load, source, source_name
from sonogram.errors import AudioError

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / "pipe.wav")
    return tmp_path / "pipe.wav"


def write_slowly(pipe: Path, content: bytes) -> None:
    with pipe.open("wb", buffering=0) as file:
        for start in range(0, len(content), 50_000):
            file.write(content[start : start + 50_000])
            time.sleep(0.01)


@pytest.mark.parametrize("kind", ["WAV", "FLAC", "MP3"])
def test_a_pipe_is_read_to_its_end(pipe: Path, stereo, encode, kind: str) -> None:
    content = encode(stereo, kind, "MPEG_LAYER_III" if kind == "MP3" else "PCM_16")
    with ThreadPoolExecutor(1) as pool:
        pool.submit(write_slowly, pipe, content)
        held = hold(pipe)
        pool.submit(write_slowly, pipe, content)
        once = load(pipe)
    assert source_name(held) == str(pipe)
    for samples in (load(held).samples, load(held).samples, once.samples):
        np.testing.assert_array_equal(samples, load(content).samples)
    assert info(held).num_samples == once.samples.size


def test_a_pipe_without_a_writer_is_given_up(pipe: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "_PIPE_SECONDS", 0.1)
    for read in (load, hold, info):
        with pytest.raises(
            AudioError, match=r"pipe\.wav: no program has written to this pipe for 0\.1 s; start"
        ):
            read(pipe)


def test_a_writer_that_writes_nothing(pipe: Path) -> None:
    def close_at_once() -> None:
        time.sleep(0.05)
        with pipe.open("wb"):
            time.sleep(0.2)

    writer = threading.Thread(target=close_at_once)
    writer.start()
    with pytest.raises(AudioError, match=r"pipe\.wav: is empty"):
        load(pipe)
    writer.join()


def test_what_can_be_opened_again_is_not_held(tmp_path: Path) -> None:
    file = io.BytesIO(b"sound")
    for each in ("path.wav", tmp_path, b"bytes", file):
        assert hold(each) is each
    reading, writing = os.pipe()
    os.write(writing, b"sound")
    os.close(writing)
    with open(reading, "rb") as stream:
        held = hold(stream)
    assert held.read() == b"sound"


@pytest.mark.skipif(bool(why_not_native()), reason="needs the native library")
def test_the_operation_reads_pipes_too(pipe: Path, stereo, encode) -> None:
    pytest.importorskip("tensorflow")
    from sonogram.audio import decode

    content = encode(stereo)
    with ThreadPoolExecutor(1) as pool:
        pool.submit(write_slowly, pipe, content)
        found = decode(str(pipe))
    np.testing.assert_array_equal(found.samples.numpy(), load(content).samples)
