"""What the page must know of a definition: its axes, its unit, its name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from sonogram import presets
from sonogram.engines import native
from sonogram.errors import SonogramError
from sonogram.frontend import Frontend
from sonogram.picture.axes import row_name
from sonogram.viewer.pyramid import tile_columns

__all__ = ["describe", "identifier", "parse"]


def identifier(frontend: Frontend) -> str:
    """Return the identifier of a definition in addresses: the beginning of its fingerprint."""
    return frontend.fingerprint[:16]


def describe(frontend: Frontend) -> dict[str, Any]:
    """Return a definition as JSON for the page."""
    preset = presets.find(frontend)
    frequencies = frontend.frequencies
    known = frequencies is not None and bool(np.all(np.isfinite(frequencies)))
    plain = frontend.scaling is None and frontend.cepstrum is None and frontend.normalize is None
    times = frontend.times(2)
    return {
        "id": identifier(frontend),
        "name": preset.name if preset else None,
        "title": preset.name if preset else _title(frontend),
        "definition": frontend.to_dict(),
        "rate": frontend.sample_rate,
        "bands": frontend.num_bands,
        "frame_length": frontend.frame_length,
        "frame_step": frontend.frame_step,
        "first": float(times[0]),
        "step": frontend.frame_period,
        "frequencies": frequencies.tolist() if known and frequencies is not None else None,
        "row": "band" if known else row_name(frontend),
        "spacing": ("linear" if frontend.has_linear_bins else "bands") if known else "none",
        "unit": frontend.unit,
        "display": {
            "kind": "decibels" if plain else "value",
            "factor": frontend.spectrum.db_factor,
        },
        "decibels_per_unit": frontend.decibels_per_unit,
        "per_clip": not frontend.streamable,
        "tile_columns": tile_columns(frontend),
        "streamable": frontend.streamable,
        "engine": f"native {native.isa()}" if native.available() else "numpy",
    }


def _title(frontend: Frontend) -> str:
    kind = "" if frontend.bands is None else f"{type(frontend.bands).__name__.lower()} "
    rate = f"{frontend.sample_rate / 1000:g} kHz"
    return f"{kind}{frontend.num_bands}, {frontend.frame_length}/{frontend.frame_step}, {rate}"


def parse(plain: Mapping[str, Any]) -> Frontend:
    """Return the front end that the page names: `{"preset": name}` or `{"definition": fields}`.

    Raises:
        SonogramError: It is none; the message states what to change.
    """
    name, fields = plain.get("preset"), plain.get("definition")
    if isinstance(name, str):
        return presets.preset(name)
    if isinstance(fields, Mapping):
        try:
            return Frontend.from_dict(fields)
        except (TypeError, AttributeError, OverflowError) as error:
            raise SonogramError(f"not a definition ({error}); take the form of Frontend.to_dict()") from None
    raise SonogramError('name a front end: {"preset": "whisper-80"}, or {"definition": {...}}')
