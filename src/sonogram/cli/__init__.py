"""The command line: verbs over all of it, no arithmetic. The only room that prints and exits.

Typer is loaded here, everything else by the verb that needs it: help answers at once.
"""

from sonogram.cli.app import main

__all__ = ["main"]
