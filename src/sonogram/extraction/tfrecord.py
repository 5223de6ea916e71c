"""Shards of examples for TensorFlow.

One `tf.train.Example` for each input, with the features

* `features`: bytes, little-endian, `frames * bands` values row by row
* `frames`, `bands`: integers
* `dtype`: "float32" or "float16"
* `start`, `step`: seconds, the time of the first frame and from one to the next
* `path`, `label`: text in UTF-8, a path that is none as its bytes; the label is empty where none was given
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from sonogram.errors import needing
from sonogram.extraction.inputs import Input
from sonogram.frontend import Frontend

__all__ = ["RecordFiles", "example", "read", "writer"]


def _masked(data: bytes) -> bytes:
    """The checksum of TFRecord files."""
    with needing("TFRecord files need a checksum", 'pip install "sonogram[tfrecord]"'):
        import google_crc32c
    checksum = google_crc32c.value(data)
    return struct.pack("<I", ((checksum >> 15 | checksum << 17) + 0xA282EAD8) & 0xFFFFFFFF)


class _Records:
    """Records of a TFRecord file: length, its checksum, content, its checksum."""

    def __init__(self, file: BinaryIO) -> None:
        _masked(b"")  # without the library nothing is begun
        self._file = file

    def write(self, content: bytes) -> None:
        """Add a record."""
        length = struct.pack("<Q", len(content))
        self._file.write(length + _masked(length))
        self._file.write(content + _masked(content))


class RecordFiles:
    """Single records of shards, in any order: where each begins is looked up once for a shard."""

    def __init__(self) -> None:
        self._places: dict[str, list[tuple[int, int]]] = {}

    def features(self, path: str, index: int) -> NDArray[Any]:
        """Return the features of a record, `(frames, bands)`, in the precision that they are stored in.

        Args:
            path: The shard.
            index: Which of its records, from 0.

        Raises:
            OSError: The shard cannot be read.
            ValueError: It has no such record, or is damaged.
        """
        with open(path, "rb") as file:
            places = self._places.get(path)
            if places is None:
                places = self._places[path] = list(_places(file))
            if index >= len(places):
                raise ValueError(f"it has {len(places)} records, and no number {index}")
            start, length = places[index]
            file.seek(start)
            content = file.read(length)
            if len(content) < length or file.read(4) != _masked(content):
                raise ValueError("it is damaged: a checksum is wrong")
        values = _values(content)
        stored = np.frombuffer(values["features"], np.dtype(values["dtype"].decode()).newbyteorder("<"))
        return stored.reshape(values["frames"], values["bands"])


def _places(file: BinaryIO) -> Iterator[tuple[int, int]]:
    """Yield where the content of each record begins, and its length."""
    start = 0
    while head := file.read(12):
        if len(head) < 12 or head[8:] != _masked(head[:8]):
            raise ValueError("it is damaged: a checksum is wrong")
        (length,) = struct.unpack("<Q", head[:8])
        yield start + 12, length
        start += 12 + length + 4
        file.seek(start)


def _values(content: bytes) -> dict[str, Any]:
    """The features of a serialized `tf.train.Example` that are single bytes or integers."""
    found: dict[str, Any] = {}
    for _, entries in _parts(memoryview(content)):
        for _, entry in _parts(entries):
            (_, name), (_, feature) = _parts(entry)
            ((kind, values),) = _parts(feature)
            if kind == 1:
                found[bytes(name).decode()] = next(each for _, each in _parts(values))
            elif kind == 3:
                found[bytes(name).decode()] = _integer(next(each for _, each in _parts(values)), 0)[0]
    found["dtype"] = bytes(found["dtype"])
    return found


def _parts(message: memoryview) -> Iterator[tuple[int, memoryview]]:
    """Yield the number and the content of each field of a message whose fields hold bytes."""
    place = 0
    while place < len(message):
        key, place = _integer(message, place)
        length, place = _integer(message, place)
        yield key >> 3, message[place : place + length]
        place += length


def _integer(data: memoryview, place: int) -> tuple[int, int]:
    """A number of seven bits a byte, and the place behind it."""
    value = shift = 0
    while True:
        byte = data[place]
        value |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            return value, place


@contextmanager
def writer(file: BinaryIO) -> Iterator[_Records]:
    """Yield what writes records into `file`."""
    yield _Records(file)


def example(item: Input, features: NDArray[np.float32], frontend: Frontend, dtype: str) -> bytes:
    """Return the features of one input as a serialized `tf.train.Example`."""
    stored = np.ascontiguousarray(features, np.dtype(dtype).newbyteorder("<"))
    times = frontend.times(2)
    fields: dict[str, bytes | int | float] = {
        "bands": stored.shape[1],
        "dtype": dtype.encode(),
        "features": stored.tobytes(),
        "frames": stored.shape[0],
        "label": (item.label or "").encode(),
        "path": item.name.encode(errors="surrogateescape"),
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
    """Return the features of a serialized example as a tensor `(frames, bands)`, its label and its path."""
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
