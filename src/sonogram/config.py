"""What every part of a definition is made of: frozen fields with one canonical form for each number."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import math
import numbers
import textwrap
from collections.abc import Iterable
from typing import Any

from sonogram.errors import DefinitionError

__all__ = ["Config", "canonical", "choose", "field_docs", "require"]


def canonical(value: Any) -> Any:
    """Return the one form of a number: `16000`, `16000.0` and `np.float32(16000)` are all the int 16000."""
    if isinstance(value, (bool, str)) or not isinstance(value, numbers.Real):
        return value
    if not math.isfinite(value):
        raise DefinitionError(f"a definition holds finite numbers, got {value}; use None for 'absent'")
    number = float(value)
    whole = int(value)  # type: ignore[call-overload]
    return whole if value == whole else number


def require(holds: bool, message: str) -> None:
    """Raise `DefinitionError(message)` unless `holds`."""
    if not holds:
        raise DefinitionError(message)


def choose(name: str, value: object, choices: Iterable[object]) -> None:
    """Raise an error that lists the right `choices` unless `value` is one of them."""
    choices = tuple(choices)
    require(value in choices, f"{name} must be one of {', '.join(map(repr, choices))}; got {value!r}")


@dataclasses.dataclass(frozen=True)
class Config:
    """Base of every stage's definition: plain data, canonical from construction.

    Subclasses are `@dataclass(frozen=True, repr=False)`.
    """

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            object.__setattr__(self, field.name, canonical(getattr(self, field.name)))
        self.validate()

    def validate(self) -> None:
        """Raise `DefinitionError` for a value that cannot be meant."""

    def __repr__(self) -> str:
        """Show what differs from the defaults: the shortest line that makes an equal definition."""
        shown = (
            f"{field.name}={value!r}"
            for field in dataclasses.fields(self)
            if field.repr and (value := getattr(self, field.name)) != field.default
        )
        return f"{type(self).__name__}({', '.join(shown)})"


def field_docs(cls: type) -> dict[str, str]:
    """Return the one-line docstring of each field, as written below it in the class body."""
    docs: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        if not dataclasses.is_dataclass(base):
            continue
        body = ast.parse(textwrap.dedent(inspect.getsource(base))).body[0]
        assert isinstance(body, ast.ClassDef)
        for line, below in zip(body.body, body.body[1:], strict=False):
            if (
                isinstance(line, ast.AnnAssign)
                and isinstance(line.target, ast.Name)
                and isinstance(below, ast.Expr)
                and isinstance(below.value, ast.Constant)
            ):
                docs[line.target.id] = str(below.value.value)
    return docs
