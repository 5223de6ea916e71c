"""The built files of the JavaScript package, which `make js` writes next to this one."""

from __future__ import annotations

from importlib import resources
from typing import Literal

from sonogram.errors import SonogramError

__all__ = ["built"]


def built(name: Literal["engine.wasm", "sonogram.js"]) -> bytes:
    """Return the engine, or the module that runs it.

    Raises:
        SonogramError: The file is not installed.
    """
    try:
        return resources.files("sonogram.web").joinpath(name).read_bytes()
    except FileNotFoundError:
        raise SonogramError(f"{name} is not installed; install sonogram again") from None
