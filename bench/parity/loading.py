"""Import of one module of a large package without the imports of its `__init__`.

Many originals are one file of arithmetic inside a package that trains models. That package is replaced
by an empty one that still finds its files. Modules that it imports but does not need are replaced by empty
ones with any attribute.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

__all__ = ["bare_package", "import_from", "package_folder", "stub"]


class _Anything:
    """A placeholder for a name that is imported but not used: callable, a decorator, a base class."""

    def __init__(self, *args: Any, **options: Any) -> None:
        pass

    def __call__(self, *args: Any, **options: Any) -> Any:
        return args[0] if len(args) == 1 and callable(args[0]) else _Anything()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Anything()

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
        return (object,)


class _Stub(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Anything()


def package_folder(name: str) -> Path:
    """Return the folder of an installed package, without importing it."""
    spec = importlib.machinery.PathFinder.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise ImportError(f"{name} is not installed")
    return Path(next(iter(spec.submodule_search_locations)))


def bare_package(name: str) -> None:
    """Make the package and its parents importable without running their `__init__`."""
    for depth in range(1, name.count(".") + 2):
        part = ".".join(name.split(".")[:depth])
        if part in sys.modules:
            continue
        folder = package_folder(name.split(".", maxsplit=1)[0]).joinpath(*part.split(".")[1:])
        module = ModuleType(part)
        module.__path__ = [str(folder)]
        module.__spec__ = importlib.machinery.ModuleSpec(part, None, is_package=True)
        sys.modules[part] = module


def stub(*names: str, **attributes: Any) -> None:
    """Replace the modules `names` by empty ones, unless they are imported; the last one has `attributes`."""
    for name in names:
        if name not in sys.modules:
            module = _Stub(name)
            module.__path__ = []
            module.__spec__ = importlib.machinery.ModuleSpec(name, None, is_package=True)
            sys.modules[name] = module
    for attribute, value in attributes.items():
        setattr(sys.modules[names[-1]], attribute, value)


def import_from(package: str, module: str) -> ModuleType:
    """Return the module of a package whose `__init__` is not run."""
    bare_package(package)
    return importlib.import_module(f"{package}.{module}")
