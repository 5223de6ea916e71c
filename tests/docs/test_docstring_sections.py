"""The docstrings of every documented name have the form that the API reference shows."""

import importlib
import inspect
import re
from collections.abc import Iterator
from typing import Any

import hooks
import keras
import pytest

import sonogram as sg
from sonogram.config import Config


def documented() -> dict[str, Any]:
    """Return every object of the API reference, and the public methods of its classes."""
    found: dict[str, Any] = {f"sonogram.{name}": getattr(sg, name) for name in sg._HOME_OF}
    for modules in hooks.grouped().values():
        for module in modules:
            if module not in (*sg._STAGES, *sg._PACKAGES):
                continue
            home = importlib.import_module(f"sonogram.{module}")
            found |= {f"{home.__name__}.{name}": getattr(home, name) for name in home.__all__}
    return {
        name: thing for name, thing in found.items() if inspect.isroutine(thing) or inspect.isclass(thing)
    }


def functions() -> Iterator[tuple[str, Any]]:
    """Yield the documented functions and methods; those of layers and stages follow their base class."""
    for name, thing in documented().items():
        if inspect.isroutine(thing):
            yield name, thing
        elif not issubclass(thing, (keras.Layer, Config)):
            for method, value in vars(thing).items():
                function = getattr(value, "__func__", value)
                if inspect.isfunction(function) and not method.startswith("_"):
                    yield f"{name}.{method}", function


@pytest.mark.parametrize("name", sorted(documented()))
def test_every_documented_name_has_a_docstring(name: str) -> None:
    doc = documented()[name].__doc__
    assert doc
    assert not doc.startswith(("Of ", "What "))


def test_functions_begin_with_an_imperative_verb() -> None:
    words = {name: (function.__doc__ or "").lstrip().split(" ", 1)[0] for name, function in functions()}
    verb = re.compile(r"(?!(A|An|The|Of|This|What)$)[A-Z][a-z]+(?<!s)(?<!ed)(?<!ing)")
    assert not {name: word for name, word in words.items() if not verb.fullmatch(word)}


def test_functions_document_their_arguments() -> None:
    assert not [
        name
        for name, function in functions()
        if set(inspect.signature(function).parameters) - {"self", "cls"}
        and "Args:" not in (function.__doc__ or "")
    ]


@pytest.mark.parametrize("name", sorted(sg._HOME_OF))
def test_the_names_at_the_top_show_an_example_and_where_to_read_on(name: str) -> None:
    thing = getattr(sg, name)
    doc, signature = inspect.getdoc(thing) or "", inspect.signature(thing)
    wanted = ["Example:", "See Also:"]
    if signature.parameters and not (inspect.isclass(thing) and issubclass(thing, Exception)):
        wanted.append("Args:")
    if inspect.isroutine(thing) and signature.return_annotation != "None" and not doc.startswith("Return "):
        wanted.append("Returns:")
    assert not [section for section in wanted if f"\n{section}\n" not in doc]
