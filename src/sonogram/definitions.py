"""What all definitions have in common: a `Frontend`, a `Bundle`, a `Spatial` or a `MicroFrontend`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from sonogram.bundle import Composite, definition_from_dict
from sonogram.definition import require_definition
from sonogram.errors import SonogramError
from sonogram.frontend import Frontend
from sonogram.micro import MicroFrontend

__all__ = [
    "AnyFrontend",
    "check_channels",
    "frontends_of",
    "num_channels",
    "read_definition",
    "require_any",
    "row_shape",
]

AnyFrontend: TypeAlias = Frontend | MicroFrontend | Composite
"""A definition of any class; `isinstance` takes it."""


def row_shape(frontend: Any) -> tuple[int, ...]:
    """Return the shape of the features of one frame: `(bands,)`, or `(bands, channels)`."""
    return frontend.shape if isinstance(frontend, Composite) else (frontend.num_bands,)


def frontends_of(frontend: Frontend | Composite) -> tuple[Frontend, ...]:
    """Return the front ends that a definition consists of."""
    return frontend.frontends if isinstance(frontend, Composite) else (frontend,)


def num_channels(frontend: Any) -> int | None:
    """Return the number of channels of samples that a definition needs; None if it takes each by itself."""
    return frontend.channels if isinstance(frontend, Composite) else None


def check_channels(frontend: Any, channels: int, name: str) -> None:
    """Raise `SonogramError` if a recording does not have the channels that a definition needs.

    Args:
        frontend: The definition.
        channels: Number of channels of the recording.
        name: Name of the recording.
    """
    needed = num_channels(frontend)
    if needed is not None and channels != needed:
        raise SonogramError(
            f"{name}: has {channels} channel{'' if channels == 1 else 's'}; this front end needs {needed}. "
            f"Choose a recording of {needed} channels, or a front end for one"
        )


def require_any(value: object) -> None:
    """Raise `SonogramError` if `value` is no definition; for a preset name, suggest the call."""
    if not isinstance(value, AnyFrontend):
        require_definition(value)


def read_definition(plain: Any) -> AnyFrontend:
    """Return the definition of any class that `to_dict` wrote.

    Raises:
        DefinitionError: A field is unknown, or its value is invalid.
    """
    if isinstance(plain, Mapping) and plain.get("type") == MicroFrontend.__name__:
        return MicroFrontend.from_dict(plain)
    return definition_from_dict(plain)
