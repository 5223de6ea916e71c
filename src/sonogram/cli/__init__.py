"""The command line: one command per function of the package, no arithmetic.

Only this package prints and exits. It imports Typer; everything else is imported by the command that
needs it, so that help answers at once.
"""

from sonogram.cli.app import main

__all__ = ["main"]
