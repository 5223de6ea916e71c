"""A command whose errors state what was received and how to fix it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from typer.core import TyperCommand

from sonogram.peers import name_ours

__all__ = ["Command"]

_SHORT = {"frame_length": "window", "frame_step": "step", "fft_length": "fft"}
"""Our names of the options of `show` that change one front end."""


class Command(TyperCommand):
    """Command that explains wrong values and the options of other programs."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the command line."""
        with _explained(self.params):
            return super().parse_args(ctx, args)


@contextmanager
def _explained(params: list[Any]) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # Typer exports no base of its errors
        if option := getattr(error, "option_name", ""):
            _explain_option(error, option, {name for each in params for name in each.opts})
        elif isinstance(getattr(error, "message", None), str):
            _explain_value(error)
        raise


def _explain_option(error: Any, option: str, known: set[str]) -> None:
    """Add our name for an option of another program, such as --sr."""
    words = [name.lstrip("-").replace("-", "_") for name in known]
    hint = name_ours(option.lstrip("-").replace("-", "_"), words)
    field = hint.partition(".replace(")[2].partition("=")[0]
    if hint.startswith("write ") and not field:
        hint = f"write --{hint.removeprefix('write ').replace('_', '-')}"
    elif "--fft" in known and field in _SHORT:
        hint = f"write --{_SHORT[field]}"
    elif "--preset" in known and field:
        hint = (
            f"{field.replace('__', '.')} is part of the front end: sonogram presets NAME --json > mine.json, "
            "change it there, then --preset mine.json"
        )
    else:
        return
    error.message, error.possibilities = f"{error.message}; {hint}", None


def _explain_value(error: Any) -> None:
    """Shorten what Pydantic says about a value, and add the value."""
    text = error.message.removeprefix("Value error, ").partition(", unable to parse")[0].rstrip(".")
    if text.startswith("Input should be "):
        received = error.__cause__.errors()[0]["input"] if error.__cause__ else ""
        text = f"must be {text.removeprefix('Input should be ')}; got {received!r}"
    error.message = text
