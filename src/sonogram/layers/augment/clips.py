"""Inputs of an augmentation in one form: rows of samples or features, their lengths and labels."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from sonogram.engines.arrays import Arrays, library, namespace
from sonogram.errors import SonogramError

__all__ = ["Clips", "Inputs", "read"]


@dataclasses.dataclass(frozen=True)
class Clips:
    """A batch inside a layer. A row is a clip, or one channel of it."""

    xp: Arrays
    values: Any
    """Samples, `(rows, samples)`, or features, `(rows, frames, bands)`; 0 beyond the lengths."""
    lengths: Any
    """Valid samples or frames, `(rows,)`; None is all of them."""
    channels: int
    """Number of neighboring rows that are one example."""
    labels: Any = None
    """Labels of the examples, unchanged."""

    @property
    def size(self) -> Any:
        """Samples or frames of a row, including padding."""
        return self.xp.size(self.values, 1 - len(self.values.shape))

    @property
    def valid(self) -> Any:
        """Valid samples or frames, `(rows,)`, with or without lengths."""
        if self.lengths is not None:
            return self.lengths
        rows = self.xp.arange(0, self.xp.size(self.values, -len(self.values.shape)), self.values)
        return rows * 0 + self.size

    def column(self, numbers: Any) -> Any:
        """Return one number for each row, with as many axes as the values."""
        for _ in self.values.shape[1:]:
            numbers = self.xp.expand(numbers, -1)
        return numbers

    @property
    def inside(self) -> Any:
        """Mask of the valid samples or frames, broadcastable to the values; None is all."""
        if self.lengths is None:
            return None
        before = self.xp.arange(0, self.size, self.values) < self.xp.expand(self.lengths, -1)
        for _ in self.values.shape[2:]:
            before = self.xp.expand(before, -1)
        return before

    def silence_padding(self) -> Clips:
        """Return the clips with zeros beyond their lengths, even where they were NaN."""
        if self.lengths is None:
            return self
        zeros = self.xp.zeros_like(self.values)
        return dataclasses.replace(self, values=self.xp.where(self.inside, self.values, zeros))


@dataclasses.dataclass(frozen=True)
class Inputs:
    """The parts of an input, and a function that restores its structure."""

    values: Any
    lengths: Any
    labels: Any
    seeds: Any
    pack: Callable[[Any, Any, Any], Any]
    """Puts new values, lengths and labels into the structure of the input."""
    masked: bool
    """Whether the lengths come from a mask."""


def read(inputs: Any, mask: Any, key: str) -> Inputs:
    """Return the parts of samples, of `[samples, lengths]`, or of a dictionary.

    Args:
        inputs: Input of the layer.
        mask: Keras mask of valid samples or frames, in the structure of the input; or None.
        key: Name of the values in a dictionary and in errors.

    Raises:
        SonogramError: The input has another structure.
    """
    if isinstance(inputs, Mapping):
        if key not in inputs:
            raise SonogramError(
                f'the layer takes a dictionary with "{key}"; got {", ".join(map(str, inputs))}'
            )
        mask = mask.get(key) if isinstance(mask, Mapping) else None

        def pack(values: Any, lengths: Any, labels: Any) -> Any:
            new = {key: values, "lengths": lengths, "labels": labels}
            return {name: new.get(name, part) for name, part in inputs.items()}

        parts = [inputs.get(name) for name in (key, "lengths", "labels", "seeds")]
    elif isinstance(inputs, (list, tuple)):
        if len(inputs) != 2:
            raise SonogramError(
                f"the layer takes {key}, [{key}, lengths] or a dictionary; got {len(inputs)} inputs"
            )
        mask = mask[0] if isinstance(mask, (list, tuple)) else None

        def pack(values: Any, lengths: Any, labels: Any) -> Any:
            return [values, lengths] if isinstance(inputs, list) else (values, lengths)

        parts = [inputs[0], inputs[1], None, None]
    else:

        def pack(values: Any, lengths: Any, labels: Any) -> Any:
            return values

        parts = [inputs, None, None, None]
    masked = parts[1] is None and mask is not None
    if masked:
        xp = namespace(library(parts[0]))
        parts[1] = xp.reshape(xp.asum(xp.integers(mask, parts[0]), (-1,)), mask.shape[:-1])
    return Inputs(parts[0], parts[1], parts[2], parts[3], pack, masked)
