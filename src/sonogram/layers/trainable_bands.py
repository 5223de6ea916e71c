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
        super().__init__(frontend, engine, **kwargs)
        if self.frontend.bands is None:
            raise SonogramError(f"TrainableBands needs a front end with bands; got {self.frontend!r:.200}")
        if self.frontend.cepstrum is not None and self.frontend.cepstrum.energy is not None:
            raise SonogramError("TrainableBands has no energy of the samples; use cepstrum__energy=None")
        self.linear = self.frontend.replace(
            bands=None, scaling=None, cepstrum=None, deltas=None, normalize=None, stack=None
        )

    def build(self, input_shape: Any) -> None:
        assert self.frontend.bands is not None
        weights = self.frontend.bands.matrix(self.frontend.sample_rate, self.frontend.bank_size)
        self.filters = self.add_weight(
            shape=weights.shape, initializer=lambda *_, **__: np.float32(weights), name="filters"
        )
        super().build(input_shape)

    def _features(self, samples: Any, lengths: Any) -> Any:
        ops, compiled = keras.ops, plan(self.frontend)
        xp = namespace(keras.backend.backend(), self._engine() == "portable")
        bins, leading = xp.flatten(run(self.linear, samples, self._engine(), lengths), 2)
        values = ops.matmul(bins, ops.relu(self.filters))
        if self.frontend.scaling is not None:
            values = self.frontend.scaling.per_frame(xp, values, self.frontend.spectrum.db_factor)
        valid = None
        if lengths is not None:
            counts = xp.reshape(xp.integers(lengths, values), (-1,))
            valid = compiled.num_valid_frames(compiled.num_conditioned(counts, ops.maximum), ops.maximum)
        return xp.unflatten(program.over_clip(compiled, xp, values, None, valid), leading)
