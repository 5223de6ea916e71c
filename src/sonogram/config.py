"""Frozen dataclasses whose fields are checked against their annotations: the parts of a definition."""

from __future__ import annotations

import dataclasses
import inspect
import math
import numbers
import re
import types
import typing
from functools import cache
from typing import Any, ClassVar, Literal

from sonogram.errors import DefinitionError

__all__ = ["Config", "Stage", "canonical", "field_docs", "require"]

_UNIONS = (types.UnionType, typing.Union)  # `int | None`; a union with a Literal is the older kind


def canonical(value: Any) -> Any:
    """Return the one form of a number: `16000`, `16000.0` and `np.float32(16000)` become the int 16000."""
    if isinstance(value, (bool, str)) or not isinstance(value, numbers.Real):
        return value
    if not math.isfinite(value):
        raise DefinitionError(f"a definition holds finite numbers; got {value}. Use None for 'absent'")
    number = float(value)
    whole = int(value)  # type: ignore[call-overload]
    return whole if value == whole else number


def require(holds: bool, message: str) -> None:
    """Raise `DefinitionError(message)` unless `holds`."""
    if not holds:
        raise DefinitionError(message)


@dataclasses.dataclass(frozen=True)
class Config:
    """Base of the frozen dataclasses that validate their fields.

    Numbers are stored in one form (`canonical`). A field annotated with a `Literal` takes its values
    only; one annotated with a `Stage` takes instances of it only.
    Subclasses are decorated with `@dataclass(frozen=True, repr=False)`.
    """

    def __post_init__(self) -> None:
        for name, (choices, kind) in _constraints(type(self)).items():  # type: ignore[arg-type]
            value = canonical(getattr(self, name))
            object.__setattr__(self, name, value)
            if kind is not None:
                require(
                    isinstance(value, kind) or (value is None and None in choices),
                    f"{name} must be {', '.join(kind.alternatives())}{' or None' if choices else ''}; "
                    f"got {value!r}",
                )
            elif choices:
                require(
                    value in choices, f"{name} must be one of {', '.join(map(repr, choices))}; got {value!r}"
                )
        self.validate()

    def validate(self) -> None:
        """Raise `DefinitionError` for an invalid value."""

    def __repr__(self) -> str:
        """Return the shortest expression for an equal object: the fields that differ from their defaults."""
        shown = (
            f"{field.name}={value!r}"
            for field in dataclasses.fields(self)
            if (value := getattr(self, field.name)) != field.default
        )
        return f"{type(self).__name__}({', '.join(shown)})"


@dataclasses.dataclass(frozen=True, repr=False)
class Stage(Config):
    """Base of the stages of a definition. JSON names a stage by its class."""

    registry: ClassVar[dict[str, type[Stage]]] = {}
    """The stages by class name, without the abstract ones."""

    def __init_subclass__(cls, abstract: bool = False) -> None:
        super().__init_subclass__()
        if not abstract:
            cls.registry[cls.__name__] = cls

    @classmethod
    def alternatives(cls) -> list[str]:
        """Return the names of the stages that can take this one's place."""
        return sorted(name for name, stage in cls.registry.items() if issubclass(stage, cls))


@cache
def _constraints(cls: type) -> dict[str, tuple[tuple[Any, ...], type[Stage] | None]]:
    """Return what each field takes: the listed values, or instances of a stage.

    No values and no stage stand for a field that `validate` checks. An optional stage lists None.
    """
    hints = typing.get_type_hints(cls)
    return {field.name: _constraint(hints[field.name]) for field in dataclasses.fields(cls)}


def _constraint(hint: Any) -> tuple[tuple[Any, ...], type[Stage] | None]:
    parts = typing.get_args(hint) if typing.get_origin(hint) in _UNIONS else (hint,)
    optional = (None,) if types.NoneType in parts else ()
    (part, *others) = [part for part in parts if part is not types.NoneType]
    if others:
        return (), None
    if typing.get_origin(part) is Literal:
        return (*optional, *typing.get_args(part)), None
    if isinstance(part, type) and issubclass(part, Stage):
        return optional, part
    return (), None


def field_docs(cls: type) -> dict[str, str]:
    """Return the description of each field, from the `Args:` sections of the class and its bases."""
    docs: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        section = inspect.cleandoc(base.__doc__ or "").partition("Args:\n")[2].partition("\n\n")[0]
        for entry in re.split(r"\n    (?=\w+: )", f"\n{section}")[1:]:
            name, _, text = entry.partition(": ")
            docs[name] = " ".join(text.split())
    return docs
