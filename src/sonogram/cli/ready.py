"""Starts TensorFlow for the verbs that need it, and keeps its notes from the user."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sonogram.errors import SonogramError

__all__ = ["ready"]

_EXTRAS_OF_KERAS = ("matplotlib", "sklearn")
"""What Keras imports where it is installed, for drawings and wrappers that no verb uses."""


def ready() -> None:
    """Load TensorFlow: it notes on stderr which instructions the processor has; nobody needs to know."""
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # read once, when TensorFlow is imported
    from sonogram.audio.native import silent_c_stderr

    # Where there is no TensorFlow the verb says itself what it needs: to predict, JAX is enough.
    with silent_c_stderr(), suppress(SonogramError):
        with _without(_EXTRAS_OF_KERAS):
            from sonogram.training.machine import start

        start()


@contextmanager
def _without(modules: tuple[str, ...]) -> Iterator[None]:
    """As if modules that nobody has imported yet were not there: a seventh of the memory, half a second."""
    hidden = [module for module in modules if module not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None: an ImportError
    try:
        yield
    finally:
        for module in hidden:
            del sys.modules[module]
