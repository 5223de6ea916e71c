"""Shards of examples for TensorFlow.

One `tf.train.Example` for each input, with the features

* `features`: bytes, little-endian, `frames * bands` values row by row
* `frames`, `bands`: integers
* `dtype`: "float32" or "float16"
* `start`, `step`: seconds, the time of the first frame and from one to the next
* `path`, `label`: text; the label is empty where none was given
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from sonogram.errors import SonogramError
from sonogram.extraction.inputs import Input
from sonogram.frontend import Frontend

__all__ = ["example", "writer"]


class _Records:
    """Records of a TFRecord file: length, its checksum, content, its checksum."""

    def __init__(self, file: BinaryIO) -> None:
        try:
            import google_crc32c
        except ImportError as error:
            raise SonogramError(
                'format="tfrecord" needs a checksum: pip install "sonogram[tfrecord]"'
            ) from error
        self._file = file
        self._checksum = google_crc32c.value

    def write(self, content: bytes) -> None:
        """Adds a record."""
        length = struct.pack("<Q", len(content))
        self._file.write(length + self._masked(length))
        self._file.write(content + self._masked(content))

    def _masked(self, data: bytes) -> bytes:
        checksum = self._checksum(data)
        return struct.pack("<I", ((checksum >> 15 | checksum << 17) + 0xA282EAD8) & 0xFFFFFFFF)


@contextmanager
def writer(file: BinaryIO) -> Iterator[_Records]:
    """Yields what writes records into `file`."""
    yield _Records(file)


def example(item: Input, features: NDArray[np.float32], frontend: Frontend, dtype: str) -> bytes:
    """Returns the features of one input as a serialized `tf.train.Example`."""
    stored = np.ascontiguousarray(features, np.dtype(dtype).newbyteorder("<"))
    times = frontend.times(2)
    fields: dict[str, bytes | int | float] = {
        "bands": stored.shape[1],
        "dtype": dtype.encode(),
        "features": stored.tobytes(),
        "frames": stored.shape[0],
        "label": (item.label or "").encode(),
        "path": item.name.encode(),
        "start": float(times[0]),
        "step": float(times[1] - times[0]),
    }
    entries = b"".join(
        _field(1, _field(1, name.encode()) + _field(2, _value(fields[name]))) for name in sorted(fields)
    )
    return _field(1, entries)


def _value(value: bytes | int | float) -> bytes:
    """A `tf.train.Feature`: a list of one."""
    if isinstance(value, bytes):
        return _field(1, _field(1, value))
    if isinstance(value, float):
        return _field(2, _field(1, struct.pack("<f", value)))
    return _field(3, _field(1, _varint(value)))


def _field(number: int, content: bytes) -> bytes:
    """A field of a protocol buffer that holds bytes."""
    return bytes([number << 3 | 2]) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    buffer = io.BytesIO()
    while value > 0x7F:
        buffer.write(bytes([value & 0x7F | 0x80]))
        value >>= 7
    buffer.write(bytes([value]))
    return buffer.getvalue()


def read(example: Any) -> Any:
    """Returns the features of a serialized example as a tensor `(frames, bands)`, its label and its path."""
    import tensorflow as tf

    parsed = tf.io.parse_single_example(
        example,
        {
            "features": tf.io.FixedLenFeature([], tf.string),
            "bands": tf.io.FixedLenFeature([], tf.int64),
            "dtype": tf.io.FixedLenFeature([], tf.string),
            "label": tf.io.FixedLenFeature([], tf.string),
            "path": tf.io.FixedLenFeature([], tf.string),
        },
    )
    full = tf.io.decode_raw
    values = tf.cond(
        parsed["dtype"] == "float16",
        lambda: tf.cast(full(parsed["features"], tf.float16), tf.float32),
        lambda: full(parsed["features"], tf.float32),
    )
    return tf.reshape(values, [-1, parsed["bands"]]), parsed["label"], parsed["path"]
