"""The frozen part of a model as a function: clips in, one row of numbers for each clip out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import keras
import numpy as np
from numpy.typing import NDArray

from sonogram.models.batching import pad_batch, traced_model

__all__ = ["ClipVectors", "split_vectors"]

Floats = NDArray[np.float32]


class ClipVectors:
    """Computes all outputs of `pretrained.vector_model` in one row for each clip.

    Args:
        model: Result of `vector_model`.
    """

    def __init__(self, model: keras.Model) -> None:
        self.model = model
        """The model."""
        self.sizes: Mapping[str, int] = {name: model.output[name].shape[-1] for name in sorted(model.output)}
        """Number of values of each kind of vector, in their order in a row."""
        self._vectors = traced_model(model)

    def __call__(self, clips: Sequence[Floats]) -> Floats:
        """Return the rows of clips, float32 `(clips, values)`.

        Args:
            clips: Samples of each clip, `(samples,)`.
        """
        vectors = self._vectors(*pad_batch(clips))
        return np.concatenate([np.asarray(vectors[name], np.float32) for name in self.sizes], axis=-1)


def split_vectors(rows: Floats, sizes: Mapping[str, int]) -> dict[str, Floats]:
    """Return the vectors of each kind, `(clips, values)`, from the rows of clips."""
    edges = np.cumsum([*sizes.values()])[:-1]
    return dict(zip(sizes, np.split(rows, edges, axis=1), strict=True))
