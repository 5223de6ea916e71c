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
from typing import Any, ClassVar, Literal, TypeVar

from sonogram.errors import DefinitionError
from sonogram.peers import check_keywords

__all__ = ["LEAST", "Config", "Stage", "canonical", "field_docs", "require", "require_least"]

Self = TypeVar("Self", bound="Config")

_UNIONS = (types.UnionType, typing.Union)  # `int | None`; a union with a Literal is the older kind


LEAST = 1e-37
"""Least value of what is added or is a limit: below 1.2e-38 float32 loses digits, and some engines take 0."""


def canonical(value: Any) -> Any:
    """Return the one form of a number: `16000`, `16000.0` and `np.float32(16000)` become the int 16000."""
    if isinstance(value, (bool, str)) or not isinstance(value, numbers.Real):
        return value
    if not _is_finite(value):
        raise DefinitionError(f"a definition holds finite numbers; got {value!r:.40}. Use None for 'absent'")
    number = float(value)
    whole = int(value)  # type: ignore[call-overload]
    return whole if value == whole else number


def _is_finite(value: numbers.Real) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer beyond the largest float
        return False


def require(holds: bool, message: str) -> None:
    """Raise `DefinitionError(message)` unless `holds`."""
    if not holds:
        raise DefinitionError(message)


def require_least(name: str, value: float | None, least: float = LEAST) -> None:
    """Raise `DefinitionError` for a number not above 0, or too small for float32; None is not given."""
    require(value is None or value > 0, f"{name} must be above 0; got {value}")
    require(
        value is None or value >= least,
        f"{name} must be at least {least:g}, since features are float32; got {value}",
    )


class _InitSignature:
    """The signature of a class: that of `__init__`.

    `Config.__new__` takes any argument, to name the mistake. Python 3.10 would show its parameters.
    """

    def __get__(self, instance: object, owner: Any) -> inspect.Signature:
        if instance is not None:  # a callable instance has the signature of `__call__`
            raise AttributeError("__signature__")
        made = inspect.signature(owner.__init__)
        return made.replace(parameters=list(made.parameters.values())[1:])


@dataclasses.dataclass(frozen=True)
class Config:
    """Base of the frozen dataclasses that validate their fields.

    Numbers are stored in one form (`canonical`). A field that is annotated with a number, a `Literal`, a
    `Stage` or a union of these takes nothing else. A keyword that another library uses is an
    error that names the field.
    Subclasses are decorated with `@dataclass(frozen=True, repr=False)`.
    """

    __signature__ = _InitSignature()

    def __new__(cls: type[Self], *_: Any, **fields: Any) -> Self:
        check_keywords(cls.__name__, fields, _names(cls))  # type: ignore[arg-type]
        return super().__new__(cls)

    def __post_init__(self) -> None:
        for name, (choices, kinds) in _constraints(type(self)).items():  # type: ignore[arg-type]
            value = canonical(getattr(self, name))
            object.__setattr__(self, name, value)
            if choices or kinds:
                fits = any(type(value) is type(each) and value == each for each in choices)
                require(
                    fits or (isinstance(value, kinds) and type(value) is not bool),
                    f"{name} must be {_in_words(choices, kinds)}; got {value!r:.80}{_remedy(value, kinds)}",
                )
        self.validate()

    def validate(self) -> None:
        """Raise `DefinitionError` for an invalid value."""

    def replace(self: Self, **changes: Any) -> Self:
        """Return a copy with other values in some fields.

        Args:
            **changes: Value by field. Two underscores lead into a stage: `bands__num_mel_bins=64` replaces
                the field `num_mel_bins` of the stage in `bands`.

        Raises:
            TypeError: There is no such field.
            DefinitionError: A value is invalid, or there is no stage in that field.

        Example:
            >>> frontend = sg.preset("whisper-80").replace(frame_step=200, bands__num_mel_bins=64)
            >>> frontend.frame_step, frontend.num_bands
            (200, 64)

        See Also:
            preset: published front ends to begin with.
        """
        own: dict[str, Any] = {}
        inner: dict[str, dict[str, Any]] = {}
        for name, value in changes.items():
            field, _, rest = name.partition("__")
            if rest:
                inner.setdefault(field, {})[rest] = value
            else:
                own[name] = value
        check_keywords(type(self).__name__, [*own, *inner], _names(type(self)))  # type: ignore[arg-type]
        for field, values in inner.items():
            stage = own.get(field, getattr(self, field))
            require(
                isinstance(stage, Config),
                f"{field} is {stage!r} and has no field {next(iter(values))}. Give {field} a stage first",
            )
            own[field] = stage.replace(**values)
        return dataclasses.replace(self, **own)

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
def _names(cls: type) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(cls))


def field_types(cls: type) -> dict[str, Any]:
    """Return the evaluated annotations of a dataclass."""
    # `_: KW_ONLY` marks the fields after it and is no type: Python 3.10 refuses to evaluate it.
    return typing.get_type_hints(cls, localns={"KW_ONLY": None})


@cache
def _constraints(cls: type) -> dict[str, tuple[tuple[Any, ...], tuple[type, ...]]]:
    """Return what each field takes by its annotation: listed values, or instances of classes.

    Where both are empty, `validate` checks the field alone.
    """
    hints = field_types(cls)
    return {field.name: _constraint(hints[field.name]) for field in dataclasses.fields(cls)}


def _constraint(hint: Any) -> tuple[tuple[Any, ...], tuple[type, ...]]:
    choices: list[Any] = []
    kinds: list[type] = []
    for part in typing.get_args(hint) if typing.get_origin(hint) in _UNIONS else (hint,):
        if typing.get_origin(part) is Literal:
            choices += typing.get_args(part)
        elif part is types.NoneType:
            choices.insert(0, None)
        elif part in (int, float):
            kinds += [int, float]  # 16000.0 is stored as 16000; `validate` requires whole numbers
        elif isinstance(part, type) and issubclass(part, Stage):
            kinds.append(part)
        else:
            return (), ()
    return tuple(choices), tuple(kinds)


def _in_words(choices: tuple[Any, ...], kinds: tuple[type, ...]) -> str:
    if not kinds:
        return f"one of {', '.join(map(repr, choices))}"
    words = ["a number"] if int in kinds else []
    words += [name for kind in kinds if issubclass(kind, Stage) for name in kind.alternatives()]
    words += [repr(each) for each in choices if each is not None]
    return ", ".join(words) + (" or None" if None in choices else "")


def _remedy(value: Any, kinds: tuple[type, ...]) -> str:
    """Return how to write a stage that was given by its name, its class or a number."""
    stages = [kind for kind in kinds if issubclass(kind, Stage)]
    if not stages:
        return ""
    place = "sonogram." + stages[0].__module__.split(".")[1]
    name = value.__name__ if isinstance(value, type) else str(value)
    known = {each.lower(): each for kind in stages for each in kind.alternatives()}
    if name.lower() in known:
        return f". Use {place}.{known[name.lower()]}(...)"
    return f". Use one of these classes, from {place}"


def field_docs(cls: type) -> dict[str, str]:
    """Return the description of each field, from the `Args:` sections of the class and its bases."""
    docs: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        section = inspect.cleandoc(base.__doc__ or "").partition("Args:\n")[2].partition("\n\n")[0]
        for entry in re.split(r"\n    (?=\w+: )", f"\n{section}")[1:]:
            name, _, text = entry.partition(": ")
            docs[name] = " ".join(text.split())
    return docs
