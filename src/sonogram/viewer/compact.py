"""Samples in few bytes for a page, without loss: differences of whole numbers, byte by byte, compressed."""

from __future__ import annotations

import base64
import gzip
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["compact", "packed"]

_BITS = (7, 15, 16, 23)
"""Places after the binary point: 8 and 16 bits, their mean over two channels, 24 bits."""
_ORDERS = (0, 1, 2)


def packed(content: bytes) -> str:
    """Return bytes as text, compressed."""
    return base64.b64encode(gzip.compress(content, 9, mtime=0)).decode("ascii")


def compact(samples: NDArray[np.float32]) -> dict[str, Any]:
    """Return samples as JSON; `web/src/data/samples.ts` returns the same samples.

    Whole numbers of one scale are predicted by their neighbors, as in FLAC: what is left are differences of
    `order`, small numbers whose signs go into the lowest bit and whose bytes are stored plane by plane. Other
    samples are stored as the bits of float32, with a `scale` of 0.
    """
    scale, numbers = _whole_numbers(samples)
    order, rest = min(_differences(numbers, scale != 0), key=lambda found: _size(found[1]))
    planes = max((int(rest.max(initial=0)).bit_length() + 7) // 8, 1)
    content = b"".join((rest >> (8 * plane)).astype(np.uint8).tobytes() for plane in range(planes))
    place = {"samples": len(samples), "scale": scale, "order": order, "planes": planes}
    return {**place, "data": packed(content)}


def _whole_numbers(samples: NDArray[np.float32]) -> tuple[float, NDArray[np.int32]]:
    finite = bool(np.isfinite(samples).all())
    for bits in _BITS if finite else ():
        scaled = samples.astype(np.float64) * 2**bits
        if not (scaled % 1).any() and np.abs(scaled).max(initial=0) < 1 << 28:
            return 2.0**-bits, scaled.astype(np.int32)
    return 0.0, samples.astype("<f4").view(np.int32)


def _size(numbers: NDArray[np.uint32]) -> float:
    """Return about how many bits numbers need."""
    return float(np.log2(1.0 + numbers).sum())


def _differences(numbers: NDArray[np.int32], predicted: bool) -> list[tuple[int, NDArray[np.uint32]]]:
    """Return the differences of each order; negative ones become odd, the others even numbers."""
    found, rest = [], numbers.astype(np.int64)
    for order in _ORDERS if predicted else (0,):
        rest = np.diff(rest, prepend=0) if order else rest
        signs = (2 * rest) ^ (rest >> 63) if predicted else rest & 0xFFFFFFFF
        found.append((order, signs.astype(np.uint32)))
    return found
