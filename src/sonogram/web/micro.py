"""A `MicroFrontend` as JSON for the JavaScript package in js/, with its constant integers."""

from __future__ import annotations

from typing import Any

from sonogram.engines.arrays.blocks import limits_of_rows
from sonogram.micro import MicroFrontend
from sonogram.micro.tables import logarithms, tables
from sonogram.web.arrays import band_weights, text

__all__ = ["micro_fields"]


def micro_fields(definition: MicroFrontend) -> dict[str, Any]:
    """Return the fields of a definition, with its constants."""
    constants = tables(definition)
    fft, gain = constants.fft, definition.gain_control
    return {
        "frame_length": definition.frame_length,
        "frame_step": definition.frame_step,
        "fft_size": definition.fft_size,
        "window": text(constants.window, "<i2"),
        "fft": {
            "order": text(fft.order, "<i4"),
            "stages": [list(stage) for stage in fft.stages],
            "twiddles": text(fft.twiddles, "<i2"),
            "last_twiddles": text(fft.last_twiddles, "<i2"),
        },
        "filters": band_weights(constants.filters, limits_of_rows(constants.filters.T)),
        "smoothing": constants.smoothing.tolist(),
        "remaining": constants.remaining,
        "scaling_bits": definition.noise_reduction.scaling_bits,
        "correction_bits": constants.correction_bits,
        "gain": None
        if gain is None or constants.gains is None
        else {"bits": gain.gain_bits, "intervals": constants.gains.tolist()},
        "log_bits": definition.log_bits,
        "logarithms": logarithms().tolist(),
        "scale": definition.scale,
    }
