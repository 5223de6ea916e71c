"""What several benchmarks read from their command lines."""

from __future__ import annotations

import argparse

__all__ = ["add_rounds", "count"]


def add_rounds(parser: argparse.ArgumentParser, default: int) -> None:
    """Add the option `--rounds`."""
    parser.add_argument("--rounds", type=count, default=default, help="number of rounds (%(default)s)")


def count(text: str) -> int:
    """Return a whole number of at least 1.

    Raises:
        ArgumentTypeError: It is none.
    """
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number of at least 1; got {text!r}")
    return int(text)
