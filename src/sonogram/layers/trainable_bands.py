"""A front end whose filter bank is trained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from sonogram.engines import program, run
from sonogram.engines.arrays import namespace
from sonogram.engines.plan import plan
from sonogram.errors import SonogramError
from sonogram.frontend import Frontend
from sonogram.layers.float32 import to_frontend
from sonogram.layers.spectrogram import Spectrogram

__all__ = ["TrainableBands"]


@keras.saving.register_keras_serializable("sonogram")
class TrainableBands(Spectrogram):
    """Layer that computes a front end with a filter bank that training changes.

    Before training it returns the features of `Spectrogram`. Each band then becomes any sum of bins with
    weights of at least 0. Everything else of the definition stays as it is.

    Args:
        frontend: The definition, with `bands`: the first weights.
        engine: "graph" for training and serving; "portable" for export to LiteRT and ONNX.
        **kwargs: Arguments of `keras.layers.Layer`, except `dtype`, which is always float32.

    Input shape:
        As that of `Spectrogram`: `(batch, samples)`, `(batch, channels, samples)`, or with lengths.

    Output shape:
        `(batch, frames, bands)` or `(batch, channels, frames, bands)`, and the mask of `Spectrogram`.

    Raises:
        SonogramError: The definition has no bands, or a cepstrum with the energy of the samples.

    Example:
        >>> layer = TrainableBands(sg.preset("yamnet"))
        >>> tuple(layer(np.zeros((2, 16000), "float32")).shape), tuple(layer.filters.shape)
        ((2, 98, 64), (257, 64))

    See Also:
        Leaf: filters of the samples themselves, trained too. Spectrogram: the same without weights.
    """

    def __init__(
        self, frontend: Frontend | Mapping[str, Any], engine: str | None = None, **kwargs: Any
    ) -> None:
        self._whole = to_frontend(frontend)
        super().__init__(self._whole, engine, **kwargs)
        if self._whole.bands is None:
            raise SonogramError(f"TrainableBands needs a front end with bands; got {self._whole!r:.200}")
        if self._whole.cepstrum is not None and self._whole.cepstrum.energy is not None:
            raise SonogramError("TrainableBands has no energy of the samples; use cepstrum__energy=None")
        self.linear = self._whole.replace(
            bands=None, scaling=None, cepstrum=None, deltas=None, normalize=None, stack=None
        )

    def build(self, input_shape: Any) -> None:
        assert self._whole.bands is not None
        weights = self._whole.bands.matrix(self._whole.sample_rate, self._whole.bank_size)
        self.filters = self.add_weight(
            shape=weights.shape, initializer=lambda *_, **__: np.float32(weights), name="filters"
        )
        super().build(input_shape)

    def _features(self, samples: Any, lengths: Any) -> Any:
        ops, compiled = keras.ops, plan(self._whole)
        xp = namespace(keras.backend.backend(), self._engine() == "portable")
        bins, leading = xp.flatten(run(self.linear, samples, self._engine(), lengths), 2)
        values = ops.matmul(bins, ops.relu(self.filters))
        if self._whole.scaling is not None:
            values = self._whole.scaling.per_frame(xp, values, self._whole.spectrum.db_factor)
        valid = None
        if lengths is not None:
            counts = xp.reshape(xp.integers(lengths, values), (-1,))
            valid = compiled.num_valid_frames(compiled.num_conditioned(counts, ops.maximum), ops.maximum)
        return xp.unflatten(program.over_clip(compiled, xp, values, None, valid), leading)
