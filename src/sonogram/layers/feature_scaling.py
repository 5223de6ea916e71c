"""Scaling of the features of any front end to the range that networks train on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from sonogram.engines.arrays import namespace
from sonogram.engines.plan import plan
from sonogram.errors import SonogramError
from sonogram.frontend import Frontend
from sonogram.layers.float32 import Float32Layer, to_frontend
from sonogram.normalize import Affine
from sonogram.scaling import Log
from sonogram.tolerance import LOGARITHM, Tolerance, linear

__all__ = ["FeatureScaling"]

_DEFAULT_RANGE_DB = 120.0
"""Dynamic range of the logarithm of magnitudes or power when `dynamic_range` is None, dB."""


@keras.saving.register_keras_serializable("sonogram")
class FeatureScaling(Float32Layer):
    """Layer that limits the dynamic range of each clip and gives it mean 0 and standard deviation 1.

    Use it between `Spectrogram` and a network: the same network then trains on any front end. Magnitudes
    and power become logarithms first. Cepstra, and features that the front end normalizes itself, have no
    peak and are only standardized. The statistics are those of the clip's own valid frames, so neither
    other clips nor padding change the result. A clip whose values differ no more than float32 rounds, such as
    silence, becomes 0.

    Args:
        frontend: The definition of the features.
        dynamic_range: Values more than this many dB below the clip's peak are raised to that limit. 80
            keeps what a listener notices; take less for noisy recordings. None sets no limit.
        center: Which mean is subtracted: that of the whole "clip", or of each "band", which removes the
            coloring by a microphone or by reverberation.
        **kwargs: Arguments of `keras.layers.Layer`, except `dtype`, which is always float32.

    Input shape:
        `(batch, frames, bands)`, with or without the mask that `Spectrogram` passes on.

    Output shape:
        Features `(batch, frames, bands)`, 0 in frames that are not valid; and the valid frames as 0 and
        1, float32 `(batch, frames)`.

    Raises:
        SonogramError: A parameter is invalid.

    Example:
        >>> features, valid = FeatureScaling(sg.Frontend(16000, 400, 160))(np.ones((1, 5, 257), "float32"))
        >>> float(keras.ops.max(keras.ops.abs(features))), np.asarray(valid).tolist()
        (0.0, [[1.0, 1.0, 1.0, 1.0, 1.0]])

    See Also:
        `sonogram.normalize.Standardize`, the same as a part of the front end.
    """

    def __init__(
        self,
        frontend: Frontend | Mapping[str, Any],
        dynamic_range: float | None = 80.0,
        center: str = "clip",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.frontend = to_frontend(frontend)
        if dynamic_range is not None and not dynamic_range > 0:
            raise SonogramError(f"FeatureScaling: dynamic_range must be above 0 dB; got {dynamic_range}")
        if center not in ("clip", "band"):
            raise SonogramError(f'FeatureScaling: center must be "clip" or "band"; got {center!r}')
        self.dynamic_range, self.center = dynamic_range, center
        self.supports_masking = True

    def call(self, inputs: Any, mask: Any = None) -> tuple[Any, Any]:
        """Return the features and the valid frames."""
        xp = namespace(keras.backend.backend(), portable=True)
        x = keras.ops.cast(inputs, "float32")
        valid = xp.ones_like(x[:, :, 0]) if mask is None else keras.ops.cast(mask, "float32")
        inside = xp.expand(valid, -1) > 0
        zeros = xp.zeros_like(x)
        x = xp.where(inside, x, zeros)
        logarithm = self._logarithm()
        if logarithm is not None:
            if self.frontend.unit in ("magnitude", "power"):
                x = logarithm.per_frame(xp, x, 0)
            x = logarithm.over_clip(xp, x, inside)
        lowest, highest = xp.masked_min(x, inside, (-2, -1)), xp.masked_max(x, inside, (-2, -1))
        constant = self._tolerance().is_constant(xp, lowest, highest)
        x = xp.where(inside, x - xp.masked_mean(x, inside, (-2, -1), 0), zeros)
        std = xp.sqrt(xp.masked_mean(x * x, inside, (-2, -1), 0))
        if self.center == "band":
            x = xp.where(inside, x - xp.masked_mean(x, inside, (-2,), 0), zeros)
        return xp.where(constant, zeros, x / xp.where(constant, xp.ones_like(std), std)), valid

    def _logarithm(self) -> Log | None:
        """Return the scaling that limits the dynamic range, in the unit of the features; None for none."""
        if self.frontend.unit in ("magnitude", "power"):
            nepers = math.log(10) / (20.0 if self.frontend.unit == "magnitude" else 10.0)
            return Log(floor=1e-30, dynamic_range=(self.dynamic_range or _DEFAULT_RANGE_DB) * nepers)
        decibels = self.frontend.decibels_per_unit
        if decibels is None or decibels <= 0 or self.dynamic_range is None:
            return None
        return Log(floor=1e-30, dynamic_range=self.dynamic_range / decibels)

    def _tolerance(self) -> Tolerance:
        """Return the difference of the features that rounding alone can cause."""
        if self.frontend.unit in ("magnitude", "power"):
            return LOGARITHM  # which they become first
        rule, tolerance = self.frontend.normalize, plan(self.frontend).tolerance
        if isinstance(rule, Affine):
            return tolerance.scale(np.abs(1 / np.asarray(rule.std, np.float64)).max())
        # Statistics of the clip have set its constants to 0 already; what is left is a multiple of the rest.
        return tolerance if rule is None else linear(self.frontend.spectrum.db_factor)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return no mask: the valid frames are an output."""
        return None, None

    def compute_output_spec(self, inputs: Any, mask: Any = None) -> tuple[Any, Any]:
        """Return the shapes of the features and of the valid frames."""
        shape = tuple(inputs.shape)
        return keras.KerasTensor(shape, "float32"), keras.KerasTensor(shape[:2], "float32")
