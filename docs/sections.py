"""Reads the sections of our docstrings for the API reference."""

import re
from typing import Any

import griffe


class Sections(griffe.Extension):
    """Renames `Example:` to the section title under which `>>>` lines become code."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Change the docstring of each object as it is read."""
        if obj.docstring:
            obj.docstring.value = re.sub(r"^Example:$", "Examples:", obj.docstring.value, flags=re.MULTILINE)
