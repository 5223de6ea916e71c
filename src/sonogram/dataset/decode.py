"""The one place where `tf.data` meets sound files: paths in, values out.

Every file goes through Python here, and what it costs beyond decoding is Python's lock. An operation
that decodes without Python belongs in `decoded`, which hides how it is done.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from sonogram.dataset.cuts import Windows
from sonogram.dataset.reader import Reader
from sonogram.dataset.report import Report
from sonogram.errors import SonogramError

__all__ = ["Read", "decoded", "kept", "windowed"]


class Read(NamedTuple):
    """What came out of a file, as tensors."""

    values: Any
    """float32 `(samples,)`, or `(frames, bands)` of features; empty where the file is broken."""
    problem: Any
    """string, what is wrong with the file, one line; empty where nothing is."""


def decoded(path: Any, reader: Reader) -> Read:
    """Reads a file inside a `tf.data` function.

    Args:
        path: string tensor, `()`.
        reader: What to read from it.

    Returns:
        The values, or what is wrong.
    """
    bands = () if reader.frontend is None else (reader.frontend.num_bands,)
    nothing = np.zeros((0, *bands), np.float32)

    def read(name: bytes) -> tuple[Any, bytes]:
        try:
            return reader.values(_path(name)), b""
        except SonogramError as error:
            return nothing, _line(error)

    values, problem = tf.numpy_function(read, [path], (tf.float32, tf.string), stateful=False)
    return Read(tf.ensure_shape(values, (None, *bands)), tf.ensure_shape(problem, ()))


def windowed(path: Any, reader: Reader, cut: Windows, size: int) -> Any:
    """The windows of one file as a data set of `Read`, one after another.

    Args:
        path: string tensor, `()`.
        reader: What to read from it.
        cut: The windows.
        size: Their length, samples.
    """

    def read(name: bytes) -> Iterator[tuple[Any, bytes]]:
        try:
            for window in reader.windows(_path(name), cut):
                yield window, b""
        except SonogramError as error:
            yield np.zeros(size, np.float32), _line(error)

    signature = (tf.TensorSpec((size,), tf.float32), tf.TensorSpec((), tf.string))
    return tf.data.Dataset.from_generator(read, output_signature=signature, args=(path,))


def kept(path: Any, problem: Any, report: Report | None) -> Any:
    """Whether a file is good, bool `()`; a broken one is noted in the report, or stops all without one.

    Args:
        path: string tensor, `()`.
        problem: What is wrong with it, string tensor, `()`.
        report: Where to note it.
    """
    good = tf.equal(problem, b"")
    if report is None:
        with tf.control_dependencies([tf.debugging.Assert(good, [problem])]):
            return tf.identity(good)

    def note(name: bytes, reason: bytes) -> np.bool_:
        report.note(_path(name), reason.decode(errors="replace"))
        return np.False_

    noted = tf.cond(good, lambda: good, lambda: tf.numpy_function(note, [path, problem], tf.bool))
    return tf.ensure_shape(noted, ())


def _path(name: bytes) -> str:
    return name.decode(errors="surrogateescape")


def _line(error: SonogramError) -> bytes:
    return str(error).encode(errors="replace")
