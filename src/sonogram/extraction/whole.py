"""The features of one file, in pieces: the same bits whether it is short or hours long."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonogram import audio
from sonogram.engines import program
from sonogram.engines.arrays.numpy import NumPy
from sonogram.engines.plan import Plan, plan
from sonogram.errors import SonogramError
from sonogram.frontend import Frontend
from sonogram.scaling import Log
from sonogram.streaming import Pieces, Stream

__all__ = ["StoppedError", "feature_blocks"]

_SMALL_FILE = 1 << 20  # bytes: read at once, whatever the codec
_SMALL_CLIP = 120.0  # seconds: computed at once, which takes a part of a second
_LARGE_CLIP = 3600.0  # seconds: beyond this nothing is held whole
_BLOCK = 1 << 20  # samples read at a time
_FRAMES = 1 << 14  # frames of a second pass
_XP = NumPy()

Blocks = Iterator[tuple[NDArray[np.float32], int]]
"""Features, `(frames, bands)`, and how many samples they took."""


class StoppedError(Exception):
    """The run was asked to end between two blocks."""


def feature_blocks(path: str, frontend: Frontend, engine: str | None, stop: Callable[[], bool]) -> Blocks:
    """Yield the features of a file and the samples read for them, in memory that does not grow with it.

    Args:
        path: The file; it is resampled to the rate of the definition and mixed to one channel.
        frontend: The definition.
        engine: "native", "numpy" or None.
        stop: Asked between blocks; true ends the work.

    Raises:
        AudioError: The file cannot be read.
        SonogramError: The definition needs a clip as a whole and this one is too long for that.
        StoppedError: `stop()` was true.
    """
    sample_rate = int(frontend.sample_rate)
    duration = 0.0
    if os.path.getsize(path) > _SMALL_FILE:
        duration = audio.info(path).duration
    if duration <= _SMALL_CLIP:
        samples = audio.load(path, sample_rate).samples
        yield frontend(samples, engine), len(samples)
        return
    blocks = _stoppable(audio.blocks(path, _BLOCK, sample_rate), stop)
    if frontend.streamable:
        yield from _streamed(frontend, engine, blocks)
        return
    # A peak takes a second pass over the bands; other obstacles need the clip at once.
    obstacle = next((each for each in frontend.obstacles("stream") if each.code != "peak-floor"), None)
    if obstacle and duration <= _LARGE_CLIP:
        samples = np.concatenate(list(blocks))
        yield frontend(samples, engine), len(samples)
        return
    if obstacle:
        raise SonogramError(
            f"{path}: {duration / 3600:.1f} h are too long for a definition that needs the clip at once "
            f"({obstacle.reason}); cut it into pieces of at most {_LARGE_CLIP / 3600:.0f} h"
        )
    yield from _twice(plan(frontend), engine, blocks, stop)


def _stoppable(blocks: Iterator[Any], stop: Callable[[], bool]) -> Iterator[Any]:
    for block in blocks:
        if stop():
            raise StoppedError
        yield block


def _streamed(frontend: Frontend, engine: str | None, blocks: Iterator[Any]) -> Blocks:
    stream = Stream(frontend, engine)
    for block in blocks:
        yield stream.push(block), len(block)
    yield stream.finish(), 0


def _twice(compiled: Plan, engine: str | None, blocks: Iterator[Any], stop: Callable[[], bool]) -> Blocks:
    """First the bands into a file beside their peak, then what lies below the peak."""
    scaling = compiled.definition.scaling
    assert isinstance(scaling, Log)
    pieces = Pieces(compiled, engine)
    peak: Any = None
    columns, with_energy = compiled.num_filters, 0
    with tempfile.TemporaryFile(prefix="sonogram-") as held:
        frames, samples = 0, 0
        for block in _ended(blocks):
            values, energy = pieces.finish() if block is None else pieces.push(block)
            samples += 0 if block is None else len(block)
            if not values.size:
                continue
            highest = values.max()
            peak = highest if peak is None else max(peak, highest)
            parts = [values[0]] if energy is None else [values[0], energy[0]]
            with_energy = 0 if energy is None else 1
            rows = np.concatenate(parts, axis=1).astype(
                np.float64 if values.dtype == np.float64 else np.float32
            )
            rows.tofile(held)
            dtype, frames = rows.dtype, frames + len(rows)
        yield np.zeros((0, compiled.definition.num_bands), np.float32), samples
        total = pieces.total
        blank = compiled.num_frames(total) - frames
        held.seek(0)
        size = compiled.definition.stack_size
        step = _FRAMES // size * size
        for first in range(0, frames, step):
            if stop():
                raise StoppedError
            count = min(step, frames - first)
            rows = np.fromfile(held, dtype, count * (columns + with_energy)).reshape(count, -1)
            values = scaling.apply_floor(_XP, rows[None, :, :columns], peak)
            last = first + count == frames
            yield (
                _finished(
                    compiled, values, rows[None, :, columns:] if with_energy else None, blank if last else 0
                ),
                0,
            )
        if not frames and blank:
            yield np.zeros((compiled.features_frames(total), compiled.definition.num_bands), np.float32), 0


def _finished(compiled: Plan, values: Any, energy: Any, blank: int) -> NDArray[np.float32]:
    values = program.cepstrum(compiled, _XP, values, energy)
    normalize = compiled.definition.normalize
    if normalize is not None:
        values = normalize.apply(_XP, values, None)
    values = np.pad(values, ((0, 0), (0, blank), (0, 0)))
    return np.asarray(program.stack(compiled, _XP, values)[0], np.float32)


def _ended(blocks: Iterator[Any]) -> Iterator[Any]:
    yield from blocks
    yield None
