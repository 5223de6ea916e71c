"""Features of any front end, brought to the range that networks want."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras

from sonogram.errors import SonogramError
from sonogram.frontend import Frontend

__all__ = ["FeatureScaling"]

_WIDEST = 120.0
"""Range of a logarithm of magnitudes where none is asked for, dB."""
_LEAST = 1e-3
"""Deviation, beside the size of the mean, below which a clip's features are the same, as in silence: what is
left of them is rounding, of which each runtime has its own."""


@keras.saving.register_keras_serializable("sonogram")
class FeatureScaling(keras.layers.Layer):
    """Lifts each clip's faint features to a floor below its peak, then gives it mean 0 and deviation 1.

    What the unit of the front end asks for is done: a magnitude or a power is made a logarithm first;
    cepstra and features that the front end has normalized have no peak and are only standardized. Each
    clip is measured over its own valid frames and all bands: its neighbors and its padding change nothing.

    Args:
        frontend: The definition that the features are of.
        dynamic_range: Where the floor lies below the clip's peak, dB; None sets none.
        center: What gets mean 0: the "clip", or each "band" of it, so that what a voice, a microphone or
            a room adds to all frames alike is not seen.
        **kwargs: Those of `keras.layers.Layer`, without `dtype`.

    Input shape:
        `(batch, frames, bands)`, with or without the mask that `Spectrogram` passes on.

    Output shape:
        Features `(batch, frames, bands)`, 0 beyond the valid frames, and the valid frames as 0 and 1,
        float32 `(batch, frames)`.

    Example:
        >>> features, valid = FeatureScaling(sg.Frontend(16000, 400, 160))(np.ones((1, 5, 257), "float32"))
        >>> float(keras.ops.max(keras.ops.abs(features))), np.asarray(valid).tolist()
        (0.0, [[1.0, 1.0, 1.0, 1.0, 1.0]])
    """

    def __init__(
        self,
        frontend: Frontend | Mapping[str, Any],
        dynamic_range: float | None = 80.0,
        center: str = "clip",
        **kwargs: Any,
    ) -> None:
        kwargs.pop("dtype", None)
        super().__init__(dtype="float32", **kwargs)
        self.frontend = frontend if isinstance(frontend, Frontend) else Frontend.from_dict(frontend)
        if dynamic_range is not None and not dynamic_range > 0:
            raise SonogramError(f"FeatureScaling: dynamic_range must be above 0 dB; got {dynamic_range}")
        if center not in ("clip", "band"):
            raise SonogramError(f'FeatureScaling: center must be "clip" or "band"; got {center!r}')
        self.dynamic_range, self.center = dynamic_range, center
        self.supports_masking = True

    def call(self, inputs: Any, mask: Any = None) -> tuple[Any, Any]:
        """Return the features and the valid frames."""
        ops = keras.ops
        x = ops.cast(inputs, "float32")
        valid = ops.ones_like(x[:, :, 0]) if mask is None else ops.cast(mask, "float32")
        inside = ops.expand_dims(valid, -1) > 0
        x = ops.where(inside, x, ops.zeros_like(x))
        decibels = self.frontend.decibels_per_unit
        if self.frontend.unit in ("magnitude", "power"):
            per_decade = 20.0 if self.frontend.unit == "magnitude" else 10.0
            reach = 10 ** (-(self.dynamic_range or _WIDEST) / per_decade)
            peak = ops.max(x, axis=(1, 2), keepdims=True, initial=0.0)
            x = ops.log(ops.maximum(x, ops.maximum(peak * reach, 1e-30)))
        elif decibels is not None and self.dynamic_range is not None:
            lowest = ops.full_like(x, -1e30)
            peak = ops.max(ops.where(inside, x, lowest), axis=(1, 2), keepdims=True, initial=-1e30)
            x = ops.maximum(x, peak - self.dynamic_range / decibels)
        count = ops.maximum(ops.sum(valid, axis=-1), 1.0) * x.shape[-1]
        count = ops.reshape(count, (-1, 1, 1))
        zero = ops.zeros_like(x)
        mean = ops.sum(ops.where(inside, x, zero), axis=(1, 2), keepdims=True) / count
        x = ops.where(inside, x - mean, zero)
        deviation = ops.sqrt(ops.sum(ops.square(x), axis=(1, 2), keepdims=True) / count)
        if self.center == "band":
            frames = ops.reshape(ops.maximum(ops.sum(valid, axis=-1), 1.0), (-1, 1, 1))
            x = ops.where(inside, x - ops.sum(x, axis=1, keepdims=True) / frames, zero)
        spread = deviation > _LEAST * (1 + ops.abs(mean))
        return ops.where(spread, x / ops.where(spread, deviation, ops.ones_like(deviation)), zero), valid

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return no mask: the valid frames are an output."""
        return None, None

    def compute_output_spec(self, inputs: Any, mask: Any = None) -> tuple[Any, Any]:
        """Return the shapes of the features and of the valid frames."""
        shape = tuple(inputs.shape)
        return keras.KerasTensor(shape, "float32"), keras.KerasTensor(shape[:2], "float32")

    def get_config(self) -> dict[str, Any]:
        """Return the configuration."""
        config: dict[str, Any] = super().get_config()
        config.pop("dtype", None)
        own = {"dynamic_range": self.dynamic_range, "center": self.center}
        return {**config, "frontend": self.frontend.to_dict(), **own}
