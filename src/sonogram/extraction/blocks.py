"""The features of one file in blocks: the same bits for any length, in bounded memory."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sonogram import audio
from sonogram.definitions import AnyFrontend, check_channels, num_channels
from sonogram.engines import program
from sonogram.engines.plan import plan
from sonogram.errors import SonogramError
from sonogram.frontend import Frontend
from sonogram.micro import MicroFrontend
from sonogram.scaling import Log
from sonogram.streaming import Pieces, RowBuffer, Stream

__all__ = ["StoppedError", "feature_blocks"]

_SMALL_FILE = 1 << 20
"""Bytes. Such a file is read at once, whatever its codec."""
_SMALL_CLIP = 120.0
"""Seconds. Such a clip is computed at once, in a fraction of a second."""
_LARGE_CLIP = 3600.0
"""Seconds. A longer clip is never held whole; with several channels, one of that many samples."""
_BLOCK = 1 << 20
"""Samples read at a time."""
_FRAMES = 1 << 14
"""Frames of a block in the second pass."""

_Blocks: TypeAlias = Iterator[tuple[NDArray[np.float32], int]]
"""Features, `(frames, *row_shape(frontend))`, and the number of samples read for them."""


class StoppedError(Exception):
    """The run was cancelled between two blocks."""


def feature_blocks(
    path: str, frontend: AnyFrontend, engine: str | None, stop: Callable[[], bool], partial: bool = False
) -> _Blocks:
    """Yield the features of a file and the number of samples read for them, in bounded memory.

    Args:
        path: The file. It is resampled to the rate of the definition and mixed to one channel, unless the
            definition needs several.
        frontend: The definition.
        engine: "native", "numpy" or None; a `MicroFrontend` has one of its own.
        stop: Called between blocks; true ends the work.
        partial: Whether to read what is there of a truncated file.

    Raises:
        AudioError: The file cannot be read.
        SonogramError: The definition needs the whole clip, and this one is too long for that; or it needs
            another number of channels.
        StoppedError: `stop()` was true.
    """
    sample_rate, channels = int(frontend.sample_rate), num_channels(frontend)
    engine = None if isinstance(frontend, MicroFrontend) else engine
    duration = 0.0
    if os.path.getsize(path) > _SMALL_FILE:
        duration = audio.info(path, partial=partial).duration
    if duration <= _SMALL_CLIP:
        samples = audio.load(path, sample_rate, mono=channels is None, partial=partial).samples
        yield _features(frontend, engine, _checked(path, samples, frontend)), samples.shape[-1]
        return
    read = audio.blocks(path, _BLOCK, sample_rate, mono=channels is None, partial=partial)
    blocks = (_checked(path, block, frontend) for block in _take_until_stop(read, stop))
    if frontend.streamable:
        yield from _stream(frontend, engine, blocks)
        return
    assert not isinstance(frontend, MicroFrontend)  # it is streamable
    # A peak takes a second pass over the bands of one front end; other obstacles need the clip at once.
    obstacles = frontend.obstacles("stream")
    if isinstance(frontend, Frontend) and all(each.code == "peak-floor" for each in obstacles):
        yield from _two_passes(frontend, engine, blocks, stop)
        return
    longest = _LARGE_CLIP / (channels or 1)
    if duration > longest:
        reason = next((each for each in obstacles if each.code != "peak-floor"), obstacles[0]).reason
        raise SonogramError(
            f"{path}: {duration / 60:.0f} min are too long for a definition that needs the clip at once "
            f"({reason}); split it into parts of at most {longest / 60:.0f} min"
        )
    samples = np.concatenate(list(blocks), axis=-1)
    yield _features(frontend, engine, samples), samples.shape[-1]


def _features(frontend: AnyFrontend, engine: str | None, samples: NDArray[np.float32]) -> Any:
    return frontend(samples) if isinstance(frontend, MicroFrontend) else frontend(samples, engine)


def _checked(path: str, samples: Any, frontend: AnyFrontend) -> Any:
    """Return samples, after a check of their channels where the definition needs several."""
    if samples.ndim > 1:
        check_channels(frontend, len(samples), path)
    return samples


def _take_until_stop(blocks: Iterator[Any], stop: Callable[[], bool]) -> Iterator[Any]:
    for block in blocks:
        if stop():
            raise StoppedError
        yield block


def _stream(frontend: Any, engine: str | None, blocks: Iterator[Any]) -> _Blocks:
    stream = Stream(frontend, engine)
    for block in blocks:
        yield stream.push(block), block.shape[-1]
    yield stream.finish(), 0


def _two_passes(
    frontend: Frontend, engine: str | None, blocks: Iterator[Any], stop: Callable[[], bool]
) -> _Blocks:
    """Yield features with a floor relative to the clip's peak.

    The first pass writes the bands, in front of the energies if any, to a temporary file and finds
    their peak. The second pass reads them, applies the floor and computes the remaining stages.
    """
    compiled, scaling = plan(frontend), frontend.scaling
    assert isinstance(scaling, Log)
    pieces = Pieces(compiled, engine)
    peak: Any = -np.inf
    samples = frames = width = 0
    with tempfile.TemporaryFile(prefix="sonogram-") as file:
        for block in chain(blocks, (None,)):
            values, energy = pieces.finish() if block is None else pieces.push(block)
            samples += 0 if block is None else len(block)
            if values.size:
                peak = np.maximum(peak, values.max())
                rows = values[0] if energy is None else np.concatenate([values[0], energy[0]], axis=1)
                rows.astype(values.dtype).tofile(file)
                dtype, width, frames = values.dtype, rows.shape[1], frames + len(rows)
        yield np.zeros((0, frontend.num_bands), np.float32), samples
        num_rows = compiled.rows_of(pieces.total)
        if not frames:
            yield np.zeros((num_rows, frontend.num_bands), np.float32), 0
        file.seek(0)
        buffer = RowBuffer(compiled, pieces.arrays)
        for first in range(0, frames, _FRAMES):
            if stop():
                raise StoppedError
            count = min(_FRAMES, frames - first)
            read = np.fromfile(file, dtype, count * width).reshape(1, -1, width)
            values, energy = np.split(read, [compiled.num_filters], axis=-1)
            values = scaling.apply_floor(pieces.arrays, values, peak)
            values = program.cepstrum(compiled, pieces.arrays, values, energy if energy.size else None)
            rows = buffer.push(values) if first + count < frames else buffer.finish(values, num_rows)
            yield np.asarray(rows[0], np.float32), 0
