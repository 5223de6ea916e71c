"""The one place where `tf.data` meets sound files: paths in, values out.

Sounds are decoded by the native operation, without Python and its lock. The rest goes through Python, as
everything does where there is no such operation: sounds at another rate, which soxr changes, other kinds of
files, broken ones, whose damage is noted there, and what is kept in a cache.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import tensorflow as tf

from sonogram.audio import ops as sound_ops
from sonogram.dataset.cuts import Windows
from sonogram.dataset.reader import Reader
from sonogram.dataset.report import DatasetReport
from sonogram.dataset.windowing import num_samples
from sonogram.errors import SonogramError

__all__ = ["decoded", "windowed"]


def decoded(paths: Any, draws: Any, reader: Reader, report: DatasetReport | None) -> tuple[Any, Any, Any]:
    """Read some files inside a `tf.data` function. One call for several of them shares its price.

    Args:
        paths: string tensor, `(files,)`.
        draws: The random number of each, int64 `(files,)`.
        reader: What to read from them.
        report: Where broken files are noted; None stops at the first one.

    Returns:
        values: float32, those of one good file after another, `(sum of lengths, ...)`.
        lengths: int32, the length of each good file by which like ones are found, `(good,)`.
        good: int32, the places of the good files in `paths`, `(good,)`.
    """
    if type(reader) is not Reader or reader.frontend or reader.cache or not sound_ops.available():
        return _in_python(paths, draws, reader, report)
    length: dict[str, Any] = {}
    if (fixed := reader.fixed) is not None:
        size = num_samples(fixed.seconds, reader.sample_rate)
        length = {"size": size, "crop": fixed.crop, "pad": fixed.pad}
    # Sounds at another rate are left to soxr: a clip has the numbers of `sonogram.load` everywhere.
    values, lengths = sound_ops.decode_files(paths, draws, reader.sample_rate, **length)
    found = values, lengths, tf.range(tf.size(lengths))
    all_good = tf.equal(tf.size(lengths), tf.size(paths))
    made: tuple[Any, Any, Any] = tf.cond(
        all_good, lambda: found, lambda: _in_python(paths, draws, reader, report)
    )
    return made


def _in_python(paths: Any, draws: Any, reader: Reader, report: DatasetReport | None) -> tuple[Any, Any, Any]:
    bands = () if reader.frontend is None else (reader.frontend.num_bands,)

    def read(names: Any, numbers: Any) -> tuple[Any, Any, Any, bytes]:
        values, lengths, good, problem = [np.zeros((0, *bands), np.float32)], [], [], b""
        for place, (name, number) in enumerate(zip(names, numbers, strict=True)):
            try:
                values.append(reader.values(_path(name), number))
                lengths.append(reader.length(_path(name), values[-1]))
                good.append(place)
            except SonogramError as error:
                if report is None:
                    problem = _line(error)
                    break
                report.note(_path(name), str(error))
        return np.concatenate(values), np.array(lengths, np.int32), np.array(good, np.int32), problem

    values, lengths, good, problem = tf.numpy_function(
        read, [paths, draws], (tf.float32, tf.int32, tf.int32, tf.string), stateful=False
    )
    with tf.control_dependencies([_stopped(problem)]):
        values = tf.identity(values)
    return (
        tf.ensure_shape(values, (None, *bands)),
        tf.ensure_shape(lengths, (None,)),
        tf.ensure_shape(good, (None,)),
    )


def windowed(path: Any, reader: Reader, cut: Windows, size: int, report: DatasetReport | None) -> Any:
    """The windows of one file as a data set of waveforms, `(size,)`, one after another.

    Args:
        path: string tensor, `()`.
        reader: What to read from it.
        cut: The windows.
        size: Their length, samples.
        report: Where a broken file is noted; None stops there.
    """

    def read(name: bytes) -> Iterator[tuple[Any, bytes]]:
        try:
            for window in reader.windows(_path(name), cut):
                yield window, b""
        except SonogramError as error:
            if report is None:
                yield np.zeros(size, np.float32), _line(error)
            else:
                report.note(_path(name), str(error))

    def checked(window: Any, problem: Any) -> Any:
        with tf.control_dependencies([_stopped(problem)]):
            return tf.identity(window)

    signature = (tf.TensorSpec((size,), tf.float32), tf.TensorSpec((), tf.string))
    windows = tf.data.Dataset.from_generator(read, output_signature=signature, args=(path,))
    return windows.map(tf.autograph.experimental.do_not_convert(checked))


def _stopped(problem: Any) -> Any:
    return tf.debugging.Assert(tf.equal(problem, b""), [problem])


def _path(name: bytes) -> str:
    return name.decode(errors="surrogateescape")


def _line(error: SonogramError) -> bytes:
    return str(error).encode(errors="replace")
