"""What the user is told: results on stdout, failures on stderr in one line each, no traceback."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, ParamSpec

import typer

from sonogram.errors import SonogramError

__all__ = ["INTERRUPTED", "Failures", "guarded", "say", "table", "usage", "warn", "working"]

INTERRUPTED = 130
"""The exit code of shells for Ctrl-C."""

Parameters = ParamSpec("Parameters")


def say(text: str) -> None:
    """Print a line on stdout."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    # File names may hold what the terminal cannot show: that is no reason to stop.
    typer.echo(text.encode(encoding, "backslashreplace").decode(encoding))


def warn(text: str) -> None:
    """Print one line on stderr."""
    line = " ".join(f"sonogram: {text}".splitlines())
    typer.echo(line.encode("utf-8", "backslashreplace").decode(), err=True)


def usage(message: str, parameter: str) -> typer.BadParameter:
    """Return the error that ends the program with exit code 2."""
    return typer.BadParameter(" ".join(message.splitlines()), param_hint=f"'{parameter}'")


@dataclass
class Failures:
    """The inputs that failed, while the others go on."""

    count: int = 0

    @contextmanager
    def caught(self, name: str) -> Iterator[None]:
        """Turn the failure of the input `name` into one line on stderr."""
        try:
            yield
        except SonogramError as error:
            message = str(error)
            self.add(message if message.startswith(name) else f"{name}: {message}")
        except MemoryError:
            self.add(f"{name}: does not fit into memory; cut it into parts")

    def add(self, message: str) -> None:
        """Name one failure on stderr."""
        self.count += 1
        warn(message)

    def end(self) -> None:
        """End the program with exit code 1 if anything failed."""
        if self.count:
            raise typer.Exit(1)


def guarded(verb: Callable[Parameters, None]) -> Callable[Parameters, None]:
    """Return the verb with one line instead of a traceback for what is not its mistake."""

    @functools.wraps(verb)
    def guard(*args: Parameters.args, **kwargs: Parameters.kwargs) -> None:
        try:
            verb(*args, **kwargs)
            sys.stdout.flush()
        except KeyboardInterrupt:
            warn("interrupted")
            raise typer.Exit(INTERRUPTED) from None
        except BrokenPipeError:  # the reader, such as head, has seen enough
            _close_stdout()
        except SonogramError as error:
            warn(str(error))
            raise typer.Exit(1) from None
        except MemoryError:
            warn("out of memory; take fewer or shorter inputs")
            raise typer.Exit(1) from None
        except OSError as error:
            warn(f"{error.filename or 'output'}: {error.strerror or error}; check the disk")
            _close_stdout()
            raise typer.Exit(1) from None

    return guard


def _close_stdout() -> None:
    """Let what could not be printed go: Python would try again when it ends, and complain."""
    with suppress(OSError):  # where stdout is no file there is nothing to close
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def working(text: str) -> Iterator[None]:
    """Show on a terminal that something is going on."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console
    from rich.markup import escape

    with Console(stderr=True).status(escape(text)):
        yield


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]], right: tuple[int, ...] = ()) -> None:
    """Print a table: aligned on a terminal, separated by tabs for other programs.

    Args:
        head: The names of the columns.
        rows: The cells.
        right: Columns that are aligned at the right.
    """
    if not sys.stdout.isatty():
        for row in (head, *rows):
            say("\t".join(row))
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown: Any = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for index, name in enumerate(head):
        shown.add_column(name, justify="right" if index in right else "left", overflow="fold")
    for row in rows:
        shown.add_row(*(Text(cell.encode("utf-8", "backslashreplace").decode()) for cell in row))
    Console().print(shown)
