"""Output of the commands: results on stdout, failures on stderr in one line each, no traceback."""

from __future__ import annotations

import atexit
import errno
import functools
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, ParamSpec

import typer

from sonogram.errors import SonogramError, with_name
from sonogram.files import disk_remedy

__all__ = [
    "INTERRUPTED",
    "Failures",
    "Table",
    "continuable",
    "echo",
    "guard",
    "open_closed_streams",
    "print_part",
    "show_warnings",
    "table",
    "usage",
    "usage_errors",
    "warn",
    "working",
]

INTERRUPTED = 130
"""Exit code of shells for Ctrl-C."""

Parameters = ParamSpec("Parameters")


def echo(text: str) -> None:
    """Print a line on stdout."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    # File names may have characters that the terminal cannot show: they become escapes.
    typer.echo(text.encode(encoding, "backslashreplace").decode(encoding))


def print_part(text: str) -> None:
    """Print a part of the output on stdout as it is, at once; file names keep their bytes."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
    sys.stdout.flush()


def warn(text: str) -> None:
    """Print one line on stderr."""
    line = " ".join(f"sonogram: {text}".splitlines())
    typer.echo(line.encode("utf-8", "backslashreplace").decode(), err=True)


def show_warnings() -> None:
    """Print each warning as one line for the user, without its position in the code."""
    warnings.showwarning = lambda message, *_, **__: warn(str(message))
    # Whatever PYTHONWARNINGS states: it is part of the result that a recording was read in part.
    warnings.simplefilter("default", UserWarning)


def usage(message: str, parameter: str | None) -> typer.BadParameter:
    """Return the error that ends the program with exit code 2; None where the message names the parameter."""
    hint = None if parameter is None else f"'{parameter}'"
    return typer.BadParameter(" ".join(message.splitlines()), param_hint=hint)


@contextmanager
def usage_errors(parameter: str | None = None) -> Iterator[None]:
    """Turn a `SonogramError` in the `with` block into one about an option or argument; see `usage`."""
    try:
        yield
    except SonogramError as error:
        raise usage(str(error), parameter) from None


@contextmanager
def continuable(kept: bool = True) -> Iterator[None]:
    """End the program after Ctrl-C in the `with` block; state how to continue if results are kept."""
    try:
        yield
    except KeyboardInterrupt:
        warn(f"interrupted{'; run the same command again to continue' if kept else ''}")
        raise typer.Exit(INTERRUPTED) from None


@dataclass
class Failures:
    """The inputs that failed, while the others go on."""

    count: int = 0

    @contextmanager
    def collect(self, name: str) -> Iterator[None]:
        """Turn a failure of the input `name` into one line on stderr."""
        try:
            yield
        except (SonogramError, MemoryError) as error:
            self.add(with_name(error, name))

    def add(self, message: str) -> None:
        """Print one failure on stderr."""
        self.count += 1
        warn(message)

    def end(self) -> None:
        """End the program with exit code 1 if anything failed."""
        if self.count:
            raise typer.Exit(1)


def guard(command: Callable[Parameters, None]) -> Callable[Parameters, None]:
    """Return the command with one line in place of a traceback for errors that are not its own."""

    @functools.wraps(command)
    def run(*args: Parameters.args, **kwargs: Parameters.kwargs) -> None:
        try:
            with continuable(kept=False):
                command(*args, **kwargs)
                sys.stdout.flush()
        except BrokenPipeError:  # the reader, such as head, has closed the pipe
            _close_stdout()
        except SonogramError as error:
            warn(str(error))
            raise typer.Exit(1) from None
        except MemoryError:
            warn("out of memory; give fewer or shorter inputs, or ask for a shorter output")
            raise typer.Exit(1) from None
        except OSError as error:
            warn(_describe(error))
            _close_stdout()
            raise typer.Exit(1) from None
        except EOFError as error:  # click would print "Aborted."
            warn(f"an input is truncated ({error}); copy it again from its source")
            raise typer.Exit(1) from None

    return run


def _describe(error: OSError) -> str:
    if error.errno == errno.ENOENT and error.filename is None:  # os.getcwd
        return "the current folder no longer exists; change to another one"
    return f"{error.filename or 'output'}: {error.strerror or error}; {disk_remedy(error)}"


def open_closed_streams() -> None:
    """Connect the standard streams that the shell closed, as in `sonogram presets >&-`, to nothing."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            stream = open(os.devnull, mode, encoding="utf-8")  # noqa: SIM115 - until the end
            atexit.register(stream.close)
            setattr(sys, name, stream)


def _close_stdout() -> None:
    """Drop what could not be printed: Python would try again at exit, and print an error."""
    with suppress(OSError):  # where stdout is no file there is nothing to close
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def working(text: str) -> Iterator[None]:
    """Show a spinner with a text on a terminal, inside the context."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console
    from rich.markup import escape

    with Console(stderr=True).status(escape(text)):
        yield


def _one_line(cell: str) -> str:
    """Return a cell with escapes for the characters that would end a cell or a line: names may have them."""
    return "".join(repr(each)[1:-1] if each in "\t\n\r\v\f\x1b\x85\u2028\u2029" else each for each in cell)


class Table:
    """A table whose rows are printed as they come: aligned on a terminal, separated by tabs elsewhere.

    Args:
        head: Names of the columns; printed with the first row.
        widths: Width of each column on a terminal, in characters.
        right: Columns to align at the right.
    """

    def __init__(self, head: tuple[str, ...], widths: tuple[int, ...], right: tuple[int, ...] = ()) -> None:
        self._head, self._right = head, right
        self._widths = [max(len(name), width) for name, width in zip(head, widths, strict=True)]
        self._begun = False

    def add(self, row: tuple[str, ...]) -> None:
        """Print a row."""
        self.begin()
        self._print(tuple(_one_line(cell) for cell in row))

    def begin(self) -> None:
        """Print the names of the columns, unless they are there."""
        if not self._begun:
            self._begun = True
            self._print(self._head)

    def _print(self, row: tuple[str, ...]) -> None:
        if not sys.stdout.isatty():
            echo("\t".join(row))
            sys.stdout.flush()
            return
        cells = (
            cell.rjust(width) if index in self._right else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(row, self._widths, strict=True))
        )
        echo("  ".join(cells).rstrip())


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]], right: tuple[int, ...] = ()) -> None:
    """Print a table: aligned on a terminal, separated by tabs for other programs.

    Args:
        head: Names of the columns.
        rows: Cells.
        right: Columns to align at the right.
    """
    rows = [tuple(_one_line(cell) for cell in row) for row in rows]
    if not sys.stdout.isatty():
        for row in (head, *rows):
            echo("\t".join(row))
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
