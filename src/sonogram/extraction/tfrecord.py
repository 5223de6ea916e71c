"""TFRecord shards: one `tf.train.Example` for each input.

Features of an example:

* `features`: bytes, little-endian, `frames * bands` values row by row
* `frames`, `bands`: integers; `bands` is the number of values of a frame
* `dtype`: "float32", "float16" or "bfloat16"
* `start`, `step`: time of the first frame and frame period, seconds
* `path`, `label`: text in UTF-8 (a path that is not valid UTF-8 keeps its bytes); the label may be empty

The writer does without TensorFlow: workers start by the hundreds, and each would spend seconds and
hundreds of megabytes on its import. Reading goes through TensorFlow.
"""

from __future__ import annotations

import math
import os
import struct
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from sonogram.definitions import AnyFrontend
from sonogram.errors import require_import
from sonogram.files import Input

__all__ = ["ShardReader", "ShardWriter", "count_records", "example", "read"]

_DAMAGED = "it is damaged: a checksum is wrong"


def _checksum(data: bytes) -> bytes:
    """Return the masked CRC-32C of TFRecord files."""
    with require_import("TFRecord files need a checksum", 'pip install "sonogram[tfrecord]"'):
        import google_crc32c
    checksum = google_crc32c.value(data)
    return struct.pack("<I", ((checksum >> 15 | checksum << 17) + 0xA282EAD8) & 0xFFFFFFFF)


class ShardWriter:
    """Writes records to a TFRecord file: length, its checksum, content, its checksum."""

    def __init__(self, file: BinaryIO) -> None:
        _checksum(b"")  # fails here where the library is missing, before any work is done
        self._file = file

    def write(self, content: bytes) -> None:
        """Add a record."""
        length = struct.pack("<Q", len(content))
        self._file.write(length + _checksum(length))
        self._file.write(content + _checksum(content))


class ShardReader:
    """Reads single records of shards, in any order. It looks for their positions once per shard."""

    def __init__(self) -> None:
        self._positions: dict[str, list[tuple[int, int]]] = {}

    def features(self, path: str, index: int, shape: tuple[int, ...]) -> NDArray[np.float32]:
        """Return the features of a record, `(frames, *shape)`; if they do not fit, `(frames, bands)`.

        Args:
            path: The shard.
            index: Number of the record, from 0.
            shape: Shape of the features of one frame.

        Raises:
            OSError: The shard cannot be read.
            ValueError: It has no such record, or is damaged.
        """
        with open(path, "rb") as file:
            if path not in self._positions:
                self._positions[path] = _positions(file)
            positions = self._positions[path]
            if index >= len(positions):
                raise ValueError(f"it has {len(positions)} records, and no number {index}")
            start, length = positions[index]
            file.seek(start)
            content = file.read(length)
            if len(content) < length or file.read(4) != _checksum(content):
                raise ValueError(_DAMAGED)
        try:
            features: NDArray[np.float32] = read(content)[0].numpy()
        except Exception:  # TensorFlow raises many types
            raise ValueError("its record holds no features") from None
        fits = features.shape[1] == math.prod(shape)
        return features.reshape(len(features), *shape) if fits else features


def count_records(path: str | os.PathLike[str]) -> int:
    """Return the number of records of a shard, whose contents are not checked.

    Raises:
        OSError: The shard cannot be read.
        ValueError: It is cut off or damaged.
    """
    with open(path, "rb") as file:
        return len(_positions(file))


def _positions(file: BinaryIO) -> list[tuple[int, int]]:
    """Return start and length of the content of each record."""
    found, start = [], 0
    size = os.fstat(file.fileno()).st_size
    while head := file.read(12):
        if len(head) < 12 or head[8:] != _checksum(head[:8]):
            raise ValueError(_DAMAGED)
        (length,) = struct.unpack("<Q", head[:8])
        if start + 16 + length > size:
            raise ValueError("it is cut off, or the length of a record is wrong")
        found.append((start + 12, length))
        start += 12 + length + 4
        file.seek(start)
    return found


def example(item: Input, stored: NDArray[Any], frontend: AnyFrontend, dtype: str) -> bytes:
    """Return the features of one input, as `to_stored` returns them, as a serialized `tf.train.Example`."""
    times = frontend.times(2)
    values: dict[str, bytes | int | float] = {
        "bands": math.prod(stored.shape[1:]),
        "dtype": dtype.encode(),
        "features": stored.tobytes(),
        "frames": stored.shape[0],
        "label": item.label.encode(),
        "path": item.name.encode(errors="surrogateescape"),
        "start": float(times[0]),
        "step": float(times[1] - times[0]),
    }
    return _field(
        1, *(_field(1, _field(1, name.encode()), _field(2, _list(value))) for name, value in values.items())
    )


def _list(value: bytes | int | float) -> bytes:
    """Return a `tf.train.Feature`: a list with one value."""
    if isinstance(value, bytes):
        return _field(1, _field(1, value))
    if isinstance(value, float):
        return _field(2, _field(1, struct.pack("<f", value)))
    return _field(3, _field(1, _varint(value)))


def _field(number: int, *contents: bytes) -> bytes:
    """Return a field of a protocol buffer that holds bytes."""
    content = b"".join(contents)
    return bytes([number << 3 | 2]) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    """Return a number in groups of 7 bits, the lowest first; the top bit of a byte announces another one."""
    groups = []
    while value > 0x7F:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*groups, value])


def read(example: Any, shape: tuple[int, ...] | None = None) -> Any:
    """Return the features of a serialized example, `(frames, bands)` in float32, its label and its path.

    Use it in `tf.data.TFRecordDataset(shards).map(read)`.

    Args:
        example: Serialized `tf.train.Example`.
        shape: Shape of the features of one frame, such as `bundle.shape`; None is `(bands,)`.

    See Also:
        `sonogram.dataset.features`, which finds the shards of an extraction.
    """
    import tensorflow as tf

    scalars = {"features": tf.string, "bands": tf.int64, "dtype": tf.string, "label": tf.string}
    parsed = tf.io.parse_single_example(
        example,
        {name: tf.io.FixedLenFeature([], dtype) for name, dtype in {**scalars, "path": tf.string}.items()},
    )
    values = tf.case(
        [
            (parsed["dtype"] == dtype.name, lambda dtype=dtype: _decoded(parsed["features"], dtype))
            for dtype in (tf.float16, tf.bfloat16)
        ],
        default=lambda: _decoded(parsed["features"], tf.float32),
    )
    return (
        tf.reshape(values, [-1, parsed["bands"]] if shape is None else [-1, *shape]),
        parsed["label"],
        parsed["path"],
    )


def _decoded(content: Any, dtype: Any) -> Any:
    import tensorflow as tf

    return tf.cast(tf.io.decode_raw(content, dtype), tf.float32)
