"""`to_web`: a definition of any kind as JSON for the JavaScript package in js/."""

from __future__ import annotations

from typing import Any

from sonogram.bundle import Bundle, Composite, Spatial
from sonogram.definitions import AnyFrontend
from sonogram.frontend import Frontend
from sonogram.micro import MicroFrontend
from sonogram.web.frontend import frontend_fields
from sonogram.web.micro import micro_fields
from sonogram.web.spatial import feature_fields

__all__ = ["VERSION", "to_web"]

VERSION = 5
"""Increased with every change of the JSON, or of the struct in it; also in js/src/definition.ts."""


def to_web(definition: AnyFrontend) -> dict[str, Any]:
    """Return a definition with its constants, as JSON that the JavaScript package executes.

    Arrays are little-endian, in base64.

    Raises:
        SonogramError: The JavaScript package does not have one of the stages.
    """
    kind = type(definition).__name__ if isinstance(definition, (Composite, MicroFrontend)) else "Frontend"
    return {
        "format": "sonogram-web",
        "version": VERSION,
        "type": kind,
        "fingerprint": definition.fingerprint,
        "sample_rate": definition.sample_rate,
        "bands": definition.num_bands,
        "unit": definition.unit,
        "streamable": definition.streamable,
        **_fields(definition),
    }


def _fields(definition: AnyFrontend) -> dict[str, Any]:
    if isinstance(definition, MicroFrontend):
        return micro_fields(definition)
    if isinstance(definition, Bundle):
        members = [to_web(member) for member in definition.members]
        return {"channels": definition.channels, "members": members, "along": definition.along}
    if isinstance(definition, Spatial):
        frontend, feature = definition.frontend, definition.feature
        return {
            "channels": definition.num_channels,
            "frontend": to_web(frontend),
            "feature": None if feature is None else feature_fields(feature, frontend),
            "offset": definition.offset,
        }
    assert isinstance(definition, Frontend)
    return frontend_fields(definition)
