"""The text of the C source: files with places that Python fills."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from string import Template

__all__ = ["fill"]


def fill(name: str, **parts: object) -> str:
    """Return a template with its parts in place."""
    return _template(name).substitute(parts)


@cache
def _template(name: str) -> Template:
    return Template(Path(__file__).with_name(name).read_text(encoding="utf-8"))
