"""Definitions as plain data for JSON, and back."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from typing import Any, TypeVar

from sonogram.config import Config, Stage, canonical, require
from sonogram.matrix import Matrix
from sonogram.peers import name_ours

__all__ = ["fingerprint", "from_plain", "to_plain"]

Made = TypeVar("Made", bound=Config)


def to_plain(config: Config, defaults: bool = False) -> dict[str, Any]:
    """Return the fields that differ from their defaults, or all of them."""
    return {
        field.name: _value_to_plain(value, defaults)
        for field in dataclasses.fields(config)
        if (value := getattr(config, field.name)) != field.default or defaults
    }


def _value_to_plain(value: Any, defaults: bool) -> Any:
    if isinstance(value, Matrix):
        return {"type": "Matrix", "values": value.values.tolist()}
    if isinstance(value, Stage):
        return {"type": type(value).__name__, **to_plain(value, defaults)}
    return value


def from_plain(cls: type[Made], plain: Mapping[str, Any], **given: Any) -> Made:
    """Return the object of a class whose fields `to_plain` returned; `given` are further fields, as they are.

    Raises:
        DefinitionError: A field or a stage is unknown or missing, or a value is invalid.
    """
    known = {field.name: field for field in dataclasses.fields(cls)}
    unknown = ", ".join(f"{name!r} ({name_ours(name, known)})" for name in plain if name not in known)
    require(not unknown, f"{cls.__name__} has no field {unknown}")
    missing = [
        name
        for name, field in known.items()
        if field.default is dataclasses.MISSING and name not in (*plain, *given)
    ]
    require(not missing, f"{cls.__name__} needs {', '.join(missing)}")
    return cls(**{name: _value_from_plain(value) for name, value in plain.items()}, **given)


def _value_from_plain(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return canonical(value)
    fields = dict(value)
    name = fields.pop("type", None)
    if name == "Matrix":
        return Matrix(fields.get("values", ()))
    require(
        isinstance(name, str) and name in Stage.registry,
        f"unknown stage {name!r:.40} in a definition; {name_ours(str(name), Stage.alternatives())}",
    )
    return from_plain(Stage.registry[name], fields)


def fingerprint(plain: Mapping[str, Any]) -> str:
    """Return the SHA-256 of plain data, 64 hexadecimal digits: equal for equal data."""
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
