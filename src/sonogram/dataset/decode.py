"""Sound files in `tf.data`: from paths to values.

A native operation decodes most files, without Python and its global lock. Python reads the rest: files at
another sample rate (soxr resamples them), other formats, broken files (Python reports the reason), cached
values, and everything if the native library is missing.
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
from sonogram.definitions import row_shape
from sonogram.errors import SonogramError

__all__ = ["decode", "read_windows"]


def decode(paths: Any, draws: Any, reader: Reader, report: DatasetReport | None) -> tuple[Any, Any, Any]:
    """Read files inside a `tf.data` function. Several files in one call share the overhead of the call.

    Args:
        paths: string tensor, `(files,)`.
        draws: Random number of each file, int64 `(files,)`.
        reader: Reader of one file.
        report: Report that collects broken files; None stops at the first one.

    Returns:
        values: float32, the values of all good files concatenated, `(sum of lengths, ...)`.
        lengths: int32, the length of each good file, for batches of similar lengths, `(good,)`.
        good: int32, the index of each good file in `paths`, `(good,)`.
    """
    if type(reader) is not Reader or reader.frontend or reader.cache or not sound_ops.available():
        return _in_python(paths, draws, reader, report)
    length: dict[str, Any] = {}
    if (fixed := reader.fixed) is not None:
        size = num_samples(fixed.seconds, reader.sample_rate)
        length = {"size": size, "crop": fixed.crop, "pad": fixed.pad}
    # Leave resampling to soxr in Python: a clip has the same numbers as from `sonogram.load`.
    values, lengths = sound_ops.decode_files(paths, draws, reader.sample_rate, **length)
    found = values, lengths, tf.range(tf.size(lengths))
    all_good = tf.equal(tf.size(lengths), tf.size(paths))
    made: tuple[Any, Any, Any] = tf.cond(
        all_good, lambda: found, lambda: _in_python(paths, draws, reader, report)
    )
    return made


def _in_python(paths: Any, draws: Any, reader: Reader, report: DatasetReport | None) -> tuple[Any, Any, Any]:
    bands = () if reader.frontend is None else row_shape(reader.frontend)

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
    with tf.control_dependencies([_assert_good(problem)]):
        values = tf.identity(values)
    return (
        tf.ensure_shape(values, (None, *bands)),
        tf.ensure_shape(lengths, (None,)),
        tf.ensure_shape(good, (None,)),
    )


def read_windows(path: Any, reader: Reader, cut: Windows, size: int, report: DatasetReport | None) -> Any:
    """Return the windows of one file as a data set of waveforms, `(size,)`.

    Args:
        path: string tensor, `()`.
        reader: Reader of the file.
        cut: Length and step of the windows.
        size: Length of a window, samples.
        report: Report that collects broken files; None stops at the first one.
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

    def check(window: Any, problem: Any) -> Any:
        with tf.control_dependencies([_assert_good(problem)]):
            return tf.identity(window)

    signature = (tf.TensorSpec((size,), tf.float32), tf.TensorSpec((), tf.string))
    windows = tf.data.Dataset.from_generator(read, output_signature=signature, args=(path,))
    return windows.map(tf.autograph.experimental.do_not_convert(check))


def _assert_good(problem: Any) -> Any:
    return tf.debugging.Assert(tf.equal(problem, b""), [problem])


def _path(name: bytes) -> str:
    return name.decode(errors="surrogateescape")


def _line(error: SonogramError) -> bytes:
    return str(error).encode(errors="replace")
